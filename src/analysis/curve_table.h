#ifndef SVI_CURVE_TABLE_H
#define SVI_CURVE_TABLE_H

#include "analysis/run_table.h"
#include "store/store.h"

/* Appends what a store holds of its checkpoints to the table's curves. */
sv_status svi_run_table_add_curves(svi_run_table *table, svi_store *store, sv_error *error);

#endif
