#include "analysis/field_reader.h"

#include <errno.h>
#include <stdio.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK_BYTES = 1 << 16, MAX_RECORD_BYTES = 1 << 20, END_OF_FILE = -1 };

struct svi_field_reader {
    gzFile file;
    char path[256];
    unsigned char chunk[CHUNK_BYTES];
    size_t at, n;
    uint64_t line, column; /* of the next character */
    char *text;            /* fields of the record, one after the other */
    size_t n_text, n_text_capacity;
    svi_field *fields;
    size_t *starts; /* fields as offsets while text may still move */
    size_t n_fields, n_fields_capacity;
};

static sv_status fail_here(const svi_field_reader *r, sv_error *error, const char *what)
{
    return svi_fail(error, SV_ERR_DATA, "%s:%" PRIu64 ":%" PRIu64 ": %s", r->path, r->line,
                    r->column, what);
}

sv_status svi_field_reader_open(const char *path, svi_field_reader **reader, sv_error *error)
{
    svi_field_reader *r = calloc(1, sizeof *r);
    if (r == NULL) return svi_fail_memory(error, sizeof *r, "a reader of fields");
    snprintf(r->path, sizeof r->path, "%s", path);
    r->line = r->column = 1;
    errno = 0;
    r->file = gzopen(path, "rb");
    if (r->file == NULL) {
        int code = errno;
        free(r);
        return svi_fail(error, SV_ERR_IO, "%s: cannot be opened: %s", path,
                        code != 0 ? strerror(code) : "out of memory");
    }
    gzbuffer(r->file, CHUNK_BYTES);
    *reader = r;
    return SV_OK;
}

void svi_field_reader_close(svi_field_reader *reader)
{
    if (reader == NULL) return;
    gzclose(reader->file);
    free(reader->text);
    free(reader->fields);
    free(reader->starts);
    free(reader);
}

static sv_status refill(svi_field_reader *r, sv_error *error)
{
    bool is_first = r->line == 1 && r->column == 1;
    int n = gzread(r->file, r->chunk, CHUNK_BYTES);
    int code = Z_OK;
    const char *message = gzerror(r->file, &code);
    if (n < 0 || (n == 0 && code != Z_OK && code != Z_STREAM_END)) {
        return svi_fail(error, code == Z_ERRNO ? SV_ERR_IO : SV_ERR_DATA,
                        "%s:%" PRIu64 ": cannot be read further: %s; write the file again", r->path,
                        r->line, code == Z_ERRNO ? strerror(errno) : message);
    }
    r->n = (size_t)n;
    r->at = is_first && n >= 3 && memcmp(r->chunk, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    return SV_OK;
}

static sv_status peek(svi_field_reader *r, int *c, sv_error *error)
{
    if (r->at == r->n) SVI_TRY(refill(r, error));
    *c = r->at < r->n ? r->chunk[r->at] : END_OF_FILE;
    return SV_OK;
}

static void advance(svi_field_reader *r)
{
    unsigned char c = r->chunk[r->at++];
    if (c == '\n') {
        r->line++;
        r->column = 1;
    } else if ((c & 0xc0) != 0x80) {
        r->column++;
    }
}

static sv_status keep(svi_field_reader *r, char c, sv_error *error)
{
    if (r->n_text == r->n_text_capacity) {
        if (r->n_text >= MAX_RECORD_BYTES) {
            return fail_here(r, error, "the record is longer than 1 MiB; is a quote left open?");
        }
        size_t n = r->n_text_capacity == 0 ? 1024 : r->n_text_capacity * 2;
        char *text = realloc(r->text, n);
        if (text == NULL) return svi_fail_memory(error, n, "a record");
        r->text = text;
        r->n_text_capacity = n;
    }
    r->text[r->n_text++] = c;
    return SV_OK;
}

static sv_status grow_fields(svi_field_reader *r, sv_error *error)
{
    size_t n = r->n_fields_capacity == 0 ? 32 : r->n_fields_capacity * 2;
    svi_field *fields = realloc(r->fields, n * sizeof *fields);
    if (fields == NULL) return svi_fail_memory(error, n * sizeof *fields, "the fields of a record");
    r->fields = fields;
    size_t *starts = realloc(r->starts, n * sizeof *starts);
    if (starts == NULL) return svi_fail_memory(error, n * sizeof *starts, "the fields of a record");
    r->starts = starts;
    r->n_fields_capacity = n;
    return SV_OK;
}

static sv_status start_field(svi_field_reader *r, sv_error *error)
{
    if (r->n_fields == r->n_fields_capacity) SVI_TRY(grow_fields(r, error));
    r->fields[r->n_fields] = (svi_field){NULL, r->line, r->column};
    r->starts[r->n_fields++] = r->n_text;
    return SV_OK;
}

static bool is_field_end(int c) { return c == ',' || c == '\n' || c == '\r' || c == END_OF_FILE; }

static sv_status read_quoted(svi_field_reader *r, sv_error *error)
{
    uint64_t line = r->line, column = r->column;
    int c;
    advance(r);
    for (;;) {
        SVI_TRY(peek(r, &c, error));
        if (c == END_OF_FILE) {
            r->line = line;
            r->column = column;
            return fail_here(r, error, "the quote that opens here is never closed");
        }
        if (c == '\0') return fail_here(r, error, "a NUL byte; is this a text file?");
        advance(r);
        if (c == '"') {
            SVI_TRY(peek(r, &c, error));
            if (c != '"') break;
            advance(r);
        }
        SVI_TRY(keep(r, (char)c, error));
    }
    while (c == ' ' || c == '\t') {
        advance(r);
        SVI_TRY(peek(r, &c, error));
    }
    if (is_field_end(c)) return SV_OK;
    return fail_here(r, error,
                     "text after the closing quote; a quote inside a field is written twice");
}

static sv_status read_bare(svi_field_reader *r, sv_error *error)
{
    size_t start = r->starts[r->n_fields - 1];
    int c;
    for (;;) {
        SVI_TRY(peek(r, &c, error));
        if (is_field_end(c)) break;
        if (c == '\0') return fail_here(r, error, "a NUL byte; is this a text file?");
        SVI_TRY(keep(r, (char)c, error));
        advance(r);
    }
    while (r->n_text > start && (r->text[r->n_text - 1] == ' ' || r->text[r->n_text - 1] == '\t'))
        r->n_text--;
    return SV_OK;
}

static sv_status read_field(svi_field_reader *r, sv_error *error)
{
    int c;
    SVI_TRY(peek(r, &c, error));
    while (c == ' ' || c == '\t') {
        advance(r);
        SVI_TRY(peek(r, &c, error));
    }
    SVI_TRY(start_field(r, error));
    SVI_TRY(c == '"' ? read_quoted(r, error) : read_bare(r, error));
    return keep(r, '\0', error);
}

/* Fields up to the end of the line. A carriage return ends a line only before a newline or the end
 * of the file. */
static sv_status read_record(svi_field_reader *r, sv_error *error)
{
    int c;
    r->n_text = r->n_fields = 0;
    for (;;) {
        SVI_TRY(read_field(r, error));
        SVI_TRY(peek(r, &c, error));
        if (c != ',') break;
        advance(r);
    }
    if (c == '\r') {
        advance(r);
        SVI_TRY(peek(r, &c, error));
        if (c != '\n' && c != END_OF_FILE) {
            r->column--;
            return fail_here(r, error,
                             "a carriage return without a newline; end lines with \\n or \\r\\n");
        }
    }
    if (c == '\n') advance(r);
    return SV_OK;
}

/* Length of the well-formed UTF-8 sequence at s, 0 if there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80) return 1;
    size_t n = s[0] >= 0xc2 && s[0] <= 0xdf   ? 2
               : (s[0] & 0xf0) == 0xe0        ? 3
               : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                              : 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
    }
    bool is_overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool is_beyond = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    return is_overlong || is_beyond ? 0 : n;
}

static sv_status finish_fields(svi_field_reader *r, sv_error *error)
{
    for (size_t i = 0; i < r->n_fields; i++) {
        svi_field *field = &r->fields[i];
        field->text = r->text + r->starts[i];
        for (const unsigned char *s = (unsigned char *)field->text; *s != '\0';) {
            size_t n = utf8_length(s);
            if (n == 0) {
                return svi_fail(error, SV_ERR_DATA,
                                "%s:%" PRIu64 ":%" PRIu64
                                ": byte 0x%02x is not UTF-8; save the file as UTF-8",
                                r->path, field->line, field->column, *s);
            }
            s += n;
        }
    }
    return SV_OK;
}

sv_status svi_field_reader_next(svi_field_reader *reader, svi_field **fields, size_t *n_fields,
                                sv_error *error)
{
    *fields = NULL;
    *n_fields = 0;
    int c;
    bool is_blank;
    do {
        SVI_TRY(peek(reader, &c, error));
        if (c == END_OF_FILE) return SV_OK;
        SVI_TRY(read_record(reader, error));
        is_blank = reader->n_fields == 1 && reader->text[0] == '\0';
    } while (is_blank);
    SVI_TRY(finish_fields(reader, error));
    *fields = reader->fields;
    *n_fields = reader->n_fields;
    return SV_OK;
}
