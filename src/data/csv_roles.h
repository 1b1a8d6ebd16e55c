/* Which column of a CSV file is the target, which are features, and whether the first line names
 * them. */
#ifndef SVI_CSV_ROLES_H
#define SVI_CSV_ROLES_H

#include "base/csv_reader.h"
#include "data/table.h"

/* From the first record: fills n_columns, target_column, n_features and column of the table.
 * SV_ERR_DATA with the place: too many or too few columns, one that is asked for and not there, no
 * feature left, a first line of which it is not clear what it is. */
sv_status svi_csv_find_roles(const svi_csv_reader *first, const svi_data_spec *spec,
                             svi_table *table, bool *has_header, sv_error *error);

#endif
