#include "engine/choose_device.h"

#include <stdio.h>
#include <string.h>

#include "engine/expected_time.h"

/* NULL where the device is not there or cannot run the study; the error says why. */
static sv_status try_device(const sv_study *study, const svi_backend_options *options,
                            const char *device, uint64_t n_left, svi_device_choice *c,
                            sv_error *error)
{
    svi_backend_options one = *options;
    one.device = device;
    SVI_TRY(svi_study_open_backend(study, &one, &c->backend, error));
    sv_status status = svi_expected_time(study, c->backend, n_left, &c->expected_s, error);
    if (status != SV_OK) c->backend->ops->close(c->backend);
    return status;
}

/* What follows the option's name in a message. */
static const char *without_option(const char *message)
{
    const char *colon = strstr(message, ": ");
    return strncmp(message, "--device", 8) == 0 && colon != NULL ? colon + 2 : message;
}

static sv_status keep_cpu(svi_device_choice cpu, const char *reason, svi_device_choice *choice)
{
    *choice = cpu;
    snprintf(choice->reason, sizeof choice->reason, "%.299s", reason);
    return SV_OK;
}

static sv_status compare(svi_device_choice cpu, svi_device_choice gpu, svi_device_choice *choice)
{
    char reason[100];
    snprintf(reason, sizeof reason, "%.3g s on %s", gpu.expected_s, "cuda:0");
    if (cpu.expected_s <= gpu.expected_s) {
        gpu.backend->ops->close(gpu.backend);
        return keep_cpu(cpu, reason, choice);
    }
    cpu.backend->ops->close(cpu.backend);
    *choice = gpu;
    snprintf(choice->reason, sizeof choice->reason, "%.3g s on the CPU", cpu.expected_s);
    return SV_OK;
}

sv_status svi_choose_device(const sv_study *study, const svi_backend_options *options,
                            uint64_t n_left, svi_device_choice *choice, sv_error *error)
{
    svi_device_choice cpu = {0}, gpu = {0};
    sv_error no_cpu = {0}, no_gpu = {0};
    sv_status status = try_device(study, options, "cpu", n_left, &cpu, &no_cpu);
    if (status != SV_OK && status != SV_ERR_DEVICE)
        return svi_fail(error, status, "%s", no_cpu.message);
    if (status == SV_OK && cpu.expected_s <= SVI_GPU_START_S)
        return keep_cpu(cpu, "a GPU would take longer to start", choice);
    if (status == SV_OK && !svi_build_has_cuda())
        return keep_cpu(cpu, "this program was built without CUDA", choice);
    bool has_gpu = try_device(study, options, "cuda:0", n_left, &gpu, &no_gpu) == SV_OK;
    if (status == SV_OK && has_gpu) return compare(cpu, gpu, choice);
    if (status == SV_OK) {
        cpu.is_fallback = true;
        return keep_cpu(cpu, without_option(no_gpu.message), choice);
    }
    if (!has_gpu) return svi_fail(error, status, "%s", no_cpu.message);
    *choice = gpu;
    snprintf(choice->reason, sizeof choice->reason, "%.299s", no_cpu.message);
    return SV_OK;
}
