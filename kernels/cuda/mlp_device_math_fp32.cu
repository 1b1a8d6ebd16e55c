#include "device_math.cuh"

mlp_kernel svk_mlp_device_math_fp32() { return svk_device_math<float, false>; }
