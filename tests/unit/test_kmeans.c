/* k-means against its definition, starts against their probabilities, and the corners: as many
 * clusters as rows, more of them, rows that coincide. */
#include "backend/backends.h"
#include "cpu_kernels.h"
#include "kmeans_reference.h"
#include "spec_fixture.h"

#define BOTH "numerics: [{precision: fp32}, {precision: fp64}]\n"
#define INIT_SWEEP "design: {kind: sweep, seeds: 10, vary: [init]}\n"

/* One study, its data and a backend. */
typedef struct rig {
    svi_study_spec *spec;
    svi_dataset *dataset;
    svi_backend *backend;
    svi_job job;
    svi_instance *data;
} rig;

/* Of the first arm. text is read from /tmp: paths of data files are relative to it. */
static rig rig_open(const char *text, uint32_t numerics, const char *simd)
{
    rig r = {.spec = read_text(text)};
    sv_error error = {0};
    svi_backend_options options = {.device = "cpu", .simd = simd, .n_threads = 1};
    const svi_arm_spec *arm = &r.spec->arms[0];
    cr_assert_eq(svi_dataset_open(&arm->data, &r.dataset, &error), SV_OK, "%s", error.message);
    r.job = (svi_job){.arm = arm, .numerics = &r.spec->numerics[numerics], .dataset = r.dataset};
    cr_assert_eq(svi_cpu_backend.open(&options, &r.backend, &error), SV_OK, "%s", error.message);
    cr_assert_eq(r.backend->ops->supports(r.backend, &r.job, &error), SV_OK, "%s", error.message);
    cr_assert_eq(svi_instance_make(r.dataset, (svi_instance_seeds){0}, r.job.numerics->precision,
                                   &r.data, &error),
                 SV_OK, "%s", error.message);
    return r;
}

static void rig_close(rig *r)
{
    r->backend->ops->close(r->backend);
    svi_instance_free(r->data);
    svi_dataset_close(r->dataset);
    svi_study_spec_free(r->spec);
}

/* Seeds first .. first + n - 1 of the init source. centres: [n][n_parameters] or NULL. */
static void cluster(rig *r, uint64_t first, size_t n, svi_run_result *results, uint8_t *predictions,
                    double *centres)
{
    svi_run *runs = calloc(n, sizeof *runs);
    sv_error error = {0};
    cr_assert_not_null(runs);
    for (size_t i = 0; i < n; i++) runs[i].seed[SVK_SOURCE_INIT] = first + i;
    sv_status status = r->backend->ops->launch(r->backend, &r->job, runs, n, results, NULL,
                                               predictions, centres, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    free(runs);
}

/* ---- the definition ---- */

static const char *const studies[] = {
    /* whole numbers, so that distances tie */
    "data: {set: digits, split: {train: 0.15, val: 0.8, test: 0.05}}\n"
    "model: {kind: kmeans, clusters: 7, start: k-means++}\n"
    "train: {max_iterations: 100}\n" INIT_SWEEP BOTH,
    "data: {set: digits, standardize: true, split: {train: 0.1, val: 0.85, test: 0.05}}\n"
    "model: {kind: kmeans, clusters: 33, start: random}\n"
    "train: {max_iterations: 4}\n" INIT_SWEEP BOTH,
    "data: {set: iris, split: {train: 0.9, test: 0.1}}\n"
    "model: {kind: kmeans, clusters: 3, start: random}\n"
    "train: {max_iterations: 100}\n" INIT_SWEEP BOTH,
    /* few rows: the shuffle is Fisher-Yates, vectors are hardly filled */
    "data: {set: moons, points: 37}\n"
    "model: {kind: kmeans, clusters: 5, start: random}\n"
    "train: {max_iterations: 100}\n" INIT_SWEEP BOTH,
    "data: {set: moons, points: 300, test_points: 20}\n"
    "model: {kind: kmeans, clusters: 50, start: k-means++}\n"
    "train: {max_iterations: 100}\n" INIT_SWEEP BOTH,
    "data: {set: linear, points: 20, features: 19}\n"
    "model: {kind: kmeans, clusters: 1, start: k-means++}\n"
    "train: {max_iterations: 100}\n" INIT_SWEEP BOTH,
};
enum { N_STUDIES = sizeof studies / sizeof *studies, N_SEEDS = 10 };

static double metric(const svi_run_result *result, int id)
{
    cr_assert(result->present >> id & 1, "metric %d is missing", id);
    return result->metric[id];
}

static void check_digest(const rig *r, const double *centre, const svi_run_result *result)
{
    uint32_t digest[4] = {0};
    uint64_t n = svi_job_n_parameters(&r->job);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t bits = r->data->precision == SVK_PRECISION_FP32
                            ? svk_canonical_bits_f32((float)centre[i])
                            : svk_canonical_bits_f64(centre[i]);
        svk_block term = svk_digest_term(i, bits);
        for (int w = 0; w < 4; w++) digest[w] += term.word[w];
    }
    cr_expect_arr_eq(result->digest, digest, sizeof digest);
}

static void check_run(const rig *r, uint64_t seed, const svi_run_result *result,
                      const uint8_t *predictions, const double *centres, const char *what)
{
    reference right = ref_run(r->data, r->job.arm, seed);
    double n_empty = 0, square = 0;
    uint64_t n = svi_job_n_parameters(&r->job);
    for (int j = 0; j < right.n_clusters; j++) n_empty += right.was_empty[j];
    for (uint64_t i = 0; i < n; i++) square += centres[i] * centres[i];
    cr_expect_eq(result->status, SVK_RUN_OK);
    cr_expect_eq(metric(result, SVK_METRIC_INERTIA), right.inertia, "%s", what);
    cr_expect_eq(metric(result, SVK_METRIC_STEPS), (double)right.n_steps, "%s", what);
    cr_expect_eq(metric(result, SVK_METRIC_EMPTY_CLUSTERS), n_empty, "%s", what);
    cr_expect_float_eq(metric(result, SVK_METRIC_WEIGHT_NORM), sqrt(square), 1e-12 * sqrt(square));
    cr_expect_arr_eq(centres, right.centre, n * sizeof *centres, "%s", what);
    check_digest(r, right.centre, result);
    if (r->data->n_test > 0)
        cr_expect_eq(metric(result, SVK_METRIC_TEST_INERTIA), right.test_inertia, "%s", what);
    for (uint64_t i = 0; i < r->data->n_test; i++) {
        int expected;
        ref_nearest(&right, r->data->n_train + r->data->n_val + i, right.n_clusters, &expected);
        cr_expect_eq(predictions[i], expected, "%s: test row %lu", what, (unsigned long)i);
    }
    ref_free(&right);
}

static void check_study(int study, uint32_t numerics, const char *simd)
{
    rig r = rig_open(studies[study], numerics, simd);
    svi_run_result results[N_SEEDS];
    uint64_t n_parameters = svi_job_n_parameters(&r.job), n_test = r.data->n_test;
    double *centres = calloc(N_SEEDS * n_parameters, sizeof *centres);
    uint8_t *predictions = calloc(N_SEEDS, n_test + 1);
    cr_assert(centres != NULL && predictions != NULL);
    cluster(&r, 0, N_SEEDS, results, predictions, centres);
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        char what[160];
        snprintf(what, sizeof what, "study %d, %s, %s, seed %d", study, simd, r.job.numerics->name,
                 (int)seed);
        check_run(&r, seed, &results[seed], predictions + seed * n_test,
                  centres + seed * n_parameters, what);
    }
    free(centres);
    free(predictions);
    rig_close(&r);
}

Test(kmeans, is_what_the_document_says)
{
    static const char *const simd[] = {"plain", "avx2", "avx512"};
    int n_checked = 0;
    for (int s = 0; s < 3; s++) {
        if (svk_cpu_kernels_find(simd[s], SVK_PRECISION_FP32) == NULL) continue;
        for (int study = 0; study < N_STUDIES; study++)
            for (uint32_t numerics = 0; numerics < 2; numerics++)
                check_study(study, numerics, simd[s]);
        n_checked++;
    }
    cr_expect_gt(n_checked, 0);
}

Test(kmeans, every_iteration_lowers_the_inertia)
{
    rig r = rig_open(studies[1], 1, "auto");
    svi_arm_spec arm = *r.job.arm;
    svi_run_result result;
    double before = INFINITY;
    r.job.arm = &arm;
    for (arm.train.max_iterations = 0; arm.train.max_iterations < 40; arm.train.max_iterations++) {
        cluster(&r, 3, 1, &result, NULL, NULL);
        double inertia = metric(&result, SVK_METRIC_INERTIA), n = metric(&result, SVK_METRIC_STEPS);
        if (n < (double)arm.train.max_iterations) break;
        cr_expect_lt(inertia, before, "%g iterations: %.17g, before %.17g", n, inertia, before);
        before = inertia;
    }
    cr_expect(arm.train.max_iterations > 5 && arm.train.max_iterations < 40);
    rig_close(&r);
}

/* ---- the probabilities of starts ---- */

enum { N_STARTS = 40000 };

static void write_table(const char *path, const double *x, int n)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    for (int i = 0; i < n; i++) fprintf(file, "%.17g,%d\n", x[i], i % 2);
    fclose(file);
}

/* A study of the one-column table x. */
static rig rig_of(const double *x, int n, int n_clusters, const char *start, int max_iterations)
{
    char path[] = "/tmp/kmeans-XXXXXX", text[512];
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
    write_table(path, x, n);
    snprintf(text, sizeof text,
             "data: {set: csv, file: %s, header: no, constant_columns: keep}\n"
             "model: {kind: kmeans, clusters: %d, start: %s}\n"
             "train: {max_iterations: %d}\n" INIT_SWEEP "numerics: [{precision: fp64}]\n",
             path, n_clusters, start, max_iterations);
    rig r = rig_open(text, 0, "auto");
    unlink(path);
    return r;
}

static int place_of(const double *x, int n, double value)
{
    int place = 0;
    while (place < n && x[place] != value) place++;
    cr_assert_lt(place, n, "%g is no row", value);
    return place;
}

/* count: [n][n] of (first centre, second centre) over N_STARTS seeds. */
static void count_starts(const double *x, int n, const char *start, int *count)
{
    rig r = rig_of(x, n, 2, start, 0);
    svi_run_result *results = calloc(N_STARTS, sizeof *results);
    double *centres = calloc(2 * N_STARTS, sizeof *centres);
    cr_assert(results != NULL && centres != NULL);
    cluster(&r, 0, N_STARTS, results, NULL, centres);
    memset(count, 0, (size_t)(n * n) * sizeof *count);
    for (int i = 0; i < N_STARTS; i++)
        count[place_of(x, n, centres[2 * i]) * n + place_of(x, n, centres[2 * i + 1])]++;
    free(results);
    free(centres);
    rig_close(&r);
}

/* The chance of j as the second centre when i is the first. */
static double chance(const double *x, int n, bool is_plus_plus, int i, int j)
{
    double total = 0;
    if (!is_plus_plus) return i == j ? 0 : 1.0 / (n - 1);
    for (int l = 0; l < n; l++) total += (x[l] - x[i]) * (x[l] - x[i]);
    return (x[j] - x[i]) * (x[j] - x[i]) / total;
}

/* Chi-square over the pairs; a pair that cannot be must not be there. */
static double chi_square_of_pairs(const double *x, int n, bool is_plus_plus, const int *count)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double expected = N_STARTS * chance(x, n, is_plus_plus, i, j) / n;
            double gap = count[i * n + j] - expected;
            if (expected > 0)
                sum += gap * gap / expected;
            else
                cr_expect_eq(count[i * n + j], 0, "%d after %d", j, i);
        }
    return sum;
}

/* 11 degrees of freedom: above 37.4 in one of 10,000. */
Test(kmeans, starts_have_their_probabilities)
{
    static const double x[] = {-1, 0.5, 3, 7};
    int count[16];
    for (int is_plus_plus = 0; is_plus_plus < 2; is_plus_plus++) {
        count_starts(x, 4, is_plus_plus != 0 ? "k-means++" : "random", count);
        double right = chi_square_of_pairs(x, 4, is_plus_plus != 0, count);
        double wrong = chi_square_of_pairs(x, 4, is_plus_plus == 0, count);
        cr_expect_lt(right, 37.4, "rule %d: %g", is_plus_plus, right);
        cr_expect_gt(wrong, 1000, "rule %d: the test could not tell: %g", is_plus_plus, wrong);
    }
}

/* More rows than a segment of the prefix sum: 79 degrees of freedom, above 130.7 in one of 5,000.
 */
Test(kmeans, a_start_is_found_in_any_segment)
{
    enum { N = 80 };
    double x[N], chi_square = 0;
    static int count[N * N];
    for (int i = 0; i < N; i++) x[i] = i * 0.25 - 3;
    count_starts(x, N, "k-means++", count);
    for (int j = 0; j < N; j++) {
        double expected = 0, found = 0;
        for (int i = 0; i < N; i++) {
            expected += N_STARTS * chance(x, N, true, i, j) / N;
            found += count[i * N + j];
        }
        chi_square += (found - expected) * (found - expected) / expected;
    }
    cr_expect_lt(chi_square, 130.7, "%g", chi_square);
    cr_expect_gt(chi_square, 30, "%g: too even to be drawn", chi_square);
}

/* ---- corners ---- */

Test(kmeans, as_many_clusters_as_rows)
{
    static const double x[] = {4, -2, 9, 0.5, 31};
    static const char *const starts[] = {"random", "k-means++"};
    for (int s = 0; s < 2; s++) {
        rig r = rig_of(x, 5, 5, starts[s], 10);
        svi_run_result results[N_SEEDS];
        cluster(&r, 0, N_SEEDS, results, NULL, NULL);
        for (int i = 0; i < N_SEEDS; i++) {
            cr_expect_eq(metric(&results[i], SVK_METRIC_INERTIA), 0);
            cr_expect_eq(metric(&results[i], SVK_METRIC_STEPS), 1);
            cr_expect_eq(metric(&results[i], SVK_METRIC_EMPTY_CLUSTERS), 0);
        }
        rig_close(&r);
    }
}

/* Two places and four centres: two of them are never anybody's nearest, and stay. */
Test(kmeans, rows_that_coincide)
{
    static const double x[] = {2, 2, 2, 5, 5, 2, 5};
    rig r = rig_of(x, 7, 4, "k-means++", 10);
    svi_run_result results[N_SEEDS];
    double centres[4 * N_SEEDS];
    cluster(&r, 0, N_SEEDS, results, NULL, centres);
    for (int i = 0; i < N_SEEDS; i++) {
        cr_expect_eq(results[i].status, SVK_RUN_OK);
        cr_expect_eq(metric(&results[i], SVK_METRIC_INERTIA), 0);
        cr_expect_eq(metric(&results[i], SVK_METRIC_EMPTY_CLUSTERS), 2);
        for (int j = 0; j < 4; j++) cr_expect(centres[4 * i + j] == 2 || centres[4 * i + j] == 5);
        cr_expect_neq(centres[4 * i], centres[4 * i + 1], "the second centre lies apart");
    }
    rig_close(&r);
}

Test(kmeans, one_place_only)
{
    static const double x[] = {3, 3, 3, 3};
    rig r = rig_of(x, 4, 3, "k-means++", 10);
    svi_run_result results[N_SEEDS];
    cluster(&r, 0, N_SEEDS, results, NULL, NULL);
    for (int i = 0; i < N_SEEDS; i++) {
        cr_expect_eq(metric(&results[i], SVK_METRIC_INERTIA), 0);
        cr_expect_eq(metric(&results[i], SVK_METRIC_EMPTY_CLUSTERS), 2);
    }
    rig_close(&r);
}

static int count_empty_now(const reference *r)
{
    int n_empty = 0;
    for (int j = 0; j < r->n_clusters; j++) {
        bool is_empty = true;
        for (uint64_t i = 0; i < r->data->n_train; i++) is_empty &= r->cluster[i] != j;
        n_empty += is_empty;
    }
    return n_empty;
}

/* Starts that coincide leave clusters empty, some of which find rows later. */
Test(kmeans, a_cluster_that_was_empty_stays_and_may_fill_again)
{
    enum { N = 60 };
    double x[N], centres[9 * N_SEEDS];
    svi_run_result results[N_SEEDS];
    int n_filled_again = 0, n_empty_at_end = 0;
    for (int i = 0; i < N; i++) x[i] = i * i % 23;
    rig r = rig_of(x, N, 9, "random", 100);
    cluster(&r, 0, N_SEEDS, results, NULL, centres);
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        reference right = ref_run(r.data, r.job.arm, seed);
        int n_empty = count_empty_now(&right);
        check_run(&r, seed, &results[seed], NULL, centres + 9 * seed, "rows that coincide");
        n_empty_at_end += n_empty;
        n_filled_again += (int)metric(&results[seed], SVK_METRIC_EMPTY_CLUSTERS) - n_empty;
        ref_free(&right);
    }
    cr_expect(n_filled_again > 0 && n_empty_at_end > 0, "%d, %d", n_filled_again, n_empty_at_end);
    rig_close(&r);
}

/* Squares that overflow: the run says so. */
Test(kmeans, an_inertia_that_overflows_has_diverged)
{
    static const double x[] = {1e300, -1e300, 0, 5};
    rig r = rig_of(x, 4, 2, "k-means++", 10);
    svi_run_result result;
    cluster(&r, 0, 1, &result, NULL, NULL);
    cr_expect_eq(result.status, SVK_RUN_DIVERGED);
    rig_close(&r);
}

Test(kmeans, more_clusters_than_rows_are_refused)
{
    static const double x[] = {1, 2, 3};
    rig r = rig_of(x, 3, 3, "random", 10);
    svi_arm_spec arm = *r.job.arm;
    sv_error error = {0};
    arm.model.n_clusters = 4;
    r.job.arm = &arm;
    cr_expect_eq(r.backend->ops->supports(r.backend, &r.job, &error), SV_ERR_DATA);
    expect_message(&error, "arm base: 4 clusters need as many training rows");
    expect_message(&error, "leaves 3; lower model.clusters");
    rig_close(&r);
}
