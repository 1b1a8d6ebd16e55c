#include "cnn.cuh"

mlp_kernel svk_cnn_fp32() { return svk_cnn<float>; }
