/* How long devices are expected to train. docs/performance.md states the model. */
#ifndef SVI_EXPECTED_TIME_H
#define SVI_EXPECTED_TIME_H

#include "engine/engine.h"

/* Runs of one arm and numerics: seconds, once the device is at work. */
sv_status svi_expected_block_time(const sv_study *study, svi_backend *backend, const svi_job *job,
                                  uint64_t n_runs, double *seconds, sv_error *error);

/* Seconds until the device has trained n_left runs of the study. */
sv_status svi_expected_time(const sv_study *study, svi_backend *backend, uint64_t n_left,
                            double *seconds, sv_error *error);

/* Seconds that the store takes for n_runs of the study. */
double svi_expected_store_time(const sv_study *study, uint64_t n_runs);

/* Tables of rows that n runs train on: one for each seed of the sources that the data draw from. */
uint64_t svi_expected_tables(const sv_study *study, const svi_dataset *dataset, uint64_t n_runs);

#endif
