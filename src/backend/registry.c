/* Which backends there are, and which one a resource string means. */
#include <stdio.h>
#include <string.h>

#include "backend/backends.h"

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* A GPU when there is one, else the CPU; says why in one line when a GPU build finds none. */
static sv_status open_auto(const svi_backend_options *options, svi_backend **backend,
                           char notice[256], sv_error *error)
{
    svi_backend_options on_cpu = *options;
    on_cpu.device = "cpu";
#ifdef SVI_HAS_CUDA
    svi_backend_options on_gpu = *options;
    sv_error why = {0};
    on_gpu.device = "cuda:0";
    if (svi_cuda_backend.open(&on_gpu, backend, &why) == SV_OK) return SV_OK;
    const char *reason = strstr(why.message, ": "); /* what follows the option's name */
    snprintf(notice, 256, "training on the CPU: %.230s", reason == NULL ? why.message : reason + 2);
#else
    notice[0] = '\0';
#endif
    return svi_cpu_backend.open(&on_cpu, backend, error);
}

sv_status svi_backend_open(const svi_backend_options *options, svi_backend **backend,
                           char notice[256], sv_error *error)
{
    const char *device = options->device == NULL ? "auto" : options->device;
    char ignored[256];
    if (notice == NULL) notice = ignored;
    notice[0] = '\0';
    if (strcmp(device, "auto") == 0) return open_auto(options, backend, notice, error);
    if (strcmp(device, "cpu") == 0) return svi_cpu_backend.open(options, backend, error);
    if (starts_with(device, "cuda")) {
#ifdef SVI_HAS_CUDA
        return svi_cuda_backend.open(options, backend, error);
#else
        return svi_fail(error, SV_ERR_DEVICE,
                        "--device %s: this program was built without CUDA; build with "
                        "-DSEEDVAR_CUDA=ON, or use "
                        "--device cpu",
                        device);
#endif
    }
    return svi_fail(error, SV_ERR_USAGE, "--device %s: not a device; use auto, cpu or cuda:N",
                    device);
}
