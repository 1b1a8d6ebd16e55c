#include "data/csv_survey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv_reader.h"
#include "base/nearest_word.h"
#include "data/table.h"

bool svi_is_missing(const char *text)
{
    static const char *const words[] = {"", "NA", "N/A", "NaN", "null", "None", "?"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (svi_is_same_word(text, words[i])) return true;
    return false;
}

static void clear_values(svi_surveyed_column *column)
{
    for (size_t i = 0; i < column->n_values; i++) free(column->values[i].text);
    free(column->values);
    column->values = NULL;
    column->n_values = 0;
}

void svi_csv_survey_clear(svi_csv_survey *survey)
{
    for (size_t j = 0; j < survey->n_columns; j++) {
        clear_values(&survey->columns[j]);
        free(survey->columns[j].name);
    }
    free(survey->columns);
    *survey = (svi_csv_survey){0};
}

/* Index of the first value that does not come before text. */
static size_t lower_bound(const svi_surveyed_column *column, const char *text)
{
    size_t low = 0, high = column->n_values;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(column->values[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static sv_status insert_value(svi_surveyed_column *column, size_t at, const char *text,
                              sv_error *error)
{
    if (column->n_values == SVI_SURVEY_VALUES_MAX) {
        column->has_many = true;
        clear_values(column);
        return SV_OK;
    }
    size_t n = column->n_values, n_bytes = (n + 1) * sizeof *column->values;
    bool is_full = (n & (n - 1)) == 0; /* grown at powers of two */
    svi_surveyed_value *grown =
        is_full ? realloc(column->values, (n == 0 ? 1 : 2 * n) * sizeof *grown) : column->values;
    char *copy = strdup(text);
    if (grown != NULL) column->values = grown;
    if (grown == NULL || copy == NULL) {
        free(copy);
        return svi_fail_memory(error, n_bytes, "the values of a column");
    }
    memmove(grown + at + 1, grown + at, (n - at) * sizeof *grown);
    grown[at] = (svi_surveyed_value){copy, 1};
    column->n_values++;
    return SV_OK;
}

static void add_number(svi_surveyed_column *column, double value)
{
    bool is_first = column->n_numbers == 0;
    column->n_numbers++;
    column->is_rising = is_first || (column->is_rising && value > column->last);
    column->last = value;
    column->min = is_first || value < column->min ? value : column->min;
    column->max = is_first || value > column->max ? value : column->max;
    column->is_whole = (is_first || column->is_whole) && value >= 0 && value == floor(value);
    double deviation = value - column->mean;
    column->mean += deviation / (double)column->n_numbers;
    column->m2 += deviation * (value - column->mean);
}

static sv_status add_text(svi_surveyed_column *column, const char *text, sv_error *error)
{
    double value;
    if (svi_is_missing(text)) {
        column->n_missing++;
        return SV_OK;
    }
    if (svi_parse_number(text, &value) == SVI_NUMBER_FINITE)
        add_number(column, value);
    else
        column->n_texts++;
    if (column->has_many) return SV_OK;
    size_t at = lower_bound(column, text);
    if (at == column->n_values || strcmp(column->values[at].text, text) != 0)
        return insert_value(column, at, text, error);
    column->values[at].n++;
    return SV_OK;
}

/* What separates the columns instead may be seen. */
static sv_status fail_one_column(const svi_csv_reader *r, const svi_place *place, sv_error *error)
{
    const char *line = r->field[0].text;
    const char *other = strchr(line, ';') != NULL ? ";" : strchr(line, '\t') != NULL ? "\\t" : NULL;
    if (other == NULL)
        return svi_fail_data(error, place,
                             "one column only; a table has a feature and a target, separated by "
                             "commas");
    return svi_fail_data(error, place,
                         "columns are separated by commas: save it so, or say tr ',%s' '.,' <%s "
                         ">NEW.csv (which makes decimal points of decimal commas, too)",
                         other, place->file);
}

/* The first record, kept as names until it is known whether it is a header. */
static sv_status keep_first(const svi_csv_reader *r, svi_csv_survey *survey, sv_error *error)
{
    svi_place place = svi_csv_reader_place(r, 0);
    if (r->n_fields == 1) return fail_one_column(r, &place, error);
    if (r->n_fields > SVI_COLUMNS_MAX)
        return svi_fail_data(error, &place, "%zu columns; at most %d can be read", r->n_fields,
                             SVI_COLUMNS_MAX);
    survey->columns = calloc(r->n_fields, sizeof *survey->columns);
    if (survey->columns == NULL)
        return svi_fail_memory(error, r->n_fields * sizeof *survey->columns, "the columns");
    survey->n_columns = r->n_fields;
    for (size_t j = 0; j < r->n_fields; j++) {
        survey->columns[j].name = strdup(r->field[j].text);
        if (survey->columns[j].name == NULL) return svi_fail_memory(error, r->n_text, "a name");
    }
    return SV_OK;
}

static sv_status add_row(const svi_csv_reader *r, svi_csv_survey *survey, sv_error *error)
{
    svi_place place = svi_csv_reader_place(r, 0);
    if (r->n_fields != survey->n_columns)
        return svi_fail_data(error, &place, "%zu fields, but the first line has %zu", r->n_fields,
                             survey->n_columns);
    for (size_t j = 0; j < r->n_fields; j++)
        SVI_TRY(add_text(&survey->columns[j], r->field[j].text, error));
    survey->n_rows++;
    return SV_OK;
}

static bool is_header(const svi_csv_survey *survey)
{
    size_t n_numbers = 0;
    double value;
    for (size_t j = 0; j < survey->n_columns; j++) {
        const svi_surveyed_column *column = &survey->columns[j];
        bool is_number = svi_parse_number(column->name, &value) != SVI_NUMBER_TEXT;
        bool is_empty = svi_is_missing(column->name);
        if (!is_number && !is_empty && column->n_numbers > 0 && column->n_texts == 0) return true;
        n_numbers += is_number;
    }
    return n_numbers == 0;
}

static sv_status settle_first(svi_csv_survey *survey, sv_error *error)
{
    survey->has_header = is_header(survey);
    for (size_t j = 0; !survey->has_header && j < survey->n_columns; j++) {
        svi_surveyed_column *column = &survey->columns[j];
        SVI_TRY(add_text(column, column->name, error));
        free(column->name);
        column->name = NULL;
    }
    survey->n_rows += !survey->has_header;
    return SV_OK;
}

static sv_status read_rows(svi_csv_reader *r, svi_csv_survey *survey, sv_error *error)
{
    SVI_TRY(svi_csv_reader_next(r, error));
    svi_place file = {.file = svi_byte_source_name(r->source)};
    if (r->n_fields == 0) return svi_fail_data(error, &file, "the file is empty");
    SVI_TRY(keep_first(r, survey, error));
    for (;;) {
        SVI_TRY(svi_csv_reader_next(r, error));
        if (r->n_fields == 0) break;
        SVI_TRY(add_row(r, survey, error));
    }
    SVI_TRY(settle_first(survey, error));
    if (survey->n_rows > 0) return SV_OK;
    return svi_fail_data(error, &file, "a header and no rows; add the data");
}

sv_status svi_csv_survey_read(const char *path, svi_csv_survey *survey, sv_error *error)
{
    svi_byte_source source;
    svi_csv_reader reader;
    *survey = (svi_csv_survey){0};
    SVI_TRY(svi_byte_source_open_file(&source, path, error));
    svi_csv_reader_start(&reader, &source);
    sv_status status = read_rows(&reader, survey, error);
    svi_csv_reader_clear(&reader);
    svi_byte_source_close(&source);
    return status;
}
