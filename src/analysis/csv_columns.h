/* What each column of an imported CSV means. */
#ifndef SVI_CSV_COLUMNS_H
#define SVI_CSV_COLUMNS_H

#include "base/csv_reader.h"
#include "analysis/run_table.h"

typedef enum svi_csv_role {
    SVI_CSV_IGNORED, /* `run`, and columns of text */
    SVI_CSV_SEED,
    SVI_CSV_REPLICATE,
    SVI_CSV_ARM,
    SVI_CSV_NUMERICS,
    SVI_CSV_STATUS,
    SVI_CSV_DIGEST,
    SVI_CSV_METRIC
} svi_csv_role;

typedef struct svi_csv_column {
    svi_csv_role role;
    int source;    /* of a seed */
    size_t metric; /* index in the table */
    char name[64];
} svi_csv_column;

typedef struct svi_csv_columns {
    size_t n;
    svi_csv_column *column;
    bool has_seed[SVK_N_SOURCES], has_own_seed[SVK_N_SOURCES];
    int plain_seed_source; /* the source whose column takes `seed`; -1: there is no such column */
} svi_csv_columns;

/* Reads the header. SV_ERR_DATA: an unnamed, repeated or overlong name, no column of seeds. */
sv_status svi_csv_columns_read(svi_csv_columns *columns, const char *path,
                               const svi_csv_field *fields, size_t n, sv_error *error);

/* Gives the table its metrics and the list of ignored columns. */
sv_status svi_csv_columns_to_table(svi_csv_columns *columns, svi_run_table *table, sv_error *error);

void svi_csv_columns_clear(svi_csv_columns *columns);

#endif
