/* Fits LANES linear functions at once by least squares, one seed a lane, and scores them. */
#include "cpu_kernels.h"
#include "lanes.h"
#define SVK_FIT_LANES LANES
#include "linear_fit.h"
#include "split_lanes.h"
#include "sum_lanes.h"

/* Rows stand in the order train, val, test; value i of lane l at [i * LANES + l]. */
typedef struct fit {
    const svk_training *training;
    size_t n_features, n_columns; /* with the intercept's */
    size_t n_rows;
    uint32_t *slot; /* [n_rows]: where the rows as they come have their values */
    real *x;        /* [n_features][n_rows] */
    double *target; /* [n_rows] */
    double *design; /* [n_columns][n_train] */
    double *y;      /* [n_train] */
    double *b;      /* [n_columns] */
    real *weight;   /* [n_features + 1], the intercept last, +0 where there is none */
    real *output;   /* [n_rows] */
    double *chain;  /* [SVK_SUM_CHAINS] */
} fit;

static void *carve(char **at, size_t n_values, size_t value_bytes)
{
    char *p = *at;
    *at += (n_values * LANES * value_bytes + 63) / 64 * 64;
    return p;
}

/* Points f into workspace (64-byte aligned; NULL to learn the size alone). Returns the bytes
 * needed. */
static size_t lay_out(fit *f, const svk_net *net, const svk_training *t, void *workspace)
{
    char *start = workspace, *at = start;
    *f = (fit){.training = t, .n_features = (size_t)net->width[0]};
    f->n_columns = f->n_features + (net->has_bias != 0);
    f->n_rows = (size_t)t->n_train + t->n_val + t->n_test;
    f->slot = carve(&at, f->n_rows, sizeof *f->slot);
    f->x = carve(&at, f->n_rows * f->n_features, sizeof *f->x);
    f->target = carve(&at, f->n_rows, sizeof *f->target);
    f->design = carve(&at, f->n_columns * t->n_train, sizeof *f->design);
    f->y = carve(&at, t->n_train, sizeof *f->y);
    f->b = carve(&at, f->n_columns, sizeof *f->b);
    f->weight = carve(&at, f->n_features + 1, sizeof *f->weight);
    f->output = carve(&at, f->n_rows, sizeof *f->output);
    f->chain = carve(&at, SVK_SUM_CHAINS, sizeof *f->chain);
    return (size_t)(at - start);
}

/* ---- rows into lanes ---- */

static void find_slots(const fit *f, const svk_fit_lane *lanes, uint32_t n_split)
{
    const svk_training *t = f->training;
    uint64_t seed[LANES];
    for (int l = 0; l < LANES; l++) seed[l] = lanes[l].seed_split;
    if (n_split > 0) split_slots(seed, n_split, t->n_val, n_split - t->n_train - t->n_val, f->slot);
    for (size_t i = n_split * (size_t)LANES; i < f->n_rows * LANES; i++) f->slot[i] = (uint32_t)i;
}

/* A column that all lanes share. */
SVK_PASS void spread_reals(const uint32_t *SVK_RESTRICT slot, const real *SVK_RESTRICT column,
                           size_t stride, size_t n, real *SVK_RESTRICT out)
{
    for (size_t i = 0; i < n; i++)
        FOR_LANES(l) out[slot[i * LANES + (size_t)l]] = column[i * stride];
}

SVK_PASS void spread_doubles(const uint32_t *SVK_RESTRICT slot, const double *SVK_RESTRICT column,
                             size_t n, double *SVK_RESTRICT out)
{
    for (size_t i = 0; i < n; i++) FOR_LANES(l) out[slot[i * LANES + (size_t)l]] = column[i];
}

static void place_shared_rows(const fit *f, const svk_fit_lane *lane)
{
    const real *x = lane->x;
    for (size_t j = 0; j < f->n_features; j++)
        spread_reals(f->slot, x + j, f->training->ld, f->n_rows, f->x + j * f->n_rows * LANES);
    spread_doubles(f->slot, lane->target, f->n_rows, f->target);
}

static void place_rows_of(const fit *f, const svk_fit_lane *lane, size_t l)
{
    const real *x = lane->x;
    size_t n_rows = f->n_rows - (f->training->n_test - lane->n_test);
    for (size_t i = 0; i < n_rows; i++) {
        uint32_t slot = f->slot[i * LANES + l];
        f->target[slot] = lane->target[i];
        for (size_t j = 0; j < f->n_features; j++)
            f->x[j * f->n_rows * LANES + slot] = x[i * f->training->ld + j];
    }
}

static void place_rows(const fit *f, const svk_fit_lane *lanes)
{
    int is_shared = 1;
    for (int l = 0; l < LANES; l++)
        is_shared &= lanes[l].x == lanes[0].x && lanes[l].n_test == f->training->n_test;
    if (is_shared) {
        place_shared_rows(f, lanes);
        return;
    }
    for (size_t l = 0; l < LANES; l++) place_rows_of(f, &lanes[l], l);
}

/* ---- fit ---- */

SVK_PASS void widen(const real *SVK_RESTRICT x, size_t n, double *SVK_RESTRICT wide)
{
    for (size_t i = 0; i < n * LANES; i++) wide[i] = (double)x[i];
}

static void fit_weights(const fit *f)
{
    size_t n_train = f->training->n_train, has_bias = f->n_columns - f->n_features;
    for (size_t i = 0; i < has_bias * n_train * LANES; i++) f->design[i] = 1.0;
    for (size_t j = 0; j < f->n_features; j++)
        widen(f->x + j * f->n_rows * LANES, n_train, f->design + (j + has_bias) * n_train * LANES);
    memcpy(f->y, f->target, n_train * LANES * sizeof *f->y);
    svk_linear_fit(f->design, f->y, (int64_t)n_train, (int)f->n_columns, f->b);
    for (size_t i = 0; i < f->n_features * LANES; i++)
        f->weight[i] = (real)f->b[i + has_bias * LANES];
    for (size_t l = 0; l < LANES; l++)
        f->weight[f->n_features * LANES + l] = has_bias > 0 ? (real)f->b[l] : 0;
}

/* Adds a column's share to the outputs of all rows. */
SVK_PASS void add_column(const real *SVK_RESTRICT weight, const real *SVK_RESTRICT x, size_t n,
                         real *SVK_RESTRICT output)
{
    for (size_t i = 0; i < n; i++) FOR_LANES(l)
        {
            size_t at = i * LANES + (size_t)l;
            output[at] = real_fma(weight[l], x[at], output[at]);
        }
}

static void find_outputs(const fit *f)
{
    for (size_t i = 0; i < f->n_rows; i++)
        memcpy(f->output + i * LANES, f->weight + f->n_features * LANES, LANES * sizeof(real));
    for (size_t j = 0; j < f->n_features; j++)
        add_column(f->weight + j * LANES, f->x + j * f->n_rows * LANES, f->n_rows, f->output);
}

/* ---- scores ---- */

/* Train, val or test: the rows of every lane. */
typedef struct part {
    const real *output;
    const double *target;
    uint32_t n_most;   /* rows */
    uint32_t n[LANES]; /* of each lane */
} part;

static part part_of(const fit *f, const svk_fit_lane *lanes, int number)
{
    const svk_training *t = f->training;
    const uint32_t n[3] = {t->n_train, t->n_val, t->n_test};
    size_t first = number == 0 ? 0 : number == 1 ? t->n_train : t->n_train + t->n_val;
    part p = {.output = f->output + first * LANES,
              .target = f->target + first * LANES,
              .n_most = n[number]};
    for (int l = 0; l < LANES; l++) p.n[l] = number < 2 ? n[number] : lanes[l].n_test;
    return p;
}

/* Each of the following adds to SVK_SUM_CHAINS chains, row i to chain i mod SVK_SUM_CHAINS, and
 * starts with all of them at +0. */

SVK_PASS void sum_targets(const part *SVK_RESTRICT p, double *SVK_RESTRICT chain)
{
    for (int i = 0; i < SVK_SUM_CHAINS * LANES; i++) chain[i] = 0;
    for (uint32_t i = 0; i < p->n_most; i++) {
        const double *target = p->target + (size_t)i * LANES;
        double *c = chain + i % SVK_SUM_CHAINS * LANES;
        FOR_LANES(l) c[l] = i < p->n[l] ? c[l] + target[l] : c[l];
    }
}

SVK_PASS void sum_offsets(const part *SVK_RESTRICT p, const double *SVK_RESTRICT mean,
                          double *SVK_RESTRICT chain)
{
    for (int i = 0; i < SVK_SUM_CHAINS * LANES; i++) chain[i] = 0;
    for (uint32_t i = 0; i < p->n_most; i++) {
        const double *target = p->target + (size_t)i * LANES;
        double *c = chain + i % SVK_SUM_CHAINS * LANES;
        FOR_LANES(l)
        {
            double offset = target[l] - mean[l], sum = fma(offset, offset, c[l]);
            c[l] = i < p->n[l] ? sum : c[l];
        }
    }
}

SVK_PASS void sum_errors(const part *SVK_RESTRICT p, double *SVK_RESTRICT chain)
{
    for (int i = 0; i < SVK_SUM_CHAINS * LANES; i++) chain[i] = 0;
    for (uint32_t i = 0; i < p->n_most; i++) {
        const real *output = p->output + (size_t)i * LANES;
        const double *target = p->target + (size_t)i * LANES;
        double *c = chain + i % SVK_SUM_CHAINS * LANES;
        FOR_LANES(l)
        {
            double error = (double)output[l] - target[l], sum = fma(error, error, c[l]);
            c[l] = i < p->n[l] ? sum : c[l];
        }
    }
}

static void score_part(const fit *f, const svk_fit_lane *lanes, int number, svk_result *results)
{
    static const int loss[3] = {SVK_METRIC_TRAIN_LOSS, SVK_METRIC_VAL_LOSS, SVK_METRIC_TEST_LOSS};
    double error[LANES], mean[LANES], spread[LANES];
    part p = part_of(f, lanes, number);
    sum_errors(&p, f->chain);
    sum_chains(f->chain, error);
    for (int l = 0; l < LANES; l++)
        if (p.n[l] > 0) svk_set_metric(&results[l], loss[number], error[l] / (double)p.n[l]);
    if (number < 2) return;
    sum_targets(&p, f->chain);
    sum_chains(f->chain, mean);
    FOR_LANES(l) mean[l] /= (double)p.n[l];
    sum_offsets(&p, mean, f->chain);
    sum_chains(f->chain, spread);
    for (int l = 0; l < LANES; l++) {
        if (p.n[l] == 0) continue;
        svk_set_metric(&results[l], SVK_METRIC_MSE, error[l] / (double)p.n[l]);
        svk_set_metric(&results[l], SVK_METRIC_R2, 1.0 - error[l] / spread[l]);
    }
}

static void finish(const fit *f, const svk_fit_lane *lanes, svk_result *results)
{
    parameter_sums sums;
    double square[LANES];
    parameter_sums_begin(&sums);
    for (size_t i = 0; i < f->n_columns; i++) {
        const real *p = f->weight + i * LANES;
        parameter_sums_add(&sums, i, p);
        for (int l = 0; l < LANES; l++)
            if (lanes[l].parameters != NULL) lanes[l].parameters[i] = (double)p[l];
    }
    sum_chains(sums.chain, square);
    for (int l = 0; l < LANES; l++) {
        svk_result *r = &results[l];
        for (int w = 0; w < 4; w++) r->digest[w] = sums.digest[w][l];
        r->status = sums.is_finite[l] && svk_has_finite_losses(r) ? SVK_RUN_OK : SVK_RUN_DIVERGED;
        svk_set_metric(r, SVK_METRIC_WEIGHT_NORM, sqrt(square[l]));
        svk_set_metric(r, SVK_METRIC_STEPS, 0);
    }
}

size_t SVK_VARIANT(svk_fit_workspace_size)(const svk_net *net, const svk_training *training)
{
    fit f;
    return lay_out(&f, net, training, NULL);
}

void SVK_VARIANT(svk_fit)(const svk_net *net, const svk_training *training, uint32_t n_split,
                          const svk_fit_lane *lanes, void *workspace, svk_result *results)
{
    fit f;
    lay_out(&f, net, training, workspace);
    find_slots(&f, lanes, n_split);
    place_rows(&f, lanes);
    fit_weights(&f);
    find_outputs(&f);
    memset(results, 0, LANES * sizeof *results);
    for (int number = 0; number < 3; number++) score_part(&f, lanes, number, results);
    finish(&f, lanes, results);
}
