/* Work on the parts of a range by several threads. */
#ifndef SVI_PARALLEL_H
#define SVI_PARALLEL_H

#include <stddef.h>

/* Items first..first+n-1. */
typedef void (*svi_part_fn)(void *context, size_t first, size_t n);

/* Cores that this process may use; at least 1. */
int svi_n_cores(void);

/* Cuts 0..n_items-1 into parts of n_part, the last one shorter, and returns when each was worked on
 * once, by the caller's thread and up to n_threads - 1 others. Threads that cannot be started are
 * done without. */
void svi_work_in_parallel(int n_threads, size_t n_items, size_t n_part, svi_part_fn work,
                          void *context);

#endif
