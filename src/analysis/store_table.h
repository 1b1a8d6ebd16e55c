#ifndef SVI_STORE_TABLE_H
#define SVI_STORE_TABLE_H

#include "analysis/run_table.h"
#include "store/store.h"

/* Opens a store that holds runs, and makes an empty table for them. The caller closes and frees
 * both. */
sv_status svi_run_table_open_store(const char *path, svi_store **store, svi_run_table **table,
                                   sv_error *error);
/* What a store knows of its study, its machine and its curves; no rows, and every metric there is.
 */
sv_status svi_run_table_describe(svi_run_table *table, svi_store *store, sv_error *error);
/* The same and the runs. */
sv_status svi_run_table_fill(svi_run_table *table, svi_store *store, sv_error *error);
/* After that, from a store with record.curves: full: what a metric was at the checkpoints; of very
 * many runs nothing. */
sv_status svi_run_table_add_paths(svi_run_table *table, svi_store *store, const char *metric,
                                  sv_error *error);

#endif
