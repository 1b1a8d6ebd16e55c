#include "backend/cuda_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define NO_GPU_MEND "see nvidia-smi and CUDA_VISIBLE_DEVICES, or use --device cpu"

/* What to do about an error. The last row stands for all others. */
static const struct {
    cudaError_t error;
    const char *mend;
} mends[] = {
    {cudaErrorMemoryAllocation,
     "the GPU's memory is full: end other programs that use it, or use --device cpu"},
    {cudaErrorNoDevice, NO_GPU_MEND},
    {cudaErrorNoKernelImageForDevice, "this build has no code for this GPU: build again with "
                                      "-DCMAKE_CUDA_ARCHITECTURES=native, or use --device cpu"},
    {cudaErrorUnsupportedPtxVersion,
     "the driver is too old for this build: install a newer one, or use --device cpu"},
    {cudaErrorInsufficientDriver,
     "the driver is too old for this build: install a newer one, or use --device cpu"},
    {cudaErrorECCUncorrectable,
     "the GPU's memory is faulty: see nvidia-smi -q -d ECC; use another GPU or --device cpu"},
    {cudaErrorDevicesUnavailable,
     "another program has the GPU for itself: end it, or use --device cpu"},
    {cudaErrorLaunchTimeout, "the GPU also drives a display, which limits how long a kernel may "
                             "run: use another GPU or --device cpu"},
    {cudaSuccess, "run the same command again, it goes on where the store ends; if that fails too, "
                  "use --device cpu"},
};

static const char *mend_for(cudaError_t result)
{
    size_t i = 0;
    while (mends[i].error != cudaSuccess && mends[i].error != result) i++;
    return mends[i].mend;
}

/* After some errors every later call fails: the context is gone, and only a new process gets
 * another. */
static void note_if_broken(svi_cuda_device *device, const char *message)
{
    cudaGetLastError();
    if (cudaDeviceSynchronize() == cudaSuccess) return;
    svi_fail(&device->broken, SV_ERR_DEVICE, "%s", message);
}

sv_status svi_cuda_check(svi_cuda_device *device, cudaError_t result, sv_error *error,
                         const char *what, ...)
{
    if (result == cudaSuccess) return SV_OK;
    char call[200], message[800];
    va_list args;
    va_start(args, what);
    vsnprintf(call, sizeof call, what, args);
    va_end(args);
    snprintf(message, sizeof message, "cuda:%d: %s: %s (%s); %s", device->number, call,
             cudaGetErrorName(result), cudaGetErrorString(result), mend_for(result));
    note_if_broken(device, message);
    return svi_fail(error, SV_ERR_DEVICE, "%s", message);
}

sv_status svi_cuda_check_occupancy(svi_cuda_device *device, cudaError_t result,
                                   uint32_t shared_bytes, sv_error *error)
{
    return svi_cuda_check(device, result, error,
                          "the number of blocks with %" PRIu32 " bytes of shared memory",
                          shared_bytes);
}

sv_status svi_cuda_check_usable(const svi_cuda_device *device, sv_error *error)
{
    if (device->broken.status == SV_OK) return SV_OK;
    return svi_fail(error, SV_ERR_DEVICE,
                    "cuda:%d cannot be used any more by this process since: %s", device->number,
                    device->broken.message);
}

/* "13.0" of 13000. */
static void version_text(int version, char text[16])
{
    snprintf(text, 16, "%d.%d", version / 1000, version % 1000 / 10);
}

sv_status svi_cuda_count(const char *asked, int *n_devices, sv_error *error)
{
    int driver = 0, runtime = 0;
    char has[16], needs[16];
    cudaError_t result = cudaGetDeviceCount(n_devices);
    if (result == cudaSuccess && *n_devices > 0) return SV_OK;
    cudaGetLastError();
    bool has_versions = cudaDriverGetVersion(&driver) == cudaSuccess &&
                        cudaRuntimeGetVersion(&runtime) == cudaSuccess;
    version_text(driver, has);
    version_text(runtime, needs);
    if (has_versions && driver == 0)
        return svi_fail(error, SV_ERR_DEVICE,
                        "--device %s: this machine has no NVIDIA driver; install one for CUDA %s, "
                        "or use --device cpu",
                        asked, needs);
    if (has_versions && result == cudaErrorInsufficientDriver)
        return svi_fail(error, SV_ERR_DEVICE,
                        "--device %s: the NVIDIA driver is too old: it is for CUDA %s, this "
                        "program needs %s; install a "
                        "newer driver, or use --device cpu",
                        asked, has, needs);
    if (result == cudaErrorNoDevice || result == cudaSuccess)
        return svi_fail(error, SV_ERR_DEVICE,
                        "--device %s: the NVIDIA driver shows no GPU; " NO_GPU_MEND, asked);
    return svi_fail(error, SV_ERR_DEVICE, "--device %s: cudaGetDeviceCount: %s (%s); %s", asked,
                    cudaGetErrorName(result), cudaGetErrorString(result), mend_for(result));
}
