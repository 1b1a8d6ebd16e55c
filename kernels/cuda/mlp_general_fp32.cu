#include "mlp_general.cuh"

mlp_kernel svk_mlp_general_fp32() { return svk_mlp_general<float>; }
