#include "analysis/csv_columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metric_names.h"
#include "base/nearest_word.h"
#include "base/text.h"

const svi_csv_column *svi_csv_column_with(const svi_csv_columns *columns, svi_csv_role role)
{
    for (size_t i = 0; i < columns->n; i++)
        if (columns->column[i].role == role) return &columns->column[i];
    return NULL;
}

static sv_status fail_at(const char *path, const svi_csv_field *field, sv_error *error,
                         const char *what)
{
    return svi_fail(error, SV_ERR_DATA, "%s:%" PRIu64 ":%d: %s", path, field->line, field->column,
                    what);
}

static sv_status check_name(const svi_csv_columns *columns, const char *path,
                            const svi_csv_field *field, sv_error *error)
{
    char what[200];
    if (field->text[0] == '\0' && columns->n > 0)
        return fail_at(path, field, error, "a column has no name; name it in the header");
    if (strlen(field->text) >= sizeof columns->column->name) {
        return fail_at(path, field, error, "a column's name is longer than 63 bytes; shorten it");
    }
    for (size_t i = 0; i < columns->n; i++) {
        if (strcmp(columns->column[i].name, field->text) != 0) continue;
        snprintf(what, sizeof what,
                 "column '%s' is also column %zu; remove one or give it another name", field->text,
                 i + 1);
        return fail_at(path, field, error, what);
    }
    return SV_OK;
}

/* Whether another column bears the first name of the role. */
static bool has_first_name(const svi_csv_columns *columns, svi_csv_role role)
{
    for (size_t c = 0; c < columns->n; c++) {
        const svi_csv_name *known = svi_csv_known_name(columns->column[c].plain);
        if (known != NULL && known->role == role && known->is_first) return true;
    }
    return false;
}

static void recognise(svi_csv_columns *columns, svi_csv_column *column)
{
    const svi_csv_name *known = svi_csv_known_name(column->plain);
    column->role = column->name[0] == '\0' ? SVI_CSV_UNNAMED : SVI_CSV_METRIC;
    if (known == NULL) return;
    bool is_second = !known->is_first && known->role != SVI_CSV_SEED;
    if (is_second && has_first_name(columns, known->role)) return;
    column->role = known->role;
    column->source = known->source;
}

/* Two columns of one meaning are never merged. */
static sv_status refuse_twins(const svi_csv_columns *columns, const char *path,
                              const svi_csv_field *fields, sv_error *error)
{
    char what[300];
    for (size_t i = 0; i < columns->n; i++) {
        const svi_csv_column *one = &columns->column[i];
        bool is_single = one->role >= SVI_CSV_SEED && one->role <= SVI_CSV_DIGEST;
        for (size_t k = 0; is_single && k < i; k++) {
            const svi_csv_column *other = &columns->column[k];
            if (other->role != one->role || other->source != one->source) continue;
            snprintf(what, sizeof what, "columns '%s' and '%s' mean the same; %s", other->name,
                     one->name,
                     one->role == SVI_CSV_ARM ? "say which names the arms: --arm COLUMN"
                                              : "remove one or rename it");
            return fail_at(path, &fields[i], error, what);
        }
    }
    return SV_OK;
}

static sv_status fail_no_arm(const svi_csv_columns *columns, const char *path, const char *arm,
                             sv_error *error)
{
    svi_nearest nearest = svi_nearest_start(arm);
    svi_text names = {0};
    for (size_t i = 0; i < columns->n; i++) {
        svi_nearest_try(&nearest, columns->column[i].name, columns->column[i].name);
        svi_text_add(&names, "%s%s", i > 0 ? ", " : "", columns->column[i].name);
    }
    const char *header = names.bytes != NULL ? names.bytes : "";
    sv_status status = svi_fail(
        error, SV_ERR_USAGE,
        "%s: there is no column '%.*s' for the arms%s%s%s; the header has "
        "%.*s",
        path, (int)svi_whole_bytes(arm, 63), arm, nearest.best != NULL ? " (did you mean " : "",
        nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "?)" : "",
        (int)svi_whole_bytes(header, 400), header);
    svi_text_clear(&names);
    return status;
}

/* The column that was asked for has the arms, and no other. */
static sv_status place_arm(svi_csv_columns *columns, const char *path, const char *arm,
                           sv_error *error)
{
    svi_csv_column *found = NULL;
    char plain[64];
    if (arm == NULL) return SV_OK;
    svi_plain_name(arm, plain);
    for (size_t i = 0; i < columns->n; i++) {
        svi_csv_column *column = &columns->column[i];
        if (column->role == SVI_CSV_ARM) column->role = SVI_CSV_METRIC;
        bool is_exact = strcmp(column->name, arm) == 0;
        bool is_alike = found == NULL && strcmp(column->plain, plain) == 0;
        if (is_exact || is_alike) found = column;
    }
    columns->is_one_arm = found == NULL && strcmp(arm, "none") == 0;
    if (found == NULL && !columns->is_one_arm) return fail_no_arm(columns, path, arm, error);
    if (found != NULL) found->role = SVI_CSV_ARM;
    return SV_OK;
}

/* `seed` stands for every source without a column of its own; its values are read into the first of
 * these. */
static sv_status place_seeds(svi_csv_columns *columns, const char *path,
                             const svi_csv_field *fields, sv_error *error)
{
    svi_csv_column *plain = NULL;
    for (size_t i = 0; i < columns->n; i++) {
        svi_csv_column *column = &columns->column[i];
        if (column->role != SVI_CSV_SEED) continue;
        if (column->source == SVI_EVERY_SOURCE)
            plain = column;
        else
            columns->has_own_seed[column->source] = true;
    }
    if (plain == NULL) return SV_OK;
    for (int s = SVK_N_SOURCES - 1; s >= 0; s--)
        if (!columns->has_own_seed[s]) columns->plain_seed_source = plain->source = s;
    if (columns->plain_seed_source >= 0) return SV_OK;
    return fail_at(path, &fields[plain - columns->column], error,
                   "column 'seed' says nothing: every source has its own column; remove it");
}

static sv_status fail_no_seeds(const svi_csv_columns *columns, const char *path,
                               const svi_csv_field *fields, sv_error *error)
{
    svi_text names = {0};
    const char *meant = NULL;
    for (size_t i = 0; i < columns->n; i++) {
        const char *plain = columns->column[i].plain;
        svi_text_add(&names, "%s%s", i > 0 ? ", " : "", columns->column[i].name);
        bool is_number = strcmp(plain, "run") == 0 || strcmp(plain, "trial") == 0;
        bool is_near = svi_edit_distance(plain, "seed") <= 1 || strcmp(plain, "seeds") == 0;
        if (meant == NULL && (is_number || is_near)) meant = columns->column[i].name;
    }
    const char *header = names.bytes != NULL ? names.bytes : "";
    sv_status status = svi_fail(
        error, SV_ERR_DATA,
        "%s:%" PRIu64 ":%d: no column of seeds; the header has %.*s. Name one `seed`, or "
        "seed_init, seed_order, ... (%s%s%s)",
        path, fields[0].line, fields[0].column, (int)svi_whole_bytes(header, 400), header,
        meant != NULL ? "is it " : "is the header missing", meant != NULL ? meant : "", "?");
    svi_text_clear(&names);
    return status;
}

static sv_status require_seeds(svi_csv_columns *columns, const char *path,
                               const svi_csv_field *fields, sv_error *error)
{
    bool is_any = columns->plain_seed_source >= 0;
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        columns->has_seed[s] = columns->has_own_seed[s] || columns->plain_seed_source == s;
        is_any = is_any || columns->has_own_seed[s];
    }
    return is_any ? SV_OK : fail_no_seeds(columns, path, fields, error);
}

sv_status svi_csv_columns_read(svi_csv_columns *columns, const char *path, const char *arm,
                               const svi_csv_field *fields, size_t n, sv_error *error)
{
    *columns = (svi_csv_columns){.plain_seed_source = -1,
                                 .line = fields[0].line,
                                 .column = calloc(n, sizeof *columns->column)};
    if (columns->column == NULL)
        return svi_fail_memory(error, n * sizeof *columns->column, "columns");
    for (size_t i = 0; i < n; i++) {
        SVI_TRY(check_name(columns, path, &fields[i], error));
        svi_csv_column *column = &columns->column[columns->n++];
        snprintf(column->name, sizeof column->name, "%s", fields[i].text);
        svi_plain_name(column->name, column->plain);
    }
    for (size_t i = 0; i < n; i++) recognise(columns, &columns->column[i]);
    SVI_TRY(place_arm(columns, path, arm, error));
    for (size_t i = 0; i < n; i++)
        if (columns->column[i].role == SVI_CSV_METRIC)
            SVI_TRY(svi_csv_refuse_unknown_seed(path, &fields[i], error));
    SVI_TRY(refuse_twins(columns, path, fields, error));
    SVI_TRY(place_seeds(columns, path, fields, error));
    return require_seeds(columns, path, fields, error);
}

sv_status svi_csv_columns_to_table(svi_csv_columns *columns, svi_run_table *table, sv_error *error)
{
    table->metrics = calloc(columns->n, sizeof *table->metrics);
    if (table->metrics == NULL)
        return svi_fail_memory(error, columns->n * sizeof *table->metrics, "metrics");
    for (size_t i = 0; i < columns->n; i++) {
        svi_csv_column *column = &columns->column[i];
        if (column->role != SVI_CSV_METRIC) continue;
        column->metric = table->n_metrics++;
        svi_metric_column *metric = &table->metrics[column->metric];
        snprintf(metric->name, sizeof metric->name, "%s", column->name);
        metric->better = svi_metric_sense_of(column->name).better;
    }
    return SV_OK;
}

void svi_csv_columns_clear(svi_csv_columns *columns)
{
    for (size_t i = 0; i < columns->n; i++) free(columns->column[i].tally.word);
    free(columns->column);
    *columns = (svi_csv_columns){0};
}
