/* A polynomial's turning points, starts and results. */
#include "backend/job_shape.h"

#include "cpu_kernels.h"

/* Value of the polynomial with n ascending coefficients. */
static double horner(const double *c, int n, double x)
{
    double y = c[n - 1];
    for (int k = n - 2; k >= 0; k--) y = fma(y, x, c[k]);
    return y;
}

/* The sign of the polynomial with n ascending coefficients at x, 0 where rounding may have made it:
 * Horner's rule, the coefficients and x are off by less than 2^-47 of the sum of |c_k x^k|. */
static int sign_at(const double *c, int n, double x)
{
    double value = horner(c, n, x), size = fabs(c[n - 1]);
    for (int k = n - 2; k >= 0; k--) size = fma(size, fabs(x), fabs(c[k]));
    if (fabs(value) <= 0x1p-47 * size && value - value == 0.0) return 0;
    return value > 0.0 ? 1 : -1;
}

/* The root between low, where the sign is low_sign, and high, where it is the other. */
static double bisect(const double *c, int n, double low, double high, int low_sign)
{
    for (int i = 0; i < 2000; i++) {
        double middle = low + (high - low) / 2.0;
        if (middle <= low || middle >= high) break;
        if ((horner(c, n, middle) > 0.0) == (low_sign > 0))
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* All roots are nearer to zero. (Cauchy) */
static double root_bound(const double *c, int n)
{
    double most = 0.0;
    for (int k = 0; k < n - 1; k++) {
        double size = fabs(c[k] / c[n - 1]);
        most = size > most ? size : most;
    }
    return 1.0 + most;
}

static int length_of(const double *c, int n)
{
    while (n > 1 && c[n - 1] == 0.0) n--;
    return n;
}

/* Left of all roots. */
static int first_sign(const double *c, int n)
{
    n = length_of(c, n);
    return (c[n - 1] > 0.0) == (n % 2 == 1) ? 1 : -1;
}

/* Real roots where the sign changes, ascending: between two neighbouring turning points there is at
 * most one, and the turning points are the roots of the derivative. Where a turning point is itself
 * a root, the roots about it coincide, and the sign is the same on both sides of it. Returns how
 * many. */
static int real_roots(const double *c, int n, double *root)
{
    n = length_of(c, n);
    if (n < 2) return 0;
    double derivative[SVK_MAX_DEGREE + 1], turn[SVK_MAX_DEGREE + 2];
    for (int k = 0; k < n - 1; k++) derivative[k] = (k + 1) * c[k + 1];
    int n_turns = real_roots(derivative, n - 1, turn), n_roots = 0;
    double low = -root_bound(c, n), high = -low;
    int low_sign = first_sign(c, n), last_sign = c[n - 1] > 0.0 ? 1 : -1;
    for (int i = 0; i <= n_turns; i++) {
        double next = i < n_turns ? turn[i] : high;
        int sign = i < n_turns ? sign_at(c, n, next) : last_sign;
        if (sign == 0) continue;
        if (sign != low_sign) root[n_roots++] = bisect(c, n, low, next, low_sign);
        low = next;
        low_sign = sign;
    }
    return n_roots;
}

void svi_job_polynomial(const svi_job *job, svk_polynomial *p)
{
    const svi_model_spec *model = &job->arm->model;
    memset(p, 0, sizeof *p);
    p->degree = model->degree;
    for (int k = 0; k <= p->degree; k++) p->coefficient[k] = model->coefficient[k];
    for (int k = 0; k < p->degree; k++) p->derivative[k] = (k + 1) * p->coefficient[k + 1];
    p->start_low = model->start_low;
    p->start_high = model->start_high;
    p->learning_rate = job->arm->train.learning_rate;
    p->n_steps = job->arm->train.n_steps;
    double turn[SVK_MAX_DEGREE];
    int n_turns = real_roots(p->derivative, p->degree, turn);
    /* the slope changes its sign at each: every second one is a maximum */
    for (int i = first_sign(p->derivative, p->degree) > 0 ? 0 : 1; i < n_turns; i += 2)
        p->maximum[p->n_maxima++] = turn[i];
}

double svi_job_poly_start(const svi_job *job, uint64_t seed_init)
{
    return job->arm->model.start[seed_init - job->first_seed];
}

void svi_job_poly_results(const svi_job *job, const svk_polynomial *p, const double *end, size_t n,
                          svk_result *results)
{
    svk_cpu_kernels_find(svk_cpu_best_simd(), job->numerics->precision)
        ->poly_results(p, p->n_steps, end, n, results);
}
