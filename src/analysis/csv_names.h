/* Names of columns that have a meaning in an imported CSV (docs/import.md). */
#ifndef SVI_CSV_NAMES_H
#define SVI_CSV_NAMES_H

#include "base/csv_reader.h"

typedef enum svi_csv_role {
    SVI_CSV_IGNORED, /* `run` and other numbers of rows */
    SVI_CSV_UNNAMED, /* a first column without a name: numbers of rows, or an error */
    SVI_CSV_SEED,
    SVI_CSV_REPLICATE,
    SVI_CSV_ARM,
    SVI_CSV_NUMERICS,
    SVI_CSV_STATUS,
    SVI_CSV_DIGEST,
    SVI_CSV_METRIC, /* until the last row is read: of numbers or of words */
    SVI_CSV_TEXT    /* left out */
} svi_csv_role;

enum { SVI_EVERY_SOURCE = -1 };

typedef struct svi_csv_name {
    const char *name; /* plain */
    svi_csv_role role;
    int source;    /* of a seed: SVK_SOURCE_*, or SVI_EVERY_SOURCE */
    bool is_first; /* the role's own name; the others stand in for it where it is missing */
} svi_csv_name;

/* What a plain name (svi_plain_name) means; NULL: nothing special. */
const svi_csv_name *svi_csv_known_name(const char *plain);

/* Whether it is told by its name that a column holds seeds. */
bool svi_is_seed_column(const char *name);

/* SV_ERR_DATA for a column of the header that begins with "seed_" or ends with "_seed": its name is
 * none of the known ones, and it is no metric. */
sv_status svi_csv_refuse_unknown_seed(const char *path, const svi_csv_field *field,
                                      sv_error *error);

#endif
