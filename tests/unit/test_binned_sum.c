/* The binned sum: one result for every order and every cut into parts, in the one-pass and the
 * two-pass form, within its bound of the exact sum; serial and tree sums as the control. */
#include <criterion/criterion.h>
#include <float.h>

#include "binned_sum.h"
#include "mpfr_reference.h"
#include "sum_terms.h"

typedef struct real_kind {
    const char *name;
    int n_bins, lowest, highest; /* exponents of the terms drawn */
} real_kind;

/* The highest leave room for the sum of all terms. */
static const real_kind fp32 = {"fp32", SVK_BINS_FP32, -149, 120},
                       fp64 = {"fp64", SVK_BINS_FP64, -1074, 990};

static double to_real(const real_kind *r, double x)
{
    return r->n_bins == SVK_BINS_FP32 ? (double)(float)x : x;
}

static double total(const real_kind *r, const double *bin)
{
    return r->n_bins == SVK_BINS_FP32 ? (double)svk_binned_total_f32(bin[0], bin[1])
                                      : svk_binned_total_f64(bin[0], bin[1], bin[2]);
}

static int32_t bin_of(const real_kind *r, double x)
{
    return r->n_bins == SVK_BINS_FP32 ? svk_bin_of_f32((float)x) : svk_bin_of_f64(x);
}

/* The largest term first, then the deposits. */
static double two_pass(const real_kind *r, const double *term, int n)
{
    double bin[SVK_BINS_FP64] = {0, 0, 0}, anchor[SVK_BINS_FP64];
    int32_t top = r->n_bins - 1;
    for (int i = 0; i < n; i++) top = bin_of(r, term[i]) > top ? bin_of(r, term[i]) : top;
    for (int k = 0; k < r->n_bins; k++) anchor[k] = svk_bin_anchor(top - k);
    for (int i = 0; i < n; i++) svk_binned_deposit(bin, anchor, 1, r->n_bins, term[i]);
    return total(r, bin);
}

/* Term by term in the order given, cut into n_parts, the parts merged from part `first` on. */
static double one_pass(const real_kind *r, const double *term, const uint32_t *order, int n_parts,
                       int first)
{
    svk_binned sum;
    svk_binned_clear(&sum, r->n_bins);
    for (int p = 0; p < n_parts; p++) {
        svk_binned part;
        int q = (p + first) % n_parts;
        svk_binned_clear(&part, r->n_bins);
        for (int i = q * N_TERMS / n_parts; i < (q + 1) * N_TERMS / n_parts; i++)
            svk_binned_add(&part, term[order[i]]);
        svk_binned_merge(&sum, part);
    }
    return total(r, sum.bin);
}

static void draw_real_terms(const real_kind *r, double *term, uint32_t kind)
{
    draw_terms(term, kind, r->lowest, r->highest);
    for (int i = 0; i < N_TERMS; i++) term[i] = to_real(r, term[i]);
}

static uint64_t bits_of(double x) { return x == x ? svk_bits_f64(x) : UINT64_C(0x7ff8) << 48; }

static void expect_one_result(const real_kind *r, const double *term, const char *what)
{
    uint32_t order[N_TERMS];
    double expected = two_pass(r, term, N_TERMS);
    for (uint32_t o = 0; o < N_ORDERS; o++) {
        draw_order(order, o);
        for (int n_parts = 1; n_parts <= 32; n_parts++) {
            double sum = one_pass(r, term, order, n_parts, (int)(o % 32));
            cr_assert_eq(bits_of(sum), bits_of(expected),
                         "%s, %s: order %u in %d parts: %a, not %a", r->name, what, o, n_parts, sum,
                         expected);
        }
    }
}

static void expect_one_result_of_all(const real_kind *r)
{
    double term[N_TERMS];
    const char *const names[] = {"alike", "wide", "cancelling", "tiny", "huge"};
    for (uint32_t kind = 0; kind < N_TERM_KINDS; kind++) {
        draw_real_terms(r, term, kind);
        expect_one_result(r, term, names[kind]);
    }
}

Test(binned_sum, one_result_for_every_order_and_cut_fp32) { expect_one_result_of_all(&fp32); }
Test(binned_sum, one_result_for_every_order_and_cut_fp64) { expect_one_result_of_all(&fp64); }

/* ---- what is not a number, or too large ---- */

static void expect_nan(const real_kind *r, double value)
{
    double term[N_TERMS];
    draw_real_terms(r, term, TERMS_WIDE);
    term[50] = value;
    cr_expect(isnan(two_pass(r, term, N_TERMS)), "%s with %g", r->name, value);
    expect_one_result(r, term, "with a term that is too large");
}

Test(binned_sum, infinity_and_nan_give_nan)
{
    expect_nan(&fp32, INFINITY);
    expect_nan(&fp64, -INFINITY);
    expect_nan(&fp32, NAN);
    expect_nan(&fp64, NAN);
    expect_nan(&fp64, 0x1p+1000);
}

Test(binned_sum, ends_of_the_range)
{
    double huge[2] = {0x1.fffffffffffffp+999, 0x1.fffffffffffffp+999};
    cr_expect_eq(two_pass(&fp64, huge, 2), 0x1.fffffffffffffp+1000);
    double largest[3] = {FLT_MAX, FLT_MAX, -FLT_MAX};
    cr_expect_eq(two_pass(&fp32, largest, 3), FLT_MAX);
    cr_expect_eq(two_pass(&fp32, largest, 2), INFINITY);
    double smallest[2] = {0x1p-149, 0x1p-148};
    cr_expect_eq(two_pass(&fp32, smallest, 2), 0x1.8p-148);
    double lost[2] = {0x1p-1049, 0x1p-1047};
    cr_expect_eq(two_pass(&fp64, lost, 2), 0x1p-1047);
    double zero[2] = {-0.0, -0.0};
    cr_expect_eq(svk_bits_f64(two_pass(&fp64, zero, 2)), 0);
    cr_expect_eq(svk_bits_f64(two_pass(&fp32, zero, 2)), 0);
}

/* As many terms as are allowed, each as large as its bin allows: no addition rounds. */
Test(binned_sum, a_million_terms_are_exact)
{
    double bin[SVK_BINS_FP64] = {0, 0, 0}, anchor[SVK_BINS_FP64];
    double term = 0x1.fffffffffffffp+7;
    int32_t top = svk_bin_of_f64(term);
    for (int k = 0; k < SVK_BINS_FP64; k++) anchor[k] = svk_bin_anchor(top - k);
    for (uint32_t i = 0; i < SVK_MAX_DEPOSITS; i++)
        svk_binned_deposit(bin, anchor, 1, SVK_BINS_FP64, term);
    cr_expect_eq(svk_bin_of_f64(nextafter(term, INFINITY)), top + 1);
    cr_expect_eq(svk_binned_total_f64(bin[0], bin[1], bin[2]), term * (double)SVK_MAX_DEPOSITS);
}

/* ---- accuracy ---- */

static double exact_error(const double *term, int n, double sum, double *exact_sum)
{
    mpfr_t exact;
    mpfr_init2(exact, 2300);
    mpfr_set_zero(exact, 1);
    for (int i = 0; i < n; i++) mpfr_add_d(exact, exact, term[i], MPFR_RNDN);
    *exact_sum = mpfr_get_d(exact, MPFR_RNDN);
    mpfr_sub_d(exact, exact, sum, MPFR_RNDN);
    double error = fabs(mpfr_get_d(exact, MPFR_RNDN));
    mpfr_clear(exact);
    return error;
}

static void expect_accurate(const real_kind *r)
{
    double term[N_TERMS], exact;
    int is_fp32 = r->n_bins == SVK_BINS_FP32;
    for (uint32_t kind = 0; kind < N_TERM_KINDS; kind++) {
        double largest = 0;
        draw_real_terms(r, term, kind);
        for (int i = 0; i < N_TERMS; i++) largest = fmax(largest, fabs(term[i]));
        double error = exact_error(term, N_TERMS, two_pass(r, term, N_TERMS), &exact);
        double rounding = is_fp32 ? fmax(fabs(exact) * 0x1.000002p-24, 0x1p-150)
                                  : fmax(fabs(exact) * 0x1.000002p-53, 0x1p-1074);
        double dropped = is_fp32 ? largest * 0x1p-32 : fmax(largest * 0x1p-64, 0x1p-1048);
        cr_expect_leq(error, rounding + N_TERMS * dropped, "%s, kind %u: %g", r->name, kind, error);
    }
}

Test(binned_sum, within_its_bound_of_the_exact_sum)
{
    expect_accurate(&fp32);
    expect_accurate(&fp64);
}

/* ---- the control: other sums do depend on the order and on the cut ---- */

static float chain(const double *term, const uint32_t *order, int begin, int end)
{
    float sum = 0;
    for (int i = begin; i < end; i++) sum += (float)term[order[i]];
    return sum;
}

static float tree_of_chains(const double *term, const uint32_t *order, int n_parts)
{
    float part[32];
    for (int p = 0; p < n_parts; p++)
        part[p] = chain(term, order, p * N_TERMS / n_parts, (p + 1) * N_TERMS / n_parts);
    for (; n_parts > 1; n_parts /= 2)
        for (int p = 0; p < n_parts / 2; p++) part[p] = part[2 * p] + part[2 * p + 1];
    return part[0];
}

Test(binned_sum, serial_and_tree_sums_differ)
{
    double term[N_TERMS];
    uint32_t order[N_TERMS];
    int n_serial = 0, n_tree = 0, n_cut = 0;
    draw_real_terms(&fp32, term, TERMS_ALIKE);
    draw_order(order, 0);
    float serial = chain(term, order, 0, N_TERMS), tree = tree_of_chains(term, order, 8);
    for (int n_parts = 2; n_parts <= 32; n_parts *= 2)
        n_cut += tree_of_chains(term, order, n_parts) != serial;
    for (uint32_t o = 1; o < N_ORDERS; o++) {
        draw_order(order, o);
        n_serial += chain(term, order, 0, N_TERMS) != serial;
        n_tree += tree_of_chains(term, order, 8) != tree;
    }
    cr_expect_gt(n_serial, N_ORDERS / 2);
    cr_expect_gt(n_tree, N_ORDERS / 2);
    cr_expect_gt(n_cut, 0);
}
