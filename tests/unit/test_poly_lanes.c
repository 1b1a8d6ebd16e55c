/* The polynomial's kernels, any number of runs at a time, against one run written down in scalars.
 */
#include <criterion/criterion.h>

#include "cpu_kernels.h"

enum { MOST = 300 };

/* A double well with a hill at 0.3, and a quintic without maxima. */
static const svk_polynomial wells = {.degree = 4,
                                     .n_maxima = 1,
                                     .coefficient = {0.5, 0.25, -1, 0.125, 0.75},
                                     .derivative = {0.25, -2, 0.375, 3},
                                     .maximum = {0.3},
                                     .start_low = -1.7,
                                     .start_high = 1.9,
                                     .learning_rate = 0.03,
                                     .n_steps = 40};
static const svk_polynomial falls = {.degree = 5,
                                     .coefficient = {0, 1, 0, 0, 0, 1},
                                     .derivative = {1, 0, 0, 0, 5},
                                     .start_low = -2,
                                     .start_high = 1,
                                     .learning_rate = 0.1,
                                     .n_steps = 9};

static uint64_t seed_of(size_t i) { return (i + 1) * UINT64_C(0x9e3779b97f4a7c15); }

static double descend_f32(const svk_polynomial *p, float x)
{
    for (uint64_t step = 0; step < p->n_steps; step++) {
        float g = (float)p->derivative[p->degree - 1];
        for (int k = p->degree - 2; k >= 0; k--) g = fmaf(g, x, (float)p->derivative[k]);
        x = fmaf(-(float)p->learning_rate, g, x);
    }
    return (double)x;
}

static double descend_f64(const svk_polynomial *p, double x)
{
    for (uint64_t step = 0; step < p->n_steps; step++) {
        double g = p->derivative[p->degree - 1];
        for (int k = p->degree - 2; k >= 0; k--) g = fma(g, x, p->derivative[k]);
        x = fma(-p->learning_rate, g, x);
    }
    return x;
}

static svk_result result_of(const svk_polynomial *p, int precision, uint64_t n_steps, double x)
{
    svk_result r = {0};
    int is_finite = x - x == 0.0;
    svk_block term =
        svk_digest_term(0, precision == SVK_PRECISION_FP32 ? svk_canonical_bits_f32((float)x)
                                                           : svk_canonical_bits_f64(x));
    for (int w = 0; w < 4; w++) r.digest[w] = term.word[w];
    r.status = is_finite ? SVK_RUN_OK : SVK_RUN_DIVERGED;
    svk_set_metric(&r, SVK_METRIC_X_END, x);
    svk_set_metric(&r, SVK_METRIC_F_END, svk_poly_value(p, x));
    if (is_finite) svk_set_metric(&r, SVK_METRIC_BASIN, svk_poly_basin(p, x));
    svk_set_metric(&r, SVK_METRIC_WEIGHT_NORM, sqrt(x * x));
    svk_set_metric(&r, SVK_METRIC_STEPS, (double)n_steps);
    return r;
}

static void check_results(const svk_cpu_kernels *k, const svk_polynomial *p, uint64_t n_steps,
                          const double *x, size_t n)
{
    static svk_result found[MOST];
    memset(found, 0xff, sizeof found);
    k->poly_results(p, n_steps, x, n, found);
    for (size_t i = 0; i < n; i++) {
        svk_result expected = result_of(p, k->precision, n_steps, x[i]);
        cr_assert_arr_eq(found[i].digest, expected.digest, sizeof expected.digest);
        cr_assert_eq(found[i].status, expected.status, "%s: status at %a", k->simd, x[i]);
        cr_assert_eq(found[i].present, expected.present, "%s: metrics at %a", k->simd, x[i]);
        for (int m = 0; m < SVK_N_METRICS; m++)
            cr_assert_eq(svk_bits_f64(found[i].metric[m]), svk_bits_f64(expected.metric[m]),
                         "%s: metric %d at %a is %a, not %a", k->simd, m, x[i], found[i].metric[m],
                         expected.metric[m]);
    }
    for (size_t i = n; i < MOST; i++)
        cr_assert_eq(found[i].status, -1, "%s: wrote run %zu of %zu", k->simd, i, n);
}

static void check_descents(const svk_cpu_kernels *k, const svk_polynomial *p, size_t n)
{
    uint64_t seed[MOST];
    double start[MOST], end[MOST];
    for (size_t i = 0; i < MOST; i++) seed[i] = seed_of(i);
    k->poly_start(p, seed, n, start);
    k->poly_descend(p, start, n, end);
    for (size_t i = 0; i < n; i++) {
        int is_fp32 = k->precision == SVK_PRECISION_FP32;
        double x =
            is_fp32 ? (double)svk_poly_start_f32(p, seed[i]) : svk_poly_start_f64(p, seed[i]);
        cr_assert_eq(start[i], x, "%s: start %zu of %zu", k->simd, i, n);
        x = is_fp32 ? descend_f32(p, (float)x) : descend_f64(p, x);
        cr_assert_eq(svk_canonical_bits_f64(end[i]), svk_canonical_bits_f64(x),
                     "%s: end %zu of %zu is %a, not %a", k->simd, i, n, end[i], x);
    }
    check_results(k, p, p->n_steps, end, n);
}

static void each_kernel(void (*check)(const svk_cpu_kernels *k))
{
    static const char *const simd[] = {"plain", "avx2", "avx512"};
    for (int i = 0; i < 3; i++)
        for (int precision = SVK_PRECISION_FP32; precision <= SVK_PRECISION_FP64; precision++) {
            const svk_cpu_kernels *k = svk_cpu_kernels_find(simd[i], precision);
            if (k != NULL) check(k); /* not every machine has all; plain is everywhere */
        }
}

static void check_sizes(const svk_cpu_kernels *k)
{
    static const size_t sizes[] = {1, 7, 8, 9, 63, 64, 65, 127, 128, 129, MOST};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        check_descents(k, &wells, sizes[s]);
        check_descents(k, &falls, sizes[s]);
    }
}

Test(poly_lanes, every_run_is_the_scalar_run) { each_kernel(check_sizes); }

static void check_odd_ends(const svk_cpu_kernels *k)
{
    const double x[] = {NAN, -NAN, INFINITY, -INFINITY, 0.0, -0.0, 0.3, 0x1.8p-1070, 0x1p+127};
    check_results(k, &wells, 0, x, sizeof x / sizeof *x);
    check_results(k, &falls, 0, x, sizeof x / sizeof *x);
}

Test(poly_lanes, odd_ends_are_told_as_they_are) { each_kernel(check_odd_ends); }
