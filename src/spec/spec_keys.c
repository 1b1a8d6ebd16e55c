#include "spec/spec_keys.h"

#include <stdio.h>
#include <string.h>

#define FOR_DATA (SVI_FOR_MLP | SVI_FOR_CLOSED | SVI_FOR_SGD)
#define FOR_SGD (SVI_FOR_MLP | SVI_FOR_SGD)
#define FOR_TRAIN (FOR_SGD | SVI_FOR_POLY)
#define FOR_DRAWN_SETS (SVI_FOR_MOONS | SVI_FOR_LINE)

#define AT(number, type, member)                                                                   \
    .scope = number, .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define STUDY(member) AT(SVI_SCOPE_STUDY, svi_study_spec, member)
#define ARM(member) AT(SVI_SCOPE_ARM, svi_arm_spec, member)
#define NUMERICS(member) AT(SVI_SCOPE_NUMERICS, svi_numerics_spec, member)
#define RANGE(from, to) .low = (from), .high = (to)
#define ABOVE(from, to) .low = (from), .high = (to), .is_above_low = true
#define LENGTH(from, to) .n_low = (from), .n_high = (to)
#define ALWAYS(text) .defaults = {{0, text}}
#define LARGEST 1e38 /* stays finite in binary32 */

static const svi_word sets[] = {{"digits", SVI_SET_DIGITS},
                                {"iris", SVI_SET_IRIS},
                                {"moons", SVI_SET_MOONS},
                                {"linear", SVI_SET_LINEAR},
                                {"csv", SVI_SET_CSV},
                                {"npy", SVI_SET_NPY},
                                {NULL, 0}};
static const svi_word headers[] = {
    {"auto", SVI_HEADER_AUTO}, {"yes", SVI_HEADER_YES}, {"no", SVI_HEADER_NO}, {NULL, 0}};
static const svi_word tasks[] = {{"auto", SVI_TASK_AUTO},
                                 {"classification", SVI_TASK_CLASSIFICATION},
                                 {"regression", SVI_TASK_REGRESSION},
                                 {NULL, 0}};
static const svi_word switches[] = {{"true", true}, {"false", false}, {NULL, 0}};
static const svi_word constants[] = {{"error", false}, {"keep", true}, {NULL, 0}};
static const svi_word kinds[] = {
    {"mlp", SVI_MODEL_MLP}, {"linear", SVI_MODEL_LINEAR}, {"poly", SVI_MODEL_POLY}, {NULL, 0}};
static const svi_word fits[] = {{"closed_form", true}, {"sgd", false}, {NULL, 0}};
static const svi_word intercepts[] = {{"true", SVK_BIAS_ZERO}, {"false", SVK_BIAS_NONE}, {NULL, 0}};
static const svi_word optimizers[] = {{"sgd", 0}, {"momentum", 1}, {NULL, 0}};
static const svi_word designs[] = {
    {"sweep", SVI_DESIGN_SWEEP}, {"crossed", SVI_DESIGN_CROSSED}, {NULL, 0}};
static const svi_word checkpoint_rules[] = {
    {"none", SVI_CHECKPOINTS_NONE}, {"log2", SVI_CHECKPOINTS_LOG2}, {NULL, 0}};
static const svi_word curves[] = {{"summary", SVI_CURVES_SUMMARY},
                                  {"full", SVI_CURVES_FULL},
                                  {"none", SVI_CURVES_NONE},
                                  {NULL, 0}};
static const svi_word predictions[] = {{"counts", true}, {"none", false}, {NULL, 0}};

static const svi_word activations[] = {
#define WORD(id, name, help) {name, SVK_ACTIVATION_##id},
    SVK_ACTIVATIONS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word inits[] = {
#define WORD(id, name, help) {name, SVK_INIT_##id},
    SVK_INITS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word biases[] = {
#define WORD(id, name, help) {name, SVK_BIAS_##id},
    SVK_BIASES(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word losses[] = {
#define WORD(id, name, help) {name, SVK_LOSS_##id},
    SVK_LOSSES(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word samplings[] = {
#define WORD(id, name, help) {name, SVK_SAMPLING_##id},
    SVK_SAMPLINGS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word paths[] = {
#define WORD(id, name, help) {name, SVK_PATH_##id},
    SVK_PATHS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word precisions[] = {
#define WORD(id, name, help) {name, SVK_PRECISION_##id},
    SVK_PRECISIONS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word sources[] = {
#define WORD(id, number, name, help) {name, SVK_SOURCE_##id},
    SVK_SOURCES(WORD)
#undef WORD
        {NULL, 0}};

const char *svi_curves_name(svi_curves number)
{
    const svi_word *word = curves;
    while (word->value != (int)number) word++;
    return word->name;
}

/* A key that decides stands before the keys that depend on it, a map before what it holds. */
static const svi_key keys[] = {
    {"study", SVI_KEY_NAME, STUDY(name), LENGTH(1, 127),
     .default_note = "the file's name without its extension", .help = "name of the study"},

    {"model", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .is_required = true, .help = "what is trained"},
    {"model.kind", SVI_KEY_CHOICE, ARM(model.kind), .words = kinds, .is_required = true,
     .help = "mlp: layers of units; linear: one output, no hidden layer; poly: gradient descent on "
             "a polynomial"},
    {"model.fit", SVI_KEY_CHOICE, ARM(model.is_closed_form), .words = fits,
     .contexts = SVI_FOR_CLOSED | SVI_FOR_SGD, ALWAYS("closed_form"),
     .help = "least squares in binary64, or training by SGD"},
    {"model.hidden", SVI_KEY_WIDTHS, ARM(model.hidden), RANGE(1, SVK_MAX_WIDTH),
     LENGTH(0, SVK_MAX_HIDDEN), .contexts = SVI_FOR_MLP, .is_required = true,
     .help = "units of each hidden layer; [] for none"},
    {"model.activation", SVI_KEY_CHOICE, ARM(model.activation), .words = activations,
     .contexts = SVI_FOR_MLP, ALWAYS("relu"), .help = "of the hidden layers"},
    {"model.init", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_SGD, .shorthand = "kind",
     .help = "initial weights: a name, or a map where the kind has a scale"},
    {"model.init.kind", SVI_KEY_CHOICE, ARM(model.init), .words = inits, .contexts = FOR_SGD,
     .defaults = {{SVI_FOR_MLP, "kaiming_uniform"}, {SVI_FOR_SGD, "zero"}},
     .help = "distribution of the weights"},
    {"model.init.sd", SVI_KEY_REAL, ARM(model.init_scale), ABOVE(0, LARGEST),
     .contexts = SVI_FOR_NORMAL, .is_required = true, .help = "standard deviation"},
    {"model.init.bound", SVI_KEY_REAL, ARM(model.init_scale), ABOVE(0, LARGEST),
     .contexts = SVI_FOR_UNIFORM, .is_required = true,
     .help = "weights are drawn from -bound to bound"},
    {"model.bias", SVI_KEY_CHOICE, ARM(model.bias), .words = biases, .contexts = SVI_FOR_MLP,
     ALWAYS("default"),
     .help = "zero: starts at zero; default: starts uniform on +-1/sqrt(fan_in); false: absent"},
    {"model.intercept", SVI_KEY_CHOICE, ARM(model.bias), .words = intercepts,
     .contexts = SVI_FOR_CLOSED | SVI_FOR_SGD, ALWAYS("true"),
     .help = "whether the line has one; by SGD it starts at zero"},
    {"model.coefficients", SVI_KEY_POWERS, ARM(model.coefficient), RANGE(-LARGEST, LARGEST),
     LENGTH(2, SVK_MAX_DEGREE + 1), .contexts = SVI_FOR_POLY, .is_required = true,
     .help = "of the polynomial, ascending powers: [c0, c1, ...]"},
    {"model.start", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = SVI_FOR_POLY,
     .is_required = true, .help = "where the descent starts"},
    {"model.start.uniform", SVI_KEY_INTERVAL, ARM(model.start_low), RANGE(-LARGEST, LARGEST),
     LENGTH(2, 2), .contexts = SVI_FOR_POLY, .is_required = true, .rival = "model.start.given",
     .help = "drawn by the init source from [low, high)"},
    {"model.start.given", SVI_KEY_STARTS, ARM(model.start), RANGE(-LARGEST, LARGEST),
     LENGTH(1, 10000), .contexts = SVI_FOR_POLY, .is_required = true,
     .rival = "model.start.uniform", .help = "one start for each init seed, from first_seed on"},

    {"data", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_DATA, .is_required = true,
     .help = "what the model learns from"},
    {"data.set", SVI_KEY_CHOICE, ARM(data.set), .words = sets, .contexts = FOR_DATA,
     .is_required = true,
     .help =
         "digits, iris: built in; moons, linear: generated for each data seed; csv, npy: files"},
    {"data.file", SVI_KEY_FILE, ARM(data.file), .contexts = SVI_FOR_CSV | SVI_FOR_NPY,
     .is_required = true,
     .help = "the table, or the features; relative to the study file's folder"},
    {"data.target_file", SVI_KEY_FILE, ARM(data.target_file), .contexts = SVI_FOR_NPY,
     .is_required = true, .help = "the targets; relative to the study file's folder"},
    {"data.target", SVI_KEY_COLUMN, ARM(data.target), RANGE(-1, 1e9), .contexts = SVI_FOR_CSV,
     ALWAYS("-1"), .help = "target column: its name, or its index from 0; -1 is the last"},
    {"data.header", SVI_KEY_CHOICE, ARM(data.header), .words = headers, .contexts = SVI_FOR_CSV,
     ALWAYS("auto"), .help = "whether the first row holds names"},
    {"data.task", SVI_KEY_CHOICE, ARM(data.task), .words = tasks,
     .contexts = SVI_FOR_CSV | SVI_FOR_NPY, ALWAYS("auto"),
     .help = "auto: targets that are text or few whole numbers are classes"},
    {"data.standardize", SVI_KEY_CHOICE, ARM(data.is_standardized), .words = switches,
     .contexts = FOR_DATA, ALWAYS("false"), .help = "by mean and SD of the training rows"},
    {"data.constant_columns", SVI_KEY_CHOICE, ARM(data.keep_constant), .words = constants,
     .contexts = FOR_DATA, .defaults = {{SVI_FOR_DIGITS, "keep"}, {0, "error"}},
     .help =
         "what to do with a feature that has one value; the digits have some, so they need keep"},
    {"data.points", SVI_KEY_COUNT, ARM(data.n_points), RANGE(2, 1e7), .contexts = FOR_DRAWN_SETS,
     .defaults = {{SVI_FOR_MOONS, "256"}, {SVI_FOR_LINE, "100"}},
     .help = "rows drawn for each data seed"},
    {"data.test_points", SVI_KEY_COUNT, ARM(data.n_test_points), RANGE(0, 1e7),
     .contexts = FOR_DRAWN_SETS, ALWAYS("0"),
     .help = "fresh test rows beside them; split.test must then be 0"},
    {"data.features", SVI_KEY_COUNT, ARM(data.n_features), RANGE(1, 1024), .contexts = SVI_FOR_LINE,
     ALWAYS("1"), .help = "features of a row"},
    {"data.noise", SVI_KEY_REAL, ARM(data.noise), RANGE(0, LARGEST), .contexts = FOR_DRAWN_SETS,
     .defaults = {{SVI_FOR_MOONS, "0.2"}, {SVI_FOR_LINE, "1.0"}}, .help = "SD of the normal noise"},
    {"data.split", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_DATA,
     .help =
         "shares of the rows; they add up to 1, and a share left out is 0 when another is given"},
    {"data.split.train", SVI_KEY_REAL, ARM(data.split.train), ABOVE(0, 1), .contexts = FOR_DATA,
     .default_note = "0.6; 1 with test_points", .help = "rows that train"},
    {"data.split.val", SVI_KEY_REAL, ARM(data.split.val), RANGE(0, 1), .contexts = FOR_DATA,
     .default_note = "0.2; 0 with test_points", .help = "rows that validate"},
    {"data.split.test", SVI_KEY_REAL, ARM(data.split.test), RANGE(0, 1), .contexts = FOR_DATA,
     .default_note = "0.2; 0 with test_points", .help = "rows that test"},
    {"data.split.stratify", SVI_KEY_CHOICE, ARM(data.split.is_stratified), .words = switches,
     .contexts = FOR_DATA, ALWAYS("false"),
     .help = "same shares in every class; classification only"},

    {"train", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_TRAIN, .is_required = true,
     .help = "how it is trained"},
    {"train.loss", SVI_KEY_CHOICE, ARM(train.loss), .words = losses, .contexts = FOR_SGD,
     .is_required = true, .defaults = {{SVI_FOR_SGD, "squared"}},
     .help = "cross_entropy: softmax over the classes; logistic: two classes, one output; squared: "
             "one output"},
    {"train.optimizer", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_TRAIN,
     .is_required = true, .help = "how a step is made"},
    {"train.optimizer.kind", SVI_KEY_CHOICE, .scope = SVI_SCOPE_ARM, .words = optimizers,
     .contexts = FOR_SGD, ALWAYS("sgd"),
     .help = "momentum needs the key momentum; sgd may have it"},
    {"train.optimizer.lr", SVI_KEY_REAL, ARM(train.learning_rate), ABOVE(0, LARGEST),
     .contexts = FOR_TRAIN, .is_required = true, .help = "learning rate"},
    {"train.optimizer.momentum", SVI_KEY_REAL, ARM(train.momentum), RANGE(0, 1),
     .is_below_high = true, .contexts = FOR_SGD, ALWAYS("0"), .help = "heavy-ball momentum"},
    {"train.batch_size", SVI_KEY_COUNT, ARM(train.batch_size), RANGE(1, 1e9), .contexts = FOR_SGD,
     ALWAYS("32"), .help = "rows of a step; a batch larger than the training set is the whole set"},
    {"train.epochs", SVI_KEY_COUNT, ARM(train.n_epochs), RANGE(0, 1e9), .contexts = FOR_SGD,
     .is_required = true, .rival = "train.steps",
     .help = "passes over the training rows; 0: the model at its start"},
    {"train.steps", SVI_KEY_COUNT, ARM(train.n_steps), RANGE(0, 1e9), .contexts = FOR_TRAIN,
     .is_required = true, .rival = "train.epochs",
     .help = "optimizer steps; 0: the model at its start"},
    {"train.sampling", SVI_KEY_CHOICE, ARM(train.sampling), .words = samplings, .contexts = FOR_SGD,
     ALWAYS("shuffle"), .help = "every row once an epoch, or each row drawn anew"},

    {"arms", SVI_KEY_ARMS, .scope = SVI_SCOPE_STUDY, LENGTH(1, 1000),
     .default_note = "one arm called base",
     .help = "configurations to compare: name -> what differs in data, model, train"},

    {"design", SVI_KEY_MAP, .scope = SVI_SCOPE_STUDY, .is_required = true,
     .help = "which seeds are run"},
    {"design.kind", SVI_KEY_CHOICE, STUDY(design.kind), .words = designs, .is_required = true,
     .help = "sweep: one seed a run sets all sources; crossed: a grid of seeds, one axis a source"},
    {"design.seeds", SVI_KEY_COUNT, STUDY(design.n_seeds), RANGE(1, 1e9), .contexts = SVI_FOR_SWEEP,
     .is_required = true, .help = "number of seeds"},
    {"design.vary", SVI_KEY_SOURCES, STUDY(design.n_levels), .words = sources, RANGE(2, 1e9),
     LENGTH(1, SVK_N_SOURCES), .default_note = "all, in a sweep",
     .help = "sweep: list of the sources that take the seed; crossed: map of source: levels, 2 "
             "sources or more"},
    {"design.replicates", SVI_KEY_COUNT, .scope = SVI_SCOPE_STUDY, RANGE(1, 1e6), ALWAYS("1"),
     .help = "how often each run is repeated with the same seeds"},
    {"design.first_seed", SVI_KEY_COUNT, STUDY(design.first_seed), RANGE(0, 18446744073709551615.0),
     ALWAYS("0"), .help = "the lowest seed; sources that are not varied stay at it"},

    {"numerics", SVI_KEY_ENTRIES, .scope = SVI_SCOPE_STUDY, LENGTH(1, 256),
     .default_note = "[{path: serial}]",
     .help = "how the arithmetic is carried out; every run is made under each entry"},
    {"numerics.path", SVI_KEY_CHOICE, NUMERICS(path), .words = paths, ALWAYS("serial"),
     .help = "how the parts of a minibatch gradient are combined"},
    {"numerics.split", SVI_KEY_COUNT, NUMERICS(n_parts), RANGE(1, SVK_MAX_PARTS),
     .default_note = "1 for serial, else required",
     .help = "parts; tree: 2, 4, 8, 16 or 32; drawn: 3 to 32"},
    {"numerics.precision", SVI_KEY_CHOICE, NUMERICS(precision), .words = precisions, ALWAYS("fp32"),
     .help =
         "IEEE-754 binary32 or binary64; a closed form is computed in binary64 and rounded to it"},
    {"numerics.replicates", SVI_KEY_COUNT, NUMERICS(n_replicates), RANGE(1, 1e6),
     .default_note = "design.replicates", .help = "of this entry alone"},

    {"record", SVI_KEY_MAP, .scope = SVI_SCOPE_STUDY, .help = "what is kept beside the metrics"},
    {"record.predictions", SVI_KEY_CHOICE, STUDY(record_predictions), .words = predictions,
     .default_note = "counts for classification, else none",
     .help = "how often each test row got each class"},
    {"record.checkpoints", SVI_KEY_STEPS, STUDY(checkpoints), .words = checkpoint_rules,
     RANGE(0, 1e15), LENGTH(1, SVI_MAX_CHECKPOINTS), ALWAYS("none"),
     .help = "optimizer steps after which every metric is taken; 0: before the first; log2: 0, 1, "
             "2, 4, ... and the last; every: 0, the multiples and the last"},
    {"record.curves", SVI_KEY_CHOICE, STUDY(curves), .words = curves,
     .default_note = "summary with checkpoints, else none",
     .help = "what is kept at checkpoints; summary: mean, SD and quantiles over the runs; full: "
             "metrics and digest of every run"},
};

enum { N_KEYS = sizeof keys / sizeof keys[0] };
_Static_assert((int)N_KEYS <= (int)SVI_MAX_KEYS, "raise SVI_MAX_KEYS");

size_t svi_n_keys(void) { return N_KEYS; }

const svi_key *svi_key_at(size_t i) { return &keys[i]; }

size_t svi_key_index(const svi_key *key) { return (size_t)(key - keys); }

const svi_key *svi_key_find(const char *path)
{
    for (size_t i = 0; i < N_KEYS; i++)
        if (strcmp(keys[i].path, path) == 0) return &keys[i];
    return NULL;
}
