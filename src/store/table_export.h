#ifndef SVI_TABLE_EXPORT_H
#define SVI_TABLE_EXPORT_H

#include "store/store_file.h"
#include "store/table_writer.h"

/* One row a test point, with the counts of all launches that share arm, numerics, split and data
 * seed: in the order of these four. */
sv_status svi_export_predictions(svi_store *store, svi_table_writer *writer, sv_error *error);

#endif
