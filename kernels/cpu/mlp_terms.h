/* Gradients as sums of single terms, one product a sample (in a convolution one a sample and
 * pixel), in which neither order nor parts matter: the binned and the fixed path. */
#ifndef SVK_MLP_TERMS_H
#define SVK_MLP_TERMS_H

#include "fixed_sum.h"
#include "mlp_state.h"

/* Where the terms of one parameter come from: delta_j times h_k, sample by sample and pixel by
 * pixel; for a bias times one. A dense layer has one pixel. All steps are in values. */
typedef struct term_source {
    const real *d, *h;       /* of sample 0, the first pixel */
    size_t d_group, h_group; /* from one group of four samples to the next */
    int n_rows, n_columns;   /* of pixels */
    size_t d_row, h_row;
    size_t h_column; /* that of d is one unit */
} term_source;

#if SVK_REAL_BITS == 32
typedef uint32_t real_bits;
typedef int32_t real_flag;
#define bits_of_real svk_bits_f32
#define real_of_bits svk_from_bits_f32
#define bin_of_real svk_bin_of_f32
#define fixed_deposit svk_fixed_deposit_f32
#define fixed_total svk_fixed_total_f32
#else
typedef uint64_t real_bits;
typedef int64_t real_flag;
#define bits_of_real svk_bits_f64
#define real_of_bits svk_from_bits_f64
#define bin_of_real svk_bin_of_f64
#define fixed_deposit svk_fixed_deposit_f64
#define fixed_total svk_fixed_total_f64
#endif

SVK_FN real binned_total(const term_sum *sum, int l)
{
#if SVK_REAL_BITS == 32
    return svk_binned_total_f32(sum->bin[0][l], sum->bin[1][l]);
#else
    return svk_binned_total_f64(sum->bin[0][l], sum->bin[1][l], sum->bin[2][l]);
#endif
}

static void term_sum_begin(term_sum *sum)
{
    memset(sum, 0, sizeof *sum);
    FOR_LANES(l) sum->top[l] = N_BINS - 1;
}

/* Writes the sum to g. */
static void term_sum_end(const state *s, const term_sum *sum, real *g)
{
    const real inverse = (real)svk_fixed_factor(-s->training->fixed_scale);
    if (s->training->path == SVK_PATH_BINNED)
        FOR_LANES(l) g[l] = binned_total(sum, l);
    else
        FOR_LANES(l) g[l] = fixed_total(sum->grains[l], inverse);
}

/* All terms of samples begin .. end - 1: the vectors d and h are their factors. */
#define FOR_TERMS(from, begin, end, d, h)                                                          \
    for (uint32_t b_ = (begin); b_ < (end); b_++)                                                  \
        for (int y_ = 0; y_ < (from)->n_rows; y_++)                                                \
            for (const real *                                                                      \
                     d = (from)->d + sample_at((from)->d_group, b_) + (size_t)y_ * (from)->d_row,  \
                    *h = (from)->h + sample_at((from)->h_group, b_) + (size_t)y_ * (from)->h_row,  \
                    *end_ = d + (size_t)(from)->n_columns * 4 * LANES;                             \
                 d < end_; d += 4 * LANES, h += (from)->h_column)

static size_t sample_at(size_t group, uint32_t b)
{
    return (size_t)(b >> 2) * group + (size_t)(b & 3) * LANES;
}

/* The passes over terms. Each has its sums in arrays of its own, which the compiler then keeps in
 * registers. */
static void find_largest(const term_source *from, uint32_t begin, uint32_t end, real_bits *largest)
{
    _Alignas(64) real_bits most[LANES] = {0};
    FOR_TERMS(from, begin, end, d, h)
    FOR_LANES(l)
    {
        real_bits size = bits_of_real(d[l] * h[l]) << 1 >> 1;
        most[l] = size > most[l] ? size : most[l];
    }
    FOR_LANES(l) largest[l] = most[l];
}

static void add_to_bins(const term_source *from, uint32_t begin, uint32_t end,
                        double (*anchors)[LANES], double (*bins)[LANES])
{
    _Alignas(64) double anchor[N_BINS][LANES], bin[N_BINS][LANES];
    for (int k = 0; k < N_BINS; k++) FOR_LANES(l)
        {
            anchor[k][l] = anchors[k][l];
            bin[k][l] = bins[k][l];
        }
    FOR_TERMS(from, begin, end, d, h)
    FOR_LANES(l)
    svk_binned_deposit(&bin[0][l], &anchor[0][l], LANES, N_BINS, (double)(d[l] * h[l]));
    for (int k = 0; k < N_BINS; k++) FOR_LANES(l) bins[k][l] = bin[k][l];
}

static void add_grains(const term_source *from, uint32_t begin, uint32_t end, int32_t scale,
                       int64_t *grains, real_flag *saturated)
{
    const double factor = svk_fixed_factor(scale);
    const real range = (real)svk_fixed_range(scale);
    _Alignas(64) int64_t sum[LANES] = {0};
    _Alignas(64) real_flag is_outside[LANES] = {0};
    FOR_TERMS(from, begin, end, d, h)
    FOR_LANES(l) sum[l] += fixed_deposit(d[l] * h[l], range, factor, &is_outside[l]);
    FOR_LANES(l) grains[l] += sum[l];
    FOR_LANES(l) saturated[l] |= is_outside[l];
}

/* Moves the bins to where the largest new term has room, and makes their anchors. */
static void raise_bins(const real_bits *largest, term_sum *sum, double (*anchor)[LANES])
{
    FOR_LANES(l)
    {
        int32_t highest = bin_of_real(real_of_bits(largest[l]));
        highest = highest > sum->top[l] ? highest : sum->top[l];
        svk_binned_raise(&sum->bin[0][l], LANES, N_BINS, sum->top[l], highest);
        sum->top[l] = highest;
        for (int k = 0; k < N_BINS; k++) anchor[k][l] = svk_bin_anchor(highest - k);
    }
}

/* Adds the terms of samples begin .. end - 1 to a sum. */
static void add_terms(const state *s, const term_source *from, uint32_t begin, uint32_t end,
                      term_sum *sum, real_flag *saturated)
{
    _Alignas(64) real_bits largest[LANES];
    _Alignas(64) double anchor[N_BINS][LANES];
    if (s->training->path == SVK_PATH_FIXED) {
        add_grains(from, begin, end, s->training->fixed_scale, sum->grains, saturated);
        return;
    }
    find_largest(from, begin, end, largest);
    raise_bins(largest, sum, anchor);
    add_to_bins(from, begin, end, anchor, sum->bin);
}

#include "grain_lanes.h"

/* The sum of n terms of a dense layer. */
static void sum_of_terms(const state *s, const term_source *from, uint32_t n, bin_guess *guess,
                         real *g, real_flag *saturated)
{
    term_sum sum;
    if (sum_in_grains(s->training, from, n, guess, g)) return;
    term_sum_begin(&sum);
    add_terms(s, from, 0, n, &sum, saturated);
    term_sum_end(s, &sum, g);
}

/* Gradients of dense layer l over the chunk's n samples, which are the whole batch. */
static void gradient_of_terms(state *s, int l, uint32_t n)
{
    _Alignas(64) real_flag saturated[LANES] = {0};
    bin_guess guess = {0};
    int n_in = s->net->width[l], n_rows = s->net->has_bias ? n_in + 1 : n_in;
    term_source from = {
        .d_group = group_stride(s->net->width[l + 1]) * LANES, .n_rows = 1, .n_columns = 1};
    for (int j = 0; j < s->net->width[l + 1]; j++) {
        from.d = s->delta[l + 1] + value_at(s, l + 1, 0, j);
        for (int k = 0; k < n_rows; k++) {
            from.h = k < n_in ? s->h[l] + value_at(s, l, 0, k) : s->ones;
            from.h_group = k < n_in ? group_stride(n_in) * LANES : 0;
            real *g = k < n_in ? s->weight[l].gradient + weight_at(s, l, j, k)
                               : s->bias[l].gradient + j * LANES;
            sum_of_terms(s, &from, n, &guess, g, saturated);
        }
    }
    for (int i = 0; i < LANES; i++)
        if (!s->is_stopped[i]) s->is_saturated[i] |= saturated[i] != 0;
}

#endif
