/* What two stores say of each arm and numerics. */
#ifndef SVI_STORE_BLOCKS_H
#define SVI_STORE_BLOCKS_H

#include "compare/store_pairs.h"
#include "stats/arm_compare.h"

typedef struct svi_store_block {
    uint32_t arm, numerics;
    bool is_contract;                   /* docs/numerics.md fixes its bits */
    size_t n, n_different, n_untrained; /* pairs */
    const svi_run_pair *first;          /* the first that differs, or NULL */
    const svi_run_pair *earliest;       /* the one that parts at the earliest checkpoint, or NULL */
    size_t n_finite;                    /* pairs that have a finite metric in both */
    double mean_a, mean_b, sd_a, sd_b;  /* over these; NaN where there are none, or one */
    double largest;                     /* difference of the metric within a pair */
    bool has_difference;                /* there are two finite pairs or more */
    svi_difference difference;          /* of the means, A minus B, paired */
    double equivalence_p;               /* NaN without a margin */
} svi_store_block;

/* pairs->pair[from..to-1] are those of one arm and numerics. margin: 0 for none. */
sv_status svi_store_block_make(const svi_store_pairs *pairs, size_t from, size_t to,
                               bool is_contract, int metric, double level, double margin,
                               svi_store_block *block, sv_error *error);

#endif
