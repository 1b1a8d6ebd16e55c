/* What trained: operating system, processor, program. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "backend/cpu_model.h"
#include "base/clock.h"
#include "base/version.h"
#include "engine/engine.h"

void svi_machine_describe(const svi_backend *backend, const char *simd, int n_threads,
                          const char *command_line, svi_machine *machine)
{
    struct utsname system;
    svi_device_info device;
    memset(machine, 0, sizeof *machine);
    if (gethostname(machine->host, sizeof machine->host - 1) != 0) machine->host[0] = '\0';
    if (uname(&system) == 0)
        snprintf(machine->os, sizeof machine->os, "%.40s %.60s %.20s", system.sysname,
                 system.release, system.machine);
    svi_cpu_model(machine->cpu, sizeof machine->cpu);
    backend->ops->describe(backend, &device);
    snprintf(machine->simd, sizeof machine->simd, "%s", simd == NULL ? "auto" : simd);
    memcpy(machine->device, device.name, sizeof machine->device);
    memcpy(machine->device_model, device.model, sizeof machine->device_model);
    memcpy(machine->device_detail, device.detail, sizeof machine->device_detail);
    memcpy(machine->device_uuid, device.uuid, sizeof machine->device_uuid);
    memcpy(machine->driver, device.driver, sizeof machine->driver);
    memcpy(machine->cuda_runtime, device.cuda_runtime, sizeof machine->cuda_runtime);
    snprintf(machine->cuda_toolkit, sizeof machine->cuda_toolkit, "%s", SVI_CUDA_TOOLKIT);
    memcpy(machine->cuda_code, device.cuda_code, sizeof machine->cuda_code);
    snprintf(machine->compiler, sizeof machine->compiler, "%s", SVI_COMPILER);
    snprintf(machine->compiler_flags, sizeof machine->compiler_flags, "%s", SVI_COMPILER_FLAGS);
    snprintf(machine->program_version, sizeof machine->program_version, "%s", SVI_VERSION);
    snprintf(machine->git_commit, sizeof machine->git_commit, "%s", SVI_GIT_COMMIT);
    snprintf(machine->command_line, sizeof machine->command_line, "%s",
             command_line == NULL ? "" : command_line);
    machine->n_threads = n_threads;
    machine->started_unix_ms = svi_clock_unix_ms();
}
