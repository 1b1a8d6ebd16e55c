#include "bisect/parting.h"

#include <string.h>

#include "distance.h"

static uint64_t bits_of(double value, bool is_fp64)
{
    return is_fp64 ? svk_canonical_bits_f64(value) : svk_canonical_bits_f32((float)value);
}

static void note_first(svi_parting *p, uint64_t parameter, uint64_t in_tensor, uint64_t n_in,
                       const double value[2], const uint64_t bits[2])
{
    p->parameter = parameter;
    p->of_tensor = p->n_tensors;
    p->out = in_tensor / n_in;
    p->in = in_tensor % n_in;
    memcpy(p->value, value, sizeof p->value);
    memcpy(p->bits, bits, sizeof p->bits);
    p->ulps = svk_ulps_apart(bits[0], bits[1], p->n_bits);
}

/* The n parameters from p->n on; n_in: weights that lead into one unit; 1 for biases. */
static void add_tensor(svi_parting *p, svi_tensor_parting tensor, uint64_t n_in, const double *a,
                       const double *b)
{
    for (uint64_t i = 0; i < tensor.n; i++) {
        const double value[2] = {a[p->n + i], b[p->n + i]};
        const uint64_t bits[2] = {bits_of(value[0], p->n_bits == 64),
                                  bits_of(value[1], p->n_bits == 64)};
        uint64_t ulps = svk_ulps_apart(bits[0], bits[1], p->n_bits);
        if (ulps == 0) continue;
        if (p->n_different++ == 0) note_first(p, p->n + i, i, n_in, value, bits);
        tensor.n_different++;
        if (ulps > tensor.max_ulp) tensor.max_ulp = ulps;
    }
    p->n += tensor.n;
    p->tensor[p->n_tensors++] = tensor;
}

void svi_parting_find(const svk_net *net, bool is_fp64, const double *a, const double *b,
                      svi_parting *out)
{
    memset(out, 0, sizeof *out);
    out->n_bits = is_fp64 ? 64 : 32;
    for (int l = 0; l < net->n_layers; l++) {
        uint64_t n_in = (uint64_t)net->layer[l].n_in, n_out = (uint64_t)net->layer[l].n_out;
        if (n_out == 0) continue;
        add_tensor(out, (svi_tensor_parting){.layer = l + 1, .n = n_in * n_out}, n_in, a, b);
        if (net->has_bias)
            add_tensor(out, (svi_tensor_parting){.layer = l + 1, .is_bias = true, .n = n_out}, 1, a,
                       b);
    }
}
