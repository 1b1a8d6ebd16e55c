/* Gradient descent on a polynomial: starts, descents and what their ends mean, eight vectors of
 * seeds at a time so that the latency of fma is hidden. */
#include "cpu_kernels.h"
#include "lanes.h"

enum { VECTORS = 8, GROUP = VECTORS * LANES };

/* Blocks of GROUP values; what lies beyond n repeats the first of its block. */
SVK_FN size_t block_size(size_t first, size_t n) { return n - first < GROUP ? n - first : GROUP; }

/* ---- starts ---- */

SVK_PASS void draw_block(const svk_polynomial *SVK_RESTRICT p, const uint64_t *SVK_RESTRICT seed,
                         double *SVK_RESTRICT start)
{
    for (int i = 0; i < GROUP; i++) start[i] = (double)svk_real_poly_start(p, seed[i]);
}

void SVK_VARIANT(svk_poly_start)(const svk_polynomial *p, const uint64_t *seed, size_t n,
                                 double *start)
{
    uint64_t in[GROUP];
    double out[GROUP];
    for (size_t first = 0; first < n; first += GROUP) {
        size_t count = block_size(first, n);
        for (size_t i = 0; i < GROUP; i++) in[i] = seed[first + (i < count ? i : 0)];
        draw_block(p, in, out);
        memcpy(start + first, out, count * sizeof *out);
    }
}

/* ---- descent ---- */

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
        size_t count = block_size(first, n);
        for (size_t i = 0; i < GROUP; i++) x[i] = (real)start[first + (i < count ? i : 0)];
        descend(&p, polynomial->degree, x);
        for (size_t i = 0; i < count; i++) end[first + i] = (double)x[i];
    }
}

/* ---- results ---- */

typedef struct ends {
    double x[GROUP], value[GROUP], basin[GROUP], norm[GROUP];
    uint32_t digest[4][GROUP];
} ends;

SVK_PASS void find_digests(const double *SVK_RESTRICT x, uint32_t (*SVK_RESTRICT digest)[GROUP])
{
    for (int i = 0; i < GROUP; i++) {
        svk_block term = svk_digest_term(0, svk_real_canonical_bits((real)x[i]));
        digest[0][i] = term.word[0];
        digest[1][i] = term.word[1];
        digest[2][i] = term.word[2];
        digest[3][i] = term.word[3];
    }
}

SVK_PASS void find_values(const svk_polynomial *SVK_RESTRICT p, const double *SVK_RESTRICT x,
                          double *SVK_RESTRICT value)
{
    for (int i = 0; i < GROUP; i++) value[i] = p->coefficient[p->degree];
    for (int k = p->degree - 1; k >= 0; k--) {
        double c = p->coefficient[k];
        for (int i = 0; i < GROUP; i++) value[i] = fma(value[i], x[i], c);
    }
}

SVK_PASS void find_basins(const svk_polynomial *SVK_RESTRICT p, const double *SVK_RESTRICT x,
                          double *SVK_RESTRICT basin)
{
    for (int i = 0; i < GROUP; i++) basin[i] = 0;
    for (int m = 0; m < p->n_maxima; m++) {
        double maximum = p->maximum[m];
        for (int i = 0; i < GROUP; i++) basin[i] += x[i] > maximum ? 1.0 : 0.0;
    }
}

SVK_PASS void find_norms(const double *SVK_RESTRICT x, double *SVK_RESTRICT norm)
{
    for (int i = 0; i < GROUP; i++) norm[i] = sqrt(x[i] * x[i]);
}

/* As svk_set_metric keeps them. */
SVK_PASS void make_canonical(double *value)
{
    for (int i = 0; i < GROUP; i++) value[i] = svk_from_bits_f64(svk_canonical_bits_f64(value[i]));
}

static void fill_result(const ends *e, size_t i, double n_steps, svk_result *r)
{
    uint32_t is_ok = svk_is_finite_f64(e->x[i]);
    memset(r, 0, sizeof *r);
    for (int w = 0; w < 4; w++) r->digest[w] = e->digest[w][i];
    r->status = is_ok ? SVK_RUN_OK : SVK_RUN_DIVERGED;
    r->present = 1u << SVK_METRIC_X_END | 1u << SVK_METRIC_F_END | is_ok << SVK_METRIC_BASIN |
                 1u << SVK_METRIC_WEIGHT_NORM | 1u << SVK_METRIC_STEPS;
    r->metric[SVK_METRIC_X_END] = e->x[i];
    r->metric[SVK_METRIC_F_END] = e->value[i];
    r->metric[SVK_METRIC_BASIN] = is_ok ? e->basin[i] : 0;
    r->metric[SVK_METRIC_WEIGHT_NORM] = e->norm[i];
    r->metric[SVK_METRIC_STEPS] = n_steps;
}

void SVK_VARIANT(svk_poly_results)(const svk_polynomial *p, uint64_t n_steps, const double *x,
                                   size_t n, svk_result *results)
{
    ends e;
    for (size_t first = 0; first < n; first += GROUP) {
        size_t count = block_size(first, n);
        for (size_t i = 0; i < GROUP; i++) e.x[i] = x[first + (i < count ? i : 0)];
        find_digests(e.x, e.digest);
        find_values(p, e.x, e.value);
        find_basins(p, e.x, e.basin);
        find_norms(e.x, e.norm);
        make_canonical(e.x);
        make_canonical(e.value);
        make_canonical(e.norm);
        for (size_t i = 0; i < count; i++) fill_result(&e, i, (double)n_steps, &results[first + i]);
    }
}
