#include "backend/cuda_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda_kernels.h"

/* The first makes the driver compile PTX although there is SASS; newer drivers know it by the
 * second name, too. */
static const char *const variables[] = {"CUDA_FORCE_PTX_JIT", "CUDA_FORCE_JIT",
                                        "CUDA_DISABLE_PTX_JIT", "CUDA_DISABLE_JIT",
                                        "CUDA_CACHE_DISABLE"};
enum { N_VARIABLES = sizeof variables / sizeof variables[0], N_FORCING = 2 };

static const char *value_of(const char *variable)
{
    const char *value = getenv(variable);
    return value == NULL || strcmp(value, "0") == 0 ? "" : value;
}

/* NULL where none is set. */
static const char *forcing_variable(void)
{
    for (int i = 0; i < N_FORCING; i++)
        if (value_of(variables[i])[0] != '\0') return variables[i];
    return NULL;
}

/* The variable makes the driver pass over SASS, also where there is nothing else. */
static sv_status check_forced(const svi_cuda_device *device, cudaError_t result,
                              const char *variable, sv_error *error)
{
    if (result == cudaSuccess || variable == NULL) return SV_OK;
    return svi_fail(error, SV_ERR_DEVICE,
                    "cuda:%d: %s is set, and this build has no PTX that the driver could compile "
                    "(%s); unset it, or build with -DCMAKE_CUDA_ARCHITECTURES=80-virtual",
                    device->number, variable, cudaGetErrorName(result));
}

/* SASS is made for the architecture of its PTX: where the two differ, the driver has compiled. */
sv_status svi_cuda_code(svi_cuda_device *device, char text[SVI_CUDA_CODE_SIZE], sv_error *error)
{
    int binary = 0, ptx = 0;
    const char *forcing = forcing_variable();
    cudaError_t result = (cudaError_t)svk_cuda_code_versions(&binary, &ptx);
    SVI_TRY(check_forced(device, result, forcing, error));
    SVI_TRY(svi_cuda_check(device, result, error, "cudaFuncGetAttributes"));
    if (forcing != NULL || binary != ptx)
        snprintf(text, SVI_CUDA_CODE_SIZE, "JIT for sm_%d from PTX of compute_%d", binary, ptx);
    else
        snprintf(text, SVI_CUDA_CODE_SIZE, "SASS for sm_%d", binary);
    for (int i = 0; i < N_VARIABLES; i++) {
        size_t n = strlen(text);
        const char *value = value_of(variables[i]);
        if (value[0] != '\0')
            snprintf(text + n, SVI_CUDA_CODE_SIZE - n, ", %s=%.8s", variables[i], value);
    }
    return SV_OK;
}
