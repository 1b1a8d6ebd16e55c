/* The sets of test points of a block, and which of their runs are replicates of one seed. */
#ifndef SVI_BLOCK_SETS_H
#define SVI_BLOCK_SETS_H

#include "analysis/analysis.h"

/* The sets of one block, and the error rates of its runs by set. */
typedef struct svi_block_sets {
    const svi_prediction_set *sets;
    size_t n;
    bool is_by_split, is_by_data; /* sets differ in it */
    svi_moments *errors;          /* [n]: of the runs of each set */
} svi_block_sets;

svi_block_sets svi_block_sets_of(const svi_run_table *table, const svi_block *block);

/* The set that a run was tested on; NULL where it is not kept. */
const svi_prediction_set *svi_set_of_run(const svi_run_table *table, const svi_block_sets *sets,
                                         uint64_t row);

/* Fills pairs_of_one_seed, churn_of_seeds and replicate_churn of a finding about block b, and takes
 * out of it what its runs do not tell. */
sv_status svi_allow_for_replicates(const svi_analysis *analysis, size_t b,
                                   const svi_block_sets *sets, svi_prediction_finding *finding,
                                   sv_error *error);

#endif
