/* A GPU that is none: the calls of the CUDA runtime that the host code makes, and thread blocks run
 * as fibers in drawn orders. This is what a test says to it and hears from it. */
#ifndef EMULATOR_H
#define EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes settings: "seed=7 resident=2". Those that are not named keep their values; the
 * environment variable SEEDVAR_EMULATOR holds the first ones. settings.cpp lists them. Returns
 * NULL, or what is wrong. Not while a kernel runs. */
const char *emulator_configure(const char *text);

/* What was found wrong with kernels since the last clearing, a line each. The launch in which it
 * happened fails with cudaErrorLaunchFailure. */
size_t emulator_n_reports(void);
const char *emulator_report(size_t i);
/* Also makes a device usable again that an error has broken, as a new process would. */
void emulator_clear(void);

/* Places "mlp.cu:14" of the barriers that were reached since the program began. */
size_t emulator_n_barriers(void);
const char *emulator_barrier(size_t i);

/* Calls of the runtime so far, those of cudaGetError... and cudaGetLastError apart. */
uint64_t emulator_n_calls(void);

/* Whether the kernels were compiled so that each of their accesses to memory is watched. */
bool emulator_is_watched(void);

#ifdef __cplusplus
}
#endif

#endif
