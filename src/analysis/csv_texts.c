#include "analysis/csv_texts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/metric_names.h"
#include "analysis/run_codes.h"
#include "base/hash.h"
#include "base/text.h"

static void keep_text(const svi_csv_field *field, char text[64])
{
    snprintf(text, 64, "%.*s", (int)svi_whole_bytes(field->text, 63), field->text);
}

static sv_status note_word(svi_csv_tally *tally, const svi_csv_field *field, uint64_t row,
                           uint64_t n_capacity, sv_error *error)
{
    svi_hash hash = svi_hash_start();
    if (tally->n_texts++ == 0) {
        tally->first_text_line = field->line;
        keep_text(field, tally->first_text);
    } else if (tally->other_text[0] == '\0' && strcmp(tally->first_text, field->text) != 0) {
        keep_text(field, tally->other_text);
    }
    if (tally->word == NULL) tally->word = calloc(n_capacity, sizeof *tally->word);
    if (tally->word == NULL)
        return svi_fail_memory(error, n_capacity * sizeof *tally->word, "words");
    svi_hash_text(&hash, field->text);
    tally->word[row] = hash.low;
    return SV_OK;
}

sv_status svi_csv_note_cell(svi_csv_column *column, const char *path, const svi_csv_field *field,
                            const svi_cell *cell, uint64_t row, uint64_t n_capacity,
                            sv_error *error)
{
    svi_csv_tally *tally = &column->tally;
    if (cell->kind == SVI_CELL_MISSING) return SV_OK;
    if (cell->kind == SVI_CELL_TEXT) return note_word(tally, field, row, n_capacity, error);
    tally->n_numbers++;
    if (!isfinite(cell->value)) return SV_OK; /* inf is the same in every unit */
    if (tally->n_finite++ == 0) tally->has_percent = cell->has_percent;
    if (tally->has_percent == cell->has_percent) return SV_OK;
    return svi_csv_fail(path, field, error, "found",
                        tally->has_percent
                            ? "the numbers above end in '%'; write all in one unit"
                            : "the numbers above have no '%'; write all in one unit");
}

/* ---- numbers or words ---- */

static sv_status fail_text(const svi_csv_column *column, size_t i, const svi_run_table *table,
                           sv_error *error)
{
    const char *text = column->tally.first_text;
    const svi_csv_field field = {
        .text = text, .line = column->tally.first_text_line, .column = (int)i + 1};
    const char *mend =
        svi_csv_looks_like_number(text)
            ? "numbers have a point before the decimals, and nothing between the thousands"
            : "this column holds numbers; leave a missing one empty";
    return svi_csv_fail(table->origin, &field, error, "found", mend);
}

/* A metric by its name holds no words; another column is taken for what most of its cells are. */
static bool is_broken_number(const svi_csv_column *column)
{
    const svi_csv_tally *tally = &column->tally;
    bool is_metric = svi_metric_sense_of(column->name).kind != SVI_KIND_UNKNOWN;
    if (tally->n_numbers > 0) return is_metric || tally->n_numbers >= tally->n_texts;
    return svi_csv_looks_like_number(tally->first_text) ||
           (is_metric && svi_csv_begins_like_number(tally->first_text));
}

/* Whole names, and "..." for those without room. */
static void list_ignored(char list[256], const char *name)
{
    static const char more[] = ", ...";
    size_t n = strlen(list);
    bool is_full = n > strlen(more) && strcmp(list + n - strlen(more), more) == 0;
    if (is_full) return;
    bool has_room = n + strlen(", ") + strlen(name) + sizeof more <= 256;
    snprintf(list + n, 256 - n, "%s%s", has_room && n > 0 ? ", " : "", has_room ? name : more);
}

static void leave_out(svi_csv_column *column, svi_run_table *table)
{
    double *value = table->metrics[column->metric].value;
    column->role = SVI_CSV_TEXT;
    for (uint64_t i = 0; i < table->n_runs; i++) value[i] = NAN;
    list_ignored(table->ignored, column->name);
}

sv_status svi_csv_settle_columns(svi_csv_columns *columns, svi_run_table *table, sv_error *error)
{
    for (size_t i = 0; i < columns->n; i++) {
        svi_csv_column *column = &columns->column[i];
        if (column->role != SVI_CSV_METRIC || column->tally.n_texts == 0) continue;
        if (is_broken_number(column)) return fail_text(column, i, table, error);
        leave_out(column, table);
    }
    return SV_OK;
}

/* ---- words that tell runs apart ---- */

static bool has_blanks(const svi_csv_column *column, uint64_t n_runs)
{
    return column->tally.n_texts < n_runs;
}

static sv_status count_words(const svi_csv_column *column, uint64_t n_runs, uint64_t *n_words,
                             sv_error *error)
{
    uint32_t *number = malloc((n_runs > 0 ? n_runs : 1) * sizeof *number);
    if (number == NULL) return svi_fail_memory(error, n_runs * sizeof *number, "words");
    sv_status status = svi_number_keys(column->tally.word, n_runs, number, n_words, error);
    free(number);
    if (status == SV_OK && has_blanks(column, n_runs))
        --*n_words; /* they were numbered as one word */
    return status;
}

/* Words that several runs share group the runs; a word of its own for each run is a name. */
static sv_status refuse_groups(const svi_csv_columns *columns, size_t i, const svi_run_table *table,
                               sv_error *error)
{
    const svi_csv_column *column = &columns->column[i];
    const char *first = column->tally.first_text, *other = column->tally.other_text;
    uint64_t n_words;
    SVI_TRY(count_words(column, table->n_runs, &n_words, error));
    if (n_words < 2 || n_words > column->tally.n_texts / 2) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s:%" PRIu64 ":%zu: column '%s' has %" PRIu64 " words (%.*s, %.*s%s) and no "
                    "column is named arm: say --arm '%s' to compare them%s, or --arm none to take "
                    "all runs as one arm",
                    table->origin, columns->line, i + 1, column->name, n_words,
                    (int)svi_whole_bytes(first, 40), first, (int)svi_whole_bytes(other, 40), other,
                    n_words > 2 ? ", ..." : "", column->name,
                    has_blanks(column, table->n_runs) ? " once each cell has a name" : "");
}

static const svi_csv_column *find_named(const svi_csv_columns *columns, svi_csv_role role,
                                        const char *const *names, size_t n_names)
{
    for (size_t i = 0; i < columns->n; i++)
        for (size_t k = 0; columns->column[i].role == role && k < n_names; k++)
            if (strcmp(columns->column[i].plain, names[k]) == 0) return &columns->column[i];
    return NULL;
}

/* One row a metric. */
static sv_status refuse_long(const svi_csv_columns *columns, const svi_run_table *table,
                             sv_error *error)
{
    static const char *const keys[] = {"metric", "metric_name", "measure", "variable"};
    static const char *const values[] = {"value", "metric_value", "score"};
    const svi_csv_column *key = find_named(columns, SVI_CSV_TEXT, keys, 4);
    const svi_csv_column *value = find_named(columns, SVI_CSV_METRIC, values, 3);
    if (key == NULL || value == NULL) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s:%" PRIu64 ":%td: column '%s' names metrics: this table has a row for each; "
                    "import takes a row a run and a column a metric (pandas: pivot_table with "
                    "columns='%s', values='%s', then reset_index)",
                    table->origin, columns->line, key - columns->column + 1, key->name, key->name,
                    value->name);
}

sv_status svi_csv_check_texts(const svi_csv_columns *columns, const svi_run_table *table,
                              sv_error *error)
{
    SVI_TRY(refuse_long(columns, table, error));
    if (columns->is_one_arm || svi_csv_column_with(columns, SVI_CSV_ARM) != NULL) return SV_OK;
    for (size_t i = 0; i < columns->n; i++)
        if (columns->column[i].role == SVI_CSV_TEXT)
            SVI_TRY(refuse_groups(columns, i, table, error));
    return SV_OK;
}

/* ---- rows with the same seeds ---- */

/* The first column of words in which two rows differ. */
static const svi_csv_column *different_words(const svi_csv_columns *columns, uint64_t first,
                                             uint64_t again)
{
    for (size_t i = 0; i < columns->n; i++) {
        const svi_csv_column *column = &columns->column[i];
        if (column->role != SVI_CSV_TEXT) continue;
        if (column->tally.word[first] != column->tally.word[again]) return column;
    }
    return NULL;
}

/* The first of some columns of numbers in which two rows differ. Before metrics are dropped. */
static const svi_csv_column *different_numbers(const svi_csv_columns *columns,
                                               const svi_run_table *table, const char *const *names,
                                               size_t n_names, uint64_t first, uint64_t again)
{
    const svi_csv_column *column = find_named(columns, SVI_CSV_METRIC, names, n_names);
    if (column == NULL) return NULL;
    for (size_t m = 0; m < table->n_metrics; m++) {
        const svi_metric_column *metric = &table->metrics[m];
        if (strcmp(metric->name, column->name) == 0 && metric->value[first] != metric->value[again])
            return column;
    }
    return NULL;
}

void svi_csv_explain_twins(const svi_csv_columns *columns, const svi_run_table *table,
                           uint64_t first, uint64_t again, char text[300])
{
    static const char *const times[] = {"epoch", "step", "global_step", "iteration", "iter"};
    static const char *const folds[] = {"fold", "cv_fold"};
    const svi_csv_column *column = different_numbers(columns, table, times, 5, first, again);
    if (column != NULL) {
        snprintf(text, 300,
                 "they differ in '%s': import takes one row a run, keep the last %s of "
                 "each",
                 column->name, column->name);
        return;
    }
    column = different_numbers(columns, table, folds, 2, first, again);
    if (column != NULL) {
        snprintf(text, 300, "they differ in '%s': name this column seed_split", column->name);
        return;
    }
    column = different_words(columns, first, again);
    bool has_arm = svi_csv_column_with(columns, SVI_CSV_ARM) != NULL;
    if (column == NULL)
        snprintf(text, 300,
                 "remove one, number repeats in a column named replicate, or name what "
                 "tells them apart with --arm COLUMN");
    else if (has_arm)
        snprintf(text, 300, "they differ in '%s': make it part of the arm's name, or a file each",
                 column->name);
    else
        snprintf(text, 300, "they differ in '%s': --arm '%s' compares them", column->name,
                 column->name);
}
