/* The fields of an imported CSV as values. */
#ifndef SVI_CSV_CELLS_H
#define SVI_CSV_CELLS_H

#include "base/csv_reader.h"

/* "PATH:LINE:COLUMN: FOUND 'TEXT'; MEND" with SV_ERR_DATA. */
sv_status svi_csv_fail(const char *path, const svi_csv_field *field, sv_error *error,
                       const char *found, const char *mend);

/* A whole number from 0 to 2^64 - 1; "3.0", as pandas writes whole numbers among gaps, is 3. */
sv_status svi_csv_read_whole(const char *path, const svi_csv_field *field, uint64_t *value,
                             sv_error *error);

/* A word of SVK_RUN_STATUSES, or what others call it: finished and completed are ok; failed,
 * crashed and killed are diverged. Case does not count. */
sv_status svi_csv_read_status(const char *path, const svi_csv_field *field, uint8_t *status,
                              sv_error *error);

/* 32 hex digits. */
sv_status svi_csv_read_digest(const char *path, const svi_csv_field *field, uint32_t digest[4],
                              sv_error *error);

typedef enum svi_cell_kind { SVI_CELL_NUMBER, SVI_CELL_MISSING, SVI_CELL_TEXT } svi_cell_kind;

typedef struct svi_cell {
    svi_cell_kind kind;
    double value;     /* NaN unless a number; infinite for the word nan, which is a result */
    bool has_percent; /* "91.2%": the value is 91.2 */
    char decimal;     /* '.' or ',': what stands before its decimals; 0: nothing does */
} svi_cell;

/* decimal_comma: "0,5" is a number, too. */
svi_cell svi_csv_read_cell(const char *text, bool decimal_comma);

/* "1,234.5", "91.2 +- 0.3": begins like a number. */
bool svi_csv_begins_like_number(const char *text);
/* Has nothing but digits, signs, points, commas, blanks and '%': "1,234.5" does. */
bool svi_csv_looks_like_number(const char *text);

#endif
