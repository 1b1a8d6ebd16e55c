#include "data/one_hot.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The table as it becomes. */
typedef struct expansion {
    int n_features;
    double *x;
    char **names; /* NULL where the table has none */
    int *column;
} expansion;

static int width(const svi_target *words) { return words == NULL ? 1 : words->n_classes; }

static void clear(expansion *e)
{
    for (int j = 0; e->names != NULL && j < e->n_features; j++) free(e->names[j]);
    free(e->names);
    free(e->column);
    free(e->x);
}

static sv_status reserve(const svi_table *table, svi_target *const *words, expansion *e,
                         sv_error *error)
{
    size_t n = 0;
    for (int j = 0; j < table->n_features; j++) n += (size_t)width(words[j]);
    svi_place place = {.file = table->file, .line = table->first_line};
    if (n > SVI_COLUMNS_MAX)
        return svi_fail_data(error, &place,
                             "the words of all text columns would make %zu features, more than %d; "
                             "leave some columns out (key `drop`)",
                             n, SVI_COLUMNS_MAX);
    e->n_features = (int)n;
    e->x = calloc(table->n_rows, n * sizeof *e->x);
    e->column = calloc(n, sizeof *e->column);
    if (table->feature_names != NULL) e->names = calloc(n, sizeof *e->names);
    bool is_there =
        e->x != NULL && e->column != NULL && (e->names != NULL || table->feature_names == NULL);
    return is_there ? SV_OK : svi_fail_memory(error, table->n_rows * n * sizeof *e->x, table->file);
}

static void copy_numbers(const svi_table *table, int j, expansion *e, int at)
{
    size_t n_from = (size_t)table->n_features, n_to = (size_t)e->n_features;
    for (uint64_t i = 0; i < table->n_rows; i++)
        e->x[i * n_to + (size_t)at] = table->x[i * n_from + (size_t)j];
}

static void mark_words(const svi_table *table, int j, const svi_target *words, expansion *e, int at)
{
    size_t n_from = (size_t)table->n_features, n_to = (size_t)e->n_features;
    int rank[SVI_CLASSES_MAX];
    for (int c = 0; c < words->n_classes; c++) rank[words->classes[c].first_seen] = c;
    for (uint64_t i = 0; i < table->n_rows; i++) {
        int word = rank[(int)table->x[i * n_from + (size_t)j]];
        e->x[i * n_to + (size_t)(at + word)] = 1;
    }
}

static sv_status name_feature(const char *feature, const char *word, char **name, sv_error *error)
{
    svi_text text = {0};
    svi_text_add(&text, word != NULL ? "%s=%s" : "%s", feature, word);
    return svi_text_take(&text, name, error);
}

static sv_status expand_feature(const svi_table *table, int j, const svi_target *words,
                                expansion *e, int at, sv_error *error)
{
    for (int c = 0; c < width(words); c++) {
        const char *word = words != NULL ? words->classes[c].name : NULL;
        e->column[at + c] = table->column[j];
        if (e->names == NULL) continue;
        SVI_TRY(name_feature(table->feature_names[j], word, &e->names[at + c], error));
    }
    if (words != NULL)
        mark_words(table, j, words, e, at);
    else
        copy_numbers(table, j, e, at);
    return SV_OK;
}

/* The expansion takes the table's place; what was there is left in e. */
static void exchange(svi_table *table, expansion *e)
{
    expansion before = {table->n_features, table->x, table->feature_names, table->column};
    table->n_features = e->n_features;
    table->x = e->x;
    table->feature_names = e->names;
    table->column = e->column;
    *e = before;
}

sv_status svi_one_hot_expand(svi_table *table, svi_target *const *words, sv_error *error)
{
    bool has_words = false;
    for (int j = 0; j < table->n_features; j++) has_words |= words[j] != NULL;
    if (!has_words) return SV_OK;
    expansion e = {0};
    sv_status status = reserve(table, words, &e, error);
    for (int j = 0, at = 0; status == SV_OK && j < table->n_features; at += width(words[j]), j++)
        status = expand_feature(table, j, words[j], &e, at, error);
    if (status == SV_OK) exchange(table, &e);
    clear(&e);
    return status;
}
