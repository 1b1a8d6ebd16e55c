/* Gradients on tensor cores (paths mma-*): the gradient of a layer is the product of its inputs, a
 * row each, and a row of ones for the biases, with its deltas, a column each output; terms are the
 * samples, in a convolution each with every pixel that comes out. A warp makes 16 rows by 8 columns
 * at a time. No contract covers these sums. Phases, as in mlp_block.cuh. */
#ifndef SVK_MLP_MMA_CUH
#define SVK_MLP_MMA_CUH

#include "mlp_gradient.cuh"
#include "mma_sync.cuh"

/* The products of a layer, for a chunk of samples. */
struct mma_shape {
    uint32_t n_in, n_out;       /* of its weights */
    uint32_t n_pixels, n_terms; /* n_pixels: that come out, of each channel; dense: 1 */
};

template <class FORM> SVK_DEVICE mma_shape mma_shape_of(const block<FORM> &b, const chunk &c, int l)
{
    uint32_t pixels = 1;
    if constexpr (FORM::HAS_IMAGES)
        if (kind_of(b, l) == SVK_LAYER_CONV) pixels = n_pixels(b.net->layer[l].out);
    return mma_shape{inputs_of(b, l), outputs_of(b, l), pixels, c.n * pixels};
}

/* Of this tap for a sample and a pixel that comes out; dense: of this input. */
template <class FORM>
SVK_DEVICE float mma_input(const block<FORM> &b, int l, uint32_t k, uint32_t sample, uint32_t pixel)
{
    uint32_t unit = k;
    if constexpr (FORM::HAS_IMAGES) {
        const svk_layer &layer = b.net->layer[l];
        if (layer.kind == SVK_LAYER_CONV) {
            int tap = static_cast<int>(k), out = static_cast<int>(pixel);
            int y = out / layer.out.width * layer.stride + tap / layer.kernel % layer.kernel,
                x = out % layer.out.width * layer.stride + tap % layer.kernel;
            y -= layer.padding;
            x -= layer.padding;
            if (y < 0 || y >= layer.in.height || x < 0 || x >= layer.in.width) return 0.0f;
            unit = unit_at(layer.in, tap / layer.kernel / layer.kernel, y, x);
        }
    }
    return b.values[b.layout->value[l] + sample / 4 * svk_quad_stride(width_of(b, l)) + unit]
        .v[sample % 4];
}

/* The row of the ones comes after the inputs'. What fills up a tile is zero. */
template <class FORM>
SVK_DEVICE float mma_row_term(const block<FORM> &b, int l, const mma_shape &m, uint32_t row,
                              uint32_t term)
{
    if (term >= m.n_terms || row > m.n_in) return 0.0f;
    if (row == m.n_in) return 1.0f;
    return mma_input(b, l, row, term / m.n_pixels, term % m.n_pixels);
}

template <class FORM>
SVK_DEVICE float mma_column_term(const block<FORM> &b, int l, const mma_shape &m, uint32_t column,
                                 uint32_t term)
{
    if (term >= m.n_terms || column >= m.n_out) return 0.0f;
    uint32_t sample = term / m.n_pixels, unit = column * m.n_pixels + term % m.n_pixels;
    return b
        .values[b.layout->delta[l + 1] + sample / 4 * svk_quad_stride(width_of(b, l + 1)) + unit]
        .v[sample % 4];
}

/* Where the gradient of this row and column stands; NULL where there is none. */
template <class FORM>
SVK_DEVICE float *mma_gradient(const block<FORM> &b, int l, const mma_shape &m, uint32_t row,
                               uint32_t column)
{
    if (row > m.n_in || column >= m.n_out || (row == m.n_in && !b.net->has_bias)) return nullptr;
    uint32_t at = row == m.n_in ? b.layout->bias[l] + column / 4
                                : b.layout->weight[l] + column / 4 * svk_quad_stride(m.n_in) + row;
    return b.gradients[at].v + column % 4;
}

/* From this row and column on; the sums go on where the last chunk left off. */
template <class MMA, class FORM>
SVK_DEVICE void mma_tile(const block<FORM> &b, const step &s, int l, const mma_shape &m,
                         uint32_t row, uint32_t column)
{
    uint32_t lane = b.thread % 32, high = lane / 4, low = lane % 4;
    float sum[4] = {};
    float *gradient[4];
#pragma unroll
    for (uint32_t i = 0; i < 4; i++) {
        gradient[i] = mma_gradient(b, l, m, row + high + 8 * (i / 2), column + 2 * low + i % 2);
        if (!s.is_first && gradient[i] != nullptr) sum[i] = *gradient[i];
    }
    for (uint32_t first = 0; first < m.n_terms; first += MMA::N_TERMS) {
        uint32_t x[4], d[2];
#pragma unroll
        for (uint32_t i = 0; i < 4; i++)
            x[i] = MMA::pack(low, i / 2, [&](uint32_t t) {
                return mma_row_term(b, l, m, row + high + 8 * (i % 2), first + t);
            });
#pragma unroll
        for (uint32_t i = 0; i < 2; i++)
            d[i] = MMA::pack(low, i, [&](uint32_t t) {
                return mma_column_term(b, l, m, column + high, first + t);
            });
        MMA::multiply(sum, x, d);
    }
#pragma unroll
    for (uint32_t i = 0; i < 4; i++)
        if (gradient[i] != nullptr) *gradient[i] = sum[i];
}

template <class FORM>
SVK_DEVICE void gradient_mma(const block<FORM> &b, const chunk &c, const step &s, int l)
{
    const mma_shape m = mma_shape_of(b, c, l);
    uint32_t n_rows = m.n_in / MMA_ROWS + 1, n_columns = (m.n_out + MMA_COLUMNS - 1) / MMA_COLUMNS;
    for (uint32_t i = b.thread / 32; i < n_rows * n_columns; i += b.n_threads / 32) {
        uint32_t row = i % n_rows * MMA_ROWS, column = i / n_rows * MMA_COLUMNS;
        if (b.training->path == SVK_PATH_MMA_TF32)
            mma_tile<mma_tf32>(b, s, l, m, row, column);
        else
            mma_tile<mma_bf16>(b, s, l, m, row, column);
    }
}

#endif
