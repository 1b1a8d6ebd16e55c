#include "cnn.cuh"

mlp_kernel svk_cnn_fp64() { return svk_cnn<double>; }
