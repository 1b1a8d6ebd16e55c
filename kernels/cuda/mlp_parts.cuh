/* Gradients whose samples are not one chain: the parts of a batch in the lanes of a warp, and sums
 * of single terms. The whole batch stands in the values. Phases, as in mlp_block.cuh. */
#ifndef SVK_MLP_PARTS_CUH
#define SVK_MLP_PARTS_CUH

#include "delay.cuh"
#include "mlp_gradient.cuh"
#include "shared_run.cuh"

enum { WARP_LANES = 32 };
#define ALL_LANES 0xffffffffu

/* ---- parts in lanes ---- */

/* Bit p: part p of a batch of n samples is not empty. */
SVK_DEVICE uint32_t present_parts(uint32_t n, uint32_t n_parts)
{
    uint32_t present = 0;
    for (uint32_t p = 0; p < n_parts; p++)
        present |= (svk_part_begin(p, n, n_parts) < svk_part_begin(p + 1, n, n_parts) ? 1u : 0u)
                   << p;
    return present;
}

/* tree and butterfly: in each round a lane adds what the lane beside it holds, which differs from
 * it in one bit; lowest first makes the tree of adjacent pairs, highest first the butterfly. */
template <class REAL>
SVK_DEVICE REAL combine_pairs(REAL sum, int has_sum, int n_parts, bool is_tree)
{
    for (int round = 1; round < n_parts; round *= 2) {
        int mask = is_tree ? round : n_parts / 2 / round;
        REAL other = __shfl_xor_sync(ALL_LANES, sum, mask, WARP_LANES);
        int has_other = __shfl_xor_sync(ALL_LANES, has_sum, mask, WARP_LANES);
        sum = !has_other ? sum : has_sum ? sum + other : other;
        has_sum |= has_other;
    }
    return sum;
}

/* One part after the other; order: NULL for the ascending one. width: lanes that share a quad. */
template <class REAL>
SVK_DEVICE REAL combine_in_order(REAL part, uint32_t present, int n_parts, int width,
                                 const uint8_t *order, bool is_compensated)
{
    REAL sum = 0, lost = 0;
    bool is_first = true;
    for (int i = 0; i < n_parts; i++) {
        int p = order != nullptr ? order[i] : i;
        REAL term = __shfl_sync(ALL_LANES, part, p, width);
        if ((present >> p & 1u) == 0) continue;
        if (is_first)
            sum = term;
        else if (is_compensated)
            real_neumaier(&sum, &lost, term);
        else
            sum = sum + term;
        is_first = false;
    }
    return is_compensated ? sum + lost : sum;
}

/* As many quads of a layer at a time as a warp has lanes for their parts: part p in lane p of each
 * group. Lanes beyond the last quad take the first one again, since all lanes must shuffle. */
template <class FORM> SVK_DEVICE void gradient_parts(const block<FORM> &b, const chunk &c, int l)
{
    const svk_training &t = *b.training;
    const int n_parts = t.n_parts, width = n_parts <= 1 ? 1 : 1 << (32 - __clz(n_parts - 1));
    const bool is_tree = t.path == SVK_PATH_TREE, is_compensated = t.path == SVK_PATH_COMPENSATED;
    uint32_t lane = b.thread % WARP_LANES, part = lane % width, n_quads = n_parameter_quads(b, l);
    uint32_t n_groups = WARP_LANES / width, present = present_parts(c.n, n_parts);
    for (uint32_t first = b.thread / WARP_LANES * n_groups; first < n_quads;
         first += b.n_threads / WARP_LANES * n_groups) {
        uint32_t i = first + lane / width;
        bool is_there = i < n_quads && part < static_cast<uint32_t>(n_parts);
        parameter_quad p = parameter_quad_at(b, l, i < n_quads ? i : 0);
        uint32_t begin = svk_part_begin(part, c.n, n_parts),
                 end = is_there ? svk_part_begin(part + 1, c.n, n_parts) : begin;
        const uint8_t *order =
            t.path == SVK_PATH_DRAWN ? b.state->part_order[tensor_of(b, l) + p.is_bias] : nullptr;
        typename block<FORM>::quads g = {};
        chain_quad(b, l, p, begin, end, g);
#pragma unroll
        for (int q = 0; q < 4; q++)
            g.v[q] = is_tree || t.path == SVK_PATH_BUTTERFLY
                         ? combine_pairs(g.v[q], begin < end, n_parts, is_tree)
                         : combine_in_order(g.v[q], present, n_parts, width, order, is_compensated);
        if (is_there && part == 0) b.gradients[p.at] = g;
    }
}

/* The order of the parts for every tensor in this step. */
template <class FORM> SVK_DEVICE void draw_part_orders(const block<FORM> &b, uint64_t number)
{
    if (b.training->path != SVK_PATH_DRAWN) return;
    uint32_t n_tensors = tensor_of(b, b.net->n_layers - 1) + 2;
    for (uint32_t q = b.thread; q < n_tensors; q += b.n_threads)
        svk_fisher_yates(b.seed_schedule, SVK_STREAM_SCHEDULE, q, number * SVK_MAX_PARTS,
                         static_cast<uint32_t>(b.training->n_parts), b.state->part_order[q]);
}

/* ---- parts by warps, in the order that the hardware makes of it ---- */

/* The lanes of a warp: the gradients of one part of the batch, whose samples are in the chunk, kept
 * apart or added to those of the others. */
template <class FORM>
SVK_DEVICE void gradient_of_part(const block<FORM> &b, const chunk &c, const step &s, uint32_t part)
{
    typedef typename block<FORM>::quads quads;
    const svk_training &t = *b.training;
    uint32_t begin = svk_part_begin(part, s.n, t.n_parts) - c.first,
             end = svk_part_begin(part + 1, s.n, t.n_parts) - c.first;
    quads *sums = b.parts + static_cast<size_t>(part) * b.layout->n_parameter_quads;
    for (int l = 0; begin < end && l < b.net->n_layers; l++)
        for (uint32_t i = b.thread % WARP_LANES; i < n_parameter_quads(b, l); i += WARP_LANES) {
            parameter_quad p = parameter_quad_at(b, l, i);
            if (p.is_bias && !b.net->has_bias) continue;
            quads g = {};
            chain_quad(b, l, p, begin, end, g);
            if (t.path == SVK_PATH_ARRIVAL) {
                sums[p.at] = g;
                continue;
            }
#pragma unroll
            for (uint32_t q = 0; q < 4; q++)
                if (p.j + q < outputs_of(b, l)) atomicAdd(&b.gradients[p.at].v[q], g.v[q]);
        }
}

template <class FORM>
SVK_DEVICE void gradient_by_warps(const block<FORM> &b, const chunk &c, const step &s)
{
    const svk_training &t = *b.training;
    const part_range own = own_parts(b);
    for (uint32_t part = own.begin + b.thread / WARP_LANES; part < own.end;
         part += b.n_threads / WARP_LANES) {
        delay(b, s.number, part, DELAY_BEFORE_PART, DELAY_OF_WARP);
        gradient_of_part(b, c, s, part);
        if (t.path != SVK_PATH_ARRIVAL) continue;
        __syncwarp(); /* a part arrives when all its lanes have */
        if (b.thread % WARP_LANES == 0)
            b.state->arrived.part[atomicAdd(&b.state->arrived.n, 1u)] = part;
    }
}

/* After the last ticket: the parts one after the other, as they have arrived. */
template <class FORM> SVK_DEVICE void combine_arrivals(const block<FORM> &b, uint32_t n_samples)
{
    typedef typename block<FORM>::quads quads;
    const svk_training &t = *b.training;
    uint32_t present = present_parts(n_samples, t.n_parts);
    for (int l = 0; l < b.net->n_layers; l++)
        for (uint32_t i = b.thread; i < n_parameter_quads(b, l); i += b.n_threads) {
            parameter_quad p = parameter_quad_at(b, l, i);
            if (p.is_bias && !b.net->has_bias) continue;
            quads sum = {};
            bool is_first = true;
            for (int ticket = 0; ticket < t.n_parts; ticket++) {
                uint32_t part = b.state->arrived.part[ticket];
                if ((present >> part & 1u) == 0) continue;
                quads g = b.parts[static_cast<size_t>(part) * b.layout->n_parameter_quads + p.at];
#pragma unroll
                for (int q = 0; q < 4; q++) sum.v[q] = is_first ? g.v[q] : sum.v[q] + g.v[q];
                is_first = false;
            }
            b.gradients[p.at] = sum;
        }
}

/* One thread: notes the order of a step, and lets the next one begin. */
template <class FORM> SVK_DEVICE void log_arrivals(block<FORM> &b)
{
    b.state->arrived.n = 0;
    if (b.arrivals.word != nullptr)
        svk_arrival_put(&b.arrivals, b.state->arrived.part, b.training->n_parts);
}

/* One thread, at the end of a run: the words that are left are zero. */
template <class FORM> SVK_DEVICE void end_arrivals(block<FORM> &b, const uint32_t *end)
{
    if (b.arrivals.word == nullptr) return;
    svk_bits_end(&b.arrivals);
    while (b.arrivals.word < end) *b.arrivals.word++ = 0;
}

/* ---- single terms ---- */

/* Calls visit(term) for what each sample and pixel adds to the gradient of output j of a quad. */
template <class FORM, class VISIT>
SVK_DEVICE void each_term(const block<FORM> &b, int l, const parameter_quad &p, uint32_t j,
                          uint32_t n, VISIT visit)
{
    const pairs t = pairs_of(b, l, p);
    for (uint32_t sample = 0; sample < n; sample++) {
        const typename FORM::real *d = delta_of(b, l, t, sample, j - p.j),
                                  *h = input_of(b, l, t, sample);
        for (int y = 0; y < t.n_rows; y++, d += 4 * t.d_row, h += 4 * t.h_row)
            for (int x = 0; x < t.n_columns; x++)
                visit(p.is_bias ? d[4 * x] : d[4 * x] * h[4 * x * t.h_column]);
    }
}

/* Two passes over the terms: the largest decides the bins. */
template <class FORM>
SVK_DEVICE typename FORM::real binned_sum(const block<FORM> &b, int l, const parameter_quad &p,
                                          uint32_t j, uint32_t n)
{
    typedef typename FORM::real real;
    typedef real_of<real> of;
    typename of::bits largest = 0;
    double bin[of::N_BINS], anchor[of::N_BINS];
    each_term(b, l, p, j, n, [&](real term) {
        typename of::bits size = of::size_of(term);
        largest = size > largest ? size : largest;
    });
    int32_t top = of::bin_of(largest);
    top = top < of::N_BINS - 1 ? of::N_BINS - 1 : top;
#pragma unroll
    for (int k = 0; k < of::N_BINS; k++) {
        bin[k] = 0.0;
        anchor[k] = svk_bin_anchor(top - k);
    }
    each_term(b, l, p, j, n, [&](real term) {
        double rest = static_cast<double>(term);
#pragma unroll
        for (int k = 0; k < of::N_BINS; k++) bin[k] += svk_bin_slice(&rest, anchor[k]);
    });
    return of::binned_total(bin);
}

template <class FORM>
SVK_DEVICE typename FORM::real fixed_sum(block<FORM> &b, int l, const parameter_quad &p, uint32_t j,
                                         uint32_t n)
{
    typedef typename FORM::real real;
    typedef real_of<real> of;
    const int32_t bits = b.training->fixed_scale;
    const double factor = svk_fixed_factor(bits);
    const real range = static_cast<real>(svk_fixed_range(bits));
    typename of::flag is_saturated = 0;
    int64_t sum = 0;
    each_term(b, l, p, j, n,
              [&](real term) { sum += of::fixed_deposit(term, range, factor, &is_saturated); });
    if (is_saturated) b.flags |= FLAG_SATURATED;
    return of::fixed_total(sum, static_cast<real>(svk_fixed_factor(-bits)));
}

template <class FORM> SVK_DEVICE void gradient_terms(block<FORM> &b, const chunk &c, int l)
{
    uint32_t n_out = outputs_of(b, l);
    for (uint32_t i = b.thread; i < n_parameter_quads(b, l); i += b.n_threads) {
        parameter_quad p = parameter_quad_at(b, l, i);
        if (p.is_bias && !b.net->has_bias) continue;
#pragma unroll 1
        for (uint32_t q = 0; q < 4 && p.j + q < n_out; q++)
            b.gradients[p.at].v[q] = b.training->path == SVK_PATH_BINNED
                                         ? binned_sum(b, l, p, p.j + q, c.n)
                                         : fixed_sum(b, l, p, p.j + q, c.n);
    }
}

#endif
