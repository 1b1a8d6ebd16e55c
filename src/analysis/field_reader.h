/* Reads comma-separated text record by record: quoted fields, CRLF, a byte-order mark, plain or
 * gzip. */
#ifndef SVI_FIELD_READER_H
#define SVI_FIELD_READER_H

#include "base/error.h"

typedef struct svi_field {
    char *text;            /* NUL-terminated UTF-8; spaces around an unquoted field are removed */
    uint64_t line, column; /* where it starts: both from 1, columns in characters */
} svi_field;

typedef struct svi_field_reader svi_field_reader;

/* SV_ERR_IO when the file cannot be opened. */
sv_status svi_field_reader_open(const char *path, svi_field_reader **reader, sv_error *error);

/* The next record; blank lines are skipped. *n_fields is 0 at the end of the file. The fields last
 * until the next call. SV_ERR_DATA (FILE:LINE:COLUMN) for an open quote, text after a closing
 * quote, a NUL, bytes that are not UTF-8, a record over 1 MiB, a damaged gzip file. */
sv_status svi_field_reader_next(svi_field_reader *reader, svi_field **fields, size_t *n_fields,
                                sv_error *error);

void svi_field_reader_close(svi_field_reader *reader);

#endif
