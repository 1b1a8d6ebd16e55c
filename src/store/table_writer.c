#include "store/table_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/json_text.h"

enum { FLUSH_BYTES = 1 << 16 };

static sv_status hand_over(svi_table_writer *writer, sv_error *error)
{
    svi_text *text = &writer->text;
    if (text->has_failed) return svi_fail_memory(error, FLUSH_BYTES, "an export");
    if (text->n == 0) return SV_OK;
    sv_status status = writer->write(writer->context, text->bytes, text->n);
    text->n = 0;
    if (status == SV_OK) return SV_OK;
    return svi_fail(
        error, status,
        "the exported table could not be written; check the disk and the reader of the pipe");
}

static void add_csv_text(svi_text *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        svi_text_add_bytes(out, text, strlen(text));
        return;
    }
    svi_text_add_bytes(out, "\"", 1);
    for (; *text != '\0'; text++)
        svi_text_add_bytes(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    svi_text_add_bytes(out, "\"", 1);
}

static void add_json_text(svi_text *out, const char *text)
{
    json_t *json = svi_json_text(text);
    char *quoted = json == NULL ? NULL : json_dumps(json, JSON_ENCODE_ANY);
    json_decref(json);
    if (quoted == NULL) {
        out->has_failed = true;
        return;
    }
    svi_text_add_bytes(out, quoted, strlen(quoted));
    free(quoted);
}

/* What stands before a cell. */
static void begin_cell(svi_table_writer *writer)
{
    size_t i = writer->i_column++;
    svi_text *out = &writer->text;
    if (!writer->is_jsonl) {
        if (i > 0) svi_text_add_bytes(out, ",", 1);
        return;
    }
    svi_text_add_bytes(out, i == 0 ? "{\"" : ",\"", 2);
    svi_text_add_bytes(out, writer->names[i], strlen(writer->names[i]));
    svi_text_add_bytes(out, "\":", 2);
}

static void add_plain(svi_table_writer *writer, const char *text)
{
    begin_cell(writer);
    svi_text_add_bytes(&writer->text, text, strlen(text));
}

sv_status svi_table_start(svi_table_writer *writer, const char *const *names, size_t n_columns,
                          sv_error *error)
{
    writer->names = names;
    writer->n_columns = n_columns;
    if (writer->is_jsonl) return SV_OK;
    for (size_t i = 0; i < n_columns; i++) svi_cell_text(writer, names[i]);
    return svi_table_end_row(writer, error);
}

void svi_cell_u64(svi_table_writer *writer, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    add_plain(writer, text);
}

void svi_cell_i64(svi_table_writer *writer, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, value);
    add_plain(writer, text);
}

void svi_cell_text(svi_table_writer *writer, const char *text)
{
    begin_cell(writer);
    if (writer->is_jsonl) {
        add_json_text(&writer->text, text);
    } else {
        add_csv_text(&writer->text, text);
    }
}

void svi_cell_none(svi_table_writer *writer) { add_plain(writer, writer->is_jsonl ? "null" : ""); }

static void add_special(svi_table_writer *writer, double value)
{
    char text[40];
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (isinf(value)) {
        snprintf(text, sizeof text, "%s", value > 0 ? "inf" : "-inf");
    } else if ((bits & ~(UINT64_C(1) << 63)) == UINT64_C(0x7ff8000000000000)) {
        snprintf(text, sizeof text, "%s", bits >> 63 == 0 ? "nan" : "-nan");
    } else {
        snprintf(text, sizeof text, "nan(0x%016" PRIx64 ")", bits);
    }
    svi_cell_text(writer, text);
}

void svi_cell_real(svi_table_writer *writer, double value)
{
    if (!isfinite(value)) {
        add_special(writer, value);
        return;
    }
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == ',') *c = '.'; /* whatever the locale of the program */
    }
    /* many readers take -0 for a whole number, which has no sign */
    add_plain(writer, strcmp(text, "-0") == 0 ? "-0.0" : text);
}

sv_status svi_table_end_row(svi_table_writer *writer, sv_error *error)
{
    svi_text_add_bytes(&writer->text, writer->is_jsonl ? "}\n" : "\n", writer->is_jsonl ? 2 : 1);
    writer->i_column = 0;
    return writer->text.n < FLUSH_BYTES ? SV_OK : hand_over(writer, error);
}

sv_status svi_table_finish(svi_table_writer *writer, sv_error *error)
{
    sv_status status = hand_over(writer, error);
    svi_text_clear(&writer->text);
    return status;
}
