/* The runs that a search over seeds tries: it trains each seed once. */
#ifndef SVI_SEARCH_RUNS_H
#define SVI_SEARCH_RUNS_H

#include "analysis/analysis.h"

typedef struct svi_search_runs {
    size_t n;
    uint64_t *rows;    /* [n]: of the table, ascending */
    bool shares_seeds; /* the runs are still not independent: cells of a grid */
} svi_search_runs;

/* Of the runs of block b with the same seeds and a finite value in both columns the one with the
 * lowest replicate; all of them where the block's seeds do not vary. other: may be NULL. Released
 * with free(runs->rows). */
sv_status svi_search_runs_make(const svi_analysis *analysis, size_t b,
                               const svi_metric_column *column, const svi_metric_column *other,
                               svi_search_runs *runs, sv_error *error);

#endif
