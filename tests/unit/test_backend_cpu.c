/* The CPU backend run by run: a run has the same bits in a launch of any size, what it hands out
 * agrees with its digest, and a run that diverged says so. */
#include <math.h>

#include "backend/backends.h"
#include "backend/cpu_work.h"
#include "data/instance.h"
#include "spec_fixture.h"

#define BOTH "numerics: [{precision: fp32}, {path: drawn, split: 4, precision: fp64}]\n"
#define BOTH_SERIAL "numerics: [{precision: fp32}, {precision: fp64}]\n"
#define LINE "data: {set: linear, points: 40, features: 3}\n"

static const char *const studies[] = {
    IRIS "model: {kind: mlp, hidden: [7, 3]}\n"
         "train: {loss: cross_entropy, optimizer: {kind: momentum, lr: 0.1, momentum: 0.9},"
         " batch_size: 13, epochs: 2}\n" SWEEP BOTH,
    "data: {set: moons, points: 70}\n"
    "model: {kind: mlp, hidden: [5], activation: tanh, bias: false}\n"
    "train: {loss: logistic, optimizer: {lr: 0.2}, epochs: 2}\n" SWEEP BOTH,
    LINE "model: {kind: linear}\n" SWEEP BOTH_SERIAL,
    /* just too fast: after so many steps some runs have diverged and some have not */
    LINE "model: {kind: linear, fit: sgd}\n"
         "train: {optimizer: {lr: 1.15}, batch_size: 5, steps: 450}\n" SWEEP BOTH,
    POLY BY_STEPS SWEEP BOTH_SERIAL,
};
enum { N_STUDIES = sizeof studies / sizeof *studies, DIVERGING = 3, MOST_RUNS = 40 };

/* One study, its data, and a backend. */
typedef struct bench {
    svi_study_spec *spec;
    svi_dataset *dataset;
    svi_backend *backend;
    svi_job job;
    uint64_t n_train, n_val, n_test, n_parameters;
} bench;

static void open_backend(bench *b, const char *simd)
{
    sv_error error = {0};
    svi_backend_options options = {.device = "cpu", .simd = simd, .n_threads = 2};
    cr_assert_eq(svi_cpu_backend.open(&options, &b->backend, &error), SV_OK, "%s", error.message);
}

static bench bench_open(const char *text, const char *const *overrides, size_t n_overrides,
                        uint32_t numerics)
{
    bench b = {.spec = read_set(text, overrides, n_overrides)};
    sv_error error = {0};
    const svi_arm_spec *arm = &b.spec->arms[0];
    if (arm->data.set != SVI_SET_NONE) {
        cr_assert_eq(svi_dataset_open(&arm->data, &b.dataset, &error), SV_OK, "%s", error.message);
        svi_instance_sizes(b.dataset, &b.n_train, &b.n_val, &b.n_test);
    }
    b.job = (svi_job){.arm = arm,
                      .numerics = &b.spec->numerics[numerics],
                      .dataset = b.dataset,
                      .first_seed = b.spec->design.first_seed};
    b.n_parameters = svi_job_n_parameters(&b.job);
    return b;
}

static void bench_close(bench *b)
{
    if (b->backend != NULL) b->backend->ops->close(b->backend);
    if (b->dataset != NULL) svi_dataset_close(b->dataset);
    svi_study_spec_free(b->spec);
}

/* What a launch fills: room for MOST_RUNS. */
typedef struct outcome {
    svi_run_result result[MOST_RUNS];
    uint8_t *predictions; /* [MOST_RUNS][n_test], or NULL */
    double *parameters;   /* [MOST_RUNS][n_parameters], or NULL */
} outcome;

static outcome *outcome_make(const bench *b, bool is_full)
{
    outcome *o = malloc(sizeof *o);
    cr_assert_not_null(o);
    memset(o->result, 0xaa, sizeof o->result);
    o->predictions = is_full ? calloc(MOST_RUNS, b->n_test + 1) : NULL;
    o->parameters = is_full ? calloc(MOST_RUNS * b->n_parameters, sizeof(double)) : NULL;
    return o;
}

static void outcome_free(outcome *o)
{
    free(o->predictions);
    free(o->parameters);
    free(o);
}

/* Runs first .. first + n - 1, one launch, into places first .. of o. */
static void train(bench *b, uint64_t first, size_t n, outcome *o)
{
    svi_run runs[MOST_RUNS];
    sv_error error = {0};
    for (size_t i = 0; i < n; i++) {
        svi_plan_run(b->spec, first + i, &runs[i]);
        for (int s = 0; s < SVK_N_SOURCES; s++) runs[i].seed[s] = first + i;
    }
    uint8_t *predictions = o->predictions == NULL ? NULL : o->predictions + first * b->n_test;
    double *parameters = o->parameters == NULL ? NULL : o->parameters + first * b->n_parameters;
    sv_status status = b->backend->ops->launch(b->backend, &b->job, runs, n, o->result + first,
                                               NULL, predictions, parameters, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
}

/* The reference: each run alone, by the plain kernels. */
static outcome *train_one_by_one(bench *b)
{
    outcome *o = outcome_make(b, true);
    open_backend(b, "plain");
    for (uint64_t run = 0; run < MOST_RUNS; run++) train(b, run, 1, o);
    b->backend->ops->close(b->backend);
    b->backend = NULL;
    return o;
}

static bool is_same_result(const svi_run_result *a, const svi_run_result *b)
{
    bool is_same = memcmp(a->digest, b->digest, sizeof a->digest) == 0 && a->status == b->status &&
                   a->present == b->present;
    for (int m = 0; is_same && m < SVK_N_METRICS; m++)
        if (a->present >> m & 1) is_same = svk_bits_f64(a->metric[m]) == svk_bits_f64(b->metric[m]);
    return is_same;
}

/* Equal where neither is NaN; both NaN elsewhere. */
static bool is_same_parameter(double a, double b)
{
    return svk_canonical_bits_f64(a) == svk_canonical_bits_f64(b);
}

static void check_same(const bench *b, const outcome *found, const outcome *expected, uint64_t n,
                       const char *what)
{
    for (uint64_t run = 0; run < n; run++)
        cr_assert(is_same_result(&found->result[run], &expected->result[run]), "%s: run %lu", what,
                  (unsigned long)run);
    for (uint64_t i = 0; found->predictions != NULL && i < n * b->n_test; i++)
        cr_assert_eq(found->predictions[i], expected->predictions[i], "%s: prediction %lu", what,
                     (unsigned long)i);
    for (uint64_t i = 0; found->parameters != NULL && i < n * b->n_parameters; i++)
        cr_assert(is_same_parameter(found->parameters[i], expected->parameters[i]),
                  "%s: parameter %lu", what, (unsigned long)i);
}

static void check_launches_of(bench *b, const outcome *expected, const char *simd, size_t n)
{
    char what[128];
    snprintf(what, sizeof what, "%s, %s, launches of %zu", simd, b->job.numerics->name, n);
    for (int is_full = 0; is_full < 2; is_full++) {
        outcome *found = outcome_make(b, is_full != 0);
        for (uint64_t run = 0; run < MOST_RUNS; run += n)
            train(b, run, MOST_RUNS - run < n ? MOST_RUNS - run : n, found);
        check_same(b, found, expected, MOST_RUNS, what);
        outcome_free(found);
    }
}

static void check_study(const char *text, uint32_t numerics)
{
    static const char *const simd[] = {"plain", "avx2", "avx512"};
    bench b = bench_open(text, NULL, 0, numerics);
    outcome *expected = train_one_by_one(&b);
    for (int i = 0; i < 3; i++) {
        const svk_cpu_kernels *kernels = svk_cpu_kernels_find(simd[i], b.job.numerics->precision);
        if (kernels == NULL) continue;
        size_t n_lanes = (size_t)kernels->n_lanes;
        open_backend(&b, simd[i]);
        const size_t sizes[] = {1, n_lanes - 1, n_lanes, n_lanes + 1, MOST_RUNS};
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            if (sizes[s] > 0) check_launches_of(&b, expected, simd[i], sizes[s]);
        b.backend->ops->close(b.backend);
        b.backend = NULL;
    }
    outcome_free(expected);
    bench_close(&b);
}

Test(backend_cpu, a_run_has_the_same_bits_in_any_launch)
{
    for (int i = 0; i < N_STUDIES; i++)
        for (uint32_t numerics = 0; numerics < 2; numerics++) check_study(studies[i], numerics);
}

static void digest_of(const double *parameter, uint64_t n, int precision, uint32_t digest[4])
{
    memset(digest, 0, 4 * sizeof *digest);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t bits = precision == SVK_PRECISION_FP32
                            ? svk_canonical_bits_f32((float)parameter[i])
                            : svk_canonical_bits_f64(parameter[i]);
        svk_block term = svk_digest_term(i, bits);
        for (int w = 0; w < 4; w++) digest[w] += term.word[w];
    }
}

static double norm_of(const double *parameter, uint64_t n)
{
    double sum = 0;
    for (uint64_t i = 0; i < n; i++) sum += parameter[i] * parameter[i];
    return sqrt(sum);
}

Test(backend_cpu, digest_and_norm_are_those_of_the_parameters)
{
    for (int i = 0; i < N_STUDIES; i++)
        for (uint32_t numerics = 0; numerics < 2; numerics++) {
            bench b = bench_open(studies[i], NULL, 0, numerics);
            outcome *o = outcome_make(&b, true);
            open_backend(&b, "auto");
            train(&b, 0, MOST_RUNS, o);
            for (int run = 0; run < MOST_RUNS; run++) {
                const svi_run_result *r = &o->result[run];
                const double *parameter = o->parameters + (uint64_t)run * b.n_parameters;
                uint32_t digest[4];
                digest_of(parameter, b.n_parameters, b.job.numerics->precision, digest);
                cr_assert_arr_eq(r->digest, digest, sizeof digest, "study %d, run %d", i, run);
                if (r->status == SVK_RUN_DIVERGED) continue;
                double norm = norm_of(parameter, b.n_parameters);
                cr_assert_float_eq(r->metric[SVK_METRIC_WEIGHT_NORM], norm, 1e-12 * norm);
            }
            outcome_free(o);
            bench_close(&b);
        }
}

/* Share of the test rows of `run` that its predictions hit. */
static double accuracy_of(const bench *b, uint64_t run, const uint8_t *predictions)
{
    svi_instance *data;
    sv_error error = {0};
    cr_assert_eq(svi_instance_make(b->dataset, (svi_instance_seeds){run, run, 0},
                                   b->job.numerics->precision, &data, &error),
                 SV_OK, "%s", error.message);
    uint64_t n_right = 0;
    for (uint64_t i = 0; i < b->n_test; i++)
        n_right += predictions[i] == data->label[b->n_train + b->n_val + i];
    svi_instance_free(data);
    return (double)n_right / (double)b->n_test;
}

/* Where memory holds one split at a time, and each run has its own number of test rows. */
Test(backend_cpu, little_memory_gives_the_same_bits)
{
    static const char *const replaced[] = {"data.split.replace=true"};
    for (size_t n_overrides = 0; n_overrides < 2; n_overrides++) {
        bench b = bench_open(studies[0], replaced, n_overrides, 0);
        outcome *expected = train_one_by_one(&b), *o = outcome_make(&b, true);
        svi_run runs[MOST_RUNS];
        svi_cpu_launch launch = {.job = &b.job,
                                 .kernels =
                                     svk_cpu_kernels_find(svk_cpu_best_simd(), SVK_PRECISION_FP32),
                                 .runs = runs,
                                 .n_runs = MOST_RUNS,
                                 .results = o->result,
                                 .predictions = o->predictions,
                                 .parameters = o->parameters};
        for (uint64_t i = 0; i < MOST_RUNS; i++) {
            svi_plan_run(b.spec, i, &runs[i]);
            for (int s = 0; s < SVK_N_SOURCES; s++) runs[i].seed[s] = i;
        }
        cr_assert_eq(svi_cpu_launch_prepare(&launch, 1, NULL), SV_OK);
        launch.instances.n_slots = launch.instances.n_at_once = 1;
        svi_cpu_work(&launch);
        cr_expect_eq(svi_cpu_launch_status(&launch, NULL), SV_OK);
        svi_cpu_launch_clear(&launch);
        check_same(&b, o, expected, MOST_RUNS, "one split at a time");
        outcome_free(expected);
        outcome_free(o);
        bench_close(&b);
    }
}

Test(backend_cpu, predictions_are_those_that_the_accuracy_counts)
{
    for (int i = 0; i < 2; i++) {
        bench b = bench_open(studies[i], NULL, 0, 0);
        outcome *o = outcome_make(&b, true);
        open_backend(&b, "auto");
        train(&b, 0, MOST_RUNS, o);
        for (uint64_t run = 0; run < MOST_RUNS; run++)
            cr_assert_eq(o->result[run].metric[SVK_METRIC_TEST_ACCURACY],
                         accuracy_of(&b, run, o->predictions + run * b.n_test), "study %d, run %lu",
                         i, (unsigned long)run);
        outcome_free(o);
        bench_close(&b);
    }
}

static int count_diverged(const outcome *o)
{
    int n = 0;
    for (int run = 0; run < MOST_RUNS; run++) n += o->result[run].status == SVK_RUN_DIVERGED;
    return n;
}

/* A run that calls itself sound has sound parameters and losses; a NaN among the metrics has the
 * same bits on every machine. */
static void check_nothing_hides(const bench *b, const outcome *o, const char *what)
{
    for (int run = 0; run < MOST_RUNS; run++) {
        const svi_run_result *r = &o->result[run];
        for (int m = 0; m < SVK_N_METRICS; m++)
            cr_assert(!(r->present >> m & 1) ||
                          svk_bits_f64(r->metric[m]) == svk_canonical_bits_f64(r->metric[m]),
                      "%s: metric %d of run %d is a NaN that is not canonical", what, m, run);
        if (r->status == SVK_RUN_DIVERGED) continue;
        cr_assert_eq(r->status, SVK_RUN_OK);
        for (int m = SVK_METRIC_TRAIN_LOSS; m <= SVK_METRIC_TEST_LOSS; m++)
            cr_assert(!(r->present >> m & 1) || isfinite(r->metric[m]),
                      "%s: metric %d of sound run %d is not finite", what, m, run);
        for (uint64_t i = 0; i < b->n_parameters; i++)
            cr_assert(isfinite(o->parameters[(uint64_t)run * b->n_parameters + i]),
                      "%s: parameter %lu of run %d", what, (unsigned long)i, run);
    }
}

Test(backend_cpu, diverged_runs_stand_beside_sound_ones)
{
    static const char *const steps[] = {"train.steps=450", "train.steps=1750"};
    for (uint32_t numerics = 0; numerics < 2; numerics++) {
        bench b = bench_open(studies[DIVERGING], &steps[numerics], 1, numerics);
        outcome *o = outcome_make(&b, true);
        open_backend(&b, "auto");
        train(&b, 0, MOST_RUNS, o);
        int n = count_diverged(o);
        cr_assert(n > 0 && n < MOST_RUNS, "%d of %d runs diverged", n, MOST_RUNS);
        check_nothing_hides(&b, o, "linear");
        outcome_free(o);
        bench_close(&b);
    }
}

/* Returns how many of the runs diverge. */
static int check_learning_rate(const char *rate, uint32_t numerics)
{
    char override[64];
    snprintf(override, sizeof override, "train.optimizer.lr=%s", rate);
    const char *const overrides[] = {override, "model.hidden=[6, 6]", "train.epochs=20"};
    bench b =
        bench_open(LINE MLP "train: {loss: squared, optimizer: {lr: 1}, epochs: 1}\n" SWEEP BOTH,
                   overrides, 3, numerics);
    outcome *o = outcome_make(&b, true);
    open_backend(&b, "auto");
    train(&b, 0, MOST_RUNS, o);
    check_nothing_hides(&b, o, rate);
    int n_diverged = count_diverged(o);
    outcome_free(o);
    bench_close(&b);
    return n_diverged;
}

Test(backend_cpu, no_learning_rate_hides_a_diverged_run)
{
    static const char *const rates[] = {"1e1", "1e3", "1e6", "1e12", "1e24", "1e38"};
    for (uint32_t numerics = 0; numerics < 2; numerics++) {
        int n = 0;
        for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
            n = check_learning_rate(rates[i], numerics);
        cr_assert_gt(n, 0, "no run diverged at the largest rate");
    }
}
