#include "engine/expected_time.h"

#include <math.h>

#include "backend/job_flop.h"
#include "data/instance.h"

/* Making the rows of a run: split, scaled, rounded. */
#define TABLE_VALUE_S 2e-9
/* Writing a row of the store. */
#define STORE_ROW_S 2.5e-6

uint64_t svi_expected_tables(const sv_study *study, const svi_dataset *dataset, uint64_t n_runs)
{
    uint64_t seed[SVK_N_SOURCES] = {0};
    svi_instance_seeds none = svi_instance_seeds_of(dataset, seed);
    double n_distinct = 1;
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        seed[s] = 1;
        if (!svi_instance_seeds_are_equal(svi_instance_seeds_of(dataset, seed), none))
            n_distinct *= (double)svi_design_n_seeds(&study->spec->design, s);
        seed[s] = 0;
    }
    return n_distinct < (double)n_runs ? (uint64_t)n_distinct : n_runs;
}

static double table_time(const sv_study *study, const svi_job *job, uint64_t n_runs, int n_makers)
{
    uint64_t n_train, n_val, n_test;
    if (job->dataset == NULL) return 0;
    svi_instance_sizes(job->dataset, &n_train, &n_val, &n_test);
    double n_values = (double)(n_train + n_val + n_test) * job->dataset->n_features;
    return (double)svi_expected_tables(study, job->dataset, n_runs) * n_values * TABLE_VALUE_S /
           n_makers;
}

static sv_status add_training(svi_backend *backend, const svi_job *job, double n_runs,
                              svi_device_speed *speed, double *seconds, sv_error *error)
{
    svi_job_work work;
    SVI_TRY(svi_job_count(job, &work, error));
    SVI_TRY(backend->ops->speed(backend, job, speed, error));
    double n_at_once = (double)speed->n_at_once;
    *seconds += ceil(n_runs / n_at_once) * n_at_once * work.all / speed->flop_per_s;
    return SV_OK;
}

/* Runs that are compared with others have one of those a seed vector. */
static sv_status add_references(svi_backend *backend, const svi_job *job, double n_runs,
                                double *seconds, sv_error *error)
{
    svi_job plain = *job;
    svi_device_speed speed;
    if (job->reference == NULL) return SV_OK;
    plain.numerics = job->reference;
    plain.reference = NULL;
    return add_training(backend, &plain, ceil(n_runs / (double)job->numerics->n_replicates), &speed,
                        seconds, error);
}

static sv_status add_block(const sv_study *study, svi_backend *backend, const svi_job *job,
                           uint64_t n_runs, svi_device_speed *speed, double *seconds,
                           sv_error *error)
{
    SVI_TRY(add_training(backend, job, (double)n_runs, speed, seconds, error));
    SVI_TRY(add_references(backend, job, (double)n_runs, seconds, error));
    *seconds += table_time(study, job, n_runs, speed->n_table_makers);
    return SV_OK;
}

sv_status svi_expected_block_time(const sv_study *study, svi_backend *backend, const svi_job *job,
                                  uint64_t n_runs, double *seconds, sv_error *error)
{
    svi_device_speed speed;
    *seconds = 0;
    return add_block(study, backend, job, n_runs, &speed, seconds, error);
}

sv_status svi_expected_time(const sv_study *study, svi_backend *backend, uint64_t n_left,
                            double *seconds, sv_error *error)
{
    const svi_study_spec *spec = study->spec;
    uint64_t n_runs = svi_plan_n_runs(spec), end;
    double share = (double)n_left / (double)n_runs;
    svi_device_speed speed = {0};
    *seconds = 0;
    for (uint64_t run = 0; run < n_runs; run = end) {
        svi_run first;
        svi_plan_run(spec, run, &first);
        end = svi_plan_block_end(spec, run);
        svi_job job = svi_study_job(study, first.arm, first.numerics);
        uint64_t n = (uint64_t)ceil((double)(end - run) * share);
        SVI_TRY(add_block(study, backend, &job, n, &speed, seconds, error));
    }
    *seconds += speed.start_s;
    return SV_OK;
}

double svi_expected_store_time(const sv_study *study, uint64_t n_runs)
{
    const svi_study_spec *spec = study->spec;
    double n_rows = 0;
    if (spec->rows == SVI_ROWS_SUMMARY) return 0;
    for (size_t arm = 0; arm < spec->n_arms; arm++) {
        bool has_curves = spec->curves == SVI_CURVES_FULL;
        n_rows += 1 + (has_curves ? (double)study->checkpoints[arm].n : 0);
    }
    return (double)n_runs * n_rows / (double)spec->n_arms * STORE_ROW_S;
}
