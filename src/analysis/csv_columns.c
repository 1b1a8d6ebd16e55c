#include "analysis/csv_columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static const struct {
    const char *name;
    svi_csv_role role;
    int source;
} known_columns[] = {
#define SEED_COLUMN(id, number, name, help) {"seed_" name, SVI_CSV_SEED, SVK_SOURCE_##id},
    SVK_SOURCES(SEED_COLUMN)
#undef SEED_COLUMN
        {"arm", SVI_CSV_ARM, -1},
    {"numerics", SVI_CSV_NUMERICS, -1},
    {"replicate", SVI_CSV_REPLICATE, -1},
    {"status", SVI_CSV_STATUS, -1},
    {"digest", SVI_CSV_DIGEST, -1},
    {"run", SVI_CSV_IGNORED, -1},
};

static sv_status fail_at(const char *path, const svi_csv_field *field, sv_error *error,
                         const char *what)
{
    return svi_fail(error, SV_ERR_DATA, "%s:%" PRIu64 ":%d: %s", path, field->line, field->column,
                    what);
}

static void recognise(svi_csv_columns *columns, svi_csv_column *column)
{
    column->role = SVI_CSV_METRIC;
    for (size_t i = 0; i < sizeof known_columns / sizeof *known_columns; i++) {
        if (strcmp(column->name, known_columns[i].name) != 0) continue;
        column->role = known_columns[i].role;
        column->source = known_columns[i].source;
        if (column->role == SVI_CSV_SEED) columns->has_own_seed[column->source] = true;
    }
}

/* `seed` stands for every source without a column of its own; its values are read into the first of
 * these. */
static void place_plain_seed(svi_csv_columns *columns, svi_csv_column *column)
{
    column->role = SVI_CSV_SEED;
    for (int s = SVK_N_SOURCES - 1; s >= 0; s--) {
        if (!columns->has_own_seed[s]) columns->plain_seed_source = column->source = s;
    }
}

static sv_status check_name(const svi_csv_columns *columns, const char *path,
                            const svi_csv_field *field, sv_error *error)
{
    char what[200];
    if (field->text[0] == '\0')
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

static sv_status require_seeds(svi_csv_columns *columns, const char *path,
                               const svi_csv_field *fields, sv_error *error)
{
    bool is_any = columns->plain_seed_source >= 0;
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        columns->has_seed[s] = columns->has_own_seed[s] || columns->plain_seed_source == s;
        is_any = is_any || columns->has_own_seed[s];
    }
    if (is_any) return SV_OK;
    svi_text names = {0};
    for (size_t i = 0; i < columns->n; i++) {
        svi_text_add(&names, "%s%s", i > 0 ? ", " : "", columns->column[i].name);
    }
    sv_status status =
        svi_fail(error, SV_ERR_DATA,
                 "%s:%" PRIu64 ":%d: no column of seeds; the header has %.400s. Name one `seed`, "
                 "or seed_init, seed_order, ... (is the header missing?)",
                 path, fields[0].line, fields[0].column, names.bytes != NULL ? names.bytes : "");
    svi_text_clear(&names);
    return status;
}

sv_status svi_csv_columns_read(svi_csv_columns *columns, const char *path,
                               const svi_csv_field *fields, size_t n, sv_error *error)
{
    *columns =
        (svi_csv_columns){.plain_seed_source = -1, .column = calloc(n, sizeof *columns->column)};
    if (columns->column == NULL)
        return svi_fail_memory(error, n * sizeof *columns->column, "columns");
    svi_csv_column *plain_seed = NULL;
    for (size_t i = 0; i < n; i++) {
        SVI_TRY(check_name(columns, path, &fields[i], error));
        svi_csv_column *column = &columns->column[columns->n++];
        snprintf(column->name, sizeof column->name, "%s", fields[i].text);
        recognise(columns, column);
        if (strcmp(column->name, "seed") == 0) plain_seed = column;
    }
    if (plain_seed != NULL) place_plain_seed(columns, plain_seed);
    if (plain_seed != NULL && columns->plain_seed_source < 0) {
        return fail_at(path, &fields[plain_seed - columns->column], error,
                       "column 'seed' says nothing: every source has its own column; remove it");
    }
    return require_seeds(columns, path, fields, error);
}

static bool has_ending(const char *name, const char *ending)
{
    size_t n = strlen(name), k = strlen(ending);
    return n >= k && strcasecmp(name + n - k, ending) == 0 &&
           (n == k || name[n - k - 1] == '_' || ending[0] == '_');
}

/* Metrics of the program itself have their direction in the vocabulary, others are judged by the
 * end of their name. */
static int guess_better(const char *name)
{
    static const struct {
        const char *name;
        int better;
    } known[] = {
#define METRIC_ROW(id, name, better, help) {name, better},
        SVK_METRICS(METRIC_ROW)
#undef METRIC_ROW
    };
    static const char *const up[] = {"accuracy", "acc", "auc", "auroc", "f1", "r2"};
    static const char *const down[] = {"loss", "mse",   "rmse", "mae",
                                       "err",  "error", "nll",  "perplexity"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(name, known[i].name) == 0) return known[i].better;
    }
    for (size_t i = 0; i < sizeof up / sizeof *up; i++) {
        if (has_ending(name, up[i])) return 1;
    }
    for (size_t i = 0; i < sizeof down / sizeof *down; i++) {
        if (has_ending(name, down[i])) return -1;
    }
    return 0;
}

static void list_ignored(const svi_csv_column *column, svi_run_table *table)
{
    size_t n = strlen(table->ignored);
    if (strcmp(column->name, "run") == 0) return;
    snprintf(table->ignored + n, sizeof table->ignored - n, "%s%s", n > 0 ? ", " : "",
             column->name);
}

sv_status svi_csv_columns_to_table(svi_csv_columns *columns, svi_run_table *table, sv_error *error)
{
    table->metrics = calloc(columns->n, sizeof *table->metrics);
    if (table->metrics == NULL)
        return svi_fail_memory(error, columns->n * sizeof *table->metrics, "metrics");
    for (size_t i = 0; i < columns->n; i++) {
        svi_csv_column *column = &columns->column[i];
        if (column->role == SVI_CSV_IGNORED) list_ignored(column, table);
        if (column->role != SVI_CSV_METRIC) continue;
        column->metric = table->n_metrics++;
        svi_metric_column *metric = &table->metrics[column->metric];
        snprintf(metric->name, sizeof metric->name, "%s", column->name);
        metric->better = guess_better(column->name);
    }
    return SV_OK;
}

void svi_csv_columns_clear(svi_csv_columns *columns)
{
    free(columns->column);
    *columns = (svi_csv_columns){0};
}
