/* The sum in 64-bit integers: exact conversion, one result for every order and cut, saturation
 * reported in every order. */
#include <criterion/criterion.h>

#include "fixed_sum.h"
#include "sum_terms.h"

typedef struct fixed_result {
    int64_t sum, is_saturated;
} fixed_result;

/* In binary32 where the term is one, which must make no difference. */
static int64_t deposit(double term, int32_t fraction_bits, int64_t *is_saturated)
{
    double factor = svk_fixed_factor(fraction_bits), range = svk_fixed_range(fraction_bits);
    int64_t grains = svk_fixed_deposit_f64(term, range, factor, is_saturated);
    int32_t flag = 0;
    if ((double)(float)term != term) return grains;
    cr_assert_eq(svk_fixed_deposit_f32((float)term, (float)range, factor, &flag), grains);
    cr_assert_eq(flag, fabs(term) > range);
    return grains;
}

static fixed_result add_terms(const double *term, const uint32_t *order, int n_parts, int first,
                              int fraction_bits)
{
    fixed_result r = {0, 0};
    for (int p = 0; p < n_parts; p++) {
        int q = (p + first) % n_parts;
        int64_t part = 0;
        for (int i = q * N_TERMS / n_parts; i < (q + 1) * N_TERMS / n_parts; i++)
            part += deposit(term[order[i]], fraction_bits, &r.is_saturated);
        r.sum += part;
    }
    return r;
}

static void expect_one_result(const double *term, int is_saturated)
{
    uint32_t order[N_TERMS];
    for (uint32_t i = 0; i < N_TERMS; i++) order[i] = i;
    fixed_result expected = add_terms(term, order, 1, 0, SVK_FIXED_SCALE);
    cr_assert_eq(expected.is_saturated, is_saturated);
    for (uint32_t o = 0; o < N_ORDERS; o++) {
        draw_order(order, o);
        for (int n_parts = 1; n_parts <= 32; n_parts++) {
            fixed_result r = add_terms(term, order, n_parts, (int)(o % 32), SVK_FIXED_SCALE);
            cr_assert_eq(r.sum, expected.sum);
            cr_assert_eq(r.is_saturated, is_saturated);
        }
    }
}

Test(fixed_sum, one_result_for_every_order_and_cut)
{
    double term[N_TERMS];
    const int is_saturated[N_TERM_KINDS] = {
        [TERMS_WIDE] = 1, [TERMS_HUGE] = 1, [TERMS_CANCELLING] = 1};
    for (uint32_t kind = 0; kind < N_TERM_KINDS; kind++) {
        draw_terms(term, kind, -149, 127);
        expect_one_result(term, (int)is_saturated[kind]);
    }
}

static void expect_deposit(double term, int64_t grains, int64_t is_saturated)
{
    int64_t flag = 0, found = deposit(term, SVK_FIXED_SCALE, &flag);
    cr_expect_eq(found, grains, "%a is deposited as %lld, not %lld", term, (long long)found,
                 (long long)grains);
    cr_expect_eq(flag, is_saturated, "%a", term);
}

Test(fixed_sum, deposits)
{
    const int64_t limit = INT64_C(1) << 42;
    const double grain = 0x1p-30, range = 0x1p+12;
    expect_deposit(0.0, 0, 0);
    expect_deposit(-0.0, 0, 0);
    expect_deposit(0.5 * grain, 0, 0);
    expect_deposit(1.5 * grain, 2, 0);
    expect_deposit(-0.5 * grain, 0, 0);
    expect_deposit(-2.5 * grain, -2, 0);
    expect_deposit(nextafter(0.5 * grain, 1.0), 1, 0);
    expect_deposit(0x1p-1074, 0, 0);
    expect_deposit(range, limit, 0);
    expect_deposit(-range, -limit, 0);
    expect_deposit(nextafter(range, INFINITY), limit, 1);
    expect_deposit(nextafter(-range, -INFINITY), -limit, 1);
    expect_deposit(1e300, limit, 1);
    expect_deposit(INFINITY, limit, 1);
    expect_deposit(-INFINITY, -limit, 1);
    expect_deposit(NAN, limit, 1);
    int32_t flag = 0;
    cr_expect_eq(svk_fixed_deposit_f32(NAN, (float)range, 0x1p+30, &flag), limit);
    cr_expect_eq(flag, 1);
}

Test(fixed_sum, nearest_whole_number)
{
    int64_t flag = 0;
    for (uint64_t i = 0; i < 100000; i++) {
        svk_block b = svk_draw_block(3, 0, 0, i);
        double grains = ((double)b.word[0] * 0x1p-21 + (double)b.word[1] * 0x1p-53 - 1024.0) *
                        svk_fixed_factor((int32_t)svk_below(b.word[2], 32));
        if (i % 2 == 0) grains = (double)(float)grains;
        cr_assert_eq(deposit(grains * 0x1p-30, SVK_FIXED_SCALE, &flag), llrint(grains));
        cr_assert_eq(flag, 0);
    }
}

/* The sum itself cannot overflow. */
Test(fixed_sum, a_million_of_the_largest)
{
    int64_t sum = 0, flag = 0;
    for (uint32_t i = 0; i < SVK_MAX_DEPOSITS; i++) sum += deposit(-INFINITY, 0, &flag);
    cr_expect_eq(sum, -(INT64_C(1) << 62));
    cr_expect_eq(flag, 1);
}

/* The one rounding is that of the integer: 2^24 + 1 lies in the middle of two binary32, one more
 * grain in 2^54 does not. */
Test(fixed_sum, rounded_once)
{
    float inverse = (float)(1.0 / svk_fixed_factor(SVK_FIXED_SCALE));
    cr_expect_eq(inverse, 0x1p-30f);
    cr_expect_eq(svk_fixed_total_f32((INT64_C(1) << 24) + 1, inverse), 0x1p-6f);
    cr_expect_eq(svk_fixed_total_f32((INT64_C(1) << 54) + (INT64_C(1) << 30) + 1, inverse),
                 0x1.000002p+24f);
    cr_expect_eq(svk_fixed_total_f64((INT64_C(1) << 53) + 3, 0x1p-30), 0x1.0000000000002p+23);
    for (int scale = SVK_FIXED_SCALE_MIN; scale <= SVK_FIXED_SCALE_MAX; scale++) {
        float last = (float)(1.0 / svk_fixed_factor(scale));
        cr_expect_eq((double)svk_fixed_total_f32(3, last), ldexp(3.0, -scale));
    }
}
