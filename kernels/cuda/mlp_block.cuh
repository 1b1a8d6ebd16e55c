/* One network in training in one thread block: its memory, its start, and how rows of data reach
 * it.
 *
 * A function here is a phase: every thread of the block calls it, no thread waits inside it. The
 * kernel puts the barriers between the phases. */
#ifndef SVK_MLP_BLOCK_CUH
#define SVK_MLP_BLOCK_CUH

#include <cuda_runtime.h>

#include "conv_taps.h"
#include "cuda_kernels.h"
#include "metric_sum.h"
#include "real.cuh"
#include "row_order.cuh"

/* The forms of the kernel (mlp_layout.h), the general ones in binary32 or binary64. PLACE:
 * SVK_PLACE_*, known when the kernel is compiled, so that the compiler knows which memory each
 * pointer means; or ANY_PLACE. */
enum { ANY_PLACE = -1 };
template <int PLACE_> struct plain_form {
    typedef float real;
    typedef contract_math math;
    static constexpr bool IS_GENERAL = false, HAS_IMAGES = false, HAS_TENSOR_CORES = false;
    static constexpr int PLACE = PLACE_;
};
template <class REAL, bool HAS_IMAGES_, bool HAS_TENSOR_CORES_ = false, class MATH = contract_math>
struct general_form {
    typedef REAL real;
    typedef MATH math;
    static constexpr bool IS_GENERAL = true, HAS_IMAGES = HAS_IMAGES_,
                          HAS_TENSOR_CORES = HAS_TENSOR_CORES_;
    static constexpr int PLACE = ANY_PLACE;
};

template <class REAL> struct alignas(16) quad {
    REAL v[4];
};

/* Sums over rows or parameters, 32 chains each. */
enum { CHAINS_LOSS, CHAINS_SPREAD, CHAINS_TARGET, CHAINS_NORM, N_CHAINS };

/* Tensors of a network: of every layer but pools its weights and biases. */
enum { MAX_TENSORS = 2 * (SVK_MAX_CONV + SVK_MAX_DENSE) };

/* Flags. FLAGS_ALIVE: bit l tells that hidden layer l was positive somewhere. */
enum {
    FLAGS_NONE = 0,
    FLAGS_ALIVE = 0xffff,
    FLAG_NAN = 1 << 16,
    FLAG_NOT_FINITE = 1 << 17,
    FLAG_SATURATED = 1 << 18
};

struct block_state {
    double chain[N_CHAINS][SVK_SUM_CHAINS];
    svk_cuda_order order;
    uint32_t n_right[SVK_SUM_CHAINS];
    uint32_t digest[4];
    uint32_t flags;
    /* the general form */
    svk_moment_powers powers;
    svk_step scalars[2]; /* of even and odd steps: some threads may still read the last step's */
    union {
        uint8_t part_order[MAX_TENSORS][SVK_MAX_PARTS]; /* path drawn: of each tensor */
        struct {
            uint32_t part[SVK_MAX_PARTS]; /* which one took this ticket */
            uint32_t n;                   /* tickets taken */
        } arrived;                        /* path arrival */
    };
};
static_assert(sizeof(block_state) <= SVK_BLOCK_STATE_BYTES,
              "the layout must leave room for the state");

/* The samples that a pass works on. */
struct chunk {
    uint32_t first, n;   /* place in the batch or the part; samples */
    const uint32_t *row; /* [chunk]: their rows, in training; else NULL: rows from first_row on */
    uint32_t first_row;
    uint64_t sample; /* of the run, that the first one is: in training */
};

template <class FORM> struct block {
    typedef typename FORM::real real;
    typedef quad<real> quads;
    const svk_net *net;
    const svk_training *training;
    const svk_mlp_layout *layout;
    block_state *state;
    uint32_t *row; /* [chunk] */
    quads *weights, *velocities, *gradients, *values;
    quads *parts;                    /* path arrival: the sums of each part, one copy a part */
    quads *seconds, *masters, *kept; /* masters: weights themselves, where nothing is rounded */
    double *design;                  /* of a closed-form fit */
    const real *x, *y;               /* the run's table */
    const int32_t *label;
    const double *target;
    uint64_t seed_init, seed_order, seed_schedule, seed_dropout;
    const svk_cuda_given *given; /* the general form's; NULL: trained here */
    uint64_t run;                /* which of the wave */
    svk_bit_stream arrivals; /* one thread's: where the orders of path arrival go; NULL: nowhere */
    /* the general form's */
    uint64_t delay_key;
    quads *sums;                /* of blocks that share a run: three copies of the gradients */
    quads *cleared;             /* gradients that an update clears; NULL: another block does */
    svk_cuda_meeting *meetings; /* of the launch */
    uint32_t n_meetings;        /* that this block has been at */
    uint32_t rank, n_ranks;     /* which of the blocks that share the run */
    uint32_t n_test;
    uint32_t thread, n_threads;
    uint32_t watched; /* flags that a forward pass may raise */
    uint32_t flags;   /* raised by this thread */
};

extern __shared__ quad<float> svk_shared_memory[];

/* The next n_bytes of a piece of memory. */
template <class VALUE> SVK_DEVICE VALUE *carve(unsigned char *&at, uint64_t n_bytes)
{
    VALUE *p = reinterpret_cast<VALUE *>(at);
    at += n_bytes;
    return p;
}

/* The parameters and what belongs to them; absent copies point to where they would be. */
template <class FORM> SVK_DEVICE void carve_parameters(block<FORM> &b, unsigned char *&at)
{
    typedef typename block<FORM>::quads quads;
    const svk_mlp_layout &a = *b.layout;
    uint64_t copy = static_cast<uint64_t>(a.n_parameter_quads) * sizeof(quads);
    b.weights = carve<quads>(at, copy);
    b.velocities = carve<quads>(at, a.has_velocity ? copy : 0);
    if constexpr (FORM::IS_GENERAL) b.seconds = carve<quads>(at, a.has_second ? copy : 0);
    if (!FORM::IS_GENERAL || a.n_global_gradients == 0)
        b.gradients = carve<quads>(at, a.has_gradient ? copy : 0);
    if constexpr (FORM::IS_GENERAL) {
        b.masters = a.has_master ? carve<quads>(at, copy) : b.weights;
        b.kept = carve<quads>(at, a.has_kept ? copy : 0);
        b.parts = carve<quads>(at, static_cast<uint64_t>(a.n_part_copies) * copy);
    } else {
        b.masters = b.weights;
    }
}

/* Points b into shared memory and workspace. */
template <class FORM> SVK_DEVICE void block_begin(block<FORM> &b, const svk_cuda_mlp &job)
{
    typedef typename block<FORM>::quads quads;
    const svk_mlp_layout &a = job.layout;
    const int place = FORM::PLACE == ANY_PLACE ? a.place : FORM::PLACE;
    unsigned char *shared = reinterpret_cast<unsigned char *>(svk_shared_memory);
    unsigned char *work =
        static_cast<unsigned char *>(job.wave.workspace) + blockIdx.x * a.workspace_bytes;
    b.net = &job.net;
    b.training = &job.training;
    b.layout = &job.layout;
    b.state = carve<block_state>(shared, SVK_BLOCK_STATE_BYTES);
    if constexpr (FORM::IS_GENERAL) {
        b.n_ranks = static_cast<uint32_t>(a.n_blocks);
        b.rank = blockIdx.x % b.n_ranks;
        b.n_meetings = 0;
        b.meetings = job.wave.meetings;
        b.design = carve<double>(work, a.design_bytes);
        b.sums = reinterpret_cast<quads *>(work - b.rank * a.workspace_bytes);
        uint64_t n_quads = static_cast<uint64_t>(a.n_global_gradients) * a.n_parameter_quads;
        b.gradients = carve<quads>(work, n_quads * sizeof(quads));
    }
    if (svk_has_shared_values(place))
        b.row = carve<uint32_t>(shared, a.chunk * sizeof(uint32_t));
    else
        b.row = carve<uint32_t>(work, a.chunk * sizeof(uint32_t));
    if (svk_has_shared_parameters(place))
        carve_parameters(b, shared);
    else
        carve_parameters(b, work);
    b.values = reinterpret_cast<quads *>(svk_has_shared_values(place) ? shared : work);
    if constexpr (FORM::IS_GENERAL) b.cleared = b.gradients;
    b.thread = threadIdx.x;
    b.n_threads = blockDim.x;
}

template <class FORM>
SVK_DEVICE void block_take_run(block<FORM> &b, const svk_cuda_mlp &job, uint64_t run)
{
    typedef typename FORM::real real;
    const svk_cuda_tables &tables = job.wave.tables;
    const svk_cuda_run &r = job.wave.runs[run];
    const unsigned char *table = tables.base + r.table * tables.size_bytes;
    b.seed_init = r.seed_init;
    b.seed_order = r.seed_order;
    b.seed_schedule = r.seed_schedule;
    b.seed_dropout = r.seed_dropout;
    if constexpr (FORM::IS_GENERAL) b.delay_key = job.wave.delay_key + run;
    b.n_test = r.n_test;
    b.x = reinterpret_cast<const real *>(table);
    b.y = reinterpret_cast<const real *>(table + tables.y_at);
    b.label = reinterpret_cast<const int32_t *>(table + tables.label_at);
    b.target = reinterpret_cast<const double *>(table + tables.target_at);
    b.flags = 0;
    b.run = run;
    b.given = job.given.parameters == nullptr ? nullptr : &job.given;
}

template <class FORM> SVK_DEVICE uint32_t width_of(const block<FORM> &b, int layer)
{
    return static_cast<uint32_t>(b.net->width[layer]);
}

/* Inputs and outputs of the weights of layer l; of a convolution taps and channels. A pool has
 * none. */
template <class FORM> SVK_DEVICE uint32_t inputs_of(const block<FORM> &b, int l)
{
    if constexpr (FORM::HAS_IMAGES) return static_cast<uint32_t>(b.net->layer[l].n_in);
    return width_of(b, l);
}

template <class FORM> SVK_DEVICE uint32_t outputs_of(const block<FORM> &b, int l)
{
    if constexpr (FORM::HAS_IMAGES) return static_cast<uint32_t>(b.net->layer[l].n_out);
    return width_of(b, l + 1);
}

/* The number of the weights of layer l among the tensors; its biases are the next. */
template <class FORM> SVK_DEVICE uint32_t tensor_of(const block<FORM> &b, int l)
{
    if constexpr (FORM::HAS_IMAGES) return static_cast<uint32_t>(b.net->layer[l].tensor);
    return 2u * static_cast<uint32_t>(l);
}

template <class FORM> SVK_DEVICE int kind_of(const block<FORM> &b, int l)
{
    if constexpr (FORM::HAS_IMAGES) return b.net->layer[l].kind;
    return SVK_LAYER_DENSE;
}

/* ---- quads of parameters, dealt out to the threads ---- */

/* A quad of layer l: outputs j .. j + 3 of input k, or of the biases where k is the number of
 * inputs. */
struct parameter_quad {
    uint32_t at, j, k;
    bool is_bias;
};

template <class FORM> SVK_DEVICE uint32_t n_parameter_quads(const block<FORM> &b, int l)
{
    return svk_groups_of_four(outputs_of(b, l)) * (inputs_of(b, l) + 1);
}

template <class FORM>
SVK_DEVICE parameter_quad parameter_quad_at(const block<FORM> &b, int l, uint32_t i)
{
    uint32_t n_in = inputs_of(b, l), group = i / (n_in + 1), k = i % (n_in + 1);
    bool is_bias = k == n_in;
    uint32_t at = is_bias ? b.layout->bias[l] + group
                          : b.layout->weight[l] + group * svk_quad_stride(n_in) + k;
    return parameter_quad{at, 4 * group, k, is_bias};
}

/* ---- start ---- */

template <class FORM>
SVK_DEVICE typename FORM::real initial_value(const block<FORM> &b, uint32_t tensor,
                                             uint64_t element, int is_normal, double scale)
{
    uint64_t first = is_normal ? 2 * element : element;
    uint32_t word0 = svk_draw(b.seed_init, SVK_STREAM_INIT, tensor, first), word1 = 0;
    if (is_normal) word1 = svk_draw(b.seed_init, SVK_STREAM_INIT, tensor, first + 1);
    return real_of<typename FORM::real>::initial(word0, word1, is_normal, scale);
}

/* Weights drawn, outputs beyond the last zero, velocities zero. */
template <class FORM> SVK_DEVICE void start_layer(const block<FORM> &b, int l)
{
    typedef typename block<FORM>::quads quads;
    uint32_t n_in = inputs_of(b, l), n_out = outputs_of(b, l), tensor = tensor_of(b, l);
    for (uint32_t i = b.thread; i < n_parameter_quads(b, l); i += b.n_threads) {
        parameter_quad p = parameter_quad_at(b, l, i);
        quads &w = b.masters[p.at];
#pragma unroll 1
        for (uint32_t q = 0; q < 4; q++) {
            uint32_t j = p.j + q;
            double scale = p.is_bias ? b.net->bias_scale[l] : b.net->weight_scale[l];
            if (j >= n_out || (p.is_bias && !b.net->has_bias)) scale = 0.0;
            uint64_t element = p.is_bias ? j : static_cast<uint64_t>(j) * n_in + p.k;
            w.v[q] = initial_value(b, tensor + p.is_bias, element, b.net->is_normal && !p.is_bias,
                                   scale);
        }
        if (b.layout->has_velocity) b.velocities[p.at] = quads{};
        if constexpr (FORM::IS_GENERAL) {
            if (b.layout->has_second) b.seconds[p.at] = quads{};
            if (b.n_ranks == 1) b.gradients[p.at] = quads{};
        }
    }
}

template <class FORM> SVK_DEVICE void start(const block<FORM> &b)
{
    for (int l = 0; l < b.net->n_layers; l++) start_layer(b, l);
    if constexpr (FORM::IS_GENERAL) {
        if (b.thread != 0) return;
        b.state->powers = svk_moment_powers{1.0, 1.0};
        b.state->arrived.n = 0;
    }
}

/* ---- which rows a step visits ---- */

template <class FORM> SVK_DEVICE void begin_epoch(const block<FORM> &b, uint32_t epoch)
{
    if (b.thread == 0) order_begin(*b.training, b.seed_order, epoch, &b.state->order);
}

/* place: in the epoch. */
template <class FORM>
SVK_DEVICE uint32_t row_at(const block<FORM> &b, uint32_t epoch, uint32_t place)
{
    return order_row(*b.training, b.seed_order, epoch, place, &b.state->order);
}

template <class FORM>
SVK_DEVICE void find_rows(const block<FORM> &b, uint32_t epoch, uint32_t place, uint32_t n)
{
    for (uint32_t i = b.thread; i < n; i += b.n_threads) b.row[i] = row_at(b, epoch, place + i);
}

/* ---- rows of data into values ---- */

SVK_DEVICE uint32_t chunk_row(const chunk &c, uint32_t i)
{
    return c.row != nullptr ? c.row[i] : c.first_row + i;
}

template <class FORM>
SVK_DEVICE typename FORM::real operand(const block<FORM> &b, typename FORM::real x)
{
    if constexpr (FORM::IS_GENERAL) return real_operand(x, b.training->precision);
    return x;
}

/* Four features of four samples. The last group is filled up with the chunk's first sample, which
 * no sum uses. */
template <class FORM> SVK_DEVICE void load_rows(const block<FORM> &b, const chunk &c)
{
    typedef typename block<FORM>::quads quads;
    uint32_t n_features = b.training->n_features, ld = b.training->ld;
    uint32_t n_groups = svk_groups_of_four(c.n), stride = svk_quad_stride(n_features);
    for (uint32_t i = b.thread; i < n_groups * (ld / 4); i += b.n_threads) {
        uint32_t group = i / (ld / 4), f = i % (ld / 4) * 4;
        quads in[4];
#pragma unroll
        for (uint32_t s = 0; s < 4; s++) {
            uint32_t row = chunk_row(c, 4 * group + s < c.n ? 4 * group + s : 0);
            in[s] = *reinterpret_cast<const quads *>(b.x + static_cast<size_t>(row) * ld + f);
        }
        quads *out = b.values + b.layout->value[0] + group * stride + f;
#pragma unroll
        for (uint32_t q = 0; q < 4; q++) {
            if (f + q >= n_features) break;
            quads x;
#pragma unroll
            for (uint32_t s = 0; s < 4; s++) x.v[s] = operand(b, in[s].v[q]);
            out[q] = x;
        }
    }
}

#endif
