/* Blocks that share a run (path atomic-global, numerics.blocks): each has the network for itself,
 * works on its share of every batch and adds its gradients to sums in global memory; all take the
 * same step from the same sums, so that their networks stay alike. The first of them keeps the
 * record. All blocks of a launch are at work at a time, as they wait for one another.
 *
 * There are three copies of the sums: while one is read, blocks that are ahead add to the next, and
 * the one before is cleared. */
#ifndef SVK_SHARED_RUN_CUH
#define SVK_SHARED_RUN_CUH

#include "mlp_block.cuh"

template <class FORM> SVK_DEVICE bool is_shared(const block<FORM> &b)
{
    if constexpr (FORM::IS_GENERAL) return b.n_ranks > 1;
    return false;
}

template <class FORM> SVK_DEVICE bool keeps_record(const block<FORM> &b)
{
    if constexpr (FORM::IS_GENERAL) return b.rank == 0;
    return true;
}

/* Parts begin .. end - 1 of the batch are this block's. */
struct part_range {
    uint32_t begin, end;
};

template <class FORM> SVK_DEVICE part_range own_parts(const block<FORM> &b)
{
    const uint32_t n_parts = static_cast<uint32_t>(b.training->n_parts);
    if constexpr (FORM::IS_GENERAL)
        return part_range{svk_part_begin(b.rank, n_parts, b.n_ranks),
                          svk_part_begin(b.rank + 1, n_parts, b.n_ranks)};
    return part_range{0, n_parts};
}

/* Where the sums of the next step are made, and those of the last one cleared by one of the
 * blocks. */
template <class FORM> SVK_DEVICE void turn_sums(block<FORM> &b)
{
    const uint32_t n = b.layout->n_parameter_quads;
    b.gradients = b.sums + b.n_meetings % 3 * n;
    b.cleared = b.rank == 0 ? b.sums + (b.n_meetings + 2) % 3 * n : nullptr;
}

/* Waits until all blocks that share the run have come. What any of them wrote or added before is
 * there for all of them after. */
template <class FORM> SVK_DEVICE void meet(block<FORM> &b)
{
    uint32_t *n_arrived = &b.meetings[blockIdx.x / b.n_ranks].n_arrived;
    b.n_meetings++;
    __syncthreads(); /* a block arrives when all its threads have added */
    if (b.thread == 0) {
        __threadfence();
        atomicAdd(n_arrived, 1u);
        while (static_cast<int32_t>(atomicAdd(n_arrived, 0u) - b.n_meetings * b.n_ranks) < 0)
            __nanosleep(64);
        __threadfence();
    }
    __syncthreads(); /* nobody goes on before all blocks have arrived */
}

/* Before the first run of a launch. */
template <class FORM> SVK_DEVICE void begin_sharing(block<FORM> &b)
{
    if (b.rank == 0)
        for (uint32_t i = b.thread; i < 3 * b.layout->n_parameter_quads; i += b.n_threads)
            b.sums[i] = typename block<FORM>::quads{};
    meet(b);
    turn_sums(b);
}

/* The end of a batch: every block tells whether it has met a NaN, and the first one takes it down.
 * Two words take turns, since others may be in the next step by then. */
template <class FORM> SVK_DEVICE void meet_after_batch(block<FORM> &b)
{
    uint32_t *met = &b.meetings[b.run].flags[b.n_meetings % 2];
    if ((b.flags & FLAG_NAN) != 0) atomicOr(met, b.flags & FLAG_NAN);
    meet(b);
    if (b.rank == 0 && b.thread == 0) b.flags |= atomicOr(met, 0u);
}

#endif
