#include "spec/spec_keys.h"

#include <stdio.h>
#include <string.h>

#include "fixed_sum.h"
#include "rounding.h"

#define FOR_NET (SVI_FOR(MLP) | SVI_FOR(CNN))
#define FOR_DATA (FOR_NET | SVI_FOR(CLOSED) | SVI_FOR(SGD) | SVI_FOR(KMEANS))
#define FOR_SGD (FOR_NET | SVI_FOR(SGD))
#define FOR_TRAIN (FOR_SGD | SVI_FOR(POLY))
#define FOR_POINTS_IN_PLANE (SVI_FOR(MOONS) | SVI_FOR(CIRCLES) | SVI_FOR(SPIRALS))
#define FOR_NOISY_SETS (FOR_POINTS_IN_PLANE | SVI_FOR(BLOBS) | SVI_FOR(LINE) | SVI_FOR(STROKES))
#define FOR_DRAWN_SETS (FOR_NOISY_SETS | SVI_FOR(PARITY) | SVI_FOR(MODULAR))
#define FOR_PAIRS_OF_FILES (SVI_FOR(NPY) | SVI_FOR(IDX))
#define FOR_FILES (SVI_FOR(CSV) | FOR_PAIRS_OF_FILES)
#define FOR_MOMENTUM (SVI_FOR(STEP_SGD) | SVI_FOR(STEP_MOMENTUM) | SVI_FOR(STEP_NESTEROV))
#define FOR_MOMENTS (SVI_FOR(STEP_ADAM) | SVI_FOR(STEP_ADAMW))

#define AT(number, type, member)                                                                   \
    .scope = number, .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define STUDY(member) AT(SVI_SCOPE_STUDY, svi_study_spec, member)
#define ARM(member) AT(SVI_SCOPE_ARM, svi_arm_spec, member)
#define NUMERICS(member) AT(SVI_SCOPE_NUMERICS, svi_numerics_spec, member)
#define CONV(member) AT(SVI_SCOPE_CONV, svi_conv_spec, member)
#define RANGE(from, to) .low = (from), .high = (to)
#define ABOVE(from, to) .low = (from), .high = (to), .is_above_low = true
#define LENGTH(from, to) .n_low = (from), .n_high = (to)
#define ALWAYS(text) .defaults = {{0, text}}
#define LARGEST 1e38   /* stays finite in binary32 */
#define SMALLEST 1e-37 /* stays a normal number there */

static const svi_word sets[] = {{"digits", SVI_SET_DIGITS},
                                {"iris", SVI_SET_IRIS},
                                {"moons", SVI_SET_MOONS},
                                {"circles", SVI_SET_CIRCLES},
                                {"spirals", SVI_SET_SPIRALS},
                                {"blobs", SVI_SET_BLOBS},
                                {"linear", SVI_SET_LINEAR},
                                {"parity", SVI_SET_PARITY},
                                {"modular_addition", SVI_SET_MODULAR_ADDITION},
                                {"stroke_digits", SVI_SET_STROKE_DIGITS},
                                {"csv", SVI_SET_CSV},
                                {"npy", SVI_SET_NPY},
                                {"idx", SVI_SET_IDX},
                                {NULL, 0}};
static const svi_word headers[] = {
    {"auto", SVI_HEADER_AUTO}, {"yes", SVI_HEADER_YES}, {"no", SVI_HEADER_NO}, {NULL, 0}};
static const svi_word tasks[] = {{"auto", SVI_TASK_AUTO},
                                 {"classification", SVI_TASK_CLASSIFICATION},
                                 {"regression", SVI_TASK_REGRESSION},
                                 {NULL, 0}};
static const svi_word switches[] = {{"true", true}, {"false", false}, {NULL, 0}};
static const svi_word text_features[] = {{"error", false}, {"one_hot", true}, {NULL, 0}};
static const svi_word gaps[] = {{"error", false}, {"drop_row", true}, {NULL, 0}};
static const svi_word constants[] = {{"error", false}, {"keep", true}, {NULL, 0}};
static const svi_word kinds[] = {{"mlp", SVI_MODEL_MLP},   {"linear", SVI_MODEL_LINEAR},
                                 {"poly", SVI_MODEL_POLY}, {"kmeans", SVI_MODEL_KMEANS},
                                 {"cnn", SVI_MODEL_CNN},   {NULL, 0}};
static const svi_word fits[] = {{"closed_form", true}, {"sgd", false}, {NULL, 0}};
static const svi_word intercepts[] = {{"true", SVK_BIAS_ZERO}, {"false", SVK_BIAS_NONE}, {NULL, 0}};
static const svi_word last_batches[] = {{"keep", false}, {"drop", true}, {NULL, 0}};
static const svi_word checkpoint_rules[] = {
    {"none", SVI_CHECKPOINTS_NONE}, {"log2", SVI_CHECKPOINTS_LOG2}, {NULL, 0}};
static const svi_word curves[] = {{"summary", SVI_CURVES_SUMMARY},
                                  {"full", SVI_CURVES_FULL},
                                  {"none", SVI_CURVES_NONE},
                                  {NULL, 0}};
static const svi_word rows[] = {{"full", SVI_ROWS_FULL}, {"summary", SVI_ROWS_SUMMARY}, {NULL, 0}};
static const svi_word designs[] = {
#define WORD(id, name, help) {name, SVI_DESIGN_##id},
    SVI_DESIGNS(WORD)
#undef WORD
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
static const svi_word starts[] = {
#define WORD(id, name, help) {name, SVK_START_##id},
    SVK_STARTS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word paddings[] = {
#define WORD(id, name, help) {name, SVK_PADDING_##id},
    SVK_PADDINGS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word pools[] = {
#define WORD(id, name, help) {name, SVK_POOL_##id},
    SVK_POOLS(WORD)
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
static const svi_word optimizers[] = {
#define WORD(id, name, help) {name, SVK_OPTIMIZER_##id},
    SVK_OPTIMIZERS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word schedules[] = {
#define WORD(id, name, help) {name, SVK_SCHEDULE_##id},
    SVK_SCHEDULES(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word paths[] = {
#define WORD(id, name, help) {name, SVK_PATH_##id},
    SVK_PATHS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word engines[] = {
#define WORD(id, name, help) {name, SVK_ENGINE_##id},
    SVK_ENGINES(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word maths[] = {
#define WORD(id, name, help) {name, SVK_MATH_##id},
    SVK_MATHS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word math_modes[] = {
#define WORD(id, name, help) {name, SVK_MATH_MODE_##id},
    SVK_MATH_MODES(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word precisions[] = {
#define WORD(id, name, help) {name, SVK_PRECISION_##id},
    SVK_PRECISIONS(WORD)
#undef WORD
        {NULL, 0}};
static const svi_word stresses[] = {
#define WORD(id, name, help) {name, SVK_STRESS_##id},
    SVK_STRESSES(WORD)
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

const char *svi_rows_name(svi_rows number) { return rows[number].name; }

/* A key that decides stands before the keys that depend on it, a map before what it holds. */
static const svi_key keys[] = {
    {"study", SVI_KEY_NAME, STUDY(name), LENGTH(1, 127),
     .default_note = "the file's name without its extension", .help = "name of the study",
     .example = "digits-init-by-order"},

    {"model", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .is_required = true, .help = "what is trained",
     .example = "{kind: mlp, hidden: [32]}"},
    {"model.kind", SVI_KEY_CHOICE, ARM(model.kind), .words = kinds, .is_required = true,
     .help = "mlp: layers of units; linear: one output, no hidden layer; poly: gradient descent on "
             "a polynomial; kmeans: clusters by Lloyd's algorithm, the target unused; cnn: "
             "convolutions, then layers of units",
     .example = "mlp"},
    {"model.fit", SVI_KEY_CHOICE, ARM(model.is_closed_form), .words = fits,
     .contexts = SVI_FOR(CLOSED) | SVI_FOR(SGD), ALWAYS("closed_form"),
     .help = "least squares in binary64, or training by SGD", .example = "sgd"},
    {"model.hidden", SVI_KEY_WIDTHS, ARM(model.hidden), RANGE(1, SVK_MAX_WIDTH),
     LENGTH(0, SVK_MAX_HIDDEN), .contexts = FOR_NET, .is_required = true,
     .help = "units of each hidden layer; [] for none; in a cnn those after the convolutions",
     .example = "[32, 16]"},
    {"model.image", SVI_KEY_IMAGE, ARM(model.image), RANGE(1, SVK_MAX_IMAGE_SIDE), LENGTH(3, 3),
     .contexts = SVI_FOR(CNN), .default_note = "one channel, where the features are a square",
     .help = "channels (at most 4), height, width: how the features lie, channel by channel, row "
             "by row",
     .example = "[1, 8, 8]"},
    {"model.conv", SVI_KEY_STAGES, ARM(model.conv), LENGTH(1, SVK_MAX_CONV),
     .contexts = SVI_FOR(CNN), .is_required = true,
     .help = "the stages: each a convolution, the activation, and pooling",
     .example = "[{channels: 8, pool: max}]"},
    {"model.conv.channels", SVI_KEY_COUNT, CONV(channels), RANGE(1, SVK_MAX_CHANNELS),
     .is_required = true, .help = "channels that come out", .example = "8"},
    {"model.conv.kernel", SVI_KEY_COUNT, CONV(kernel), RANGE(3, 5), ALWAYS("3"),
     .help = "side of the kernel in pixels: 3 or 5", .example = "5"},
    {"model.conv.stride", SVI_KEY_COUNT, CONV(stride), RANGE(1, 2), ALWAYS("1"),
     .help = "pixels from one place of the kernel to the next", .example = "2"},
    {"model.conv.padding", SVI_KEY_CHOICE, CONV(padding), .words = paddings, ALWAYS("same"),
     .help = "same: the kernel stands up to half outside, where nothing is added; valid: inside",
     .example = "valid"},
    {"model.conv.pool", SVI_KEY_CHOICE, CONV(pool), .words = pools, ALWAYS("none"),
     .help = "of 2 x 2 pixels; an odd last row or column is left out", .example = "max"},
    {"model.activation", SVI_KEY_CHOICE, ARM(model.activation), .words = activations,
     .contexts = FOR_NET, ALWAYS("relu"), .help = "of the hidden layers and of convolutions",
     .example = "tanh"},
    {"model.dropout", SVI_KEY_REAL, ARM(model.dropout), RANGE(0, 1), .is_below_high = true,
     .contexts = FOR_NET, ALWAYS("0"),
     .help = "share of the hidden units dropped in training; those of convolutions are not",
     .example = "0.5"},
    {"model.init", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_SGD, .shorthand = "kind",
     .help = "initial weights: a name, or a map where the kind has a scale",
     .example = "{kind: normal, sd: 0.5}"},
    {"model.init.kind", SVI_KEY_CHOICE, ARM(model.init), .words = inits, .contexts = FOR_SGD,
     .defaults = {{FOR_NET, "kaiming_uniform"}, {SVI_FOR(SGD), "zero"}},
     .help = "distribution of the weights", .example = "glorot_uniform"},
    {"model.init.sd", SVI_KEY_REAL, ARM(model.init_scale), ABOVE(0, LARGEST),
     .contexts = SVI_FOR(NORMAL), .is_required = true, .help = "standard deviation",
     .example = "0.5"},
    {"model.init.bound", SVI_KEY_REAL, ARM(model.init_scale), ABOVE(0, LARGEST),
     .contexts = SVI_FOR(UNIFORM), .is_required = true,
     .help = "weights are drawn from -bound to bound", .example = "0.1"},
    {"model.bias", SVI_KEY_CHOICE, ARM(model.bias), .words = biases, .contexts = FOR_NET,
     ALWAYS("default"),
     .help = "zero: starts at zero; default: starts uniform on +-1/sqrt(fan_in); false: absent",
     .example = "zero"},
    {"model.intercept", SVI_KEY_CHOICE, ARM(model.bias), .words = intercepts,
     .contexts = SVI_FOR(CLOSED) | SVI_FOR(SGD), ALWAYS("true"),
     .help = "whether the line has one; by SGD it starts at zero", .example = "false"},
    {"model.coefficients", SVI_KEY_POWERS, ARM(model.coefficient), RANGE(-LARGEST, LARGEST),
     LENGTH(2, SVK_MAX_DEGREE + 1), .contexts = SVI_FOR(POLY), .is_required = true,
     .help = "of the polynomial, ascending powers: [c0, c1, ...]",
     .example = "[1.992, -3.88, 1.4, 1, 0, 0, 0.01]"},
    {"model.clusters", SVI_KEY_COUNT, ARM(model.n_clusters), RANGE(1, SVK_MAX_CLUSTERS),
     .contexts = SVI_FOR(KMEANS), .is_required = true, .help = "number of clusters",
     .example = "10"},
    {"model.start", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM,
     .contexts = SVI_FOR(POLY) | SVI_FOR(KMEANS), .is_required = true, .shorthand = "centres",
     .help = "where the descent starts; of kmeans: the name of a rule",
     .example = "{uniform: [-4, 2]}"},
    {"model.start.centres", SVI_KEY_CHOICE, ARM(model.start_centres), .words = starts,
     .contexts = SVI_FOR(KMEANS), .is_required = true,
     .help = "random: rows drawn without replacement; k-means++: each row in proportion to its "
             "squared distance from the centres before it",
     .example = "k-means++"},
    {"model.start.uniform", SVI_KEY_INTERVAL, ARM(model.start_low), RANGE(-LARGEST, LARGEST),
     LENGTH(2, 2), .contexts = SVI_FOR(POLY), .is_required = true, .rival = "model.start.given",
     .help = "drawn by the init source from [low, high)", .example = "[-4, 2]"},
    {"model.start.given", SVI_KEY_STARTS, ARM(model.start), RANGE(-LARGEST, LARGEST),
     LENGTH(1, 10000), .contexts = SVI_FOR(POLY), .is_required = true,
     .rival = "model.start.uniform", .help = "one start for each init seed, from first_seed on",
     .example = "[1.240576, -3.937755]"},

    {"data", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_DATA, .is_required = true,
     .help = "what the model learns from", .example = "{set: iris, standardize: true}"},
    {"data.set", SVI_KEY_CHOICE, ARM(data.set), .words = sets, .contexts = FOR_DATA,
     .is_required = true,
     .help = "digits, iris: built in; csv, npy, idx: files; the others are generated for each data "
             "seed",
     .example = "iris"},
    {"data.file", SVI_KEY_FILE, ARM(data.file), .contexts = FOR_FILES, .is_required = true,
     .help = "the table, or the features (idx: images); relative to the study file's folder",
     .example = "measurements.csv"},
    {"data.target_file", SVI_KEY_FILE, ARM(data.target_file), .contexts = FOR_PAIRS_OF_FILES,
     .is_required = true, .help = "the targets (idx: labels); relative to the study file's folder",
     .example = "targets.npy"},
    {"data.target", SVI_KEY_COLUMN, ARM(data.target), RANGE(-1, 1e9), .contexts = SVI_FOR(CSV),
     ALWAYS("-1"), .help = "target column: its name, or its index from 0; -1 is the last",
     .example = "species"},
    {"data.header", SVI_KEY_CHOICE, ARM(data.header), .words = headers, .contexts = SVI_FOR(CSV),
     ALWAYS("auto"), .help = "whether the first row holds names", .example = "yes"},
    {"data.drop", SVI_KEY_COLUMNS, ARM(data.drop), RANGE(-1, 1e9), LENGTH(0, 1024),
     .contexts = SVI_FOR(CSV), .default_note = "none",
     .help = "columns that are no features (names, numbers of rows): by name, or by index from 0",
     .example = "[width]"},
    {"data.text", SVI_KEY_CHOICE, ARM(data.is_text_encoded), .words = text_features,
     .contexts = SVI_FOR(CSV), ALWAYS("error"),
     .help = "one_hot: a column whose first row is text becomes a feature of 0 and 1 for each of "
             "its words, in ascending order of bytes",
     .example = "one_hot"},
    {"data.missing", SVI_KEY_CHOICE, ARM(data.is_gap_dropped), .words = gaps,
     .contexts = SVI_FOR(CSV), ALWAYS("error"),
     .help = "what to do with a row that lacks a value (empty, NA, N/A, NaN, null, None or ?)",
     .example = "drop_row"},
    {"data.task", SVI_KEY_CHOICE, ARM(data.task), .words = tasks, .contexts = FOR_FILES,
     ALWAYS("auto"), .help = "auto: targets that are text or few whole numbers are classes",
     .example = "classification"},
    {"data.standardize", SVI_KEY_CHOICE, ARM(data.is_standardized), .words = switches,
     .contexts = FOR_DATA, ALWAYS("false"), .help = "by mean and SD of the training rows",
     .example = "true"},
    {"data.constant_columns", SVI_KEY_CHOICE, ARM(data.keep_constant), .words = constants,
     .contexts = FOR_DATA, .defaults = {{SVI_FOR(DIGITS) | SVI_FOR(IDX), "keep"}, {0, "error"}},
     .help =
         "what to do with a feature that has one value; the digits have some, so they need keep",
     .example = "keep"},
    {"data.points", SVI_KEY_COUNT, ARM(data.n_points), RANGE(2, 1e7), .contexts = FOR_DRAWN_SETS,
     .defaults = {{FOR_POINTS_IN_PLANE | SVI_FOR(BLOBS) | SVI_FOR(PARITY), "256"},
                  {SVI_FOR(LINE), "100"},
                  {SVI_FOR(STROKES), "1000"}},
     .default_note = "every pair once (modular_addition)", .help = "rows drawn for each data seed",
     .example = "500"},
    {"data.test_points", SVI_KEY_COUNT, ARM(data.n_test_points), RANGE(0, 1e7),
     .contexts = FOR_DRAWN_SETS, ALWAYS("0"),
     .help = "fresh test rows beside them; split.test must then be 0", .example = "10000"},
    {"data.features", SVI_KEY_COUNT, ARM(data.n_features), RANGE(1, 1024),
     .contexts = SVI_FOR(BLOBS) | SVI_FOR(LINE) | SVI_FOR(PARITY),
     .defaults = {{SVI_FOR(BLOBS), "2"}, {SVI_FOR(LINE), "1"}, {SVI_FOR(PARITY), "10"}},
     .help = "features of a row", .example = "5"},
    {"data.classes", SVI_KEY_COUNT, ARM(data.n_classes), RANGE(2, SVK_MAX_WIDTH),
     .contexts = SVI_FOR(CIRCLES) | SVI_FOR(SPIRALS) | SVI_FOR(BLOBS),
     .defaults = {{SVI_FOR(CIRCLES) | SVI_FOR(SPIRALS), "2"}, {SVI_FOR(BLOBS), "3"}},
     .help = "circles, arms or clouds", .example = "3"},
    {"data.turns", SVI_KEY_REAL, ARM(data.turns), ABOVE(0, 100), .contexts = SVI_FOR(SPIRALS),
     ALWAYS("1"), .help = "of an arm about the origin", .example = "1.5"},
    {"data.relevant", SVI_KEY_COUNT, ARM(data.n_relevant), RANGE(1, 1024),
     .contexts = SVI_FOR(PARITY), ALWAYS("3"),
     .help = "the class is the parity of the first so many features", .example = "3"},
    {"data.modulus", SVI_KEY_COUNT, ARM(data.modulus), RANGE(2, SVK_MAX_WIDTH),
     .contexts = SVI_FOR(MODULAR), .is_required = true,
     .help = "p: features are a and b, one-hot; the class is (a + b) mod p", .example = "97"},
    {"data.size", SVI_KEY_COUNT, ARM(data.image_size), RANGE(8, 28), .contexts = SVI_FOR(STROKES),
     ALWAYS("8"), .help = "pixels a side", .example = "28"},
    {"data.distortion", SVI_KEY_REAL, ARM(data.distortion), RANGE(0, 3),
     .contexts = SVI_FOR(STROKES), ALWAYS("1"),
     .help = "how much each digit is shifted, turned, stretched and slanted; 0: not at all",
     .example = "0.5"},
    {"data.noise", SVI_KEY_REAL, ARM(data.noise), RANGE(0, LARGEST), .contexts = FOR_NOISY_SETS,
     .defaults = {{SVI_FOR(MOONS) | SVI_FOR(BLOBS), "0.2"},
                  {SVI_FOR(CIRCLES) | SVI_FOR(STROKES), "0.1"},
                  {SVI_FOR(SPIRALS), "0.05"},
                  {SVI_FOR(LINE), "1.0"}},
     .help = "SD of the normal noise; of stroke_digits in each pixel, whose ink is 0 to 1",
     .example = "0.3"},
    {"data.label_noise", SVI_KEY_REAL, ARM(data.label_noise), RANGE(0, 1), .contexts = FOR_DATA,
     ALWAYS("0"),
     .help = "probability that a training row gets another class, drawn by the noise source",
     .example = "0.05"},
    {"data.input_noise", SVI_KEY_REAL, ARM(data.input_noise), RANGE(0, LARGEST),
     .contexts = FOR_DATA, ALWAYS("0"),
     .help = "SD of normal noise added to the features of training rows, after standardizing, "
             "drawn by the noise source",
     .example = "0.1"},
    {"data.split", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_DATA,
     .help =
         "shares of the rows; they add up to 1, and a share left out is 0 when another is given",
     .example = "{train: 0.6, val: 0.2, test: 0.2}"},
    {"data.split.train", SVI_KEY_REAL, ARM(data.split.train), ABOVE(0, 1), .contexts = FOR_DATA,
     .default_note = "0.6; 1 with test_points or kmeans", .help = "rows that train",
     .example = "0.6"},
    {"data.split.val", SVI_KEY_REAL, ARM(data.split.val), RANGE(0, 1), .contexts = FOR_DATA,
     .default_note = "0.2; 0 with test_points or kmeans", .help = "rows that validate",
     .example = "0.4"},
    {"data.split.test", SVI_KEY_REAL, ARM(data.split.test), RANGE(0, 1), .contexts = FOR_DATA,
     .default_note = "0.2; 0 with test_points or kmeans", .help = "rows that test",
     .example = "0.4"},
    {"data.split.stratify", SVI_KEY_CHOICE, ARM(data.split.is_stratified), .words = switches,
     .contexts = FOR_DATA, ALWAYS("false"),
     .help = "same shares in every class; classification only", .example = "true"},
    {"data.split.replace", SVI_KEY_CHOICE, ARM(data.split.is_replaced), .words = switches,
     .contexts = FOR_DATA, ALWAYS("false"),
     .help = "training rows are drawn with replacement; with a test share, every row that is "
             "neither drawn nor validating tests",
     .example = "true"},
    {"data.split.test_fixed", SVI_KEY_CHOICE, ARM(data.split.is_test_fixed), .words = switches,
     .contexts = FOR_DATA, ALWAYS("false"), .help = "the same test rows for every split seed",
     .example = "true"},

    {"train", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_TRAIN | SVI_FOR(KMEANS),
     .is_required = true, .help = "how it is trained",
     .example = "{loss: cross_entropy, optimizer: {lr: 0.1}, epochs: 20}"},
    {"train.max_iterations", SVI_KEY_COUNT, ARM(train.max_iterations), RANGE(0, 1e9),
     .contexts = SVI_FOR(KMEANS), .is_required = true,
     .help = "moves of the centres at most; before that a run ends when no row changes its cluster",
     .example = "100"},
    {"train.loss", SVI_KEY_CHOICE, ARM(train.loss), .words = losses, .contexts = FOR_SGD,
     .is_required = true, .defaults = {{SVI_FOR(SGD), "squared"}},
     .help = "cross_entropy: softmax over the classes; logistic: two classes, one output; squared: "
             "one output",
     .example = "cross_entropy"},
    {"train.optimizer", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_TRAIN,
     .is_required = true, .help = "how a step is made",
     .example = "{kind: momentum, lr: 0.1, momentum: 0.9}"},
    {"train.optimizer.kind", SVI_KEY_CHOICE, ARM(train.optimizer), .words = optimizers,
     .contexts = FOR_SGD, ALWAYS("sgd"),
     .help = "how a gradient becomes a step; momentum and nesterov need the key momentum, sgd may "
             "have it",
     .example = "sgd"},
    {"train.optimizer.lr", SVI_KEY_REAL, ARM(train.learning_rate), ABOVE(0, LARGEST),
     .contexts = FOR_TRAIN, .is_required = true, .help = "learning rate", .example = "0.1"},
    {"train.optimizer.momentum", SVI_KEY_REAL, ARM(train.momentum), RANGE(0, 1),
     .is_below_high = true, .contexts = FOR_SGD | FOR_MOMENTUM, ALWAYS("0"),
     .help = "heavy-ball momentum, or Nesterov's", .example = "0.9"},
    {"train.optimizer.beta1", SVI_KEY_REAL, ARM(train.beta1), RANGE(0, 1), .is_below_high = true,
     .contexts = FOR_SGD | FOR_MOMENTS, ALWAYS("0.9"), .help = "decay of the first moment",
     .example = "0.95"},
    {"train.optimizer.beta2", SVI_KEY_REAL, ARM(train.beta2), RANGE(0, 1), .is_below_high = true,
     .contexts = FOR_SGD | FOR_MOMENTS, ALWAYS("0.999"), .help = "decay of the second moment",
     .example = "0.99"},
    {"train.optimizer.epsilon", SVI_KEY_REAL, ARM(train.epsilon), RANGE(SMALLEST, LARGEST),
     .contexts = FOR_SGD | FOR_MOMENTS, ALWAYS("1e-8"),
     .help = "added to the root of the second moment", .example = "1e-6"},
    {"train.optimizer.weight_decay", SVI_KEY_REAL, ARM(train.weight_decay), RANGE(0, LARGEST),
     .contexts = FOR_SGD, ALWAYS("0"), .help = "of weights and biases", .example = "0.01"},
    {"train.optimizer.clip_norm", SVI_KEY_REAL, ARM(train.clip_norm), RANGE(0, LARGEST),
     .contexts = FOR_SGD, ALWAYS("0"),
     .help = "largest norm of a batch's mean gradient, over all parameters; 0: not clipped",
     .example = "1"},
    {"train.schedule", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_SGD,
     .shorthand = "kind", .help = "the learning rate over the steps: a name, or a map",
     .example = "{kind: cosine, warmup: 100}"},
    {"train.schedule.kind", SVI_KEY_CHOICE, ARM(train.schedule), .words = schedules,
     .contexts = FOR_SGD, ALWAYS("constant"),
     .help = "linear, cosine: from lr to final times lr; one_cycle: from lr/25 up to lr and down "
             "to lr/250000",
     .example = "cosine"},
    {"train.schedule.warmup", SVI_KEY_COUNT, ARM(train.n_warmup_steps), RANGE(0, 1e9),
     .contexts = FOR_SGD, .default_note = "0; 3 of 10 steps in one_cycle",
     .help = "steps over which the rate rises at first", .example = "100"},
    {"train.schedule.final", SVI_KEY_REAL, ARM(train.final_factor), RANGE(0, 1),
     .contexts = FOR_SGD | SVI_FOR(RATE_LINEAR) | SVI_FOR(RATE_COSINE), ALWAYS("0"),
     .help = "the rate that would follow the last step, as a share of lr", .example = "0.1"},
    {"train.batch_size", SVI_KEY_COUNT, ARM(train.batch_size), RANGE(1, 1e9), .contexts = FOR_SGD,
     ALWAYS("32"), .help = "rows of a step; a batch larger than the training set is the whole set",
     .example = "16"},
    {"train.epochs", SVI_KEY_COUNT, ARM(train.n_epochs), RANGE(0, 1e9), .contexts = FOR_SGD,
     .is_required = true, .rival = "train.steps",
     .help = "passes over the training rows; 0: the model at its start", .example = "20"},
    {"train.steps", SVI_KEY_COUNT, ARM(train.n_steps), RANGE(0, 1e9), .contexts = FOR_TRAIN,
     .is_required = true, .rival = "train.epochs",
     .help = "optimizer steps; 0: the model at its start", .example = "100"},
    {"train.sampling", SVI_KEY_CHOICE, ARM(train.sampling), .words = samplings, .contexts = FOR_SGD,
     ALWAYS("shuffle"), .help = "every row once an epoch, or each row drawn anew",
     .example = "replacement"},
    {"train.last_batch", SVI_KEY_CHOICE, ARM(train.drops_last), .words = last_batches,
     .contexts = FOR_SGD, ALWAYS("keep"),
     .help = "whether the rows that do not fill a batch at the end of an epoch train",
     .example = "drop"},
    {"train.early_stopping", SVI_KEY_MAP, .scope = SVI_SCOPE_ARM, .contexts = FOR_SGD,
     .help = "ends a run whose val_loss falls no more, and keeps its best parameters",
     .example = "{patience: 5}"},
    {"train.early_stopping.patience", SVI_KEY_COUNT, ARM(train.patience), RANGE(1, 1e9),
     .contexts = FOR_SGD, .is_required = true,
     .help = "evaluations in a row without a lower val_loss that end a run", .example = "5"},
    {"train.early_stopping.every", SVI_KEY_COUNT, ARM(train.n_steps_apart), RANGE(1, 1e9),
     .contexts = FOR_SGD, .default_note = "the steps of an epoch",
     .help = "steps from one evaluation to the next", .example = "20"},

    {"arms", SVI_KEY_ARMS, .scope = SVI_SCOPE_STUDY, LENGTH(1, 1000),
     .default_note = "one arm called base",
     .help = "configurations to compare: name -> what differs in data, model, train",
     .example = "{base: {}, slow: {train.optimizer.lr: 0.01}}"},

    {"design", SVI_KEY_MAP, .scope = SVI_SCOPE_STUDY, .is_required = true,
     .help = "which seeds are run", .example = "{kind: sweep, seeds: 1000}"},
    {"design.kind", SVI_KEY_CHOICE, STUDY(design.kind), .words = designs, .is_required = true,
     .help = "how the seeds of the sources are combined", .example = "sweep"},
    {"design.seeds", SVI_KEY_COUNT, STUDY(design.n_seeds), RANGE(1, 1e9),
     .contexts = SVI_FOR(SWEEP), .is_required = true, .help = "number of seeds", .example = "1000"},
    {"design.rows", SVI_KEY_COUNT, STUDY(design.n_rows), RANGE(2, 1e9),
     .contexts = SVI_FOR(PICK_FREEZE), .is_required = true,
     .help = "rows; each is two runs, and one more for every source. 1024 or more for the indices",
     .example = "1024"},
    {"design.bases", SVI_KEY_COUNT, STUDY(design.n_bases), RANGE(1, 1e6),
     .contexts = SVI_FOR(ONE_AT_A_TIME), ALWAYS("1"),
     .help = "how often the others stand at other seeds", .example = "10"},
    {"design.vary", SVI_KEY_SOURCES, STUDY(design.n_levels), .words = sources, RANGE(2, 1e9),
     LENGTH(1, SVK_N_SOURCES), .default_note = "all, in a sweep and in pick-freeze",
     .help = "list of the sources that vary, or map of source: number of seeds; of two sources or "
             "more, but in a sweep. nested: outermost first",
     .example = "{init: 64, order: 64}"},
    {"design.replicates", SVI_KEY_COUNT, .scope = SVI_SCOPE_STUDY, RANGE(1, 1e6), ALWAYS("1"),
     .help = "how often each run is repeated with the same seeds", .example = "2"},
    {"design.first_seed", SVI_KEY_COUNT, STUDY(design.first_seed), RANGE(0, 18446744073709551615.0),
     ALWAYS("0"), .help = "the lowest seed; sources that are not varied stay at it",
     .example = "1000"},

    {"numerics", SVI_KEY_ENTRIES, .scope = SVI_SCOPE_STUDY, LENGTH(1, 256),
     .default_note = "[{path: serial}]",
     .help = "how the arithmetic is carried out; every run is made under each entry",
     .example = "[{path: serial}, {path: drawn, split: 8, replicates: 4}]"},
    {"numerics.engine", SVI_KEY_CHOICE, NUMERICS(engine), .words = engines, ALWAYS("native"),
     .help = "who multiplies matrices: the program itself, or on a GPU cuBLAS, for dense networks",
     .example = "cublas"},
    {"numerics.path", SVI_KEY_CHOICE, NUMERICS(path), .words = paths,
     .defaults = {{SVI_FOR(ENGINE_CUBLAS), "cublas"}, {SVI_FOR(ENGINE_NATIVE), "serial"}},
     .help = "how the parts of a minibatch gradient are combined", .example = "drawn"},
    {"numerics.split", SVI_KEY_COUNT, NUMERICS(n_parts), RANGE(1, SVK_MAX_PARTS),
     .default_note = "1 for serial, binned, fixed, cublas and mma-*, else required",
     .help = "parts; tree, butterfly: 2, 4, 8, 16 or 32; compensated: 2 to 32; drawn, "
             "arrival, atomic-*: 3 to 32; binned and fixed give the same bits with any; cublas: of "
             "weights' gradients, by cublasLt",
     .example = "8"},
    {"numerics.scale", SVI_KEY_COUNT, NUMERICS(fixed_scale),
     RANGE(SVK_FIXED_SCALE_MIN, SVK_FIXED_SCALE_MAX), .contexts = SVI_FOR(PATH_FIXED), ALWAYS("30"),
     .help = "fraction bits: terms of +-2^(42 - scale), in steps of 2^-scale", .example = "20"},
    {"numerics.blocks", SVI_KEY_COUNT, NUMERICS(n_blocks), RANGE(1, SVK_MAX_PARTS),
     .contexts = SVI_FOR(PATH_GLOBAL), ALWAYS("1"),
     .help = "thread blocks that share a run, each with its share of the parts; at most split",
     .example = "4"},
    {"numerics.precision", SVI_KEY_CHOICE, NUMERICS(precision), .words = precisions, ALWAYS("fp32"),
     .help = "IEEE-754 binary32 or binary64; tf32, bf16 and fp16 round the operands of products "
             "to fewer bits, in networks; a closed form is computed in binary64 and rounded",
     .example = "fp64"},
    {"numerics.math", SVI_KEY_CHOICE, NUMERICS(math), .words = maths,
     .contexts = SVI_FOR(ENGINE_NATIVE), ALWAYS("contract"),
     .help = "whose exp and tanh activations and losses take in training, in networks: this "
             "project's, or the C library's on a CPU and CUDA's on a GPU",
     .example = "device"},
    {"numerics.loss_scale", SVI_KEY_REAL, NUMERICS(loss_scale), RANGE(0x1p-24, 0x1p24),
     .contexts = SVI_FOR(BITS_FP16), ALWAYS("256"),
     .help = "a power of two by which deltas are larger, so that binary16 holds them",
     .example = "1024"},
    {"numerics.stress", SVI_KEY_CHOICE, NUMERICS(stress), .words = stresses, ALWAYS("none"),
     .help = "what disturbs a launch on a GPU on purpose: other work beside it, drawn delays, cold "
             "caches; of networks; the bits change on paths arrival and atomic-* alone",
     .example = "none"},
    {"numerics.math_mode", SVI_KEY_CHOICE, NUMERICS(math_mode), .words = math_modes,
     .contexts = SVI_FOR(ENGINE_CUBLAS), ALWAYS("default"),
     .help =
         "how cuBLAS multiplies: in binary32 (pedantic, default), with operands rounded to TF32, "
         "or with nine products in bfloat16",
     .example = "tf32"},
    {"numerics.atomics", SVI_KEY_CHOICE, NUMERICS(allows_atomics), .words = switches,
     .contexts = SVI_FOR(ENGINE_CUBLAS), ALWAYS("false"),
     .help = "whether cuBLAS may add with atomics", .example = "true"},
    {"numerics.workspace", SVI_KEY_COUNT, NUMERICS(workspace_kib), RANGE(16, 1048576),
     .contexts = SVI_FOR(ENGINE_CUBLAS), .default_note = "what cuBLAS takes by itself",
     .help = "KiB that cuBLAS may use in each stream, on which its choice of kernels depends",
     .example = "4096"},
    {"numerics.streams", SVI_KEY_COUNT, NUMERICS(n_streams), RANGE(1, SVK_MAX_STREAMS),
     .contexts = SVI_FOR(ENGINE_CUBLAS), ALWAYS("1"),
     .help = "streams that the runs of a launch are dealt out to", .example = "4"},
    {"numerics.probe", SVI_KEY_MAP, .scope = SVI_SCOPE_NUMERICS, .contexts = SVI_FOR(ENGINE_NATIVE),
     .help = "moves one parameter up by units in its last place, once, in networks",
     .example = "{step: 10, parameter: 17}"},
    {"numerics.probe.step", SVI_KEY_COUNT, NUMERICS(probe_step), RANGE(0, 1e9),
     .contexts = SVI_FOR(ENGINE_NATIVE), .is_required = true,
     .help = "after how many optimizer steps; 0: before the first", .example = "10"},
    {"numerics.probe.parameter", SVI_KEY_COUNT, NUMERICS(probe_parameter), RANGE(0, 1e9),
     .contexts = SVI_FOR(ENGINE_NATIVE), .default_note = "0",
     .help = "its number: layer by layer, weights [out][in], then biases", .example = "17"},
    {"numerics.probe.ulps", SVI_KEY_COUNT, NUMERICS(probe_ulps), RANGE(1, 1000),
     .contexts = SVI_FOR(ENGINE_NATIVE), .default_note = "1",
     .help = "how many values of its precision it moves up", .example = "1"},
    {"numerics.probe.seed", SVI_KEY_COUNT, NUMERICS(probe_seed), RANGE(0, 1e18),
     .contexts = SVI_FOR(ENGINE_NATIVE), .default_note = "every run is moved",
     .help = "init seed of the runs that are moved", .example = "7"},
    {"numerics.replicates", SVI_KEY_COUNT, NUMERICS(n_replicates), RANGE(1, 1e6),
     .default_note = "design.replicates", .help = "of this entry alone", .example = "4"},

    {"record", SVI_KEY_MAP, .scope = SVI_SCOPE_STUDY, .help = "what is kept beside the metrics",
     .example = "{predictions: none}"},
    {"record.rows", SVI_KEY_CHOICE, STUDY(rows), .words = rows, ALWAYS("full"),
     .help = "what is kept of the runs; full: seeds, digest and metrics of each; summary: for each "
             "launch counts, exact sums and a histogram of each metric",
     .example = "summary"},
    {"record.predictions", SVI_KEY_CHOICE, STUDY(record_predictions), .words = predictions,
     .default_note = "counts for classification, else none",
     .help = "how often each test row got each class", .example = "none"},
    {"record.checkpoints", SVI_KEY_STEPS, STUDY(checkpoints), .words = checkpoint_rules,
     RANGE(0, 1e15), LENGTH(1, SVI_MAX_CHECKPOINTS), .default_note = "log2 with curves, else none",
     .help = "optimizer steps after which every metric is taken; 0: before the first; log2: 0, 1, "
             "2, 4, ... and the last; every: 0, the multiples and the last",
     .example = "log2"},
    {"record.curves", SVI_KEY_CHOICE, STUDY(curves), .words = curves,
     .default_note = "summary with checkpoints, else none",
     .help = "what is kept at checkpoints; summary: mean, SD and quantiles over the runs; full: "
             "metrics and digest of every run",
     .example = "full"},
    {"record.distances", SVI_KEY_CHOICE, STUDY(record_distances), .words = switches,
     ALWAYS("false"),
     .help = "whether every network is compared at its checkpoints, parameter by parameter, with "
             "the run that has the same seeds: replicate 0 of the first deterministic entry of "
             "numerics (of its format)",
     .example = "true"},
};

enum { N_KEYS = sizeof keys / sizeof keys[0] };
_Static_assert(SVK_FIXED_SCALE == 30 && SVK_LOSS_SCALE == 256, "defaults of the table");
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
