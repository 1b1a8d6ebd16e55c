#ifndef SVI_DISTANCE_TABLE_H
#define SVI_DISTANCE_TABLE_H

#include "analysis/run_table.h"
#include "store/store.h"

/* Summarizes what a store holds of distances, by arm, numerics and checkpoint. */
sv_status svi_run_table_add_distances(svi_run_table *table, svi_store *store, sv_error *error);

#endif
