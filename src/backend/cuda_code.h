/* Where a GPU's instructions come from: this program's own code for it, or the driver's compiler.
 */
#ifndef SVI_CUDA_CODE_H
#define SVI_CUDA_CODE_H

#include "backend/cuda_check.h"

enum { SVI_CUDA_CODE_SIZE = 160 };

/* "SASS for sm_90", "JIT for sm_90 from PTX of compute_80", and the variables of the environment
 * that have a say in it: ", CUDA_FORCE_PTX_JIT=1". Of the current device. */
sv_status svi_cuda_code(svi_cuda_device *device, char text[SVI_CUDA_CODE_SIZE], sv_error *error);

#endif
