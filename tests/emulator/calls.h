/* What every call of the runtime, or of a library above it, begins with. */
#ifndef EMULATOR_CALLS_H
#define EMULATOR_CALLS_H

#include "cuda_runtime_api.h"

namespace emulator
{

/* The error with which this call must fail, or cudaSuccess. */
cudaError_t begin(const char *call);
/* Runs what was launched. */
cudaError_t finish_queue();

} // namespace emulator

#endif
