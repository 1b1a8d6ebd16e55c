/* A claimed value against the runs of each arm. */
#ifndef SVI_FIND_CLAIMS_H
#define SVI_FIND_CLAIMS_H

#include "analysis/run_table.h"
#include "stats/best_of.h"

typedef struct svi_claim_finding {
    uint32_t arm, numerics, metric; /* of the table */
    svi_claim claim;
} svi_claim_finding;

/* One for each arm and numerics with values. metric: NULL for the headline. *claims is released
 * with free where SV_OK is returned. */
sv_status svi_find_claims(const svi_run_table *table, const char *metric, double value,
                          uint64_t n_seeds, double level, svi_claim_finding **claims,
                          size_t *n_claims, sv_error *error);

#endif
