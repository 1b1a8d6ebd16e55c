/* What disturbs a test on a GPU: other work beside it, or caches that hold nothing of it. Every
 * call returns a cudaError_t. */
#ifndef DEVICE_LOAD_H
#define DEVICE_LOAD_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct device_load device_load;

/* Keeps one small block on every multiprocessor busy, launch upon launch, each about a millisecond:
 * atomic additions and reads all over a piece of memory that is larger than the caches, and pauses,
 * drawn anew for each warp. */
int device_load_start(int device, device_load **load);
/* NULL is allowed. Returns what went wrong since the start. */
int device_load_stop(device_load *load);

/* Leaves caches that hold nothing that a test reads. */
int device_caches_flush(void);

#ifdef __cplusplus
}
#endif

#endif
