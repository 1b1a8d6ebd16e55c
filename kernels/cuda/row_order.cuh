/* Which rows of the data a step visits. */
#ifndef SVK_ROW_ORDER_CUH
#define SVK_ROW_ORDER_CUH

#include "cuda_kernels.h"
#include "real.cuh"

/* One thread, before an epoch of sampling shuffle. */
SVK_DEVICE void order_begin(const svk_training &t, uint64_t seed, uint32_t epoch,
                            svk_cuda_order *order)
{
    if (t.n_train > SVK_FISHER_YATES_MAX)
        order->shuffle = svk_shuffle_make(seed, SVK_STREAM_ORDER, epoch, t.n_train);
    else
        svk_fisher_yates(seed, SVK_STREAM_ORDER, epoch, 0, t.n_train, order->small);
}

/* place: in the epoch. */
SVK_DEVICE uint32_t order_row(const svk_training &t, uint64_t seed, uint32_t epoch, uint32_t place,
                              const svk_cuda_order *order)
{
    if (t.sampling == SVK_SAMPLING_REPLACEMENT)
        return svk_below(svk_draw(seed, SVK_STREAM_ORDER, epoch, place), t.n_train);
    if (t.n_train > SVK_FISHER_YATES_MAX) return svk_shuffle_at(&order->shuffle, place);
    return order->small[place];
}

#endif
