/* CSV to table: which line is the header, which column the target, then row by row. */
#include <stdlib.h>
#include <string.h>

#include "base/csv_reader.h"
#include "data/table.h"
#include "base/nearest_word.h"

/* Target -1 is the last column. */
static bool is_index(const char *target)
{
    const char *digits = target + (target[0] == '-');
    return digits[0] != '\0' && digits[strspn(digits, "0123456789")] == '\0';
}

static sv_status find_by_index(const svi_csv_reader *r, const char *target, int *column,
                               sv_error *error)
{
    long n = (long)r->n_fields;
    long index = strtol(target, NULL, 10); /* saturates */
    if (index < 0 && index >= -n) index += n;
    if (index < 0 || index >= n) {
        svi_place place = svi_csv_reader_place(r, 0);
        return svi_fail_data(error, &place,
                             "`target: %.40s` asks for a column that is not there; the columns are "
                             "0 to %ld, or -1 for "
                             "the last",
                             target, n - 1);
    }
    *column = (int)index;
    return SV_OK;
}

static sv_status fail_no_column(const svi_csv_reader *r, const char *target, sv_error *error)
{
    char quoted[SVI_QUOTE_SIZE], near[SVI_QUOTE_SIZE];
    svi_place place = svi_csv_reader_place(r, 0);
    svi_nearest nearest = svi_nearest_start(target);
    for (size_t i = 0; i < r->n_fields; i++)
        svi_nearest_try(&nearest, r->field[i].text, r->field[i].text);
    const char *lead = nearest.best != NULL ? "did you mean" : "the last one is";
    const char *name = nearest.best != NULL ? nearest.best : r->field[r->n_fields - 1].text;
    return svi_fail_data(error, &place, "no column is named %s, as `target` says; %s %s",
                         svi_quote(target, quoted), lead, svi_quote(name, near));
}

static sv_status find_by_name(const svi_csv_reader *r, const char *target, int *column,
                              sv_error *error)
{
    char quoted[SVI_QUOTE_SIZE];
    svi_place place = svi_csv_reader_place(r, 0);
    *column = -1;
    for (size_t i = 0; i < r->n_fields; i++) {
        if (strcmp(r->field[i].text, target) != 0) continue;
        if (*column >= 0) {
            place.column = (int)i + 1;
            return svi_fail_data(error, &place,
                                 "two columns are named %s; give `target` as an index",
                                 svi_quote(target, quoted));
        }
        *column = (int)i;
    }
    return *column >= 0 ? SV_OK : fail_no_column(r, target, error);
}

/* Features of the first line that are numbers. */
static size_t count_numbers(const svi_csv_reader *r, int target_column)
{
    size_t n = 0;
    double value;
    for (size_t i = 0; i < r->n_fields; i++) {
        bool is_number = svi_parse_number(r->field[i].text, &value) != SVI_NUMBER_TEXT;
        if ((int)i != target_column && is_number) n++;
    }
    return n;
}

/* A first line without any number among its features is a header. */
static sv_status detect_header(const svi_csv_reader *r, int target_column, bool *has_header,
                               sv_error *error)
{
    size_t n_numbers = count_numbers(r, target_column);
    *has_header = n_numbers == 0;
    if (n_numbers == 0 || n_numbers == r->n_fields - 1) return SV_OK;
    svi_place place = svi_csv_reader_place(r, 0);
    return svi_fail_data(error, &place,
                         "the first line mixes numbers and text: say `header: yes` if it holds "
                         "names, `header: no` if "
                         "it is a row of data");
}

static sv_status check_width(const svi_csv_reader *r, sv_error *error)
{
    svi_place place = svi_csv_reader_place(r, 0);
    if (r->n_fields > SVI_COLUMNS_MAX) {
        return svi_fail_data(error, &place, "%zu columns; at most %d can be read", r->n_fields,
                             SVI_COLUMNS_MAX);
    }
    if (r->n_fields > 1) return SV_OK;
    return svi_fail_data(
        error, &place,
        "one column only; a table needs a feature and a target, separated by commas");
}

static sv_status find_columns(const svi_csv_reader *r, const svi_data_spec *spec, svi_table *table,
                              bool *has_header, sv_error *error)
{
    const char *target = spec->target != NULL ? spec->target : "-1";
    *has_header = spec->header == SVI_HEADER_YES;
    if (is_index(target)) {
        SVI_TRY(find_by_index(r, target, &table->target_column, error));
        if (spec->header != SVI_HEADER_AUTO) return SV_OK;
        return detect_header(r, table->target_column, has_header, error);
    }
    if (spec->header == SVI_HEADER_NO) {
        svi_place place = svi_csv_reader_place(r, 0);
        return svi_fail_data(error, &place,
                             "`target: %.40s` is a name, but `header: no`; give an index from 0",
                             target);
    }
    *has_header = true;
    return find_by_name(r, target, &table->target_column, error);
}

static sv_status keep_names(const svi_csv_reader *r, svi_table *table, sv_error *error)
{
    table->feature_names = calloc((size_t)table->n_features, sizeof *table->feature_names);
    if (table->feature_names == NULL)
        return svi_fail_memory(error, r->n_text, "the names of the columns");
    for (int j = 0; j < table->n_features; j++) {
        table->feature_names[j] = strdup(r->field[j + (j >= table->target_column)].text);
        if (table->feature_names[j] == NULL)
            return svi_fail_memory(error, r->n_text, "the name of a column");
    }
    table->target_name = strdup(r->field[table->target_column].text);
    return table->target_name != NULL ? SV_OK
                                      : svi_fail_memory(error, r->n_text, "the name of a column");
}

static sv_status read_feature(const svi_table *table, const svi_csv_reader *r, int j, double *value,
                              sv_error *error)
{
    char quoted[SVI_QUOTE_SIZE];
    const svi_csv_field *field = &r->field[j + (j >= table->target_column)];
    svi_number_kind kind = svi_parse_number(field->text, value);
    if (kind == SVI_NUMBER_FINITE) return SV_OK;
    svi_place place = svi_table_place(table, field->line, j);
    if (kind == SVI_NUMBER_NOT_FINITE) return svi_table_check_value(*value, &place, error);
    if (field->text[0] == '\0')
        return svi_fail_data(error, &place, "the field is empty; fill it in or remove the row");
    return svi_fail_data(error, &place, "%s is not a number; features must be numbers",
                         svi_quote(field->text, quoted));
}

static sv_status check_fields(const svi_table *table, const svi_csv_reader *r, sv_error *error)
{
    size_t n_columns = (size_t)table->n_features + 1;
    if (r->n_fields == n_columns) return SV_OK;
    size_t shorter = r->n_fields < n_columns ? r->n_fields : n_columns;
    svi_place place = svi_csv_reader_place(r, 0);
    place.column = (int)shorter + 1;
    return svi_fail_data(
        error, &place, "the row has %zu fields, line %llu has %zu; every row needs the same number",
        r->n_fields, (unsigned long long)table->first_line, n_columns);
}

static sv_status add_row(svi_table *table, const svi_csv_reader *r, sv_error *error)
{
    SVI_TRY(check_fields(table, r, error));
    svi_place place = svi_table_target_place(table, r->field[table->target_column].line);
    SVI_TRY(svi_table_reserve(table, &place, error));
    double *x = table->x + table->n_rows * (size_t)table->n_features;
    for (int j = 0; j < table->n_features; j++) SVI_TRY(read_feature(table, r, j, &x[j], error));
    const char *text = r->field[table->target_column].text;
    SVI_TRY(svi_target_add_text(&table->target, text, &place, &table->y[table->n_rows], error));
    table->n_rows++;
    return SV_OK;
}

static sv_status read_first(svi_csv_reader *r, const svi_data_spec *spec, svi_table *table,
                            sv_error *error)
{
    bool has_header;
    SVI_TRY(svi_csv_reader_next(r, error));
    table->first_line = 1;
    if (r->n_fields == 0) {
        svi_place place = {.file = table->file, .line = 1, .column = 1};
        return svi_fail_data(error, &place, "the file is empty");
    }
    table->first_line = r->field[0].line;
    SVI_TRY(check_width(r, error));
    table->n_features = (int)r->n_fields - 1;
    SVI_TRY(find_columns(r, spec, table, &has_header, error));
    return has_header ? keep_names(r, table, error) : add_row(table, r, error);
}

static sv_status read_rows(svi_csv_reader *r, const svi_data_spec *spec, svi_table *table,
                           sv_error *error)
{
    SVI_TRY(read_first(r, spec, table, error));
    for (;;) {
        SVI_TRY(svi_csv_reader_next(r, error));
        if (r->n_fields == 0) break;
        SVI_TRY(add_row(table, r, error));
    }
    return table->n_rows == 0 ? SV_OK : svi_table_resize(table, table->n_rows, error);
}

sv_status svi_csv_read(svi_byte_source *source, const svi_data_spec *spec, svi_table *table,
                       sv_error *error)
{
    svi_csv_reader reader;
    table->file = svi_byte_source_name(source);
    svi_target_start(&table->target, spec->task);
    svi_csv_reader_start(&reader, source);
    sv_status status = read_rows(&reader, spec, table, error);
    svi_csv_reader_clear(&reader);
    return status;
}
