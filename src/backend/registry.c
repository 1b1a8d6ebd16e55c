/* Which backends there are, and which of them a resource string means. */
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

bool svi_build_has_cuda(void)
{
#ifdef SVI_HAS_CUDA
    return true;
#else
    return false;
#endif
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

/* ---- several ---- */

static sv_status add_name(const char *asked, const char *name, int n, svi_device_list *list,
                          sv_error *error)
{
    if (n == 0 || n >= (int)sizeof list->name[0])
        return svi_fail(error, SV_ERR_USAGE,
                        "--device %.200s: a name is %s; use names like cpu and cuda:0 with commas "
                        "between",
                        asked, n == 0 ? "empty" : "too long");
    for (size_t i = 0; i < list->n; i++)
        if (strncmp(list->name[i], name, (size_t)n) == 0 && list->name[i][n] == '\0')
            return svi_fail(error, SV_ERR_USAGE, "--device %.200s: %.*s is there twice", asked, n,
                            name);
    if (list->n == SVI_DEVICES_MOST)
        return svi_fail(error, SV_ERR_USAGE, "--device %.200s: at most %d devices", asked,
                        (int)SVI_DEVICES_MOST);
    snprintf(list->name[list->n++], sizeof list->name[0], "%.*s", n, name);
    return SV_OK;
}

/* Every GPU; a build without CUDA says so when it opens the first. */
static sv_status add_gpus(const char *asked, svi_device_list *list, sv_error *error)
{
    char name[32];
    int n_devices = 1;
#ifdef SVI_HAS_CUDA
    SVI_TRY(svi_cuda_backend.count(asked, &n_devices, error));
#endif
    for (int i = 0; i < n_devices; i++) {
        int n = snprintf(name, sizeof name, "cuda:%d", i);
        SVI_TRY(add_name(asked, name, n, list, error));
    }
    return SV_OK;
}

sv_status svi_device_list_read(const char *device, svi_device_list *list, sv_error *error)
{
    const char *asked = device == NULL ? "auto" : device, *at = asked;
    list->n = 0;
    for (;;) {
        int n = (int)strcspn(at, ",");
        bool is_all = n == 8 && strncmp(at, "cuda:all", 8) == 0;
        SVI_TRY(is_all ? add_gpus(asked, list, error) : add_name(asked, at, n, list, error));
        if (at[n] == '\0') break;
        at += n + 1;
    }
    for (size_t i = 0; list->n > 1 && i < list->n; i++)
        if (strcmp(list->name[i], "auto") == 0)
            return svi_fail(error, SV_ERR_USAGE,
                            "--device %.200s: auto stands alone, since it chooses one device",
                            asked);
    return SV_OK;
}
