/* Gradients as sums of single terms, one product a sample, in which neither order nor parts matter:
 * the binned and the fixed path. */
#ifndef SVK_MLP_TERMS_H
#define SVK_MLP_TERMS_H

#include "fixed_sum.h"
#include "mlp_state.h"

/* Where the terms of one parameter come from: delta_j times h_k, sample by sample; h is NULL for a
 * bias. A group of four samples is d_group (h_group) values after the other. */
typedef struct term_source {
    const real *d, *h;
    size_t d_group, h_group;
} term_source;

SVK_FN void terms_of_sample(term_source from, uint32_t b, real *term)
{
    const real *d = from.d + (b >> 2) * from.d_group + (b & 3) * LANES;
    const real *h = from.h + (b >> 2) * from.h_group + (b & 3) * LANES;
    if (from.h != NULL)
        FOR_LANES(l) term[l] = d[l] * h[l];
    else
        FOR_LANES(l) term[l] = d[l];
}

#if SVK_REAL_BITS == 32
enum { N_BINS = SVK_BINS_FP32 };
typedef uint32_t real_bits;
typedef int32_t real_flag;
#define bits_of_real svk_bits_f32
#define real_of_bits svk_from_bits_f32
#define bin_of_real svk_bin_of_f32
#define fixed_deposit svk_fixed_deposit_f32
#define fixed_total svk_fixed_total_f32
#else
enum { N_BINS = SVK_BINS_FP64 };
typedef uint64_t real_bits;
typedef int64_t real_flag;
#define bits_of_real svk_bits_f64
#define real_of_bits svk_from_bits_f64
#define bin_of_real svk_bin_of_f64
#define fixed_deposit svk_fixed_deposit_f64
#define fixed_total svk_fixed_total_f64
#endif

SVK_FN real binned_total(double (*bin)[LANES], int l)
{
#if SVK_REAL_BITS == 32
    return svk_binned_total_f32(bin[0][l], bin[1][l]);
#else
    return svk_binned_total_f64(bin[0][l], bin[1][l], bin[2][l]);
#endif
}

/* Two passes over the n samples: the largest term decides the bins. */
static void binned_sum(term_source from, uint32_t n, real *g)
{
    _Alignas(64) double bin[N_BINS][LANES] = {{0}}, anchor[N_BINS][LANES];
    _Alignas(64) real_bits largest[LANES] = {0};
    _Alignas(64) real term[LANES];
    for (uint32_t b = 0; b < n; b++) {
        terms_of_sample(from, b, term);
        FOR_LANES(l)
        {
            real_bits size = bits_of_real(term[l]) << 1 >> 1;
            largest[l] = size > largest[l] ? size : largest[l];
        }
    }
    FOR_LANES(l)
    {
        int32_t top = bin_of_real(real_of_bits(largest[l]));
        top = top < N_BINS - 1 ? N_BINS - 1 : top;
        for (int k = 0; k < N_BINS; k++) anchor[k][l] = svk_bin_anchor(top - k);
    }
    for (uint32_t b = 0; b < n; b++) {
        terms_of_sample(from, b, term);
        FOR_LANES(l) svk_binned_deposit(&bin[0][l], &anchor[0][l], LANES, N_BINS, (double)term[l]);
    }
    FOR_LANES(l) g[l] = binned_total(bin, l);
}

static void fixed_sum(const state *s, term_source from, uint32_t n, real *g, real_flag *saturated)
{
    const int32_t bits = s->training->fixed_scale;
    const double factor = svk_fixed_factor(bits);
    const real range = (real)svk_fixed_range(bits), inverse = (real)svk_fixed_factor(-bits);
    _Alignas(64) int64_t sum[LANES] = {0};
    _Alignas(64) real term[LANES];
    for (uint32_t b = 0; b < n; b++) {
        terms_of_sample(from, b, term);
        FOR_LANES(l) sum[l] += fixed_deposit(term[l], range, factor, &saturated[l]);
    }
    FOR_LANES(l) g[l] = fixed_total(sum[l], inverse);
}

/* Gradients of layer l over the chunk's n samples, which are the whole batch. */
static void gradient_of_terms(state *s, int l, uint32_t n)
{
    _Alignas(64) real_flag saturated[LANES] = {0};
    int n_in = s->net->width[l], n_rows = s->net->has_bias ? n_in + 1 : n_in;
    term_source from = {.d_group = group_stride(s->net->width[l + 1]) * LANES,
                        .h_group = group_stride(n_in) * LANES};
    for (int j = 0; j < s->net->width[l + 1]; j++) {
        from.d = s->delta[l + 1] + value_at(s, l + 1, 0, j);
        for (int k = 0; k < n_rows; k++) {
            from.h = k < n_in ? s->h[l] + value_at(s, l, 0, k) : NULL;
            real *g = k < n_in ? s->weight[l].gradient + weight_at(s, l, j, k)
                               : s->bias[l].gradient + j * LANES;
            if (s->training->path == SVK_PATH_BINNED)
                binned_sum(from, n, g);
            else
                fixed_sum(s, from, n, g, saturated);
        }
    }
    for (int i = 0; i < LANES; i++)
        if (!s->is_stopped[i]) s->is_saturated[i] |= saturated[i] != 0;
}

#endif
