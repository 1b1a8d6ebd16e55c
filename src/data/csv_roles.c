#include "data/csv_roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest_word.h"

/* What a key of the study file asks for: a name or an index, -1 being the last column. */
typedef struct wanted {
    const char *key, *column;
} wanted;

static bool is_index(const char *column)
{
    const char *digits = column + (column[0] == '-');
    return digits[0] != '\0' && digits[strspn(digits, "0123456789")] == '\0';
}

static sv_status find_by_index(const svi_csv_reader *r, wanted w, int *column, sv_error *error)
{
    long n = (long)r->n_fields;
    long index = strtol(w.column, NULL, 10); /* saturates */
    if (index < 0 && index >= -n) index += n;
    if (index < 0 || index >= n) {
        svi_place place = svi_csv_reader_place(r, 0);
        return svi_fail_data(error, &place,
                             "`%s: %.40s` asks for a column that is not there; the columns are "
                             "0 to %ld, or -1 for the last",
                             w.key, w.column, n - 1);
    }
    *column = (int)index;
    return SV_OK;
}

static sv_status fail_no_column(const svi_csv_reader *r, wanted w, sv_error *error)
{
    char quoted[SVI_QUOTE_SIZE], near[SVI_QUOTE_SIZE];
    svi_place place = svi_csv_reader_place(r, 0);
    svi_nearest nearest = svi_nearest_start(w.column);
    for (size_t i = 0; i < r->n_fields; i++)
        svi_nearest_try(&nearest, r->field[i].text, r->field[i].text);
    const char *lead = nearest.best != NULL ? "did you mean" : "the last one is";
    const char *name = nearest.best != NULL ? nearest.best : r->field[r->n_fields - 1].text;
    return svi_fail_data(error, &place, "no column is named %s, as `%s` says; %s %s",
                         svi_quote(w.column, quoted), w.key, lead, svi_quote(name, near));
}

static sv_status find_by_name(const svi_csv_reader *r, wanted w, int *column, sv_error *error)
{
    char quoted[SVI_QUOTE_SIZE];
    svi_place place = svi_csv_reader_place(r, 0);
    *column = -1;
    for (size_t i = 0; i < r->n_fields; i++) {
        if (strcmp(r->field[i].text, w.column) != 0) continue;
        if (*column >= 0) {
            place.column = (int)i + 1;
            return svi_fail_data(error, &place, "two columns are named %s; give `%s` as an index",
                                 svi_quote(w.column, quoted), w.key);
        }
        *column = (int)i;
    }
    return *column >= 0 ? SV_OK : fail_no_column(r, w, error);
}

static sv_status find_column(const svi_csv_reader *r, svi_header header, wanted w, int *column,
                             sv_error *error)
{
    if (is_index(w.column)) return find_by_index(r, w, column, error);
    if (header != SVI_HEADER_NO) return find_by_name(r, w, column, error);
    svi_place place = svi_csv_reader_place(r, 0);
    return svi_fail_data(error, &place,
                         "`%s: %.40s` is a name, but `header: no`; give an index from 0", w.key,
                         w.column);
}

/* ---- features ---- */

enum { DROPPED_NAME_SIZE = 1024 };

/* The next line of `drop`; false at the end. */
static bool next_dropped(const char **lines, char *name)
{
    if (*lines == NULL || **lines == '\0') return false;
    size_t n = strcspn(*lines, "\n");
    snprintf(name, DROPPED_NAME_SIZE, "%.*s", (int)n, *lines);
    *lines += n + 1;
    return true;
}

static bool drops_a_name(const char *lines)
{
    char name[DROPPED_NAME_SIZE];
    while (next_dropped(&lines, name))
        if (!is_index(name)) return true;
    return false;
}

/* Takes the columns listed in `drop` out of those marked. */
static sv_status drop_columns(const svi_csv_reader *r, const svi_data_spec *spec, int target,
                              bool *is_feature, sv_error *error)
{
    char name[DROPPED_NAME_SIZE];
    const char *lines = spec->drop;
    while (next_dropped(&lines, name)) {
        int column;
        SVI_TRY(find_column(r, spec->header, (wanted){"drop", name}, &column, error));
        if (column == target) {
            svi_place place = svi_csv_reader_place(r, (size_t)target);
            return svi_fail_data(
                error, &place,
                "`drop` lists the target, %s; take it out of `drop`, or name another target", name);
        }
        is_feature[column] = false;
    }
    return SV_OK;
}

static sv_status choose_features(const svi_csv_reader *r, const svi_data_spec *spec,
                                 svi_table *table, bool *is_feature, sv_error *error)
{
    for (size_t i = 0; i < r->n_fields; i++) is_feature[i] = (int)i != table->target_column;
    SVI_TRY(drop_columns(r, spec, table->target_column, is_feature, error));
    table->column = calloc(r->n_fields, sizeof *table->column);
    if (table->column == NULL)
        return svi_fail_memory(error, r->n_fields * sizeof *table->column, "the columns");
    table->n_features = 0;
    for (size_t i = 0; i < r->n_fields; i++)
        if (is_feature[i]) table->column[table->n_features++] = (int)i;
    svi_place place = svi_csv_reader_place(r, 0);
    return table->n_features > 0
               ? SV_OK
               : svi_fail_data(error, &place, "`drop` lists every feature; leave one");
}

/* ---- the first line ---- */

/* A first line without any number among its features is a header. */
static sv_status detect_header(const svi_csv_reader *r, const svi_table *table, bool *has_header,
                               sv_error *error)
{
    int n_numbers = 0;
    double value;
    for (int j = 0; j < table->n_features; j++)
        n_numbers += svi_parse_number(r->field[table->column[j]].text, &value) != SVI_NUMBER_TEXT;
    *has_header = n_numbers == 0;
    if (n_numbers == 0 || n_numbers == table->n_features) return SV_OK;
    svi_place place = svi_csv_reader_place(r, 0);
    return svi_fail_data(error, &place,
                         "the first line mixes numbers and text: say `header: yes` if it holds "
                         "names, `header: no` if it is a row of data");
}

static sv_status check_width(const svi_csv_reader *r, sv_error *error)
{
    svi_place place = svi_csv_reader_place(r, 0);
    if (r->n_fields > SVI_COLUMNS_MAX)
        return svi_fail_data(error, &place, "%zu columns; at most %d can be read", r->n_fields,
                             SVI_COLUMNS_MAX);
    if (r->n_fields > 1) return SV_OK;
    return svi_fail_data(
        error, &place,
        "one column only; a table needs a feature and a target, separated by commas");
}

sv_status svi_csv_find_roles(const svi_csv_reader *first, const svi_data_spec *spec,
                             svi_table *table, bool *has_header, sv_error *error)
{
    const char *target = spec->target != NULL ? spec->target : "-1";
    SVI_TRY(check_width(first, error));
    table->n_columns = (int)first->n_fields;
    SVI_TRY(
        find_column(first, spec->header, (wanted){"target", target}, &table->target_column, error));
    bool *is_feature = calloc(first->n_fields, sizeof *is_feature);
    if (is_feature == NULL) return svi_fail_memory(error, first->n_fields, "the columns");
    sv_status status = choose_features(first, spec, table, is_feature, error);
    free(is_feature);
    if (status != SV_OK) return status;
    *has_header = spec->header == SVI_HEADER_YES || !is_index(target) || drops_a_name(spec->drop);
    if (*has_header || spec->header == SVI_HEADER_NO) return SV_OK;
    return detect_header(first, table, has_header, error);
}
