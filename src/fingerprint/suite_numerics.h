/* The ways to compute that a fingerprint tries. */
#ifndef SVI_SUITE_NUMERICS_H
#define SVI_SUITE_NUMERICS_H

#include "backend/backend.h"

size_t svi_suite_n_paths(void);
/* False where the path has no such precision. The name is "tree/4 fp32", "cublas:tf32 fp32". */
bool svi_suite_numerics(size_t path, int precision, svi_numerics_spec *numerics);
/* Fills the name from the other fields. */
void svi_suite_name(svi_numerics_spec *numerics);
const char *svi_suite_precision_name(int precision);

/* Whether docs/numerics.md fixes the bits. */
bool svi_suite_is_contract(const svi_numerics_spec *numerics);

/* All sources take the seed; replicate 0 of arm 0 and numerics 0. */
svi_run svi_suite_run(uint64_t seed);

/* SV_OK with *reason empty where the device can do the job, SV_OK with the reason where it cannot,
 * else the error. */
sv_status svi_suite_check(const svi_backend *backend, const svi_job *job, sv_error *reason,
                          sv_error *error);

#endif
