/* The launches of a study, before any is begun. */
#ifndef SVI_LAUNCH_PLAN_H
#define SVI_LAUNCH_PLAN_H

#include "engine/engine.h"
#include "engine/launch_size.h"

/* Launches for each device that may be handed out and not yet be with the writer: a device that is
 * faster than the others waits for them after that. */
enum { SVI_LAUNCHES_AHEAD = 4 };

/* What a device goes by in a block of n_runs runs (one arm and numerics), before its first launch.
 */
sv_status svi_launch_pace_start(const sv_study *study, svi_backend *backend, const svi_job *job,
                                uint64_t n_runs, uint64_t n_asked, uint64_t n_devices,
                                svi_launch_pace *pace, sv_error *error);

typedef struct svi_launch_plan {
    uint64_t n_launches, n_runs_most; /* runs in the largest launch */
    uint64_t host_bytes;              /* that the program takes at its peak, about */
    uint64_t device_bytes;            /* of each GPU; 0 on a CPU */
    uint64_t store_bytes;             /* of the whole store, about; 0: rows: summary, not known */
} svi_launch_plan;

/* The launches that a study takes from its first run to its last, n_asked runs each or (0) sized by
 * the clock; devices: as like as the first. */
sv_status svi_launch_plan_make(const sv_study *study, const svi_devices *devices, uint64_t n_asked,
                               svi_launch_plan *plan, sv_error *error);

#endif
