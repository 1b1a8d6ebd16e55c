/* What each column of an imported CSV means (docs/import.md). */
#ifndef SVI_CSV_COLUMNS_H
#define SVI_CSV_COLUMNS_H

#include "analysis/csv_names.h"
#include "analysis/run_table.h"

/* What the cells of a column were so far. */
typedef struct svi_csv_tally {
    uint64_t n_numbers, n_finite, n_texts;
    bool has_percent;                    /* as all its finite numbers have it, or none */
    uint64_t first_text_line;            /* where n_texts > 0 */
    char first_text[64], other_text[64]; /* "": there is no other */
    uint64_t *word; /* [n_capacity of the rows]: one number for one text; NULL before the first */
} svi_csv_tally;

typedef struct svi_csv_column {
    svi_csv_role role;
    int source;               /* of a seed */
    size_t metric;            /* index in the table */
    char name[64], plain[64]; /* plain: as svi_plain_name has it */
    svi_csv_tally tally;      /* of a metric */
} svi_csv_column;

typedef struct svi_csv_columns {
    size_t n;
    svi_csv_column *column;
    uint64_t line; /* of the header */
    bool has_seed[SVK_N_SOURCES], has_own_seed[SVK_N_SOURCES];
    int plain_seed_source; /* the source whose column takes `seed`; -1: there is no such column */
    bool is_one_arm;       /* no column names the arms, and that is as it was asked for */
} svi_csv_columns;

/* Reads the header. arm: the name of the column that holds the arms, "none", or NULL: found by its
 * name. SV_ERR_DATA: an unnamed, repeated or overlong name, two columns of one meaning, no column
 * of seeds. SV_ERR_USAGE: there is no column `arm`. */
sv_status svi_csv_columns_read(svi_csv_columns *columns, const char *path, const char *arm,
                               const svi_csv_field *fields, size_t n, sv_error *error);

/* The first column of a role, or NULL. */
const svi_csv_column *svi_csv_column_with(const svi_csv_columns *columns, svi_csv_role role);

/* Gives the table its metrics. */
sv_status svi_csv_columns_to_table(svi_csv_columns *columns, svi_run_table *table, sv_error *error);

void svi_csv_columns_clear(svi_csv_columns *columns);

#endif
