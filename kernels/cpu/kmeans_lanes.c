/* Lloyd's algorithm, one seed at a time, LANES rows a vector: seeds take different numbers of
 * steps, and would wait for one another side by side. Distances run over rows, sums of rows over
 * features; both orders of the table are made once for all seeds that share it. */
#include "cpu_kernels.h"
#include "kmeans_tile.h"
#include "metric_sum.h"
#include "shuffle.h"

static size_t vectors_of(size_t n) { return (n + LANES - 1) / LANES; }

static void *carve(char **at, size_t size_bytes)
{
    char *p = *at;
    *at += (size_bytes + 63) / 64 * 64;
    return p;
}

/* ---- the table: rows in both orders ---- */

typedef struct row_table {
    real *rows;    /* [n_train][ld]: features side by side, zeros up to a whole vector */
    real *columns; /* [n_train_vectors][n_features][LANES]: rows side by side */
    real *test;    /* likewise the test rows */
    size_t ld, n_train_vectors, n_test_vectors;
} row_table;

/* NULL to learn the size alone. Returns the bytes needed. */
static size_t table_lay_out(row_table *t, const svk_kmeans *shape, void *memory)
{
    char *start = memory, *at = start;
    size_t vector_bytes = (size_t)shape->n_features * LANES * sizeof(real);
    t->ld = vectors_of(shape->n_features) * LANES;
    t->n_train_vectors = vectors_of(shape->n_train);
    t->n_test_vectors = vectors_of(shape->n_test);
    t->rows = carve(&at, shape->n_train * t->ld * sizeof(real));
    t->columns = carve(&at, t->n_train_vectors * vector_bytes);
    t->test = carve(&at, t->n_test_vectors * vector_bytes);
    return (size_t)(at - start);
}

size_t SVK_VARIANT(svk_kmeans_table_size)(const svk_kmeans *shape)
{
    row_table t;
    return table_lay_out(&t, shape, NULL);
}

static void turn(const svk_kmeans *shape, const real *x, size_t n, real *columns)
{
    for (size_t i = 0; i < n; i++)
        for (size_t f = 0; f < shape->n_features; f++)
            columns[(i / LANES * shape->n_features + f) * LANES + i % LANES] = x[i * shape->ld + f];
}

void SVK_VARIANT(svk_kmeans_pack)(const svk_kmeans *shape, const void *x, void *memory)
{
    row_table t;
    memset(memory, 0, table_lay_out(&t, shape, memory));
    for (size_t i = 0; i < shape->n_train; i++)
        memcpy(t.rows + i * t.ld, (const real *)x + i * shape->ld,
               shape->n_features * sizeof(real));
    turn(shape, x, shape->n_train, t.columns);
    turn(shape, (const real *)x + ((size_t)shape->n_train + shape->n_val) * shape->ld,
         shape->n_test, t.test);
}

/* ---- what one seed keeps ---- */

typedef struct state {
    const svk_kmeans *shape;
    row_table table;
    real *centre, *sum;             /* [n_clusters][ld] */
    uint32_t *n_members;            /* [n_clusters] */
    uint8_t *was_empty;             /* [n_clusters] */
    nearest nearest;                /* of the rows last met */
    uint8_t *cluster, *cluster_now; /* [n_train]: before and after the last assignment */
    double *square, *segment;       /* k-means++: nearest.square, and its sums */
} state;

static size_t state_lay_out(state *s, const svk_kmeans *shape, const void *table, void *workspace)
{
    char *start = workspace, *at = start;
    memset(s, 0, sizeof *s);
    s->shape = shape;
    table_lay_out(&s->table, shape, (void *)table);
    size_t n_vectors = s->table.n_train_vectors > s->table.n_test_vectors ? s->table.n_train_vectors
                                                                          : s->table.n_test_vectors;
    size_t centre_bytes = shape->n_clusters * s->table.ld * sizeof(real);
    s->centre = carve(&at, centre_bytes);
    s->sum = carve(&at, centre_bytes);
    s->n_members = carve(&at, shape->n_clusters * sizeof *s->n_members);
    s->was_empty = carve(&at, shape->n_clusters);
    s->nearest.square = carve(&at, n_vectors * LANES * sizeof(real));
    s->nearest.centre = carve(&at, n_vectors * LANES * sizeof(real));
    s->cluster = carve(&at, shape->n_train);
    s->cluster_now = carve(&at, shape->n_train);
    s->square = carve(&at, shape->n_train * sizeof *s->square);
    s->segment = carve(&at, svk_kmeans_n_segments(shape->n_train) * sizeof *s->segment);
    return (size_t)(at - start);
}

size_t SVK_VARIANT(svk_kmeans_workspace_size)(const svk_kmeans *shape)
{
    state s;
    return state_lay_out(&s, shape, NULL, NULL);
}

static centres centres_of(const state *s)
{
    return (centres){s->centre, s->table.ld, (int)s->shape->n_features};
}

/* No centre met yet: whatever comes first is nearer, and is number 0. */
static void forget_nearest(state *s, size_t n_vectors)
{
    for (size_t i = 0; i < n_vectors * LANES; i++) {
        s->nearest.square[i] = (real)INFINITY;
        s->nearest.centre[i] = 0;
    }
}

static void find_nearest(state *s, const real *columns, size_t n_vectors, uint8_t *cluster,
                         size_t n)
{
    forget_nearest(s, n_vectors);
    meet_all(columns, n_vectors, centres_of(s), 0, (int)s->shape->n_clusters, s->nearest);
    for (size_t i = 0; cluster != NULL && i < n; i++)
        cluster[i] = (uint8_t)(int)s->nearest.centre[i];
}

/* ---- the start ---- */

static void put_centre(state *s, uint32_t centre, uint32_t row)
{
    memcpy(s->centre + centre * s->table.ld, s->table.rows + row * s->table.ld,
           s->table.ld * sizeof(real));
}

static void start_at_random(state *s, uint64_t seed)
{
    uint32_t n = s->shape->n_train;
    uint8_t order[SVK_FISHER_YATES_MAX];
    svk_shuffle shuffle;
    if (n > SVK_FISHER_YATES_MAX)
        shuffle = svk_shuffle_make(seed, SVK_STREAM_INIT, 0, n);
    else
        svk_fisher_yates(seed, SVK_STREAM_INIT, 0, 0, n, order);
    for (uint32_t j = 0; j < s->shape->n_clusters; j++)
        put_centre(s, j, n > SVK_FISHER_YATES_MAX ? svk_shuffle_at(&shuffle, j) : order[j]);
}

static void start_apart(state *s, uint64_t seed)
{
    uint32_t n = s->shape->n_train, n_segments = svk_kmeans_n_segments(n);
    forget_nearest(s, s->table.n_train_vectors);
    put_centre(s, 0, svk_below(svk_kmeans_draw(seed, 0).word[0], n));
    for (uint32_t j = 1; j < s->shape->n_clusters; j++) {
        meet_all(s->table.columns, s->table.n_train_vectors, centres_of(s), (int)j - 1, (int)j,
                 s->nearest);
        for (uint32_t i = 0; i < n; i++) s->square[i] = (double)s->nearest.square[i];
        for (uint32_t g = 0; g < n_segments; g++)
            s->segment[g] = svk_kmeans_segment(s->square, n, g);
        put_centre(s, j, svk_kmeans_pick(s->square, n, s->segment, svk_kmeans_draw(seed, j)));
    }
}

/* ---- Lloyd's two steps ---- */

static void assign_rows(state *s)
{
    uint32_t n = s->shape->n_train;
    find_nearest(s, s->table.columns, s->table.n_train_vectors, s->cluster_now, n);
    memset(s->n_members, 0, s->shape->n_clusters * sizeof *s->n_members);
    for (uint32_t i = 0; i < n; i++) s->n_members[s->cluster_now[i]]++;
    for (uint32_t j = 0; j < s->shape->n_clusters; j++) s->was_empty[j] |= s->n_members[j] == 0;
}

static void move_centres(state *s)
{
    size_t ld = s->table.ld;
    memset(s->sum, 0, s->shape->n_clusters * ld * sizeof(real));
    for (uint32_t i = 0; i < s->shape->n_train; i++) {
        const real *x = s->table.rows + i * ld;
        real *sum = s->sum + s->cluster_now[i] * ld;
        for (size_t f = 0; f < ld; f += LANES)
            v_store(sum + f, v_add(v_load(sum + f), v_load(x + f)));
    }
    for (uint32_t j = 0; j < s->shape->n_clusters; j++) {
        vreal n = v_set1((real)s->n_members[j]);
        for (size_t f = j * ld; s->n_members[j] > 0 && f < (j + 1) * ld; f += LANES)
            v_store(s->centre + f, v_div(v_load(s->sum + f), n));
    }
}

/* Returns how often the centres moved. */
static uint64_t descend(state *s)
{
    assign_rows(s);
    for (uint64_t step = 0; step < s->shape->max_iterations; step++) {
        move_centres(s);
        uint8_t *before = s->cluster_now;
        s->cluster_now = s->cluster;
        s->cluster = before;
        assign_rows(s);
        if (memcmp(s->cluster, s->cluster_now, s->shape->n_train) == 0) return step + 1;
    }
    return s->shape->max_iterations;
}

/* ---- what is left of it ---- */

static double inertia_of(const state *s, uint32_t n)
{
    double chain[SVK_SUM_CHAINS] = {0};
    for (uint32_t i = 0; i < n; i++) chain[i % SVK_SUM_CHAINS] += (double)s->nearest.square[i];
    return svk_sum_chains(chain, 1);
}

static void report_centres(const state *s, svk_result *result, double *parameters)
{
    size_t n_features = s->shape->n_features, n = s->shape->n_clusters * n_features;
    double chain[SVK_SUM_CHAINS] = {0};
    for (size_t i = 0; i < n; i++) {
        real w = s->centre[i / n_features * s->table.ld + i % n_features];
        svk_block term = svk_digest_term(i, svk_real_canonical_bits(w));
        for (int word = 0; word < 4; word++) result->digest[word] += term.word[word];
        chain[i % SVK_SUM_CHAINS] = fma((double)w, (double)w, chain[i % SVK_SUM_CHAINS]);
        if (parameters != NULL) parameters[i] = (double)w;
        if (!svk_is_finite_f64((double)w)) result->status = SVK_RUN_DIVERGED;
    }
    svk_set_metric(result, SVK_METRIC_WEIGHT_NORM, sqrt(svk_sum_chains(chain, 1)));
}

static double count_empty(const state *s)
{
    uint32_t n = 0;
    for (uint32_t j = 0; j < s->shape->n_clusters; j++) n += s->was_empty[j];
    return n;
}

void SVK_VARIANT(svk_kmeans_train)(const svk_kmeans *shape, const svk_kmeans_seed *seed,
                                   void *workspace, svk_result *result)
{
    state s;
    state_lay_out(&s, shape, seed->table, workspace);
    memset(s.was_empty, 0, shape->n_clusters);
    memset(result, 0, sizeof *result);
    if (shape->start == SVK_START_RANDOM)
        start_at_random(&s, seed->seed_init);
    else
        start_apart(&s, seed->seed_init);
    uint64_t n_steps = descend(&s);
    double inertia = inertia_of(&s, shape->n_train);
    result->status = svk_is_finite_f64(inertia) ? SVK_RUN_OK : SVK_RUN_DIVERGED;
    svk_set_metric(result, SVK_METRIC_INERTIA, inertia);
    svk_set_metric(result, SVK_METRIC_STEPS, (double)n_steps);
    svk_set_metric(result, SVK_METRIC_EMPTY_CLUSTERS, count_empty(&s));
    report_centres(&s, result, seed->parameters);
    if (shape->n_test == 0) return;
    find_nearest(&s, s.table.test, s.table.n_test_vectors, seed->predictions, shape->n_test);
    svk_set_metric(result, SVK_METRIC_TEST_INERTIA, inertia_of(&s, shape->n_test));
}
