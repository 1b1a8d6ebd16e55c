/* A claimed value against the runs of each arm. */
#ifndef SVI_FIND_CLAIMS_H
#define SVI_FIND_CLAIMS_H

#include "analysis/run_codes.h"
#include "stats/best_of.h"

typedef struct svi_claim_finding {
    uint32_t arm, numerics, metric; /* of the table */
    bool has_one_seed;              /* the runs are reruns of one seed vector */
    svi_claim claim;
} svi_claim_finding;

/* How many runs without a common seed have a mean at least as uncertain as that of the block's runs
 * with a finite value, whatever the sources do: over the factors the least (sum of n)^2 / sum of
 * n^2, n being the runs of each of its seeds (Kish 1965). All of them where no seed varies. */
double svi_independent_runs(const svi_run_codes *codes, const svi_block *block,
                            const svi_metric_column *column, double *scratch);

/* One for each arm and numerics with values. metric: NULL for the headline. *claims is released
 * with free where SV_OK is returned. */
sv_status svi_find_claims(const svi_run_table *table, const char *metric, double value,
                          uint64_t n_seeds, double level, svi_claim_finding **claims,
                          size_t *n_claims, sv_error *error);

#endif
