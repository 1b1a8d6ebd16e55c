/* What a store lacks, handed to the devices launch by launch as they become free, and to the
 * store's writer in the order of the runs. */
#ifndef SVI_LAUNCH_QUEUE_H
#define SVI_LAUNCH_QUEUE_H

#include "engine/engine.h"

typedef struct svi_run_range {
    uint64_t first, n;
} svi_run_range;

typedef struct svi_launch_queue {
    const sv_study *study;
    const sv_run_options *options; /* n_limit, n_launch, stop */
    const svi_devices *devices;
    svi_writer *writer;
    const svi_run_range *gaps; /* [n_gaps], ascending */
    size_t n_gaps;
    svi_hash digest; /* grows by every run that goes to the writer; begins with svi_hash_start() */
} svi_launch_queue;

/* Returns when every device has finished its launch and all that were finished are with the writer.
 * SV_STOPPED, SV_INTERRUPTED as of sv_run; the first error of a device ends the work of all. */
sv_status svi_launch_queue_run(svi_launch_queue *queue, sv_error *error);

#endif
