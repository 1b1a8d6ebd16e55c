#include "case_outcome.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/instance.h"

size_t parity_n_cases(const sv_study *study)
{
    return study->spec->n_arms * study->spec->n_numerics;
}

parity_case parity_case_at(const sv_study *study, size_t i)
{
    return (parity_case){.study = study,
                         .arm = (uint32_t)(i / study->spec->n_numerics),
                         .numerics = (uint32_t)(i % study->spec->n_numerics)};
}

/* The case's runs follow one another in the plan. */
static sv_status list_runs(parity_case c, case_outcome *o, sv_error *error)
{
    const svi_study_spec *spec = c.study->spec;
    uint64_t first = 0, end;
    svi_run run;
    for (;; first = end) {
        svi_plan_run(spec, first, &run);
        end = svi_plan_block_end(spec, first);
        if (run.arm == c.arm && run.numerics == c.numerics) break;
    }
    o->n_runs = end - first;
    o->runs = calloc(o->n_runs, sizeof *o->runs);
    if (o->runs == NULL) return svi_fail_memory(error, o->n_runs * sizeof *o->runs, "runs");
    for (size_t i = 0; i < o->n_runs; i++) svi_plan_run(spec, first + i, &o->runs[i]);
    return SV_OK;
}

static sv_status make_room(const svi_job *job, case_outcome *o, sv_error *error)
{
    uint64_t n_train, n_val;
    bool has_classes = job->dataset != NULL && job->dataset->n_classes > 0 &&
                       job->arm->model.kind != SVI_MODEL_KMEANS;
    if (job->dataset != NULL) svi_instance_sizes(job->dataset, &n_train, &n_val, &o->n_test);
    o->n_parameters = svi_job_n_parameters(job);
    o->results = calloc(o->n_runs, sizeof *o->results);
    o->parameters = calloc(o->n_runs * o->n_parameters, sizeof *o->parameters);
    if (has_classes && o->n_test > 0) o->predictions = calloc(o->n_runs, o->n_test);
    o->n_checkpoints = job->checkpoints->n;
    o->curves = calloc(o->n_runs * o->n_checkpoints + 1, sizeof *o->curves);
    if (job->reference != NULL)
        o->distances = calloc(o->n_runs * o->n_checkpoints + 1, sizeof *o->distances);
    o->n_arrival_words = svi_job_arrival_words(job);
    o->arrivals = calloc(o->n_runs * o->n_arrival_words + 1, sizeof *o->arrivals);
    if (o->results == NULL || o->parameters == NULL || o->arrivals == NULL || o->curves == NULL ||
        (job->reference != NULL && o->distances == NULL) ||
        (has_classes && o->n_test > 0 && o->predictions == NULL))
        return svi_fail_memory(error, o->n_runs * o->n_parameters * sizeof *o->parameters,
                               "the results of a case");
    return SV_OK;
}

/* A CPU, which nothing disturbs, makes the bits that a GPU must keep under stress. */
static svi_numerics_spec job_numerics(const svi_job *job, const svi_backend *backend)
{
    svi_numerics_spec numerics = *job->numerics;
    if (strcmp(backend->ops->name, "cpu") == 0) numerics.stress = SVK_STRESS_NONE;
    return numerics;
}

/* logged: whose orders are followed; NULL: none are. */
static sv_status launch(parity_case c, svi_backend *backend, const case_outcome *logged,
                        case_outcome *o, sv_error *error)
{
    svi_job job = svi_study_job(c.study, c.arm, c.numerics);
    svi_arrivals arrivals = {.is_replayed = logged != NULL};
    svi_numerics_spec calm = job_numerics(&job, backend);
    *o = (case_outcome){0};
    job.numerics = &calm;
    if (svi_job_arrival_words(&job) > 0) job.arrivals = &arrivals;
    SVI_TRY(backend->ops->supports(backend, &job, error));
    sv_status status = list_runs(c, o, error);
    if (status == SV_OK) status = make_room(&job, o, error);
    job.distances = o->distances;
    arrivals.n_words = o->n_arrival_words;
    arrivals.word = logged != NULL ? logged->arrivals : o->arrivals;
    if (status == SV_OK)
        status = backend->ops->launch(backend, &job, o->runs, o->n_runs, o->results,
                                      o->n_checkpoints > 0 ? o->curves : NULL, o->predictions,
                                      o->parameters, error);
    if (status != SV_OK) case_outcome_free(o);
    return status;
}

sv_status case_outcome_supports(parity_case c, svi_backend *backend, sv_error *error)
{
    svi_job job = svi_study_job(c.study, c.arm, c.numerics);
    return backend->ops->supports(backend, &job, error);
}

sv_status case_outcome_make(parity_case c, svi_backend *backend, case_outcome *o, sv_error *error)
{
    return launch(c, backend, NULL, o, error);
}

sv_status case_outcome_replay(parity_case c, svi_backend *backend, const case_outcome *logged,
                              case_outcome *o, sv_error *error)
{
    return launch(c, backend, logged, o, error);
}

double case_outcome_mean(const case_outcome *outcome, int metric)
{
    double sum = 0;
    for (size_t i = 0; i < outcome->n_runs; i++) sum += outcome->results[i].metric[metric];
    return sum / (double)outcome->n_runs;
}

void case_outcome_free(case_outcome *o)
{
    free(o->runs);
    free(o->results);
    free(o->curves);
    free(o->distances);
    free(o->predictions);
    free(o->parameters);
    free(o->arrivals);
    *o = (case_outcome){0};
}

static const char *const metric_names[] = {
#define METRIC_NAME(id, name, better, help) name,
    SVK_METRICS(METRIC_NAME)
#undef METRIC_NAME
};

/* Which NaN it is does not matter, the sign of a zero does. */
static bool is_same(double a, double b)
{
    return svk_canonical_bits_f64(a) == svk_canonical_bits_f64(b);
}

static bool are_results_equal(const svk_result *a, const svk_result *b, char difference[150])
{
    if (a->status != b->status || a->present != b->present) {
        snprintf(difference, 150, "status %d and metrics %x, not %d and %x", (int)a->status,
                 (unsigned)a->present, (int)b->status, (unsigned)b->present);
        return false;
    }
    if (memcmp(a->digest, b->digest, sizeof a->digest) != 0) {
        snprintf(difference, 150, "digest %08x..., not %08x...", (unsigned)a->digest[0],
                 (unsigned)b->digest[0]);
        return false;
    }
    for (int m = 0; m < SVK_N_METRICS; m++) {
        if ((a->present >> m & 1) == 0 || is_same(a->metric[m], b->metric[m])) continue;
        snprintf(difference, 150, "%s %a, not %a", metric_names[m], a->metric[m], b->metric[m]);
        return false;
    }
    return true;
}

static bool are_curves_equal(const case_outcome *a, const case_outcome *b, char difference[200])
{
    char what[150];
    for (size_t i = 0; i < a->n_runs * a->n_checkpoints; i++) {
        if (are_results_equal(&a->curves[i], &b->curves[i], what)) continue;
        snprintf(difference, 200, "run %zu, checkpoint %zu: %.130s", i / a->n_checkpoints,
                 i % a->n_checkpoints, what);
        return false;
    }
    return true;
}

/* Every field is canonical; what fills up the end of the struct is not compared. */
static bool are_distances_equal(const case_outcome *a, const case_outcome *b, char difference[200])
{
    enum { SIZE = offsetof(svk_distance, bits) + sizeof a->distances->bits };
    for (size_t i = 0; a->distances != NULL && i < a->n_runs * a->n_checkpoints; i++) {
        const svk_distance *x = &a->distances[i], *y = &b->distances[i];
        if (memcmp(x, y, SIZE) == 0) continue;
        snprintf(difference, 200,
                 "run %zu, checkpoint %zu: distance %a, at most %llu ULP, %u equal; not %a, %llu, "
                 "%u",
                 i / a->n_checkpoints, i % a->n_checkpoints, x->l2, (unsigned long long)x->max_ulp,
                 (unsigned)x->ulps[0], y->l2, (unsigned long long)y->max_ulp, (unsigned)y->ulps[0]);
        return false;
    }
    return true;
}

static bool are_parameters_equal(const case_outcome *a, const case_outcome *b, char difference[200])
{
    size_t n = a->n_runs * a->n_parameters, i = 0;
    while (i < n && is_same(a->parameters[i], b->parameters[i])) i++;
    if (i == n) return true;
    snprintf(difference, 200, "run %zu: parameter %zu is %a, not %a", i / (size_t)a->n_parameters,
             i % (size_t)a->n_parameters, a->parameters[i], b->parameters[i]);
    return false;
}

static bool are_predictions_equal(const case_outcome *a, const case_outcome *b,
                                  char difference[200])
{
    size_t n = a->predictions == NULL ? 0 : a->n_runs * a->n_test, i = 0;
    while (i < n && a->predictions[i] == b->predictions[i]) i++;
    if (i == n) return true;
    snprintf(difference, 200, "run %zu: test row %zu is class %d, not %d", i / (size_t)a->n_test,
             i % (size_t)a->n_test, a->predictions[i], b->predictions[i]);
    return false;
}

bool case_outcome_is_equal(const case_outcome *a, const case_outcome *b, char difference[200])
{
    char what[150];
    if (a->n_runs != b->n_runs) {
        snprintf(difference, 200, "%zu runs, not %zu", a->n_runs, b->n_runs);
        return false;
    }
    for (size_t i = 0; i < a->n_runs; i++) {
        if (are_results_equal(&a->results[i], &b->results[i], what)) continue;
        snprintf(difference, 200, "run %zu: %s", i, what);
        return false;
    }
    return are_curves_equal(a, b, difference) && are_distances_equal(a, b, difference) &&
           are_parameters_equal(a, b, difference) && are_predictions_equal(a, b, difference);
}
