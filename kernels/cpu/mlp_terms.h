/* Gradients as sums of single terms, one product a sample (in a convolution one a sample and
 * pixel), in which neither order nor parts matter: the binned and the fixed path. */
#ifndef SVK_MLP_TERMS_H
#define SVK_MLP_TERMS_H

#include "fixed_sum.h"
#include "mlp_state.h"

/* Where the terms of one parameter come from: delta_j times h_k, sample by sample and pixel by
 * pixel; h is NULL for a bias. A dense layer has one pixel. All steps are in values. */
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

/* What takes the terms of a pass. */
typedef struct deposits {
    _Alignas(64) real_bits largest[LANES];
    _Alignas(64) double bin[N_BINS][LANES], anchor[N_BINS][LANES];
    _Alignas(64) int64_t grains[LANES];
    _Alignas(64) real_flag saturated[LANES];
    double factor;
    real range;
} deposits;

typedef enum deposit_kind { FIND_LARGEST, INTO_BINS, INTO_GRAINS } deposit_kind;

SVK_FN void deposit(deposit_kind kind, deposits *to, const real *term)
{
    if (kind == FIND_LARGEST) FOR_LANES(l)
        {
            real_bits size = bits_of_real(term[l]) << 1 >> 1;
            to->largest[l] = size > to->largest[l] ? size : to->largest[l];
        }
    else if (kind == INTO_BINS)
        FOR_LANES(l)
    svk_binned_deposit(&to->bin[0][l], &to->anchor[0][l], LANES, N_BINS, (double)term[l]);
    else FOR_LANES(l) to->grains[l] +=
        fixed_deposit(term[l], to->range, to->factor, &to->saturated[l]);
}

/* One pass over the terms of samples begin .. end - 1. */
SVK_FN void deposit_all(deposit_kind kind, deposits *to, const term_source *from, uint32_t begin,
                        uint32_t end)
{
    _Alignas(64) real term[LANES];
    for (uint32_t b = begin; b < end; b++) {
        size_t d_at = (size_t)(b >> 2) * from->d_group + (b & 3) * LANES;
        size_t h_at = (size_t)(b >> 2) * from->h_group + (b & 3) * LANES;
        for (int y = 0; y < from->n_rows; y++, d_at += from->d_row, h_at += from->h_row)
            for (int x = 0; x < from->n_columns; x++) {
                const real *d = from->d + d_at + (size_t)x * 4 * LANES;
                if (from->h == NULL) {
                    FOR_LANES(l) term[l] = d[l];
                } else {
                    const real *h = from->h + h_at + (size_t)x * from->h_column;
                    FOR_LANES(l) term[l] = d[l] * h[l];
                }
                deposit(kind, to, term);
            }
    }
}

/* Moves the bins to where the largest new term has room, and makes their anchors. */
static void raise_bins(deposits *to, int32_t *top)
{
    FOR_LANES(l)
    {
        int32_t highest = bin_of_real(real_of_bits(to->largest[l]));
        highest = highest > top[l] ? highest : top[l];
        svk_binned_raise(&to->bin[0][l], LANES, N_BINS, top[l], highest);
        top[l] = highest;
        for (int k = 0; k < N_BINS; k++) to->anchor[k][l] = svk_bin_anchor(highest - k);
    }
}

/* Adds the terms of samples begin .. end - 1 to a sum. */
static void add_terms(const state *s, const term_source *from, uint32_t begin, uint32_t end,
                      term_sum *sum, real_flag *saturated)
{
    deposits to;
    if (s->training->path == SVK_PATH_BINNED) {
        memset(to.largest, 0, sizeof to.largest);
        memcpy(to.bin, sum->bin, sizeof to.bin);
        deposit_all(FIND_LARGEST, &to, from, begin, end);
        raise_bins(&to, sum->top);
        deposit_all(INTO_BINS, &to, from, begin, end);
        memcpy(sum->bin, to.bin, sizeof to.bin);
        return;
    }
    to.factor = svk_fixed_factor(s->training->fixed_scale);
    to.range = (real)svk_fixed_range(s->training->fixed_scale);
    memset(to.saturated, 0, sizeof to.saturated);
    memcpy(to.grains, sum->grains, sizeof to.grains);
    deposit_all(INTO_GRAINS, &to, from, begin, end);
    memcpy(sum->grains, to.grains, sizeof to.grains);
    FOR_LANES(l) saturated[l] |= to.saturated[l];
}

/* Gradients of dense layer l over the chunk's n samples, which are the whole batch. */
static void gradient_of_terms(state *s, int l, uint32_t n)
{
    _Alignas(64) real_flag saturated[LANES] = {0};
    int n_in = s->net->width[l], n_rows = s->net->has_bias ? n_in + 1 : n_in;
    term_source from = {.d_group = group_stride(s->net->width[l + 1]) * LANES,
                        .h_group = group_stride(n_in) * LANES,
                        .n_rows = 1,
                        .n_columns = 1};
    for (int j = 0; j < s->net->width[l + 1]; j++) {
        from.d = s->delta[l + 1] + value_at(s, l + 1, 0, j);
        for (int k = 0; k < n_rows; k++) {
            term_sum sum;
            from.h = k < n_in ? s->h[l] + value_at(s, l, 0, k) : NULL;
            real *g = k < n_in ? s->weight[l].gradient + weight_at(s, l, j, k)
                               : s->bias[l].gradient + j * LANES;
            term_sum_begin(&sum);
            add_terms(s, &from, 0, n, &sum, saturated);
            term_sum_end(s, &sum, g);
        }
    }
    for (int i = 0; i < LANES; i++)
        if (!s->is_stopped[i]) s->is_saturated[i] |= saturated[i] != 0;
}

#endif
