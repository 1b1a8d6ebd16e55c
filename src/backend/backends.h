#ifndef SVI_BACKENDS_H
#define SVI_BACKENDS_H

#include "backend/backend.h"

extern const svi_backend_ops svi_cpu_backend;
#ifdef SVI_HAS_CUDA
extern const svi_backend_ops svi_cuda_backend;
#endif

#endif
