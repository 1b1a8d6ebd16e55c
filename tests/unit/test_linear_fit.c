/* The closed form, lane by lane, against the scalar statement of kernels/arith and against metrics
 * written down once more here, on the split that src/data draws. */
#include "linear_fit.h"

#include "backend/job_shape.h"
#include "base/text.h"
#include "cpu_kernels.h"
#include "data/instance.h"
#include "data_fixture.h"
#include "metric_sum.h"

enum { N_CHAINS = 32 };

/* One data set in one precision, shaped as the backend shapes it. */
typedef struct bench {
    svi_dataset *dataset;
    svi_arm_spec arm;
    svi_numerics_spec numerics;
    svk_net net;
    svk_training training;
} bench;

static void bench_shape(bench *b, svi_dataset *dataset, bool has_bias, int precision)
{
    sv_error error = {0};
    *b = (bench){.dataset = dataset, .numerics = {.precision = precision, .n_parts = 1}};
    b->arm.model = (svi_model_spec){.kind = SVI_MODEL_LINEAR,
                                    .is_closed_form = true,
                                    .bias = has_bias ? SVK_BIAS_ZERO : SVK_BIAS_NONE};
    b->arm.train.loss = SVK_LOSS_SQUARED;
    svi_job job = {.arm = &b->arm, .numerics = &b->numerics, .dataset = dataset};
    cr_assert_eq(svi_job_net(&job, &b->net, &b->training, &error), SV_OK, "%s", error.message);
}

static uint64_t seed_of(int lane) { return (uint64_t)(lane + 1) * UINT64_C(0x9e3779b97f4a7c15); }

static svi_instance *instance_of(const bench *b, const svi_dataset *dataset, uint64_t seed_data,
                                 uint64_t seed_split)
{
    svi_instance *in = NULL;
    sv_error error = {0};
    svi_instance_seeds seeds = {.data = seed_data, .split = seed_split};
    sv_status status = svi_instance_make(dataset, seeds, b->numerics.precision, &in, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return in;
}

/* ---- the reference ---- */

static bool is_double(const bench *b) { return b->numerics.precision == SVK_PRECISION_FP64; }

static double rounded(const bench *b, double x) { return is_double(b) ? x : (double)(float)x; }

static double feature(const bench *b, const svi_instance *in, size_t i, size_t j)
{
    size_t at = i * (size_t)in->ld + j;
    return is_double(b) ? ((double *)in->x)[at] : (double)((float *)in->x)[at];
}

/* weight: [n_features + 1], the intercept last. */
static void fit_one(const bench *b, const svi_instance *in, double *weight)
{
    size_t n = in->n_train, d = (size_t)in->n_features, has_bias = b->net.has_bias != 0;
    double *a = malloc((d + 1) * n * sizeof *a), *y = malloc(n * sizeof *y);
    double *coefficient = malloc((d + 1) * sizeof *coefficient);
    for (size_t i = 0; i < n; i++) {
        if (has_bias) a[i] = 1.0;
        for (size_t j = 0; j < d; j++) a[(j + has_bias) * n + i] = feature(b, in, i, j);
        y[i] = in->target[i];
    }
    svk_linear_fit(a, y, (int64_t)n, (int)(d + has_bias), coefficient);
    for (size_t j = 0; j < d; j++) weight[j] = rounded(b, coefficient[j + has_bias]);
    weight[d] = has_bias ? rounded(b, coefficient[0]) : 0.0;
    free(coefficient);
    free(y);
    free(a);
}

static double output_of(const bench *b, const svi_instance *in, const double *weight, size_t i)
{
    size_t d = (size_t)in->n_features;
    double z = weight[d];
    for (size_t j = 0; j < d; j++) {
        double x = feature(b, in, i, j);
        z = is_double(b) ? fma(weight[j], x, z)
                         : (double)fmaf((float)weight[j], (float)x, (float)z);
    }
    return z;
}

/* Sum over rows of the squared distance between target and from[i], or of the target (from NULL).
 */
static double sum_over(const double *target, const double *from, size_t n)
{
    double chain[N_CHAINS] = {0};
    for (size_t i = 0; i < n; i++) {
        double d = from == NULL ? 0.0 : from[i] - target[i];
        double *c = &chain[i % N_CHAINS];
        *c = from == NULL ? *c + target[i] : fma(d, d, *c);
    }
    double sum = chain[0];
    for (int c = 1; c < N_CHAINS; c++) sum += chain[c];
    return sum;
}

static void score_tests(const double *target, double error, size_t n, svk_result *result)
{
    double *mean = malloc(n * sizeof *mean), total = sum_over(target, NULL, n);
    for (size_t i = 0; i < n; i++) mean[i] = total / (double)n;
    svk_set_metric(result, SVK_METRIC_MSE, error / (double)n);
    svk_set_metric(result, SVK_METRIC_R2, 1.0 - error / sum_over(target, mean, n));
    free(mean);
}

static void score_part(const bench *b, const svi_instance *in, const double *weight, size_t first,
                       size_t n, int loss, svk_result *result)
{
    if (n == 0) return;
    double *output = malloc(n * sizeof *output);
    for (size_t i = 0; i < n; i++) output[i] = output_of(b, in, weight, first + i);
    double error = sum_over(in->target + first, output, n);
    svk_set_metric(result, loss, error / (double)n);
    if (loss == SVK_METRIC_TEST_LOSS) score_tests(in->target + first, error, n, result);
    free(output);
}

static svk_result reference(const bench *b, const svi_instance *in, size_t n_test, double *weight)
{
    svk_result r = {0};
    size_t n_parameters = svk_net_n_parameters(&b->net);
    double square[N_CHAINS] = {0};
    fit_one(b, in, weight);
    score_part(b, in, weight, 0, in->n_train, SVK_METRIC_TRAIN_LOSS, &r);
    score_part(b, in, weight, in->n_train, in->n_val, SVK_METRIC_VAL_LOSS, &r);
    score_part(b, in, weight, in->n_train + in->n_val, n_test, SVK_METRIC_TEST_LOSS, &r);
    for (size_t p = 0; p < n_parameters; p++) {
        uint64_t bits = is_double(b) ? svk_canonical_bits_f64(weight[p])
                                     : svk_canonical_bits_f32((float)weight[p]);
        svk_block term = svk_digest_term(p, bits);
        for (int w = 0; w < 4; w++) r.digest[w] += term.word[w];
        square[p % N_CHAINS] = fma(weight[p], weight[p], square[p % N_CHAINS]);
    }
    svk_set_metric(&r, SVK_METRIC_WEIGHT_NORM, sqrt(svk_sum_chains(square, 1)));
    svk_set_metric(&r, SVK_METRIC_STEPS, 0);
    r.status = svk_has_finite_losses(&r) ? SVK_RUN_OK : SVK_RUN_DIVERGED;
    return r;
}

/* ---- the kernels ---- */

static void check_result(const svk_result *found, const svk_result *expected, const char *what)
{
    cr_assert_arr_eq(found->digest, expected->digest, sizeof found->digest, "%s: digest", what);
    cr_assert_eq(found->status, expected->status, "%s: status", what);
    cr_assert_eq(found->present, expected->present, "%s: metrics %x, not %x", what, found->present,
                 expected->present);
    for (int m = 0; m < SVK_N_METRICS; m++)
        cr_assert(!(found->present >> m & 1) ||
                      svk_bits_f64(found->metric[m]) == svk_bits_f64(expected->metric[m]),
                  "%s: metric %d is %a, not %a", what, m, found->metric[m], expected->metric[m]);
}

/* Where the rows of the lanes come from. */
typedef enum source { SPLIT_BY_KERNEL, SPLIT_GIVEN, FEWER_TESTS, N_SOURCES } source;

static void check_lanes(const bench *b, const svk_cpu_kernels *k, source from)
{
    enum { MOST_PARAMETERS = 64 };
    svk_fit_lane lane[SVK_MAX_LANES];
    svi_instance *in[SVK_MAX_LANES];
    double parameters[SVK_MAX_LANES][MOST_PARAMETERS], weight[MOST_PARAMETERS];
    svk_result found[SVK_MAX_LANES];
    bool is_drawn = from == SPLIT_BY_KERNEL;
    svi_dataset rows = svi_instance_unsplit(b->dataset);
    svi_instance *unsplit = instance_of(b, &rows, 5, 0);
    for (int l = 0; l < k->n_lanes; l++) {
        in[l] = instance_of(b, b->dataset, is_drawn ? 5 : seed_of(l), seed_of(l));
        lane[l] = (svk_fit_lane){.seed_split = seed_of(l),
                                 .n_test = b->training.n_test,
                                 .x = is_drawn ? unsplit->x : in[l]->x,
                                 .target = is_drawn ? unsplit->target : in[l]->target,
                                 .parameters = parameters[l]};
        if (from == FEWER_TESTS) lane[l].n_test -= (uint32_t)l % (b->training.n_test + 1);
    }
    size_t size = k->fit_workspace_size(&b->net, &b->training);
    void *workspace = aligned_alloc(64, (size + 63) / 64 * 64);
    memset(workspace, 0xff, size);
    k->fit(&b->net, &b->training, is_drawn ? (uint32_t)b->dataset->n_rows : 0, lane, workspace,
           found);
    for (int l = 0; l < k->n_lanes; l++) {
        char what[256];
        snprintf(what, sizeof what, "%s, %s, precision %d, source %d, lane %d", b->dataset->name,
                 k->simd, b->numerics.precision, (int)from, l);
        svk_result expected = reference(b, in[l], lane[l].n_test, weight);
        check_result(&found[l], &expected, what);
        cr_assert_arr_eq(parameters[l], weight, svk_net_n_parameters(&b->net) * sizeof *weight,
                         "%s", what);
        svi_instance_free(in[l]);
    }
    svi_instance_free(unsplit);
    free(workspace);
}

static void check_dataset(svi_dataset *dataset)
{
    static const char *const simd[] = {"plain", "avx2", "avx512"};
    for (int i = 0; i < 3; i++)
        for (int precision = SVK_PRECISION_FP32; precision <= SVK_PRECISION_FP64; precision++)
            for (int has_bias = 0; has_bias < 2; has_bias++) {
                const svk_cpu_kernels *k = svk_cpu_kernels_find(simd[i], precision);
                bench b;
                if (k == NULL) continue; /* this machine lacks it; plain is everywhere */
                bench_shape(&b, dataset, has_bias != 0, precision);
                for (int from = 0; from < N_SOURCES; from++)
                    if (from != SPLIT_BY_KERNEL || svi_instance_is_only_shuffled(dataset))
                        check_lanes(&b, k, (source)from);
            }
    svi_dataset_close(dataset);
}

static void check_generated(uint64_t n_points, uint64_t n_features, uint64_t n_test_points,
                            svi_split_spec split, bool is_standardized)
{
    svi_dataset *dataset = NULL;
    sv_error error = {0};
    svi_data_spec spec = {.set = SVI_SET_LINEAR,
                          .n_points = n_points,
                          .n_features = n_features,
                          .n_test_points = n_test_points,
                          .noise = 0.5,
                          .split = split,
                          .is_standardized = is_standardized};
    cr_assert_eq(svi_dataset_open(&spec, &dataset, &error), SV_OK, "%s", error.message);
    check_dataset(dataset);
}

Test(linear_fit, every_lane_is_the_scalar_fit)
{
    const svi_split_spec all = {.train = 1}, quarter = {.train = 0.75, .test = 0.25};
    const svi_split_spec three = {.train = 0.4, .val = 0.35, .test = 0.25};
    check_generated(100, 1, 0, quarter, false);
    check_generated(100, 1, 0, quarter, true);
    check_generated(64, 3, 0, three, false);  /* the last that Fisher and Yates shuffle */
    check_generated(65, 3, 7, all, false);    /* fresh test rows alone */
    check_generated(128, 2, 0, three, false); /* a power of two: no walk */
    check_generated(1000, 5, 0, three, false);
    check_generated(9, 5, 0, all, false); /* nothing to test on */
}

Test(linear_fit, fresh_rows_follow_the_split)
{
    check_generated(90, 2, 40, (svi_split_spec){.train = 0.7, .val = 0.3}, false);
}

/* Columns of which some are zero in some splits, or made of others, or nearly. */
static svi_dataset *dependent_columns(void)
{
    svi_text text = {0};
    for (int i = 0; i < 120; i++)
        svi_text_add(&text, "%d,%d,%d,%.17g,%d,%d\n", i % 40 == 0, i % 7, 3 * (i % 7),
                     (i % 7) * (1 + 1e-14 * (i % 3)), i % 5, i * i % 23 - i % 7);
    svi_data_spec spec = csv_spec(NULL);
    spec.split = (svi_split_spec){.train = 0.1, .val = 0.1, .test = 0.8};
    spec.task = SVI_TASK_REGRESSION;
    spec.header = SVI_HEADER_NO;
    char *bytes = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_text_take(&text, &bytes, &error), SV_OK);
    svi_dataset *dataset = must_open(bytes, spec);
    free(bytes);
    return dataset;
}

Test(linear_fit, columns_may_depend_on_others) { check_dataset(dependent_columns()); }

/* Digests of the first release's fits. */
Test(linear_fit, dependent_columns_keep_their_bits)
{
    static const uint32_t digest[3][4] = {{0x1a8d8fe7, 0xe1200703, 0xd5a0083f, 0x59aecf04},
                                          {0x3ca0c8c0, 0xd9d6e6ea, 0xec47f27f, 0x54b06c18},
                                          {0xa41cf5f9, 0x7ef18a5e, 0x72dabbce, 0x7291b64d}};
    svi_dataset *dataset = dependent_columns();
    bench b;
    bench_shape(&b, dataset, true, SVK_PRECISION_FP64);
    for (uint64_t seed = 0; seed < 3; seed++) {
        double weight[6];
        svi_instance *in = instance_of(&b, dataset, 0, seed);
        svk_result found = reference(&b, in, in->n_test, weight);
        cr_assert_arr_eq(found.digest, digest[seed], sizeof found.digest, "seed %lu",
                         (unsigned long)seed);
        svi_instance_free(in);
    }
    svi_dataset_close(dataset);
}
