/* Comma-separated text, record by record (RFC 4180), or text with another separator: quoted fields,
 * LF, CRLF or CR, a byte-order mark, plain or gzip.
 */
#ifndef SVI_CSV_READER_H
#define SVI_CSV_READER_H

#include "base/byte_source.h"

typedef struct svi_csv_field {
    const char *text; /* UTF-8; without the quotation marks, or without the blanks around it */
    uint64_t line;    /* where it starts */
    int column;       /* its number in the record, from 1 */
} svi_csv_field;

typedef struct svi_csv_reader {
    svi_byte_source *source;
    char separator; /* of the fields: ',' unless it is changed before the first record */
    uint64_t line;  /* of the next character */
    char *text;     /* the record's fields, each with its NUL */
    size_t n_text, n_text_max;
    size_t *start;        /* [n_fields] into text */
    svi_csv_field *field; /* [n_fields] */
    size_t n_fields, n_fields_max;
    bool is_quoted, has_high_bytes; /* something in the record */
} svi_csv_reader;

enum { SVI_CSV_RECORD_MAX = 1 << 20 }; /* bytes, the most that is held at a time */

/* Starts at the first byte of source, which is borrowed. Every reader needs a clear. */
void svi_csv_reader_start(svi_csv_reader *reader, svi_byte_source *source);
void svi_csv_reader_clear(svi_csv_reader *reader);

/* Before the first record: takes ';' or a tab for what separates the fields, where the first line
 * has it and no comma. */
void svi_csv_reader_find_separator(svi_csv_reader *reader);

/* The next record that is not a blank line, in reader->field until the next call; n_fields is 0 at
 * the end. SV_ERR_DATA with its place: an unclosed quotation mark, bytes that are not UTF-8 text, a
 * record that is too long, a damaged gzip file. */
sv_status svi_csv_reader_next(svi_csv_reader *reader, sv_error *error);

/* The place of field i (from 0) of the record. */
svi_place svi_csv_reader_place(const svi_csv_reader *reader, size_t i);

#endif
