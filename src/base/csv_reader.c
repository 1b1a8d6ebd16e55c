#include "base/csv_reader.h"

#include <stdlib.h>
#include <string.h>

enum { END = -1 };

void svi_csv_reader_start(svi_csv_reader *reader, svi_byte_source *source)
{
    *reader = (svi_csv_reader){.source = source, .separator = ',', .line = 1};
    const unsigned char mark[3] = {0xef, 0xbb, 0xbf};
    if (svi_byte_peek(source) == mark[0] && source->n >= 3 && memcmp(source->bytes, mark, 3) == 0)
        source->at = 3;
}

void svi_csv_reader_find_separator(svi_csv_reader *reader)
{
    svi_byte_source *source = reader->source;
    bool is_quoted = false;
    svi_byte_peek(source); /* so that there is a buffer to look at */
    size_t i = source->at;
    while (i < source->n && memchr(" \r\n", source->bytes[i], 3) != NULL) i++; /* blank lines */
    for (; i < source->n; i++) {
        char c = (char)source->bytes[i];
        if (c == '"') is_quoted = !is_quoted;
        if (is_quoted) continue;
        if (c == '\n' || c == '\r') return;
        if (c == ';' || c == '\t') reader->separator = c;
        if (c != ',') continue;
        reader->separator = c;
        return;
    }
}

void svi_csv_reader_clear(svi_csv_reader *reader)
{
    free(reader->text);
    free(reader->start);
    free(reader->field);
    *reader = (svi_csv_reader){0};
}

svi_place svi_csv_reader_place(const svi_csv_reader *reader, size_t i)
{
    return (svi_place){svi_byte_source_name(reader->source), reader->field[i].line,
                       reader->field[i].column, NULL};
}

/* The place of the field that is being read. */
static svi_place place_here(const svi_csv_reader *r)
{
    return (svi_place){svi_byte_source_name(r->source), r->line, (int)r->n_fields, NULL};
}

/* Room for n more bytes of text. */
static sv_status reserve_text(svi_csv_reader *r, size_t n, sv_error *error)
{
    if (r->n_text_max - r->n_text >= n) return SV_OK;
    if (r->n_text + n > SVI_CSV_RECORD_MAX) {
        svi_place place = place_here(r);
        return svi_fail_data(error, &place,
                             "the row is longer than 1 MiB; look for an unclosed quotation mark");
    }
    size_t n_max = r->n_text_max == 0 ? 4096 : r->n_text_max;
    while (n_max - r->n_text < n) n_max *= 2;
    char *text = realloc(r->text, n_max);
    if (text == NULL) return svi_fail_memory(error, n_max, "a row of a data file");
    r->text = text;
    r->n_text_max = n_max;
    return SV_OK;
}

static sv_status append(svi_csv_reader *r, char c, sv_error *error)
{
    SVI_TRY(reserve_text(r, 1, error));
    r->text[r->n_text++] = c;
    return SV_OK;
}

/* Neither the end of a field nor anything that `take` must look at. */
static bool is_ordinary(unsigned char c, char separator)
{
    return c >= 0x20 && c < 0x7f && c != (unsigned char)separator;
}

/* Takes the ordinary characters that are at hand: nearly all of a large file goes this way. */
static sv_status append_ordinary(svi_csv_reader *r, sv_error *error)
{
    svi_byte_source *source = r->source;
    const unsigned char *bytes = source->bytes + source->at;
    size_t n = 0, n_most = source->n - source->at;
    while (n < n_most && is_ordinary(bytes[n], r->separator)) n++;
    if (n == 0) return SV_OK;
    SVI_TRY(reserve_text(r, n, error));
    memcpy(r->text + r->n_text, bytes, n);
    r->n_text += n;
    source->at += n;
    return SV_OK;
}

static sv_status start_field(svi_csv_reader *r, sv_error *error)
{
    if (r->n_fields == r->n_fields_max) {
        size_t n_max = r->n_fields_max == 0 ? 64 : r->n_fields_max * 2;
        size_t *start = realloc(r->start, n_max * sizeof *start);
        if (start != NULL) r->start = start;
        svi_csv_field *field = realloc(r->field, n_max * sizeof *field);
        if (field != NULL) r->field = field;
        if (start == NULL || field == NULL) {
            return svi_fail_memory(error, n_max * sizeof *field, "the fields of a row");
        }
        r->n_fields_max = n_max;
    }
    r->start[r->n_fields] = r->n_text;
    r->field[r->n_fields] = (svi_csv_field){.line = r->line, .column = (int)r->n_fields + 1};
    r->n_fields++;
    return SV_OK;
}

/* The next character, every end of a line as '\n'; END at the end. */
static sv_status take(svi_csv_reader *r, int *c, sv_error *error)
{
    *c = svi_byte_take(r->source);
    if (*c == END) return svi_byte_source_check(r->source, error);
    if (*c == '\r') {
        *c = '\n';
        if (svi_byte_peek(r->source) == '\n') svi_byte_take(r->source);
    }
    if (*c == '\n') r->line++;
    if (*c >= 0x80) r->has_high_bytes = true;
    if (*c >= 0x20 || *c == '\n' || *c == '\t') return SV_OK;
    svi_place place = place_here(r);
    return svi_fail_data(error, &place,
                         "byte 0x%02x is not text; the file must be CSV in UTF-8, plain or .gz",
                         (unsigned)*c);
}

static bool is_blank(const svi_csv_reader *r, int c)
{
    return (c == ' ' || c == '\t') && c != r->separator;
}

static bool is_field_end(const svi_csv_reader *r, int c)
{
    return c == r->separator || c == '\n' || c == END;
}

/* The rest of a quoted field; *c becomes the character that ends it. */
static sv_status read_quoted(svi_csv_reader *r, int *c, sv_error *error)
{
    svi_place place = place_here(r);
    r->is_quoted = true;
    for (;;) {
        SVI_TRY(take(r, c, error));
        if (*c == END) return svi_fail_data(error, &place, "the quotation mark is never closed");
        if (*c == '"') {
            if (svi_byte_peek(r->source) != '"') break;
            svi_byte_take(r->source);
        }
        SVI_TRY(append(r, (char)*c, error));
    }
    do {
        SVI_TRY(take(r, c, error));
    } while (is_blank(r, *c));
    if (is_field_end(r, *c)) return SV_OK;
    return svi_fail_data(
        error, &place,
        "text follows the closing quotation mark; inside a quoted field write \"\" for a \"");
}

static sv_status read_plain(svi_csv_reader *r, int *c, sv_error *error)
{
    while (!is_field_end(r, *c)) {
        SVI_TRY(append(r, (char)*c, error));
        SVI_TRY(append_ordinary(r, error));
        SVI_TRY(take(r, c, error));
    }
    while (r->n_text > r->start[r->n_fields - 1] && is_blank(r, r->text[r->n_text - 1]))
        r->n_text--;
    return SV_OK;
}

static sv_status read_field(svi_csv_reader *r, int *c, sv_error *error)
{
    SVI_TRY(start_field(r, error));
    do {
        SVI_TRY(take(r, c, error));
    } while (is_blank(r, *c));
    SVI_TRY(*c == '"' ? read_quoted(r, c, error) : read_plain(r, c, error));
    return append(r, '\0', error);
}

/* Length of the well-formed UTF-8 sequence at s (Unicode, table 3-7), 0 if there is none. */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80) return 1;
    if (s[0] < 0xc2 || s[0] > 0xf4) return 0;
    unsigned low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    unsigned high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    if (s[1] < low || s[1] > high) return 0;
    size_t n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    for (size_t i = 2; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) return 0;
    }
    return n;
}

static sv_status check_utf8(const svi_csv_reader *r, size_t i, sv_error *error)
{
    const unsigned char *s = (const unsigned char *)r->field[i].text;
    while (*s != '\0') {
        size_t n = utf8_length(s);
        if (n == 0) {
            svi_place place = svi_csv_reader_place(r, i);
            return svi_fail_data(error, &place, "byte 0x%02x is not UTF-8; save the file as UTF-8",
                                 (unsigned)*s);
        }
        s += n;
    }
    return SV_OK;
}

static sv_status read_record(svi_csv_reader *r, int *c, sv_error *error)
{
    r->n_text = 0;
    r->n_fields = 0;
    r->is_quoted = false;
    r->has_high_bytes = false;
    do {
        SVI_TRY(read_field(r, c, error));
    } while (*c == r->separator);
    for (size_t i = 0; i < r->n_fields; i++) r->field[i].text = r->text + r->start[i];
    for (size_t i = 0; r->has_high_bytes && i < r->n_fields; i++) SVI_TRY(check_utf8(r, i, error));
    return SV_OK;
}

sv_status svi_csv_reader_next(svi_csv_reader *reader, sv_error *error)
{
    int c;
    bool is_empty;
    do {
        SVI_TRY(read_record(reader, &c, error));
        is_empty = reader->n_fields == 1 && reader->text[0] == '\0' && !reader->is_quoted;
    } while (is_empty && c != END);
    if (is_empty) reader->n_fields = 0;
    return SV_OK;
}
