/* A case: one arm of a study with one entry of its numerics, all the runs that the study asks of
 * the two. What a backend makes of it, and where two backends differ. */
#ifndef CASE_OUTCOME_H
#define CASE_OUTCOME_H

#include "engine/engine.h"

typedef struct parity_case {
    const sv_study *study;
    uint32_t arm, numerics;
} parity_case;

size_t parity_n_cases(const sv_study *study);
parity_case parity_case_at(const sv_study *study, size_t i);

/* Everything that a backend leaves of a case. */
typedef struct case_outcome {
    size_t n_runs;
    svi_run *runs;           /* [n_runs] */
    svi_run_result *results; /* [n_runs] */
    size_t n_checkpoints;
    svi_run_result *curves;  /* [n_runs][n_checkpoints] */
    svk_distance *distances; /* [n_runs][n_checkpoints]; NULL where the study wants none */
    uint64_t n_test, n_parameters;
    uint8_t *predictions; /* [n_runs][n_test]; NULL where the model has no classes */
    double *parameters;   /* [n_runs][n_parameters] */
    uint64_t n_arrival_words;
    uint32_t *arrivals; /* [n_runs][n_arrival_words]: orders on path arrival, else NULL */
} case_outcome;

/* SV_ERR_DEVICE with the backend's own words where it refuses the case; a launch that fails can
 * have this status too. */
sv_status case_outcome_supports(parity_case c, svi_backend *backend, sv_error *error);
sv_status case_outcome_make(parity_case c, svi_backend *backend, case_outcome *outcome,
                            sv_error *error);
/* The same on path arrival, in the orders of `logged`. */
sv_status case_outcome_replay(parity_case c, svi_backend *backend, const case_outcome *logged,
                              case_outcome *outcome, sv_error *error);
void case_outcome_free(case_outcome *outcome);
/* Of a metric that all runs have: SVK_METRIC_*. */
double case_outcome_mean(const case_outcome *outcome, int metric);
/* Whether all runs have the same bits; if not, `difference` says where they first differ. */
bool case_outcome_is_equal(const case_outcome *a, const case_outcome *b, char difference[200]);

#endif
