#include "mlp_general.cuh"

mlp_kernel svk_mlp_general_fp64() { return svk_mlp_general<double>; }
