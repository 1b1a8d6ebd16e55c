/* The runs of two arms, side by side. */
#ifndef SVI_ARM_PAIR_H
#define SVI_ARM_PAIR_H

#include "analysis/analysis.h"
#include "stats/sample_size.h"

/* Paired: a[i] and b[i] share seeds and replicate. */
typedef struct svi_arm_pair {
    const svi_block *block, *reference;
    const svi_block_design *design, *reference_design;
    uint32_t metric;
    bool is_paired;
    size_t n_a, n_b;
    double *a, *b;             /* finite values */
    uint64_t *rows_a, *rows_b; /* of the table: where they stand */
} svi_arm_pair;

/* block, reference: indices of blocks. Paired when at least half of the smaller arm's runs have a
 * partner; else all runs of both, as independent samples. Released with svi_arm_pair_clear whatever
 * is returned. */
sv_status svi_arm_pair_make(const svi_analysis *analysis, size_t block, size_t reference,
                            uint32_t metric, svi_arm_pair *pair, sv_error *error);
/* The same for the arms of a comparison. */
sv_status svi_arm_pair_of(const svi_analysis *analysis, const svi_comparison_finding *comparison,
                          svi_arm_pair *pair, sv_error *error);
/* What of the runs decides how many seeds a comparison needs: their SDs are those of runs with
 * fresh seeds, where the summaries, found before, have them. correlation: of the arms over the
 * seeds; NaN: they are taken as independent. */
svi_power_question svi_arm_pair_question(const svi_analysis *analysis, const svi_arm_pair *pair,
                                         double correlation, double alpha);
void svi_arm_pair_clear(svi_arm_pair *pair);

#endif
