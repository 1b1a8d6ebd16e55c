/* Results of any program as a run table: one CSV record a run. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/csv_columns.h"
#include "analysis/run_codes.h"
#include "base/csv_reader.h"
#include "analysis/run_table.h"
#include "net.h"

enum { MAX_NAMES = 4096 };

typedef struct csv_import {
    svi_run_table *table;
    svi_byte_source source;
    svi_csv_reader reader;
    svi_csv_columns columns;
    bool has_digest;
    uint64_t n_capacity;
    uint64_t *line; /* [n_capacity]: where each run stands */
} csv_import;

static sv_status fail_at(const csv_import *in, const svi_csv_field *field, sv_error *error,
                         const char *found, const char *mend)
{
    return svi_fail(error, SV_ERR_DATA, "%s:%" PRIu64 ":%d: %s '%.60s'; %s", in->table->origin,
                    field->line, field->column, found, field->text, mend);
}

static sv_status parse_whole(const csv_import *in, const svi_csv_field *field, uint64_t *value,
                             sv_error *error)
{
    char *end;
    errno = 0;
    *value = strtoull(field->text, &end, 10);
    if (isdigit((unsigned char)field->text[0]) && *end == '\0' && errno == 0) return SV_OK;
    return fail_at(in, field, error, "found",
                   "seeds and replicates are whole numbers from 0 to 18446744073709551615");
}

static bool is_missing(const char *text)
{
    static const char *const words[] = {"", "na", "n/a", "null", "none"};
    char lower[8] = "";
    if (strlen(text) >= sizeof lower) return false;
    for (size_t i = 0; text[i] != '\0'; i++) lower[i] = (char)tolower((unsigned char)text[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(lower, words[i]) == 0) return true;
    }
    return false;
}

static bool parse_number(const char *text, double *value)
{
    *value = NAN;
    return is_missing(text) || svi_parse_number(text, value) != SVI_NUMBER_TEXT;
}

static sv_status parse_status(const csv_import *in, const svi_csv_field *field, uint8_t *status,
                              sv_error *error)
{
    static const char *const names[] = {
#define STATUS_NAME(id, name, help) name,
        SVK_RUN_STATUSES(STATUS_NAME)
#undef STATUS_NAME
    };
    const char *name = strcmp(field->text, "failed") == 0 ? names[SVK_RUN_DIVERGED] : field->text;
    for (*status = 0; *status < SVK_N_RUN_STATUSES; ++*status)
        if (strcmp(name, names[*status]) == 0) return SV_OK;
    return fail_at(in, field, error, "found status",
                   "it is ok, diverged, failed, saturated or unsupported");
}

static sv_status parse_digest(const csv_import *in, const svi_csv_field *field, uint32_t digest[4],
                              sv_error *error)
{
    size_t n = strlen(field->text);
    bool is_hex = n == 32 && strspn(field->text, "0123456789abcdefABCDEF") == n;
    if (!is_hex) return fail_at(in, field, error, "found digest", "it is 32 hex digits");
    for (int w = 0; w < 4; w++) {
        char word[9] = "";
        memcpy(word, field->text + (size_t)w * 8, 8);
        digest[w] = (uint32_t)strtoul(word, NULL, 16);
    }
    return SV_OK;
}

/* Index of name in names, added when new. Rows of one arm mostly follow each other, so the last one
 * is tried first. */
static sv_status name_index(const csv_import *in, const svi_csv_field *field, char (**names)[64],
                            size_t *n_names, uint32_t *index, sv_error *error)
{
    if (*n_names > 0 && *index < *n_names && strcmp((*names)[*index], field->text) == 0)
        return SV_OK;
    for (size_t i = 0; i < *n_names; i++) {
        if (strcmp((*names)[i], field->text) == 0) {
            *index = (uint32_t)i;
            return SV_OK;
        }
    }
    if (field->text[0] == '\0' || strlen(field->text) >= sizeof **names) {
        return fail_at(in, field, error, "found the name",
                       "arms and numerics have names of 1 to 63 bytes");
    }
    if (*n_names == MAX_NAMES) {
        return fail_at(in, field, error, "more than 4096 names; the next is",
                       "arm and numerics name configurations, not runs");
    }
    void *grown = realloc(*names, (*n_names + 1) * sizeof **names);
    if (grown == NULL) return svi_fail_memory(error, *n_names * sizeof **names, "names");
    *names = grown;
    snprintf((*names)[*n_names], sizeof **names, "%s", field->text);
    *index = (uint32_t)(*n_names)++;
    return SV_OK;
}

static sv_status parse_metric(csv_import *in, const svi_csv_column *column,
                              const svi_csv_field *field, uint64_t i, sv_error *error)
{
    double *value = &in->table->metrics[column->metric].value[i];
    if (parse_number(field->text, value)) return SV_OK;
    return fail_at(in, field, error, "found",
                   "this column holds numbers; leave a missing one empty");
}

static sv_status parse_field(csv_import *in, const svi_csv_column *column,
                             const svi_csv_field *field, uint64_t i, sv_error *error)
{
    svi_run_table *t = in->table;
    switch (column->role) {
    case SVI_CSV_SEED: return parse_whole(in, field, &t->seed[column->source][i], error);
    case SVI_CSV_REPLICATE: return parse_whole(in, field, &t->replicate[i], error);
    case SVI_CSV_ARM: return name_index(in, field, &t->arm_names, &t->n_arms, &t->arm[i], error);
    case SVI_CSV_NUMERICS:
        return name_index(in, field, &t->numerics_names, &t->n_numerics, &t->numerics[i], error);
    case SVI_CSV_STATUS: return parse_status(in, field, &t->status[i], error);
    case SVI_CSV_DIGEST: return parse_digest(in, field, t->digest[i], error);
    case SVI_CSV_METRIC: return parse_metric(in, column, field, i, error);
    case SVI_CSV_IGNORED: return SV_OK;
    }
    return SV_OK;
}

/* What a run has where its record says nothing; name_index starts at the arm of the run before. */
static void set_defaults(svi_run_table *t, uint64_t i)
{
    t->arm[i] = i > 0 ? t->arm[i - 1] : 0;
    t->numerics[i] = i > 0 ? t->numerics[i - 1] : 0;
    t->replicate[i] = 0;
    t->status[i] = SVK_RUN_OK;
}

/* After the last record: from then on no column moves. */
static void share_plain_seed(const csv_import *in)
{
    int plain = in->columns.plain_seed_source;
    for (int s = 0; plain >= 0 && s < SVK_N_SOURCES; s++)
        if (!in->columns.has_own_seed[s]) in->table->seed[s] = in->table->seed[plain];
}

static sv_status refuse_more(const csv_import *in, const svi_csv_field *field, sv_error *error)
{
    return svi_fail(error, SV_ERR_DATA,
                    "%s:%" PRIu64
                    ":1: more than %d runs, which an import would hold in memory; import a part of "
                    "the file: one arm, or %d records drawn at random",
                    in->table->origin, field->line, (int)SVI_ANALYSIS_RUNS_MOST,
                    (int)SVI_ANALYSIS_RUNS_MOST);
}

static sv_status reserve(csv_import *in, sv_error *error)
{
    uint64_t n = in->n_capacity == 0 ? 1024 : in->n_capacity + in->n_capacity / 2;
    if (n > SVI_ANALYSIS_RUNS_MOST) n = SVI_ANALYSIS_RUNS_MOST;
    SVI_TRY(svi_run_table_reserve(in->table, n, in->columns.has_seed, in->has_digest, error));
    uint64_t *line = realloc(in->line, n * sizeof *line);
    if (line == NULL) return svi_fail_memory(error, n * sizeof *line, "line numbers");
    in->line = line;
    in->n_capacity = n;
    return SV_OK;
}

static sv_status parse_run(csv_import *in, const svi_csv_field *fields, size_t n_fields,
                           sv_error *error)
{
    uint64_t i = in->table->n_runs;
    if (n_fields != in->columns.n) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s:%" PRIu64
                        ":%d: found %zu fields where the header has %zu; every record needs one "
                        "field per column",
                        in->table->origin, fields[n_fields - 1].line, fields[n_fields - 1].column,
                        n_fields, in->columns.n);
    }
    if (i == SVI_ANALYSIS_RUNS_MOST) return refuse_more(in, &fields[0], error);
    if (i == in->n_capacity) SVI_TRY(reserve(in, error));
    set_defaults(in->table, i);
    in->line[i] = fields[0].line;
    for (size_t c = 0; c < n_fields; c++)
        SVI_TRY(parse_field(in, &in->columns.column[c], &fields[c], i, error));
    in->table->n_runs++;
    return SV_OK;
}

/* A column whose first value is text is no metric: it is left out, and the findings name it. */
static sv_status settle_columns(csv_import *in, const svi_csv_field *fields, size_t n_fields,
                                sv_error *error)
{
    double value;
    for (size_t c = 0; c < in->columns.n && c < n_fields; c++) {
        svi_csv_column *column = &in->columns.column[c];
        if (column->role == SVI_CSV_METRIC && !parse_number(fields[c].text, &value))
            column->role = SVI_CSV_IGNORED;
        in->has_digest = in->has_digest || column->role == SVI_CSV_DIGEST;
    }
    return svi_csv_columns_to_table(&in->columns, in->table, error);
}

static sv_status read_runs(csv_import *in, sv_error *error)
{
    svi_csv_reader *r = &in->reader;
    SVI_TRY(svi_csv_reader_next(r, error));
    if (r->n_fields == 0) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s:1:1: the file is empty; it needs a header and one record per run",
                        in->table->origin);
    }
    SVI_TRY(svi_csv_columns_read(&in->columns, in->table->origin, r->field, r->n_fields, error));
    SVI_TRY(svi_csv_reader_next(r, error));
    if (r->n_fields == 0) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s:2:1: no record follows the header; it needs one per run",
                        in->table->origin);
    }
    SVI_TRY(settle_columns(in, r->field, r->n_fields, error));
    while (r->n_fields > 0) {
        SVI_TRY(parse_run(in, r->field, r->n_fields, error));
        SVI_TRY(svi_csv_reader_next(r, error));
    }
    share_plain_seed(in);
    return SV_OK;
}

static sv_status name_what_is_unnamed(svi_run_table *t, sv_error *error)
{
    const svi_csv_field arm = {.text = "all"}, numerics = {.text = "imported"};
    csv_import none = {.table = t};
    uint32_t index = 0;
    if (t->n_arms == 0) SVI_TRY(name_index(&none, &arm, &t->arm_names, &t->n_arms, &index, error));
    if (t->n_numerics > 0) return SV_OK;
    return name_index(&none, &numerics, &t->numerics_names, &t->n_numerics, &index, error);
}

static sv_status refuse_duplicates(const csv_import *in, sv_error *error)
{
    uint64_t first, again;
    bool is_found;
    SVI_TRY(svi_find_duplicate_run(in->table, &is_found, &first, &again, error));
    if (!is_found) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s:%" PRIu64 ":1: this run (arm %s, numerics %s, replicate %" PRIu64
                    ", the same seeds) is also on "
                    "line %" PRIu64 "; remove one, or number repeats in a column named replicate",
                    in->table->origin, in->line[again], in->table->arm_names[in->table->arm[again]],
                    in->table->numerics_names[in->table->numerics[again]],
                    in->table->replicate[again], in->line[first]);
}

static sv_status import_runs(csv_import *in, const char *path, sv_error *error)
{
    SVI_TRY(svi_byte_source_open_file(&in->source, path, error));
    svi_csv_reader_start(&in->reader, &in->source);
    SVI_TRY(read_runs(in, error));
    SVI_TRY(name_what_is_unnamed(in->table, error));
    SVI_TRY(svi_run_table_finish(in->table, error));
    SVI_TRY(refuse_duplicates(in, error));
    if (in->table->n_metrics > 0) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s:1:1: no column holds a result; add one column of numbers per metric", path);
}

/* The file's name without its folders and endings. */
static void name_study(svi_run_table *table, const char *path)
{
    const char *slash = strrchr(path, '/');
    snprintf(table->study, sizeof table->study, "%s", slash != NULL ? slash + 1 : path);
    static const char *const endings[] = {".gz", ".csv"};
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(table->study), k = strlen(endings[i]);
        if (n > k && strcmp(table->study + n - k, endings[i]) == 0) table->study[n - k] = '\0';
    }
}

sv_status svi_run_table_from_csv(const char *path, svi_run_table **table, sv_error *error)
{
    if (svi_is_store_file(path))
        return svi_fail(error, SV_ERR_USAGE,
                        "%s: this is a store; seedvar analyze and seedvar report read it", path);
    csv_import in = {.table = calloc(1, sizeof *in.table)};
    if (in.table == NULL) return svi_fail_memory(error, sizeof *in.table, "a run table");
    snprintf(in.table->origin, sizeof in.table->origin, "%s", path);
    snprintf(in.table->design, sizeof in.table->design, "imported");
    name_study(in.table, path);
    sv_status status = import_runs(&in, path, error);
    svi_csv_reader_clear(&in.reader);
    svi_byte_source_close(&in.source);
    svi_csv_columns_clear(&in.columns);
    free(in.line);
    if (status != SV_OK) {
        svi_run_table_free(in.table);
        return status;
    }
    *table = in.table;
    return SV_OK;
}
