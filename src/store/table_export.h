#ifndef SVI_TABLE_EXPORT_H
#define SVI_TABLE_EXPORT_H

#include "store/store_file.h"
#include "store/table_writer.h"

/* One row a test point, with the counts of all launches that share arm, numerics, split and data
 * seed: in the order of these four. */
sv_status svi_export_predictions(svi_store *store, svi_table_writer *writer, sv_error *error);

/* One row an arm and checkpoint. */
sv_status svi_export_checkpoints(svi_store *store, svi_table_writer *writer, sv_error *error);
/* With curves full one row a run and checkpoint; with summary one row an arm, numerics, checkpoint
 * and metric; no row in a store without curves. */
sv_status svi_export_curves(svi_store *store, svi_table_writer *writer, sv_error *error);

/* One row a run and checkpoint; no row in a store without distances. */
sv_status svi_export_distances(svi_store *store, svi_table_writer *writer, sv_error *error);

/* The cells status, digest and the metrics in the mask present. */
void svi_export_result(svi_table_writer *writer, const svi_run_result *result, uint32_t present);
const char *svi_export_metric_name(int metric);
/* Puts the names of the metrics in the mask at names[n] and further; returns how many names there
 * are then. */
size_t svi_export_metric_names(uint32_t present, const char **names, size_t n);

#endif
