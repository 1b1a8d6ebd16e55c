/* Places in data files, and the text of their errors. */
#ifndef SVI_PLACE_H
#define SVI_PLACE_H

#include "base/error.h"

typedef struct svi_place {
    const char *file;
    uint64_t line; /* from 1; of a .npy file the row; 0: the file as a whole */
    int column;    /* from 1: the number of the field */
    const char
        *name; /* of the column, "" if it has none; NULL: the error is not about one column */
} svi_place;

/* "FILE:LINE:COLUMN: column COLUMN (NAME): ..." with SV_ERR_DATA. */
sv_status svi_fail_data(sv_error *error, const svi_place *place, const char *format, ...)
    SVI_PRINTF(3, 4);

/* "FILE: ..." for a file that cannot be read, from errno. SV_ERR_DATA when the name does not lead
 * to a file, else SV_ERR_IO. */
sv_status svi_fail_file(sv_error *error, const char *file);

enum { SVI_QUOTE_SIZE = 64 };

/* The text in quotation marks, safe to print: control characters become '?', a long text is cut. */
const char *svi_quote(const char *text, char quoted[SVI_QUOTE_SIZE]);

typedef enum svi_number_kind {
    SVI_NUMBER_FINITE,
    SVI_NUMBER_NOT_FINITE,
    SVI_NUMBER_TEXT
} svi_number_kind;

/* Reads a decimal number, correctly rounded. The point is '.' as long as the calling program keeps
 * LC_NUMERIC at "C", its value at the start: the library never calls setlocale. */
svi_number_kind svi_parse_number(const char *text, double *value);

#endif
