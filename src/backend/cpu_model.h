#ifndef SVI_CPU_MODEL_H
#define SVI_CPU_MODEL_H

#include <stddef.h>

/* The processor's name as the operating system tells it; "unknown" where it does not. */
void svi_cpu_model(char *name, size_t n);

#endif
