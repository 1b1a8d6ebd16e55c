/* Which turning points of a polynomial are maxima, also where some of them coincide. */
#include <criterion/criterion.h>
#include <math.h>

#include "backend/job_shape.h"

enum { MOST_TURNS = SVK_MAX_DEGREE - 1 };

static svk_polynomial polynomial_of(int degree, const double *coefficient)
{
    static svi_arm_spec arm;
    svk_polynomial p;
    arm.model = (svi_model_spec){.kind = SVI_MODEL_POLY, .degree = degree};
    for (int k = 0; k <= degree; k++) arm.model.coefficient[k] = coefficient[k];
    svi_job_polynomial(&(svi_job){.arm = &arm}, &p);
    return p;
}

/* The polynomial whose slope is `sign` times the product of (x - root). */
static svk_polynomial polynomial_with_turns(double sign, const double *root, int n_roots)
{
    double slope[MOST_TURNS + 1] = {sign}, coefficient[SVK_MAX_DEGREE + 1] = {0};
    for (int r = 0; r < n_roots; r++)
        for (int k = r + 1; k >= 0; k--)
            slope[k] = (k > 0 ? slope[k - 1] : 0.0) - root[r] * slope[k];
    for (int k = 0; k <= n_roots; k++) coefficient[k + 1] = slope[k] / (k + 1);
    return polynomial_of(n_roots + 1, coefficient);
}

static void expect_maxima(const svk_polynomial *p, const double *maximum, int n, double error)
{
    cr_assert_eq(p->n_maxima, n, "%d maxima of %d", p->n_maxima, n);
    for (int i = 0; i < n; i++)
        cr_expect_float_eq(p->maximum[i], maximum[i], error, "maximum %d at %.17g, not %.17g", i,
                           p->maximum[i], maximum[i]);
}

Test(job_poly, simple_turning_points)
{
    svk_polynomial text = polynomial_of(6, (double[]){1.992, -3.88, 1.4, 1, 0, 0, 0.01});
    expect_maxima(&text, (double[]){-1.869435}, 1, 5e-7);
    svk_polynomial hills = polynomial_of(4, (double[]){-1, 0, 2, 0, -1});
    expect_maxima(&hills, (double[]){-1, 1}, 2, 1e-15);
    svk_polynomial line = polynomial_of(1, (double[]){3, -2});
    expect_maxima(&line, NULL, 0, 0);
    svk_polynomial flat = polynomial_of(2, (double[]){3, 0, 0});
    expect_maxima(&flat, NULL, 0, 0);
}

/* Chebyshev's, of degree 12: maxima at cos(pi j / 6). */
Test(job_poly, the_most_maxima)
{
    svk_polynomial p =
        polynomial_of(12, (double[]){1, 0, -72, 0, 840, 0, -3584, 0, 6912, 0, -6144, 0, 2048});
    double half = sqrt(0.75);
    expect_maxima(&p, (double[]){-half, -0.5, 0, 0.5, half}, 5, 1e-13);
}

Test(job_poly, turning_points_that_coincide)
{
    svk_polynomial shoulders = polynomial_of(6, (double[]){1, 0, -3, 0, 3, 0, -1});
    expect_maxima(&shoulders, (double[]){0}, 1, 1e-15);
    svk_polynomial saddle = polynomial_of(3, (double[]){0, 0, 0, -1});
    expect_maxima(&saddle, NULL, 0, 0);
    svk_polynomial summit = polynomial_of(4, (double[]){0, 0, 0, 0, -1});
    expect_maxima(&summit, (double[]){0}, 1, 1e-15);
}

static uint32_t drawn_below(uint64_t *state, uint32_t n)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*state >> 33) % n);
}

/* One to three turning points at each of three places among -2, -1.7, ..., 2.2. The slope is below
 * 0 on the left of them all if n_roots is odd and sign 1, and so on; it changes at odd numbers. */
static int draw_turns(uint64_t *state, double sign, double *root, double *maximum, int *n_maxima)
{
    int n_roots = 0, multiplicity[3];
    double place[3];
    for (int i = 0; i < 3; i++) {
        place[i] = -2 + 0.3 * (5 * i + (int)drawn_below(state, 5));
        multiplicity[i] = 1 + (int)drawn_below(state, 3);
        for (int r = 0; r < multiplicity[i]; r++) root[n_roots++] = place[i];
    }
    double slope = n_roots % 2 == 0 ? sign : -sign;
    *n_maxima = 0;
    for (int i = 0; i < 3; i++) {
        if (multiplicity[i] % 2 == 0) continue;
        if (slope > 0) maximum[(*n_maxima)++] = place[i];
        slope = -slope;
    }
    return n_roots;
}

/* Where three turning points coincide, rounding moves them by its cube root. */
Test(job_poly, drawn_turning_points)
{
    uint64_t state = 1;
    int n_found[3] = {0};
    for (int trial = 0; trial < 3000; trial++) {
        double root[MOST_TURNS], maximum[3], sign = trial % 2 == 0 ? 1 : -1;
        int n_maxima, n_roots = draw_turns(&state, sign, root, maximum, &n_maxima);
        svk_polynomial p = polynomial_with_turns(sign, root, n_roots);
        expect_maxima(&p, maximum, n_maxima, 0.005);
        n_found[n_maxima]++;
    }
    for (int n = 0; n < 3; n++) cr_expect_gt(n_found[n], 100, "%d maxima", n);
}
