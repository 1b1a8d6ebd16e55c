#include "spec/word_lists.h"

#include "spec/spec_keys.h"

/* What the vocabulary says of each word, by the word's value. */
#define HELP(id, name, help) help,
#define SOURCE_HELP(id, number, name, help) help,
static const char *const activations[] = {SVK_ACTIVATIONS(HELP)};
static const char *const inits[] = {SVK_INITS(HELP)};
static const char *const biases[] = {SVK_BIASES(HELP)};
static const char *const losses[] = {SVK_LOSSES(HELP)};
static const char *const optimizers[] = {SVK_OPTIMIZERS(HELP)};
static const char *const schedules[] = {SVK_SCHEDULES(HELP)};
static const char *const samplings[] = {SVK_SAMPLINGS(HELP)};
static const char *const designs[] = {SVI_DESIGNS(HELP)};
static const char *const sources[] = {SVK_SOURCES(SOURCE_HELP)};
static const char *const engines[] = {SVK_ENGINES(HELP)};
static const char *const maths[] = {SVK_MATHS(HELP)};
static const char *const math_modes[] = {SVK_MATH_MODES(HELP)};
static const char *const paths[] = {SVK_PATHS(HELP)};
static const char *const precisions[] = {SVK_PRECISIONS(HELP)};
static const char *const stresses[] = {SVK_STRESSES(HELP)};
static const char *const status_helps[] = {SVK_RUN_STATUSES(HELP)};
#undef HELP
#undef SOURCE_HELP
#define NAME(id, name, help) name,
static const char *const status_names[] = {SVK_RUN_STATUSES(NAME) NULL};
#undef NAME

#define NAME(id, name, better, help) name,
#define HELP(id, name, better, help) help,
static const char *const metric_names[] = {SVK_METRICS(NAME) NULL};
static const char *const metric_helps[] = {SVK_METRICS(HELP) NULL};
#undef NAME
#undef HELP

static const svi_word_list lists[] = {
    {.topic = "models", .key = "model.kind"},
    {.topic = "data", .key = "data.set"},
    {.topic = "activations", .key = "model.activation", .helps = activations},
    {.topic = "inits", .key = "model.init.kind", .helps = inits},
    {.topic = "biases", .key = "model.bias", .helps = biases},
    {.topic = "losses", .key = "train.loss", .helps = losses},
    {.topic = "optimizers", .key = "train.optimizer.kind", .helps = optimizers},
    {.topic = "schedules", .key = "train.schedule.kind", .helps = schedules},
    {.topic = "samplings", .key = "train.sampling", .helps = samplings},
    {.topic = "designs", .key = "design.kind", .helps = designs},
    {.topic = "sources", .key = "design.vary", .helps = sources},
    {.topic = "engines", .key = "numerics.engine", .helps = engines},
    {.topic = "paths", .key = "numerics.path", .helps = paths},
    {.topic = "precisions", .key = "numerics.precision", .helps = precisions},
    {.topic = "stresses", .key = "numerics.stress", .helps = stresses},
    {.topic = "maths", .key = "numerics.math", .helps = maths},
    {.topic = "math-modes", .key = "numerics.math_mode", .helps = math_modes},
    {.topic = "statuses",
     .names = status_names,
     .helps = status_helps,
     .help = "what became of a run: the column status"},
    {.topic = "metrics",
     .names = metric_names,
     .helps = metric_helps,
     .help = "what is measured of a run; analyze --metric NAME leads with one"},
};

size_t svi_n_word_lists(void) { return sizeof lists / sizeof *lists; }

const svi_word_list *svi_word_list_at(size_t i) { return &lists[i]; }

const char *svi_word_list_help(const svi_word_list *list)
{
    return list->key != NULL ? svi_key_find(list->key)->help : list->help;
}

bool svi_word_list_get(const svi_word_list *list, size_t i, svi_listed_word *word)
{
    if (list->key == NULL) {
        *word = (svi_listed_word){list->names[i], list->names[i] != NULL ? list->helps[i] : NULL};
    } else {
        const svi_word *of_key = &svi_key_find(list->key)->words[i];
        bool has_help = of_key->name != NULL && list->helps != NULL;
        *word = (svi_listed_word){of_key->name, has_help ? list->helps[of_key->value] : NULL};
    }
    return word->name != NULL;
}
