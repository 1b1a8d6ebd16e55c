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

/* The root between low and high, where the signs differ. */
static double bisect(const double *c, int n, double low, double high)
{
    int low_sign = horner(c, n, low) > 0.0;
    for (int i = 0; i < 2000; i++) {
        double middle = low + (high - low) / 2.0;
        if (middle <= low || middle >= high) break;
        if ((horner(c, n, middle) > 0.0) == low_sign)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Real roots where the sign changes, ascending: between two neighbouring turning points there is at
 * most one, and the turning points are the roots of the derivative. All roots lie within Cauchy's
 * bound. Returns how many. */
static int real_roots(const double *c, int n, double *root)
{
    while (n > 1 && c[n - 1] == 0.0) n--;
    if (n < 2) return 0;
    double derivative[SVK_MAX_DEGREE + 1], turn[SVK_MAX_DEGREE + 2], bound = 0.0;
    for (int k = 0; k < n - 1; k++) {
        derivative[k] = (k + 1) * c[k + 1];
        if (fabs(c[k] / c[n - 1]) > bound) bound = fabs(c[k] / c[n - 1]);
    }
    turn[0] = -1.0 - bound;
    int n_turns = 1 + real_roots(derivative, n - 1, turn + 1);
    turn[n_turns++] = 1.0 + bound;
    int n_roots = 0;
    for (int i = 0; i + 1 < n_turns; i++) {
        double left = horner(c, n, turn[i]), right = horner(c, n, turn[i + 1]);
        if ((left > 0.0) != (right > 0.0)) root[n_roots++] = bisect(c, n, turn[i], turn[i + 1]);
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
    for (int i = 0; i < n_turns; i++) {
        /* a maximum: the slope falls from the gap on its left to the gap on its right */
        double before = i == 0 ? turn[i] - 1.0 : (turn[i - 1] + turn[i]) / 2.0;
        if (horner(p->derivative, p->degree, before) > 0.0) p->maximum[p->n_maxima++] = turn[i];
    }
}

double svi_job_poly_start(const svi_job *job, uint64_t seed_init)
{
    return job->arm->model.start[seed_init - job->first_seed];
}

void svi_job_poly_result(const svi_job *job, const svk_polynomial *p, double end,
                         svk_result *result)
{
    svk_cpu_kernels_find("plain", job->numerics->precision)
        ->poly_results(p, p->n_steps, &end, 1, result);
}
