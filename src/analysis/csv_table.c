/* Results of any program as a run table: one CSV record a run. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/csv_texts.h"
#include "analysis/run_codes.h"
#include "net.h"

enum { MAX_NAMES = 4096 };

typedef struct csv_import {
    svi_run_table *table;
    svi_byte_source source;
    svi_csv_reader reader;
    svi_csv_columns columns;
    const char *arm; /* as svi_csv_columns_read takes it */
    char decimal;    /* '.' or ',', as the file's first number with decimals has it; 0: none yet */
    uint64_t n_capacity;
    uint64_t *line; /* [n_capacity]: where each run stands */
} csv_import;

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
        return svi_csv_fail(
            in->table->origin, field, error, "found the name",
            "arms and numerics have names of 1 to 63 bytes (--arm says which column has "
            "the arms)");
    }
    if (*n_names == MAX_NAMES) {
        return svi_csv_fail(in->table->origin, field, error, "more than 4096 names; the next is",
                            "arm and numerics name configurations, not runs");
    }
    void *grown = realloc(*names, (*n_names + 1) * sizeof **names);
    if (grown == NULL) return svi_fail_memory(error, *n_names * sizeof **names, "names");
    *names = grown;
    snprintf((*names)[*n_names], sizeof **names, "%s", field->text);
    *index = (uint32_t)(*n_names)++;
    return SV_OK;
}

/* Where commas separate the fields, none can stand before decimals; where they may, the first
 * number with decimals says whether they do. */
static svi_cell read_cell(csv_import *in, const char *text)
{
    svi_cell cell = svi_csv_read_cell(text, in->reader.separator != ',');
    if (cell.kind != SVI_CELL_NUMBER || cell.decimal == '\0') return cell;
    if (in->decimal == '\0') in->decimal = cell.decimal;
    if (in->decimal == cell.decimal) return cell;
    return (svi_cell){.kind = SVI_CELL_TEXT, .value = NAN};
}

static sv_status parse_metric(csv_import *in, svi_csv_column *column, const svi_csv_field *field,
                              uint64_t i, sv_error *error)
{
    svi_cell cell = read_cell(in, field->text);
    in->table->metrics[column->metric].value[i] = cell.value;
    return svi_csv_note_cell(column, in->table->origin, field, &cell, i, in->n_capacity, error);
}

static sv_status check_index(const csv_import *in, const svi_csv_field *field, sv_error *error)
{
    uint64_t number;
    if (svi_csv_read_whole(in->table->origin, field, &number, NULL) == SV_OK) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s:%" PRIu64 ":1: a column has no name; name it in the header",
                    in->table->origin, in->columns.line);
}

static sv_status parse_field(csv_import *in, svi_csv_column *column, const svi_csv_field *field,
                             uint64_t i, sv_error *error)
{
    svi_run_table *t = in->table;
    const char *path = t->origin;
    switch (column->role) {
    case SVI_CSV_SEED: return svi_csv_read_whole(path, field, &t->seed[column->source][i], error);
    case SVI_CSV_REPLICATE: return svi_csv_read_whole(path, field, &t->replicate[i], error);
    case SVI_CSV_ARM: return name_index(in, field, &t->arm_names, &t->n_arms, &t->arm[i], error);
    case SVI_CSV_NUMERICS:
        return name_index(in, field, &t->numerics_names, &t->n_numerics, &t->numerics[i], error);
    case SVI_CSV_STATUS: return svi_csv_read_status(path, field, &t->status[i], error);
    case SVI_CSV_DIGEST: return svi_csv_read_digest(path, field, t->digest[i], error);
    case SVI_CSV_METRIC: return parse_metric(in, column, field, i, error);
    case SVI_CSV_UNNAMED: return check_index(in, field, error);
    case SVI_CSV_TEXT:
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

static sv_status reserve_words(svi_csv_tally *tally, uint64_t n_before, uint64_t n, sv_error *error)
{
    if (tally->word == NULL) return SV_OK;
    uint64_t *word = realloc(tally->word, n * sizeof *word);
    if (word == NULL) return svi_fail_memory(error, n * sizeof *word, "words");
    memset(word + n_before, 0, (n - n_before) * sizeof *word);
    tally->word = word;
    return SV_OK;
}

static sv_status reserve(csv_import *in, sv_error *error)
{
    uint64_t n = in->n_capacity == 0 ? 1024 : in->n_capacity + in->n_capacity / 2;
    if (n > SVI_ANALYSIS_RUNS_MOST) n = SVI_ANALYSIS_RUNS_MOST;
    bool has_digest = svi_csv_column_with(&in->columns, SVI_CSV_DIGEST) != NULL;
    SVI_TRY(svi_run_table_reserve(in->table, n, in->columns.has_seed, has_digest, error));
    for (size_t c = 0; c < in->columns.n; c++)
        SVI_TRY(reserve_words(&in->columns.column[c].tally, in->n_capacity, n, error));
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

static sv_status read_runs(csv_import *in, sv_error *error)
{
    svi_csv_reader *r = &in->reader;
    SVI_TRY(svi_csv_reader_next(r, error));
    if (r->n_fields == 0) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s:1:1: the file is empty; it needs a header and one record per run",
                        in->table->origin);
    }
    SVI_TRY(svi_csv_columns_read(&in->columns, in->table->origin, in->arm, r->field, r->n_fields,
                                 error));
    SVI_TRY(svi_csv_columns_to_table(&in->columns, in->table, error));
    SVI_TRY(svi_csv_reader_next(r, error));
    if (r->n_fields == 0) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s:2:1: no record follows the header; it needs one per run",
                        in->table->origin);
    }
    while (r->n_fields > 0) {
        SVI_TRY(parse_run(in, r->field, r->n_fields, error));
        SVI_TRY(svi_csv_reader_next(r, error));
    }
    share_plain_seed(in);
    SVI_TRY(svi_csv_settle_columns(&in->columns, in->table, error));
    return svi_csv_check_texts(&in->columns, in->table, error);
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
    char mend[300];
    svi_csv_explain_twins(&in->columns, in->table, first, again, mend);
    return svi_fail(error, SV_ERR_DATA,
                    "%s:%" PRIu64 ":1: this run (arm %s, numerics %s, replicate %" PRIu64
                    ", the same seeds) is also on line %" PRIu64 "; %s",
                    in->table->origin, in->line[again], in->table->arm_names[in->table->arm[again]],
                    in->table->numerics_names[in->table->numerics[again]],
                    in->table->replicate[again], in->line[first], mend);
}

static sv_status open_source(csv_import *in, const char *path, sv_error *error)
{
    if (strcmp(path, "-") != 0) return svi_byte_source_open_file(&in->source, path, error);
    int descriptor = dup(STDIN_FILENO);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "rb") : NULL;
    if (file == NULL) return svi_fail_file(error, "stdin");
    return svi_byte_source_open_stream(&in->source, "stdin", file, error);
}

static sv_status import_runs(csv_import *in, const char *path, sv_error *error)
{
    SVI_TRY(open_source(in, path, error));
    svi_csv_reader_start(&in->reader, &in->source);
    svi_csv_reader_find_separator(&in->reader);
    SVI_TRY(read_runs(in, error));
    SVI_TRY(name_what_is_unnamed(in->table, error));
    SVI_TRY(svi_run_table_finish(in->table, error));
    SVI_TRY(refuse_duplicates(in, error));
    if (in->table->n_metrics > 0) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s:1:1: no column holds a result; add one column of numbers per metric",
                    in->table->origin);
}

/* The file's name without its folders and endings. */
static void name_study(svi_run_table *table, const char *path)
{
    const char *slash = strrchr(path, '/');
    snprintf(table->study, sizeof table->study, "%s", slash != NULL ? slash + 1 : path);
    static const char *const endings[] = {".gz", ".csv", ".tsv"};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(table->study), k = strlen(endings[i]);
        if (n > k && strcmp(table->study + n - k, endings[i]) == 0) table->study[n - k] = '\0';
    }
}

sv_status svi_run_table_import(const char *path, const char *arm, svi_run_table **table,
                               sv_error *error)
{
    if (svi_is_store_file(path))
        return svi_fail(error, SV_ERR_USAGE,
                        "%s: this is a store; seedvar analyze and seedvar report read it", path);
    csv_import in = {.table = calloc(1, sizeof *in.table), .arm = arm};
    if (in.table == NULL) return svi_fail_memory(error, sizeof *in.table, "a run table");
    const char *name = strcmp(path, "-") == 0 ? "stdin" : path;
    snprintf(in.table->origin, sizeof in.table->origin, "%s", name);
    snprintf(in.table->design, sizeof in.table->design, "imported");
    name_study(in.table, name);
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

sv_status svi_run_table_from_csv(const char *path, svi_run_table **table, sv_error *error)
{
    return svi_run_table_import(path, NULL, table, error);
}
