#include "device_math.cuh"

mlp_kernel svk_mlp_device_math_fp64() { return svk_device_math<double, false>; }
