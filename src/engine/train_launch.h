/* One launch: runs of one arm and numerics, trained together, with all that the store keeps of
 * them.
 */
#ifndef SVI_TRAIN_LAUNCH_H
#define SVI_TRAIN_LAUNCH_H

#include "engine/engine.h"

/* Of one run, on the host. */
typedef struct svi_launch_bytes {
    uint64_t kept;    /* until it is written */
    uint64_t trained; /* beside these while its launch is trained */
} svi_launch_bytes;

svi_launch_bytes svi_launch_run_bytes(const svi_job *job);

/* Runs that the host has room for in one launch. */
uint64_t svi_launch_most(const svi_job *job);

/* Trains runs first .. first + n - 1 on the device. backend: NULL where it cannot, though another
 * of its kind could: they are recorded as unsupported. */
sv_status svi_train_launch(const sv_study *study, const svi_job *job, svi_backend *backend,
                           uint64_t first, uint64_t n, svi_launch_record **record, sv_error *error);

/* The error of a device, with the runs that it was about. */
sv_status svi_fail_runs(const svi_job *job, uint64_t first, uint64_t n, const sv_error *why,
                        sv_error *error);

#endif
