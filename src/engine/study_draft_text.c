/* The study file of a draft, with what was seen as comments. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/study_draft.h"

enum {
    NAMES_SHOWN_MAX = 8,
    COLUMNS_SHOWN_MAX = 40,
    ROWS_SMALL = 5000, /* up to so many rows, 20 epochs of the runs below take a minute or so */
    EPOCHS = 20,
    BATCH_SIZE = 32
};

static const char *const words_of_yaml[] = {"true", "false", "null", "yes", "no", "on", "off", "~"};

/* A text as YAML reads it back: plain where that is safe, else as a JSON string. */
static void add_yaml(svi_text *out, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    double unused;
    bool is_plain = text[0] != '\0' && text[0] != '-' && text[0] != '.' &&
                    text[strspn(text, plain)] == '\0' &&
                    svi_parse_number(text, &unused) == SVI_NUMBER_TEXT;
    for (size_t i = 0; i < sizeof words_of_yaml / sizeof *words_of_yaml; i++)
        is_plain = is_plain && strcmp(text, words_of_yaml[i]) != 0;
    json_t *json = is_plain ? NULL : json_string(text);
    char *quoted = json != NULL ? json_dumps(json, JSON_ENCODE_ANY) : NULL;
    if (!is_plain && quoted == NULL) out->has_failed = true;
    svi_text_add(out, "%s", quoted != NULL ? quoted : text);
    free(quoted);
    json_decref(json);
}

/* For a comment: no control characters, not long. */
static const char *shown(const char *text, char quoted[SVI_QUOTE_SIZE])
{
    svi_quote(text, quoted);
    quoted[strlen(quoted) - 1] = '\0';
    return quoted + 1;
}

static void add_values(svi_text *out, const svi_surveyed_column *c)
{
    char quoted[SVI_QUOTE_SIZE];
    if (c->n_texts == 0 && c->n_numbers > 0) {
        svi_text_add(out, "numbers from %.6g to %.6g", c->min, c->max);
        return;
    }
    svi_text_add(out, "%s", c->n_texts == 0 ? "nothing" : c->n_numbers > 0 ? "mixed: " : "text: ");
    for (size_t i = 0; i < c->n_values && i < NAMES_SHOWN_MAX; i++)
        svi_text_add(out, "%s%s", i > 0 ? ", " : "", shown(c->values[i].text, quoted));
    if (c->has_many) svi_text_add(out, "more than %d values", SVI_SURVEY_VALUES_MAX);
    if (c->n_values > NAMES_SHOWN_MAX) svi_text_add(out, ", ... (%zu values)", c->n_values);
}

static const char *shown_name(const svi_surveyed_column *c, char quoted[SVI_QUOTE_SIZE])
{
    return c->name != NULL ? shown(c->name, quoted) : "";
}

static void add_columns(const svi_draft *d, svi_text *out)
{
    const svi_csv_survey *s = &d->survey;
    char quoted[SVI_QUOTE_SIZE];
    size_t width = 0;
    for (size_t j = 0; j < s->n_columns && j < COLUMNS_SHOWN_MAX; j++) {
        size_t length = strlen(shown_name(&s->columns[j], quoted));
        if (length > width) width = length;
    }
    for (size_t j = 0; j < s->n_columns && j < COLUMNS_SHOWN_MAX; j++) {
        const svi_surveyed_column *c = &s->columns[j];
        svi_text_add(out, "#   %2zu %-*s  ", j, (int)width, shown_name(c, quoted));
        add_values(out, c);
        if (c->n_missing > 0) svi_text_add(out, "; %llu MISSING", (unsigned long long)c->n_missing);
        if (!c->has_many && c->n_values == 1) svi_text_add(out, "; CONSTANT");
        const char *why = svi_draft_why_dropped(d, j);
        if (why != NULL) svi_text_add(out, "   <- dropped: %s", why);
        svi_text_add(out, "%s\n", j == d->target ? "   <- target" : "");
    }
    if (s->n_columns > COLUMNS_SHOWN_MAX)
        svi_text_add(out, "#   ... and %zu columns more\n", s->n_columns - COLUMNS_SHOWN_MAX);
}

static bool has_unique_name(const svi_draft *d, size_t column)
{
    const char *name = d->survey.columns[column].name;
    size_t n = 0;
    if (name == NULL || name[0] == '\0' || name[strspn(name, "-0123456789")] == '\0') return false;
    for (size_t j = 0; j < d->survey.n_columns; j++)
        n += strcmp(d->survey.columns[j].name, name) == 0;
    return n == 1;
}

static void add_column(const svi_draft *d, size_t column, svi_text *out)
{
    if (has_unique_name(d, column))
        add_yaml(out, d->survey.columns[column].name);
    else
        svi_text_add(out, "%zu", column);
}

/* What turns the file into a whole table of numbers. */
static void add_cleaning(const svi_draft *d, svi_text *out)
{
    bool is_first = true;
    for (size_t j = 0; d->n_dropped > 0 && j < d->survey.n_columns; j++) {
        if (svi_draft_why_dropped(d, j) == NULL) continue;
        svi_text_add(out, is_first ? "  drop: [" : ", ");
        is_first = false;
        add_column(d, j, out);
    }
    if (!is_first) svi_text_add(out, "]   # no features: see above\n");
    if (d->n_text_columns > 0)
        svi_text_add(out,
                     "  text: one_hot   # each word of a text column is a feature of 0 and 1\n");
    if (d->has_gaps)
        svi_text_add(out, "  missing: drop_row   # rows that lack a value are left out\n");
}

static void add_task(const svi_draft *d, svi_text *out)
{
    const svi_surveyed_column *c = &d->survey.columns[d->target];
    char quoted[SVI_QUOTE_SIZE];
    if (!d->is_classes) {
        svi_text_add(out, "  task: regression\n");
        return;
    }
    svi_text_add(out, "  task: classification   # %zu classes: ", c->n_values);
    for (size_t i = 0; i < c->n_values && i < NAMES_SHOWN_MAX; i++)
        svi_text_add(out, "%s%s (%llu row%s)", i > 0 ? ", " : "", shown(c->values[i].text, quoted),
                     (unsigned long long)c->values[i].n, svi_plural(c->values[i].n));
    svi_text_add(out, "%s\n", c->n_values > NAMES_SHOWN_MAX ? ", ..." : "");
}

static void add_data(const svi_draft *d, const char *data_path, svi_text *out)
{
    svi_text_add(out, "data:\n  set: csv\n  file: ");
    add_yaml(out, data_path);
    svi_text_add(out, "\n  header: %s\n  target: ", d->survey.has_header ? "yes" : "no");
    add_column(d, d->target, out);
    svi_text_add(out, "   # %s; `seedvar init --target NAME` takes another\n", d->why_target);
    add_task(d, out);
    add_cleaning(d, out);
    svi_text_add(out, "  standardize: true   # features, by mean and SD of the training rows\n");
    if (d->has_constant)
        svi_text_add(out, "  constant_columns: keep   # they say nothing, and do no harm\n");
    svi_text_add(out, "  split: {train: 0.6, val: 0.2, test: 0.2%s}\n",
                 d->is_stratified ? ", stratify: true" : "");
}

/* The more rows, the fewer passes: about as many steps in all. */
static unsigned n_epochs(const svi_draft *d)
{
    uint64_t n = (uint64_t)EPOCHS * ROWS_SMALL / (d->survey.n_rows + 1);
    return n > EPOCHS ? EPOCHS : n < 1 ? 1 : (unsigned)n;
}

/* One output learns targets of about unit size; others are for least squares. */
static bool is_network(const svi_draft *d)
{
    const svi_surveyed_column *c = &d->survey.columns[d->target];
    double sd = sqrt(c->m2 / (double)(c->n_numbers > 1 ? c->n_numbers - 1 : 1));
    return d->is_classes || (sd >= 0.1 && sd <= 10 && fabs(c->mean) <= 10 * sd);
}

static void add_network(const svi_draft *d, svi_text *out)
{
    svi_text_add(out,
                 "model: {kind: mlp, hidden: [32], activation: relu}\n"
                 "train:\n  loss: %s\n  optimizer: {kind: adam, lr: 0.003}\n"
                 "  batch_size: %d\n  epochs: %u\n\n",
                 d->is_classes ? "cross_entropy" : "squared", BATCH_SIZE, n_epochs(d));
    svi_text_add(out,
                 "# Configurations to compare, each trained with the same seeds; what an arm "
                 "does not say is as above.\n"
                 "arms:\n  relu: {}\n  tanh: {model.activation: tanh}\n"
                 "  # wide: {model.hidden: [128]}\n"
                 "  # longer: {train.epochs: %u}\n\n",
                 2 * n_epochs(d));
    svi_text_add(out, "# Every seed of each source with every seed of the others: this is what "
                      "tells the sources apart.\n"
                      "design: {kind: crossed, vary: {split: 8, init: 8, order: 4}}\n"
                      "# As papers do it, one seed for all: design: {kind: sweep, seeds: 100}\n");
}

static void add_least_squares(svi_text *out)
{
    svi_text_add(out, "# Least squares, exact: of its seeds the split alone matters. A network "
                      "needs targets of about unit size:\n"
                      "# subtract the mean of the target column and divide by its SD, then\n"
                      "# `seedvar init` proposes one.\n"
                      "model: {kind: linear, fit: closed_form}\n\n"
                      "design: {kind: sweep, seeds: 200, vary: [split]}\n");
}

/* The file's name without folders and endings. */
static void add_name(const char *path, svi_text *out)
{
    const char *slash = strrchr(path, '/'), *start = slash != NULL ? slash + 1 : path;
    size_t n = strcspn(start, ".");
    char *name = strndup(start, n == 0 || n > 60 ? 60 : n);
    if (name == NULL) out->has_failed = true;
    if (name != NULL) add_yaml(out, name);
    free(name);
}

void svi_draft_write(const svi_draft *d, const char *data_path, svi_text *out)
{
    char quoted[SVI_QUOTE_SIZE];
    svi_text_add(out,
                 "# A first study of %s, made to be changed. docs/study-file.md lists every "
                 "key;\n# `seedvar plan FILE` says what this one would run, `seedvar run FILE` "
                 "runs it.\n#\n# %llu rows, %zu columns:\n",
                 shown(d->path, quoted), (unsigned long long)d->survey.n_rows, d->survey.n_columns);
    add_columns(d, out);
    svi_text_add(out, "\nstudy: ");
    add_name(d->path, out);
    svi_text_add(out, "\n\n");
    add_data(d, data_path, out);
    svi_text_add(out, "\n");
    if (is_network(d))
        add_network(d, out);
    else
        add_least_squares(out);
}
