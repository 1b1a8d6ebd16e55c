/* The training of engine cublas. A wave's runs are dealt out to the streams; a stream's runs go
 * through every step together, products by cuBLAS, the rest by kernels (kernels/cuda/mlp_batch.cu).
 * The native kernel scores them. */
#include <inttypes.h>
#include <string.h>

#include "backend/cublas_handles.h"
#include "backend/cuda_wave.h"
#include "backend/job_shape.h"

enum {
    BOUNDARY_FLOATS = 64, /* 256 bytes: as cudaMalloc aligns, so that all of cuBLAS's kernels can */
    PIECES_MOST = 12 * SVK_MAX_DENSE /* of memory, of the runs of a stream */
};

typedef struct session {
    const svi_cuda_launch *launch;
    svi_cublas *cublas;
    int n_streams;
    svk_training training;  /* what the study asks for */
    svk_cuda_mlp scored;    /* the same without what only training needs; its wave is filled anew */
    uint64_t n_blocks_most; /* of the kernel that scores */
    bool has_velocity, has_second;
    svk_cuda_batch batch[SVK_MAX_STREAMS];
} session;

/* ---- memory ---- */

/* Of values of each layer there are inputs, slopes and deltas; inputs have no slopes, outputs'
 * deltas take their place. */
static uint64_t bytes_of_run(const session *t)
{
    const svk_net *net = &t->scored.net;
    uint64_t n_values = (uint64_t)net->width[0] + (uint64_t)net->width[net->n_layers];
    for (int l = 1; l < net->n_layers; l++) n_values += 3 * (uint64_t)net->width[l];
    uint64_t n_copies = 2u + t->has_velocity + t->has_second;
    return (svk_net_n_parameters(net) * n_copies + t->training.batch_size * (n_values + 1) + 1) *
               sizeof(float) +
           sizeof(svk_cuda_order) + t->scored.layout.workspace_bytes;
}

static uint64_t round_up(uint64_t n)
{
    return (n + BOUNDARY_FLOATS - 1) / BOUNDARY_FLOATS * BOUNDARY_FLOATS;
}

static float *take(float **at, uint64_t n_floats)
{
    float *p = *at;
    *at += round_up(n_floats);
    return p;
}

static void place_tensors(svk_cuda_batch *b)
{
    uint64_t at = 0;
    for (int l = 0; l < b->net.n_layers; l++) {
        uint64_t n_in = (uint64_t)b->net.width[l], n_out = (uint64_t)b->net.width[l + 1];
        b->tensors.weight[l] = at;
        at += round_up(b->n_runs * n_in * n_out);
        b->tensors.bias[l] = at;
        at += b->net.has_bias ? round_up(b->n_runs * n_out) : 0;
    }
    b->tensors.n_values = at;
}

/* Deals out memory from *at on. */
static void place_batch(const session *t, svk_cuda_batch *b, float **at)
{
    int n_layers = b->net.n_layers;
    uint64_t n_samples = b->n_runs * b->training.batch_size;
    place_tensors(b);
    b->parameters = take(at, b->tensors.n_values);
    b->gradients = take(at, b->tensors.n_values);
    b->velocities = t->has_velocity ? take(at, b->tensors.n_values) : NULL;
    b->seconds = t->has_second ? take(at, b->tensors.n_values) : NULL;
    for (int l = 0; l <= n_layers; l++)
        b->value[l] = take(at, n_samples * (uint64_t)b->net.width[l]);
    for (int l = 1; l < n_layers; l++) {
        b->slope[l] = take(at, n_samples * (uint64_t)b->net.width[l]);
        b->delta[l] = take(at, n_samples * (uint64_t)b->net.width[l]);
    }
    b->delta[n_layers] = b->value[n_layers];
    b->order = (svk_cuda_order *)take(at, b->n_runs * sizeof *b->order / sizeof(float));
    b->row = (uint32_t *)take(at, n_samples);
    b->has_nan = (uint32_t *)take(at, b->n_runs);
}

/* ---- a step ---- */

static sv_status check(const session *t, int result, const char *what, sv_error *error)
{
    return svi_cuda_check(t->launch->device, (cudaError_t)result, error, "launch of the kernel %s",
                          what);
}

static svi_cublas_matrix matrix(float *at, int n_rows, uint64_t n_columns)
{
    return (svi_cublas_matrix){at, n_rows, (uint64_t)n_rows * n_columns, false};
}

static svi_cublas_matrix transposed(svi_cublas_matrix m)
{
    m.is_transposed = true;
    return m;
}

/* A row of ours is a column of cuBLAS's: weights [n_out][n_in] have columns of n_in values, values
 * of a layer [n][width] columns of width. */
static svi_cublas_matrix weights_of(const svk_cuda_batch *b, float *tensors, int l)
{
    return matrix(tensors + b->tensors.weight[l], b->net.width[l], (uint64_t)b->net.width[l + 1]);
}

static sv_status forward(session *t, int i, const svk_cuda_step *s, int l, sv_error *error)
{
    const svk_cuda_batch *b = &t->batch[i];
    int n_in = b->net.width[l], n_out = b->net.width[l + 1];
    svi_cublas_product sums = {.a = transposed(weights_of(b, b->parameters, l)),
                               .b = matrix(b->value[l], n_in, s->n),
                               .c = matrix(b->value[l + 1], n_out, s->n),
                               .n_inner = n_in,
                               .n_columns = (int)s->n,
                               .n_runs = b->n_runs};
    SVI_TRY(svi_cublas_multiply(t->cublas, i, sums, error));
    if (l + 1 < b->net.n_layers)
        return check(t, svk_cuda_batch_activate(b, s, l + 1), "activate", error);
    return check(t, svk_cuda_batch_output(b, s), "output", error);
}

static svi_cublas_product gradient_product(const svk_cuda_batch *b, int l, uint32_t n)
{
    int n_in = b->net.width[l], n_out = b->net.width[l + 1];
    return (svi_cublas_product){.a = matrix(b->value[l], n_in, n),
                                .b = transposed(matrix(b->delta[l + 1], n_out, n)),
                                .c = weights_of(b, b->gradients, l),
                                .n_inner = (int)n,
                                .n_columns = n_out,
                                .n_runs = b->n_runs};
}

static sv_status find_gradient(session *t, int i, const svk_cuda_step *s, int l, sv_error *error)
{
    svi_cublas_product gradient = gradient_product(&t->batch[i], l, s->n);
    if (t->launch->job->numerics->n_parts > 1)
        return svi_cublas_multiply_split(t->cublas, i, gradient, error);
    return svi_cublas_multiply(t->cublas, i, gradient, error);
}

/* The gradient of layer l and the deltas of the layer below. */
static sv_status backward(session *t, int i, const svk_cuda_step *s, int l, sv_error *error)
{
    const svk_cuda_batch *b = &t->batch[i];
    int n_in = b->net.width[l], n_out = b->net.width[l + 1];
    SVI_TRY(find_gradient(t, i, s, l, error));
    if (l == 0) return SV_OK;
    svi_cublas_product deltas = {.a = weights_of(b, b->parameters, l),
                                 .b = matrix(b->delta[l + 1], n_out, s->n),
                                 .c = matrix(b->delta[l], n_in, s->n),
                                 .n_inner = n_out,
                                 .n_columns = (int)s->n,
                                 .n_runs = b->n_runs};
    SVI_TRY(svi_cublas_multiply(t->cublas, i, deltas, error));
    return check(t, svk_cuda_batch_slope(b, s, l), "slope", error);
}

/* Of the runs of stream i. */
static sv_status train_step(session *t, int i, const svk_cuda_step *s, sv_error *error)
{
    const svk_cuda_batch *b = &t->batch[i];
    if (s->place == 0 && b->training.sampling == SVK_SAMPLING_SHUFFLE)
        SVI_TRY(check(t, svk_cuda_batch_begin_epoch(b, s), "begin_epoch", error));
    SVI_TRY(check(t, svk_cuda_batch_find_rows(b, s), "find_rows", error));
    SVI_TRY(check(t, svk_cuda_batch_gather(b, s), "gather", error));
    for (int l = 0; l < b->net.n_layers; l++) SVI_TRY(forward(t, i, s, l, error));
    for (int l = b->net.n_layers - 1; l >= 0; l--) SVI_TRY(backward(t, i, s, l, error));
    return check(t, svk_cuda_batch_update(b, s), "update", error);
}

static sv_status train_steps(session *t, sv_error *error)
{
    const svk_training *training = &t->training;
    svk_moment_powers powers = {1.0, 1.0};
    for (uint64_t number = 0; number < training->n_steps; number++) {
        uint32_t place = (uint32_t)(number % training->n_steps_per_epoch) * training->batch_size;
        uint32_t left = training->n_train - place;
        svk_cuda_step s = {.number = number,
                           .epoch = (uint32_t)(number / training->n_steps_per_epoch),
                           .place = place,
                           .n = left < training->batch_size ? left : training->batch_size,
                           .scalars = svk_step_make(training, number, &powers)};
        for (int i = 0; i < t->n_streams; i++)
            if (t->batch[i].n_runs > 0) SVI_TRY(train_step(t, i, &s, error));
    }
    return SV_OK;
}

/* ---- a wave ---- */

/* Runs first .. first + n - 1 of the wave go to stream i. */
static sv_status begin_batch(session *t, int i, uint64_t first, uint64_t n, float **at,
                             sv_error *error)
{
    const svk_cuda_wave *w = &t->scored.wave;
    svk_cuda_batch *b = &t->batch[i];
    memset(b, 0, sizeof *b);
    b->net = t->scored.net;
    b->training = t->training;
    b->tables = w->tables;
    b->runs = w->runs + first;
    b->n_runs = n;
    b->stream = t->cublas->stream[i].stream;
    if (n == 0) return SV_OK;
    place_batch(t, b, at);
    return check(t, svk_cuda_batch_start(b), "start", error);
}

/* In the default stream, which waits for all others. */
static sv_status score_batch(const session *t, int i, void *workspace, sv_error *error)
{
    const svk_cuda_batch *b = &t->batch[i];
    svk_cuda_mlp scored = t->scored;
    svk_cuda_wave *w = &scored.wave;
    uint64_t first = (uint64_t)(b->runs - w->runs);
    scored.given = (svk_cuda_given){b->parameters, b->has_nan, b->tensors};
    w->runs = b->runs;
    w->n_runs = b->n_runs;
    w->results += first;
    if (w->predictions != NULL) w->predictions += first * t->training.n_test;
    if (w->parameters != NULL) w->parameters += first * svk_net_n_parameters(&scored.net);
    w->workspace = workspace;
    uint64_t n_blocks = b->n_runs < t->n_blocks_most ? b->n_runs : t->n_blocks_most;
    return check(t, svk_cuda_mlp_launch(&scored, (unsigned)n_blocks), "that scores", error);
}

static sv_status start(void *job, unsigned n_runs, sv_error *error)
{
    session *t = job;
    float *at = t->scored.wave.workspace;
    for (int i = 0; i < t->n_streams; i++) {
        uint64_t first = (uint64_t)i * n_runs / (uint64_t)t->n_streams;
        uint64_t end = (uint64_t)(i + 1) * n_runs / (uint64_t)t->n_streams;
        SVI_TRY(begin_batch(t, i, first, end - first, &at, error));
    }
    SVI_TRY(train_steps(t, error));
    for (int i = 0; i < t->n_streams; i++)
        if (t->batch[i].n_runs > 0) SVI_TRY(score_batch(t, i, at, error));
    return SV_OK;
}

/* What scoring does not need takes no place. */
static void shape_scored(session *t, uint32_t shared_limit)
{
    svk_training *scored = &t->scored.training;
    *scored = t->training;
    scored->optimizer = SVK_OPTIMIZER_SGD;
    scored->momentum = 0;
    svk_mlp_layout_make(&t->scored.layout, &t->scored.net, scored, false, shared_limit);
}

sv_status svi_cublas_train(svi_cublas **cublas, const svi_cuda_launch *launch,
                           uint32_t shared_limit, int n_processors, sv_error *error)
{
    const svi_numerics_spec *numerics = launch->job->numerics;
    session t = {.launch = launch, .n_streams = numerics->n_streams};
    svk_training *training = &t.training;
    int n_resident = 0;
    SVI_TRY(svi_cublas_prepare(cublas, launch->device, numerics, error));
    t.cublas = *cublas;
    SVI_TRY(svi_job_net(launch->job, &t.scored.net, training, error));
    t.has_second = svk_has_moments(training);
    t.has_velocity =
        t.has_second || training->optimizer == SVK_OPTIMIZER_NESTEROV || training->momentum != 0;
    shape_scored(&t, shared_limit);
    svi_cuda_tables_shape((uint64_t)training->n_train + training->n_val + training->n_test,
                          training->ld, training->precision, &t.scored.wave.tables);
    SVI_TRY(svi_cuda_check_occupancy(
        launch->device, (cudaError_t)svk_cuda_mlp_occupancy(&t.scored.layout, &n_resident),
        t.scored.layout.shared_bytes, error));
    t.n_blocks_most = (uint64_t)(n_resident > 0 ? n_resident : 1) * (uint64_t)n_processors;
    svi_cuda_waves waves = {.launch = launch,
                            .wave = &t.scored.wave,
                            .n_test = training->n_test,
                            .n_parameters = svk_net_n_parameters(&t.scored.net),
                            .workspace_bytes = bytes_of_run(&t),
                            .workspace_rest_bytes = (uint64_t)t.n_streams * PIECES_MOST *
                                                    BOUNDARY_FLOATS * sizeof(float),
                            .n_at_once = UINT32_MAX,
                            .what = "networks",
                            .start = start,
                            .job = &t};
    return svi_cuda_waves_run(&waves, error);
}
