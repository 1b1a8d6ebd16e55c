/* Gradient descent on a polynomial, eight vectors of seeds at a time so that the latency of fma is
 * hidden. */
#include "cpu_kernels.h"
#include "lanes.h"

enum { VECTORS = 8, GROUP = VECTORS * LANES };

typedef struct descent {
    vreal derivative[SVK_MAX_DEGREE];
    vreal minus_rate;
    uint64_t n_steps;
} descent;

/* One step of one vector: Horner's rule on the derivative, then x - rate * f'(x). */
#define HORNER(i) g##i = v_fma(g##i, x##i, d)
#define DESCEND(i) x##i = v_fma(rate, g##i, x##i)
#define EACH_VECTOR(STATEMENT)                                                                     \
    STATEMENT(0), STATEMENT(1), STATEMENT(2), STATEMENT(3), STATEMENT(4), STATEMENT(5),            \
        STATEMENT(6), STATEMENT(7)

/* n is a constant of the call: the number of derivative coefficients. */
SVK_FN void descend_group(const descent *p, int n, real *x)
{
    vreal x0 = v_load(x), x1 = v_load(x + LANES), x2 = v_load(x + 2 * LANES),
          x3 = v_load(x + 3 * LANES);
    vreal x4 = v_load(x + 4 * LANES), x5 = v_load(x + 5 * LANES), x6 = v_load(x + 6 * LANES);
    vreal x7 = v_load(x + 7 * LANES), rate = p->minus_rate, top = p->derivative[n - 1];
    for (uint64_t step = 0; step < p->n_steps; step++) {
        vreal g0 = top, g1 = top, g2 = top, g3 = top, g4 = top, g5 = top, g6 = top, g7 = top;
        for (int k = n - 2; k >= 0; k--) {
            vreal d = p->derivative[k];
            EACH_VECTOR(HORNER);
        }
        EACH_VECTOR(DESCEND);
    }
    v_store(x, x0), v_store(x + LANES, x1), v_store(x + 2 * LANES, x2), v_store(x + 3 * LANES, x3);
    v_store(x + 4 * LANES, x4), v_store(x + 5 * LANES, x5), v_store(x + 6 * LANES, x6);
    v_store(x + 7 * LANES, x7);
}

static void descend(const descent *p, int n, real *x)
{
    switch (n) {
    case 1: descend_group(p, 1, x); break;
    case 2: descend_group(p, 2, x); break;
    case 3: descend_group(p, 3, x); break;
    case 4: descend_group(p, 4, x); break;
    case 5: descend_group(p, 5, x); break;
    case 6: descend_group(p, 6, x); break;
    default: descend_group(p, n, x); break;
    }
}

void SVK_VARIANT(svk_poly_descend)(const svk_polynomial *polynomial, const double *start, size_t n,
                                   double *end)
{
    _Alignas(64) real x[GROUP];
    descent p = {.minus_rate = v_set1(-(real)polynomial->learning_rate),
                 .n_steps = polynomial->n_steps};
    for (int k = 0; k < polynomial->degree; k++)
        p.derivative[k] = v_set1((real)polynomial->derivative[k]);
    for (size_t first = 0; first < n; first += GROUP) {
        size_t count = n - first < GROUP ? n - first : GROUP;
        for (size_t i = 0; i < GROUP; i++) x[i] = (real)start[first + (i < count ? i : 0)];
        descend(&p, polynomial->degree, x);
        for (size_t i = 0; i < count; i++) end[first + i] = (double)x[i];
    }
}
