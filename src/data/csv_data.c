/* CSV to table, row by row. */
#include <stdlib.h>
#include <string.h>

#include "base/csv_reader.h"
#include "data/csv_roles.h"
#include "data/csv_survey.h"
#include "data/one_hot.h"
#include "data/table.h"

typedef struct csv_reading {
    const svi_data_spec *spec;
    svi_table *table;
    svi_target **words; /* [n_words]: of text features, else NULL; NULL before the first row */
    int n_words;        /* the file's features */
} csv_reading;

static sv_status keep_names(const svi_csv_reader *r, svi_table *table, sv_error *error)
{
    table->feature_names = calloc((size_t)table->n_features, sizeof *table->feature_names);
    if (table->feature_names == NULL)
        return svi_fail_memory(error, r->n_text, "the names of the columns");
    for (int j = 0; j < table->n_features; j++) {
        table->feature_names[j] = strdup(r->field[table->column[j]].text);
        if (table->feature_names[j] == NULL)
            return svi_fail_memory(error, r->n_text, "the name of a column");
    }
    table->target_name = strdup(r->field[table->target_column].text);
    return table->target_name != NULL ? SV_OK
                                      : svi_fail_memory(error, r->n_text, "the name of a column");
}

static sv_status fail_no_number(const csv_reading *c, const svi_csv_field *field,
                                const svi_place *place, sv_error *error)
{
    char quoted[SVI_QUOTE_SIZE];
    if (field->text[0] == '\0')
        return svi_fail_data(error, place,
                             "the field is empty; fill it in, or leave such rows out with "
                             "`missing: drop_row`");
    return svi_fail_data(error, place, "%s is not a number; %s", svi_quote(field->text, quoted),
                         c->spec->is_text_encoded
                             ? "the first row has one in this column"
                             : "leave the column out with `drop`, or make features of its words "
                               "with `text: one_hot`");
}

static sv_status read_feature(const csv_reading *c, const svi_csv_reader *r, int j, double *value,
                              sv_error *error)
{
    const svi_csv_field *field = &r->field[c->table->column[j]];
    svi_place place = svi_table_place(c->table, field->line, j);
    if (c->words[j] != NULL && field->text[0] != '\0')
        return svi_target_add_text(c->words[j], field->text, &place, value, error);
    svi_number_kind kind = svi_parse_number(field->text, value);
    if (kind == SVI_NUMBER_FINITE) return SV_OK;
    if (kind == SVI_NUMBER_NOT_FINITE) return svi_table_check_value(*value, &place, error);
    return fail_no_number(c, field, &place, error);
}

static sv_status check_fields(const svi_table *table, const svi_csv_reader *r, sv_error *error)
{
    size_t n_columns = (size_t)table->n_columns;
    if (r->n_fields == n_columns) return SV_OK;
    size_t shorter = r->n_fields < n_columns ? r->n_fields : n_columns;
    svi_place place = svi_csv_reader_place(r, 0);
    place.column = (int)shorter + 1;
    return svi_fail_data(
        error, &place, "the row has %zu fields, line %llu has %zu; every row needs the same number",
        r->n_fields, (unsigned long long)table->first_line, n_columns);
}

static bool has_gap(const svi_table *table, const svi_csv_reader *r)
{
    if (svi_is_missing(r->field[table->target_column].text)) return true;
    for (int j = 0; j < table->n_features; j++)
        if (svi_is_missing(r->field[table->column[j]].text)) return true;
    return false;
}

/* The first row of data decides which features are text. */
static sv_status start_words(csv_reading *c, const svi_csv_reader *r, sv_error *error)
{
    int n = c->table->n_features;
    double value;
    c->words = calloc((size_t)n, sizeof *c->words);
    if (c->words == NULL) return svi_fail_memory(error, (size_t)n * sizeof *c->words, "columns");
    c->n_words = n;
    for (int j = 0; j < n && c->spec->is_text_encoded; j++) {
        const char *text = r->field[c->table->column[j]].text;
        if (svi_parse_number(text, &value) != SVI_NUMBER_TEXT) continue;
        c->words[j] = malloc(sizeof *c->words[j]);
        if (c->words[j] == NULL) return svi_fail_memory(error, sizeof *c->words[j], "words");
        svi_target_start_words(c->words[j]);
    }
    return SV_OK;
}

static sv_status add_row(csv_reading *c, const svi_csv_reader *r, sv_error *error)
{
    svi_table *table = c->table;
    SVI_TRY(check_fields(table, r, error));
    if (c->spec->is_gap_dropped && has_gap(table, r)) {
        table->n_rows_dropped++;
        return SV_OK;
    }
    if (c->words == NULL) SVI_TRY(start_words(c, r, error));
    svi_place place = svi_table_target_place(table, r->field[table->target_column].line);
    SVI_TRY(svi_table_reserve(table, &place, error));
    double *x = table->x + table->n_rows * (size_t)table->n_features;
    for (int j = 0; j < table->n_features; j++) SVI_TRY(read_feature(c, r, j, &x[j], error));
    const char *text = r->field[table->target_column].text;
    SVI_TRY(svi_target_add_text(&table->target, text, &place, &table->y[table->n_rows], error));
    table->n_rows++;
    return SV_OK;
}

static sv_status read_first(csv_reading *c, svi_csv_reader *r, sv_error *error)
{
    svi_table *table = c->table;
    bool has_header;
    SVI_TRY(svi_csv_reader_next(r, error));
    table->first_line = 1;
    if (r->n_fields == 0) {
        svi_place place = {.file = table->file, .line = 1, .column = 1};
        return svi_fail_data(error, &place, "the file is empty");
    }
    table->first_line = r->field[0].line;
    SVI_TRY(svi_csv_find_roles(r, c->spec, table, &has_header, error));
    return has_header ? keep_names(r, table, error) : add_row(c, r, error);
}

static sv_status read_rows(csv_reading *c, svi_csv_reader *r, sv_error *error)
{
    SVI_TRY(read_first(c, r, error));
    for (;;) {
        SVI_TRY(svi_csv_reader_next(r, error));
        if (r->n_fields == 0) break;
        SVI_TRY(add_row(c, r, error));
    }
    if (c->table->n_rows == 0) return SV_OK;
    SVI_TRY(svi_table_resize(c->table, c->table->n_rows, error));
    return svi_one_hot_expand(c->table, c->words, error);
}

static void clear_words(csv_reading *c)
{
    for (int j = 0; c->words != NULL && j < c->n_words; j++) {
        if (c->words[j] != NULL) svi_target_clear(c->words[j]);
        free(c->words[j]);
    }
    free(c->words);
}

sv_status svi_csv_read(svi_byte_source *source, const svi_data_spec *spec, svi_table *table,
                       sv_error *error)
{
    svi_csv_reader reader;
    csv_reading c = {.spec = spec, .table = table};
    table->file = svi_byte_source_name(source);
    svi_target_start(&table->target, spec->task);
    svi_csv_reader_start(&reader, source);
    sv_status status = read_rows(&c, &reader, error);
    svi_csv_reader_clear(&reader);
    clear_words(&c);
    return status;
}
