/* Trees read off from sums whose order is known. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "fingerprint/sum_tree.h"

static void expect_tree(svi_sum_fn sum, int n_terms, const char *expected)
{
    char *text = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_sum_tree_reveal(sum, NULL, n_terms, 0x1p+36, &text, &error), SV_OK, "%s",
                 error.message);
    cr_expect_str_eq(text, expected, "%s is not %s", text, expected);
    sv_free(text);
}

typedef float (*add_fn)(const float *x, int n);

static void sum_columns(add_fn add, const double *term, int n, size_t n_columns, double *sum)
{
    float x[SVI_SUM_TREE_MOST];
    for (size_t c = 0; c < n_columns; c++) {
        for (int p = 0; p < n; p++) x[p] = (float)term[(size_t)p * n_columns + c];
        sum[c] = (double)add(x, n);
    }
}

#define SUM_FN(name)                                                                               \
    static sv_status sum_##name(void *context, const double *term, int n, size_t n_columns,        \
                                double *sum, sv_error *error)                                      \
    {                                                                                              \
        (void)context, (void)error;                                                                \
        sum_columns(add_##name, term, n, n_columns, sum);                                          \
        return SV_OK;                                                                              \
    }

static float add_backward(const float *x, int n)
{
    float sum = x[n - 1];
    for (int p = n - 2; p >= 0; p--) sum += x[p];
    return sum;
}
SUM_FN(backward)

/* Two chains, as two lanes of a vector have them. */
static float add_lanes(const float *x, int n)
{
    float even = 0, odd = 0;
    for (int p = 0; p < n; p++) *(p % 2 == 0 ? &even : &odd) += x[p];
    return even + odd;
}
SUM_FN(lanes)

/* As a tensor core does: of the terms added at once, what is below the grain of the largest is cut.
 */
static float add_at_once(const float *x, int n)
{
    double largest = 0, sum = 0;
    for (int p = 0; p < n; p++) largest = fmax(largest, fabs((double)x[p]));
    double grain = largest * 0x1p-23;
    for (int p = 0; p < n; p++) sum += trunc((double)x[p] / grain) * grain;
    return (float)sum;
}
SUM_FN(at_once)

/* Fours at once, one after another. */
static float add_fours(const float *x, int n)
{
    float sum = 0;
    for (int p = 0; p < n; p += 4) {
        float terms[5] = {sum, 0, 0, 0, 0};
        for (int i = 0; i < 4 && p + i < n; i++) terms[1 + i] = x[p + i];
        sum = add_at_once(terms, 5);
    }
    return sum;
}
SUM_FN(fours)

static float add_exactly(const float *x, int n)
{
    double sum = 0;
    for (int p = 0; p < n; p++) sum += (double)x[p];
    return (float)sum;
}
SUM_FN(exactly)

/* An order that depends on the terms is none. */
static float add_by_size(const float *x, int n)
{
    return x[0] > x[1] ? add_backward(x, n) : add_lanes(x, n);
}
SUM_FN(by_size)

static float add_nothing(const float *x, int n)
{
    (void)x, (void)n;
    return NAN;
}
SUM_FN(nothing)

Test(sum_tree, known_orders)
{
    expect_tree(sum_backward, 2, "(0 1)");
    expect_tree(sum_backward, 5, "(0 (1 (2 (3 4))))");
    expect_tree(sum_lanes, 6, "(((0 2) 4) ((1 3) 5))");
    expect_tree(sum_at_once, 5, "(0 1 2 3 4)");
    expect_tree(sum_fours, 10, "(((0 1 2 3) 4 5 6 7) 8 9)");
    expect_tree(sum_exactly, 6, "[0 1 2 3 4 5]");
}

Test(sum_tree, no_order)
{
    expect_tree(sum_by_size, 7, "none");
    expect_tree(sum_nothing, 4, "none");
}

Test(sum_tree, parts_of_all_sizes_without_loss)
{
    /* [(0 1) 2 (3 4)]: the first two parts have as many leaves as the last is away from them. */
    const int lost[5][5] = {
        {0, 2, 3, 4, 4}, {2, 0, 3, 4, 4}, {3, 3, 0, 3, 3}, {4, 4, 3, 0, 2}, {4, 4, 3, 2, 0}};
    char *text = NULL;
    cr_assert_eq(svi_sum_tree_text(&lost[0][0], 5, &text, NULL), SV_OK);
    cr_expect_str_eq(text, "[(0 1) 2 (3 4)]", "%s", text);
    sv_free(text);
}
