/* A first study of a data file: commented, and meant to be changed. */
#include "engine/study_draft.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/csv_names.h"
#include "analysis/metric_names.h"
#include "base/nearest_word.h"
#include "data/target.h"
#include "report/json_value.h"

enum {
    CLASSES_GUESSED_MAX = 20, /* whole numbers of more values are rather counted than classes */
    STRATIFY_LEAST = 5,       /* rows of every class, so that each part gets one */
    WORDS_MAX = 32            /* a text of more values is a name rather than a property */
};

/* Names that people give to what they want to predict, most telling first. */
static const char *const target_names[] = {"target",  "label",     "class",  "y",        "species",
                                           "outcome", "diagnosis", "labels", "response", "output"};

static bool may_be_classes(const svi_surveyed_column *c)
{
    return !c->has_many && c->n_values >= 2 && c->n_values <= SVI_CLASSES_MAX;
}

/* ---- which column, which task ---- */

static bool find_named(svi_draft *d)
{
    for (size_t i = 0; d->survey.has_header && i < sizeof target_names / sizeof *target_names; i++)
        for (size_t j = 0; j < d->survey.n_columns; j++)
            if (svi_is_same_word(d->survey.columns[j].name, target_names[i])) {
                d->target = j;
                d->why_target = "by its name";
                return true;
            }
    return false;
}

static bool find_only_text(svi_draft *d)
{
    size_t n = 0;
    for (size_t j = 0; j < d->survey.n_columns; j++) {
        const svi_surveyed_column *c = &d->survey.columns[j];
        if (c->n_texts == 0 || !may_be_classes(c)) continue;
        d->target = j;
        n++;
    }
    d->why_target = "the only column of text";
    return n == 1;
}

static void guess_target(svi_draft *d)
{
    if (find_named(d) || find_only_text(d)) return;
    d->target = d->survey.n_columns - 1;
    d->why_target = "the last column";
}

static sv_status find_asked(svi_draft *d, const char *asked, sv_error *error)
{
    size_t n = d->survey.n_columns;
    char *end;
    svi_nearest nearest = svi_nearest_start(asked);
    d->why_target = "as you say";
    for (d->target = 0; d->survey.has_header && d->target < n; d->target++) {
        const char *name = d->survey.columns[d->target].name;
        if (strcmp(name, asked) == 0) return SV_OK;
        svi_nearest_try(&nearest, name, name);
    }
    long index = strtol(asked, &end, 10);
    if (index < 0) index += (long)n;
    d->target = (size_t)index;
    if (end != asked && *end == '\0' && index >= 0 && d->target < n) return SV_OK;
    return svi_fail(
        error, SV_ERR_USAGE, "%s has no column '%.64s'; %s%.64s%s or an index from 0 to %zu",
        d->path, asked, nearest.best != NULL ? "did you mean '" : "give a name",
        nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "'?" : "", n - 1);
}

static uint64_t least_class(const svi_surveyed_column *c)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < c->n_values; i++)
        if (c->values[i].n < least) least = c->values[i].n;
    return least;
}

/* Nothing can be learnt of the column that is the target. */
static sv_status fail_target(const svi_draft *d, const char *why, sv_error *error)
{
    const char *name = d->survey.columns[d->target].name;
    return svi_fail(error, SV_ERR_DATA,
                    "%s: the target is column %zu%s%.64s%s, %s, but %s; name another with --target",
                    d->path, d->target, name != NULL ? " ('" : "", name != NULL ? name : "",
                    name != NULL ? "')" : "", d->why_target, why);
}

static sv_status choose_task(svi_draft *d, sv_error *error)
{
    const svi_surveyed_column *c = &d->survey.columns[d->target];
    bool is_text = c->n_texts > 0;
    if (is_text ? !c->has_many && c->n_values < 2 : c->n_numbers == 0 || c->min == c->max)
        return fail_target(d, "it has one value only", error);
    if (is_text && !may_be_classes(c))
        return fail_target(d, "it has a word for nearly each row", error);
    d->is_classes =
        is_text || (may_be_classes(c) && c->is_whole && c->n_values <= CLASSES_GUESSED_MAX);
    d->is_stratified = d->is_classes && least_class(c) >= STRATIFY_LEAST;
    return SV_OK;
}

/* ---- which features ---- */

/* "id", "patient_id", "index", or no name, as tables are saved with the numbers of their rows. */
static bool is_named_as_number(const char *name)
{
    static const char *const names[] = {"",   "id",     "index", "row",
                                        "no", "number", "nr",    "unnamed: 0"};
    if (name == NULL) return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (svi_is_same_word(name, names[i])) return true;
    size_t n = strlen(name);
    return n > 3 && (svi_is_same_word(name + n - 3, "_id") || strcmp(name + n - 2, "ID") == 0);
}

const char *svi_draft_why_dropped(const svi_draft *d, size_t j)
{
    const svi_surveyed_column *c = &d->survey.columns[j];
    if (j == d->target) return NULL;
    if (c->n_texts > 0 && c->n_numbers > 0) return "mixed numbers and text";
    if (c->n_texts > 0 && (c->has_many || c->n_values > WORDS_MAX))
        return "a word for nearly each row";
    if (2 * c->n_missing > d->survey.n_rows) return "mostly missing";
    if (c->is_rising && c->is_whole && is_named_as_number(c->name)) return "a number for each row";
    return NULL;
}

static sv_status look_at_features(svi_draft *d, sv_error *error)
{
    size_t n_features = 0;
    for (size_t j = 0; j < d->survey.n_columns; j++) {
        const svi_surveyed_column *c = &d->survey.columns[j];
        if (svi_draft_why_dropped(d, j) != NULL) {
            d->n_dropped++;
            continue;
        }
        d->has_gaps |= c->n_missing > 0;
        if (j == d->target) continue;
        n_features++;
        d->n_text_columns += c->n_texts > 0;
        d->has_constant |= !c->has_many && c->n_values == 1;
    }
    svi_place place = {.file = d->path};
    return n_features > 0 ? SV_OK
                          : svi_fail_data(error, &place,
                                          "no column but the target can be learnt from: the others "
                                          "are names or mostly missing");
}

/* Seeds beside a metric: what a training ended with, and nothing to train on. */
static sv_status refuse_results(const svi_draft *d, sv_error *error)
{
    const char *seed = NULL, *metric = NULL;
    for (size_t j = 0; d->survey.has_header && j < d->survey.n_columns; j++) {
        const char *name = d->survey.columns[j].name;
        if (svi_is_seed_column(name)) seed = name;
        if (svi_metric_sense_of(name).kind != SVI_KIND_UNKNOWN) metric = name;
    }
    if (seed == NULL || metric == NULL) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s: with columns '%.64s' and '%.64s' this looks like results of runs: seedvar "
                    "import analyzes them; if it is to be learnt from, say --target",
                    d->path, seed, metric);
}

sv_status svi_draft_make(const char *path, const char *target, svi_draft *d, sv_error *error)
{
    *d = (svi_draft){.path = path};
    SVI_TRY(svi_csv_survey_read(path, &d->survey, error));
    if (target == NULL) SVI_TRY(refuse_results(d, error));
    if (target != NULL)
        SVI_TRY(find_asked(d, target, error));
    else
        guess_target(d);
    SVI_TRY(choose_task(d, error));
    return look_at_features(d, error);
}

void svi_draft_clear(svi_draft *d) { svi_csv_survey_clear(&d->survey); }

/* ---- as JSON ---- */

static const char *kind_of(const svi_surveyed_column *c)
{
    if (c->n_texts == 0) return c->n_numbers > 0 ? "numbers" : "empty";
    return c->n_numbers > 0 ? "mixed" : "text";
}

static json_t *column_json(const svi_draft *d, size_t j)
{
    const svi_surveyed_column *c = &d->survey.columns[j];
    json_t *object = json_object();
    bool has_numbers = c->n_numbers > 0;
    svi_json_set(&object, "index", json_integer((json_int_t)j));
    svi_json_set(&object, "name", c->name != NULL ? svi_json_string(c->name) : json_null());
    svi_json_set(&object, "values", json_string(kind_of(c)));
    svi_json_set(&object, "different",
                 c->has_many ? json_null() : json_integer((json_int_t)c->n_values));
    svi_json_set(&object, "missing", svi_json_count(c->n_missing));
    const char *why = svi_draft_why_dropped(d, j);
    svi_json_set(&object, "dropped", why != NULL ? json_string(why) : json_null());
    svi_json_set(&object, "min", has_numbers ? svi_json_number(c->min) : json_null());
    svi_json_set(&object, "max", has_numbers ? svi_json_number(c->max) : json_null());
    return object;
}

static json_t *classes_json(const svi_draft *d)
{
    const svi_surveyed_column *c = &d->survey.columns[d->target];
    json_t *classes = json_array();
    for (size_t i = 0; i < c->n_values; i++) {
        json_t *object = json_object();
        svi_json_set(&object, "class", svi_json_string(c->values[i].text));
        svi_json_set(&object, "rows", svi_json_count(c->values[i].n));
        svi_json_append(&classes, object);
    }
    return classes;
}

json_t *svi_draft_json(const svi_draft *d)
{
    json_t *root = json_object(), *columns = json_array();
    for (size_t j = 0; j < d->survey.n_columns; j++) svi_json_append(&columns, column_json(d, j));
    svi_json_set(&root, "schema", json_string("seedvar.init/1"));
    svi_json_set(&root, "data", svi_json_string(d->path));
    svi_json_set(&root, "rows", svi_json_count(d->survey.n_rows));
    svi_json_set(&root, "has_header", json_boolean(d->survey.has_header));
    svi_json_set(&root, "columns", columns);
    svi_json_set(&root, "target", json_integer((json_int_t)d->target));
    svi_json_set(&root, "why_target", json_string(d->why_target));
    svi_json_set(&root, "task", json_string(d->is_classes ? "classification" : "regression"));
    svi_json_set(&root, "classes", d->is_classes ? classes_json(d) : json_null());
    svi_json_set(&root, "text_features", json_integer((json_int_t)d->n_text_columns));
    svi_json_set(&root, "drops_rows", json_boolean(d->has_gaps));
    return root;
}
