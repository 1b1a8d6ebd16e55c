/* The runs that two stores of one study both hold, side by side. */
#ifndef SVI_STORE_PAIRS_H
#define SVI_STORE_PAIRS_H

#include "store/store.h"

typedef struct svi_run_pair {
    svi_run run;
    svi_run_result a, b;
    bool is_different;     /* in a digest, a metric's bits or the status; both were trained */
    bool is_untrained;     /* unsupported in one of the two: nothing to compare */
    bool parts_on_the_way; /* different at a checkpoint: at first_step */
    uint64_t first_step;
} svi_run_pair;

typedef struct svi_store_pairs {
    uint64_t n_in_a, n_in_b; /* runs of either */
    size_t n;
    svi_run_pair *pair; /* [n], ascending in their run numbers */
    bool has_curves;    /* of every run, in both */
} svi_store_pairs;

/* Both stores hold the same study, but perhaps other numerics. */
sv_status svi_store_pairs_read(svi_store *a, svi_store *b, svi_store_pairs *pairs, sv_error *error);
void svi_store_pairs_clear(svi_store_pairs *pairs);

/* The first pair after `from` that has another arm or other numerics than pair `from`. */
size_t svi_store_pairs_block_end(const svi_store_pairs *pairs, size_t from);

#endif
