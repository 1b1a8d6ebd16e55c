/* The gradient of one parameter: all of its terms, then their sum. */
#ifndef CNN_REFERENCE_SUM_H
#define CNN_REFERENCE_SUM_H

#include "binned_sum.h"
#include "cnn_reference_net.h"
#include "fixed_sum.h"

static inline size_t ref_terms(ref_net *net, int i, int j, int k, uint32_t n)
{
    const ref_layer *l = &net->layer[i];
    size_t count = 0;
    for (uint32_t b = 0; b < n; b++)
        for (int y = 0; y < l->OH; y++)
            for (int x = 0; x < l->OW; x++) {
                int c = k / (l->K * l->K), row = k / l->K % l->K, column = k % l->K;
                int at = k < 0 || l->kind == REF_DENSE ? k : ref_input(l, y, x, c, row, column);
                if (k >= 0 && at < 0) continue;
                net->d[count] = net->sample[b].delta[i + 1][(j * l->OH + y) * l->OW + x];
                net->h[count] = k < 0 ? 0 : net->sample[b].h[i][at];
                net->of[count++] = (int)b;
            }
    return count;
}

/* The chain over the terms of samples first .. end - 1. */
static inline real ref_chain(const ref_net *net, size_t count, bool is_bias, uint32_t first,
                             uint32_t end)
{
    real g = 0;
    for (size_t i = 0; i < count; i++)
        if ((uint32_t)net->of[i] >= first && (uint32_t)net->of[i] < end)
            g = is_bias ? g + net->d[i] : real_fma(net->d[i], net->h[i], g);
    return g;
}

static inline real ref_tree(const real *part, const bool *is_there, int n, bool *is_any)
{
    if (n == 1) {
        *is_any = is_there[0];
        return part[0];
    }
    bool left, right;
    real a = ref_tree(part, is_there, n / 2, &left);
    real b = ref_tree(part + n / 2, is_there + n / 2, n / 2, &right);
    *is_any = left || right;
    return left && right ? a + b : left ? a : b;
}

static inline real ref_butterfly(real *part, bool *is_there, int n)
{
    for (int half = n / 2; half > 0; half /= 2)
        for (int p = 0; p < half; p++) {
            if (!is_there[p + half]) continue;
            part[p] = is_there[p] ? part[p] + part[p + half] : part[p + half];
            is_there[p] = true;
        }
    return part[0];
}

static inline real ref_in_order(const real *part, const bool *is_there, int n, const uint8_t *order,
                                bool is_compensated)
{
    real sum = 0, lost = 0;
    bool is_first = true;
    for (int i = 0; i < n; i++) {
        int p = order != NULL ? order[i] : i;
        if (!is_there[p]) continue;
        real v = part[p], t = is_first ? v : sum + v;
        if (!is_first && is_compensated)
            lost += (sum < 0 ? -sum : sum) >= (v < 0 ? -v : v) ? (sum - t) + v : (v - t) + sum;
        sum = t;
        is_first = false;
    }
    return is_compensated ? sum + lost : sum;
}

static inline real ref_sum_parts(const ref_net *net, size_t count, bool is_bias, uint32_t n,
                                 int tensor, uint64_t step)
{
    int S = net->numerics->n_parts;
    real part[SVK_MAX_PARTS];
    bool is_there[SVK_MAX_PARTS], is_any;
    uint8_t order[SVK_MAX_PARTS];
    for (int p = 0; p < S; p++) {
        uint32_t first = (uint32_t)((uint64_t)p * n / (uint64_t)S);
        uint32_t end = (uint32_t)(((uint64_t)p + 1) * n / (uint64_t)S);
        part[p] = ref_chain(net, count, is_bias, first, end);
        is_there[p] = first < end;
    }
    switch (net->numerics->path) {
    case SVK_PATH_TREE: return ref_tree(part, is_there, S, &is_any);
    case SVK_PATH_BUTTERFLY: return ref_butterfly(part, is_there, S);
    case SVK_PATH_COMPENSATED: return ref_in_order(part, is_there, S, NULL, true);
    default:
        svk_fisher_yates(svi_job_schedule_seed(net->run), SVK_STREAM_SCHEDULE, (uint32_t)tensor,
                         32 * step, (uint32_t)S, order);
        return ref_in_order(part, is_there, S, order, false);
    }
}

static inline real ref_sum_terms(ref_net *net, size_t count, bool is_bias)
{
    svk_binned bins;
    double sum = 0, grain = ldexp(1, net->numerics->fixed_scale);
    bool is_fp32 = SVK_REAL_BITS == 32;
    svk_binned_clear(&bins, is_fp32 ? SVK_BINS_FP32 : SVK_BINS_FP64);
    for (size_t i = 0; i < count; i++) {
        real term = is_bias ? net->d[i] : net->d[i] * net->h[i];
        double grains = (double)term * grain;
        if (!(fabs(grains) <= 0x1p42)) net->is_saturated = true;
        svk_binned_add(&bins, (double)term);
        sum += rint(grains < 0x1p42 ? (grains > -0x1p42 ? grains : -0x1p42) : 0x1p42);
    }
    /* whole numbers below 2^53 in these tests: the order does not matter here either */
    if (net->numerics->path == SVK_PATH_FIXED) return (real)sum * (real)(1 / grain);
    return is_fp32 ? (real)(bins.bin[0] + bins.bin[1])
                   : (real)svk_binned_total_f64(bins.bin[0], bins.bin[1], bins.bin[2]);
}

static inline real ref_gradient(ref_net *net, int i, int j, int k, uint32_t n, uint64_t step)
{
    size_t count = ref_terms(net, i, j, k, n);
    int path = net->numerics->path, tensor = 2 * net->layer[i].number + (k < 0);
    if (path == SVK_PATH_SERIAL) return ref_chain(net, count, k < 0, 0, n);
    if (path == SVK_PATH_BINNED || path == SVK_PATH_FIXED) return ref_sum_terms(net, count, k < 0);
    return ref_sum_parts(net, count, k < 0, n, tensor, step);
}

#endif
