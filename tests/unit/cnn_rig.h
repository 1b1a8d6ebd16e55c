/* Trains a study's cnn by the backend and by the reference, and compares every bit. */
#ifndef CNN_RIG_H
#define CNN_RIG_H

#include "backend/backends.h"
#include "cnn_reference.h"
#include "cpu_kernels.h"
#include "spec_fixture.h"

typedef struct rig {
    svi_study_spec *spec;
    svi_arm_spec arm;
    svi_numerics_spec numerics;
    svi_dataset *dataset;
    svi_job job;
} rig;

/* Arm and numerics may be changed before rig_check. */
static inline void rig_open(rig *r, const char *text)
{
    sv_error error = {0};
    memset(r, 0, sizeof *r);
    r->spec = read_text(text);
    r->arm = r->spec->arms[0];
    r->numerics = r->spec->numerics[0];
    cr_assert_eq(svi_dataset_open(&r->arm.data, &r->dataset, &error), SV_OK, "%s", error.message);
    r->job = (svi_job){.arm = &r->arm, .numerics = &r->numerics, .dataset = r->dataset};
}

static inline void rig_close(rig *r)
{
    svi_dataset_close(r->dataset);
    svi_study_spec_free(r->spec);
}

/* Run i of a launch has seed i + 5 for every source. */
static inline svi_run rig_run(uint64_t i)
{
    svi_run run = {.run = i};
    for (int s = 0; s < SVK_N_SOURCES; s++) run.seed[s] = i + 5;
    return run;
}

static inline void rig_compare(const rig *r, const svi_run *run, const double *parameters,
                               const uint8_t *predictions, const svi_run_result *result,
                               const char *what)
{
    ref_net *net = malloc(sizeof *net);
    svi_instance *data;
    sv_error error = {0};
    svi_instance_seeds seeds = svi_instance_seeds_of(r->dataset, run->seed);
    cr_assert_eq(svi_instance_make(r->dataset, seeds,
                                   SVK_REAL_BITS == 32 ? SVK_PRECISION_FP32 : SVK_PRECISION_FP64,
                                   &data, &error),
                 SV_OK, "%s", error.message);
    ref_make(net, &r->job, run);
    ref_train(net, data);
    for (size_t i = 0; i < net->n_parameters; i++)
        cr_assert_eq(svk_canonical_bits_f64(parameters[i]),
                     svk_canonical_bits_f64((double)net->parameter[i].w),
                     "%s: parameter %zu of %zu: %a is not %a", what, i, net->n_parameters,
                     parameters[i], (double)net->parameter[i].w);
    for (uint64_t i = 0; i < data->n_test && data->n_classes > 0; i++)
        cr_assert_eq((int)predictions[i],
                     ref_predict(net, data, (uint32_t)(data->n_train + data->n_val + i)),
                     "%s: prediction %lu", what, (unsigned long)i);
    cr_assert_eq(result->status == SVK_RUN_SATURATED,
                 r->numerics.path == SVK_PATH_FIXED && net->is_saturated, "%s", what);
    ref_free(net);
    free(net);
    svi_instance_free(data);
}

/* n runs, one launch; the last of them is compared, as all share a vector. */
static inline void rig_check(rig *r, const char *simd, size_t n, const char *what)
{
    sv_error error = {0};
    svi_backend *backend;
    svi_backend_options options = {.device = "cpu", .simd = simd, .n_threads = 1};
    cr_assert_eq(svi_cpu_backend.open(&options, &backend, &error), SV_OK, "%s", error.message);
    cr_assert_eq(backend->ops->supports(backend, &r->job, &error), SV_OK, "%s: %s", what,
                 error.message);
    uint64_t n_parameters = svi_job_n_parameters(&r->job), n_train, n_val, n_test;
    svi_instance_sizes(r->dataset, &n_train, &n_val, &n_test);
    svi_run *runs = calloc(n, sizeof *runs);
    svi_run_result *results = calloc(n, sizeof *results);
    double *parameters = calloc(n * n_parameters, sizeof *parameters);
    uint8_t *predictions = calloc(n * n_test + 1, 1);
    for (size_t i = 0; i < n; i++) runs[i] = rig_run(i);
    sv_status status = backend->ops->launch(backend, &r->job, runs, n, results, NULL, predictions,
                                            parameters, &error);
    cr_assert_eq(status, SV_OK, "%s: %s", what, error.message);
    rig_compare(r, &runs[n - 1], parameters + (n - 1) * n_parameters,
                predictions + (n - 1) * n_test, &results[n - 1], what);
    free(runs);
    free(results);
    free(parameters);
    free(predictions);
    backend->ops->close(backend);
}

#endif
