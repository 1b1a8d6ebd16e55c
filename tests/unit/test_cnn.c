/* Convolutional networks in binary32 and in fewer bits against their definition: every shape, path,
 * optimizer, activation and rounding leads to the same bits. */
#define SVK_REAL_BITS 32
#include "cnn_rig.h"

#define DIGITS                                                                                     \
    "data: {set: digits, standardize: true, split: {train: 0.02, test: 0.03, val: 0.95}}\n"
#define SGD "train: {loss: cross_entropy, optimizer: {lr: 0.1}, batch_size: 10, steps: 5}\n"
#define STAGES                                                                                     \
    "model: {kind: cnn, hidden: [7], conv: [{channels: 5, pool: max}, {channels: 6, kernel: 5, "   \
    "pool: average}]}\n"

static const char *const simd[] = {"plain", "avx2", "avx512"};

static void check_widths(rig *r, const char *what)
{
    for (int i = 0; i < 3; i++) {
        const svk_cpu_kernels *k = svk_cpu_kernels_find(simd[i], r->numerics.precision);
        if (k != NULL) rig_check(r, simd[i], (size_t)k->n_lanes, what);
    }
}

static void check(const char *text, const char *what)
{
    rig r;
    rig_open(&r, text);
    check_widths(&r, what);
    rig_close(&r);
}

/* ---- shapes ---- */

Test(cnn, shapes_have_the_bits_of_their_definition)
{
    static const char *const stages[] = {
        "[{channels: 1}]",
        "[{channels: 2, kernel: 5}]",
        "[{channels: 3, padding: valid}]",
        "[{channels: 4, kernel: 5, padding: valid}]",
        "[{channels: 5, stride: 2}]",
        "[{channels: 6, stride: 2, padding: valid}]",
        "[{channels: 7, kernel: 5, stride: 2}]",
        "[{channels: 16, kernel: 5, stride: 2, padding: valid}]",
        "[{channels: 4, pool: max}, {channels: 4, pool: average}, {channels: 3, pool: max}]",
        "[{channels: 9, padding: valid, pool: average}, {channels: 3, padding: valid}]",
        "[{channels: 2}, {channels: 2, kernel: 5}, {channels: 2}, {channels: 2, kernel: 5}]",
        "[{channels: 13, kernel: 5}, {channels: 11}]",
    };
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        char text[1000];
        snprintf(text, sizeof text, DIGITS "model: {kind: cnn, hidden: [], conv: %s}\n" SGD SWEEP,
                 stages[i]);
        check(text, stages[i]);
    }
}

Test(cnn, images_need_not_be_square)
{
    static const char *const images[] = {"[4, 4, 4]", "[2, 4, 8]", "[2, 16, 2]", "[4, 1, 16]",
                                         "[3, 1, 1]", "[3, 7, 5]", "[1, 11, 3]", "[2, 28, 1]"};
    static const int n_features[] = {64, 64, 64, 64, 3, 105, 33, 56};
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        char text[1000];
        snprintf(text, sizeof text,
                 "data: {set: linear, points: 40, features: %d}\n"
                 "model: {kind: cnn, image: %s, hidden: [5, 3],"
                 " conv: [{channels: 6, stride: 2}, {channels: 5, kernel: 5}]}\n"
                 "train: {loss: squared, optimizer: {lr: 0.01}, batch_size: 9, steps: 4}\n" SWEEP,
                 n_features[i], images[i]);
        check(text, images[i]);
    }
}

static int draw(uint64_t *element, int low, int high)
{
    uint32_t word = svk_draw(2024, SVK_STREAM_DATA, 0, (*element)++);
    return low + (int)svk_below(word, (uint32_t)(high - low + 1));
}

/* Stages drawn one after the other as long as they fit. */
static void draw_stages(uint64_t *element, svi_model_spec *model)
{
    static const int pools[] = {SVK_POOL_NONE, SVK_POOL_MAX, SVK_POOL_AVERAGE};
    int n = draw(element, 1, SVK_MAX_CONV), height = model->image[1], width = model->image[2];
    for (model->n_conv = 0; model->n_conv < n;) {
        svi_conv_spec c = {draw(element, 1, 9), 2 * draw(element, 1, 2) + 1, draw(element, 1, 2),
                           draw(element, 0, 1), pools[draw(element, 0, 2)]};
        int padding = c.padding == SVK_PADDING_SAME ? c.kernel / 2 : 0;
        int pool = c.pool == SVK_POOL_NONE ? 1 : 2;
        if (height + 2 * padding < c.kernel || width + 2 * padding < c.kernel) c.padding = 0;
        height = svk_conv_side(height, c.kernel, c.stride, padding) / pool;
        width = svk_conv_side(width, c.kernel, c.stride, padding) / pool;
        if (height == 0 || width == 0) break;
        model->conv[model->n_conv++] = c;
    }
}

Test(cnn, drawn_shapes_have_the_bits_of_their_definition)
{
    static const int inits[] = {SVK_INIT_KAIMING_UNIFORM, SVK_INIT_KAIMING_NORMAL,
                                SVK_INIT_GLOROT_UNIFORM, SVK_INIT_GLOROT_NORMAL, SVK_INIT_UNIFORM};
    uint64_t element = 0;
    for (int i = 0; i < 60; i++) {
        rig r;
        char text[600], what[100];
        int image[3] = {draw(&element, 1, 4), draw(&element, 3, 13), draw(&element, 3, 13)};
        snprintf(text, sizeof text,
                 "data: {set: linear, points: 20, features: %d}\n"
                 "model: {kind: cnn, image: [%d, %d, %d], hidden: [6], conv: [{channels: 1}],"
                 " activation: %s, bias: %s}\n"
                 "train: {loss: squared, optimizer: {lr: 0.01}, batch_size: 7, steps: 2}\n" SWEEP,
                 image[0] * image[1] * image[2], image[0], image[1], image[2],
                 i % 3 == 0 ? "tanh" : "relu", i % 5 == 0 ? "false" : "default");
        rig_open(&r, text);
        draw_stages(&element, &r.arm.model);
        r.arm.model.init = inits[i % 5];
        r.arm.model.init_scale = 0.25;
        snprintf(what, sizeof what, "shape %d: [%d, %d, %d], %d stages", i, image[0], image[1],
                 image[2], r.arm.model.n_conv);
        if (r.arm.model.n_conv > 0) rig_check(&r, simd[i % 3], 3, what);
        rig_close(&r);
    }
}

/* Wider than a block of samples may be, and than a chunk. */
Test(cnn, large_images_and_batches_have_the_bits_of_their_definition)
{
    check("data: {set: stroke_digits, size: 28, points: 60}\n"
          "model: {kind: cnn, hidden: [10], conv: [{channels: 6, kernel: 5, padding: valid, pool: "
          "max}, {channels: 16, kernel: 5, padding: valid, pool: max}]}\n"
          "train: {loss: cross_entropy, optimizer: {lr: 0.1}, batch_size: 10, steps: 2}\n" SWEEP,
          "LeNet");
    check("data: {set: stroke_digits, size: 12, points: 120}\n"
          "model: {kind: cnn, hidden: [200], conv: [{channels: 16}]}\n"
          "train: {loss: cross_entropy, optimizer: {lr: 0.01}, batch_size: 70, steps: 2}\n" SWEEP,
          "a batch of several chunks");
}

/* ---- what shapes have in common ---- */

static void set_path(rig *r, int path, int n_parts)
{
    r->numerics.path = path;
    r->numerics.n_parts = n_parts;
    r->numerics.fixed_scale = 30;
}

Test(cnn, paths_have_the_bits_of_their_definition)
{
    static const int parts[SVK_N_PATHS] = {
        [SVK_PATH_SERIAL] = 1,      [SVK_PATH_TREE] = 4,   [SVK_PATH_BUTTERFLY] = 16,
        [SVK_PATH_COMPENSATED] = 3, [SVK_PATH_BINNED] = 1, [SVK_PATH_FIXED] = 1,
        [SVK_PATH_DRAWN] = 7};
    for (int path = 0; !SVK_PATH_IS_HARDWARE(path); path++) {
        rig r;
        char what[40];
        snprintf(what, sizeof what, "path %d", path);
        rig_open(&r, DIGITS STAGES SGD SWEEP);
        set_path(&r, path, parts[path]);
        check_widths(&r, what);
        rig_close(&r);
    }
}

Test(cnn, a_sum_out_of_range_is_saturated)
{
    rig r;
    rig_open(&r, DIGITS STAGES SGD SWEEP);
    set_path(&r, SVK_PATH_FIXED, 1);
    r.numerics.fixed_scale = 44;
    check_widths(&r, "saturated");
    rig_close(&r);
}

static void set_optimizer(rig *r, int optimizer)
{
    svi_train_spec *t = &r->arm.train;
    t->optimizer = optimizer;
    t->momentum = optimizer == SVK_OPTIMIZER_SGD ? 0 : 0.9;
    t->beta1 = 0.9, t->beta2 = 0.99, t->epsilon = 1e-6;
    t->learning_rate = 0.01;
}

Test(cnn, optimizers_have_the_bits_of_their_definition)
{
    for (int optimizer = 0; optimizer < SVK_N_OPTIMIZERS; optimizer++)
        for (int is_decayed = 0; is_decayed < 2; is_decayed++) {
            rig r;
            char what[40];
            snprintf(what, sizeof what, "optimizer %d, decay %d", optimizer, is_decayed);
            rig_open(&r, DIGITS STAGES SGD SWEEP);
            set_optimizer(&r, optimizer);
            r.arm.train.weight_decay = 0.05 * is_decayed;
            r.arm.train.clip_norm = 0.3 * is_decayed;
            check_widths(&r, what);
            rig_close(&r);
        }
}

Test(cnn, activations_and_roundings_have_the_bits_of_their_definition)
{
    static const int precisions[] = {SVK_PRECISION_FP32, SVK_PRECISION_TF32, SVK_PRECISION_BF16,
                                     SVK_PRECISION_FP16};
    for (int activation = 0; activation < SVK_N_ACTIVATIONS; activation++)
        for (int i = 0; i < 4; i++)
            for (int has_dropout = 0; has_dropout < 2; has_dropout++) {
                rig r;
                char what[60];
                snprintf(what, sizeof what, "activation %d, precision %d, dropout %d", activation,
                         precisions[i], has_dropout);
                rig_open(&r, DIGITS STAGES SGD SWEEP);
                r.arm.model.activation = activation;
                r.arm.model.dropout = 0.4 * has_dropout;
                r.arm.train.n_steps = 3;
                r.numerics.precision = precisions[i];
                r.numerics.loss_scale = 256;
                rig_check(&r, simd[(activation + i) % 3], 5, what);
                rig_close(&r);
            }
}

/* Values that are equal, and values that are all zero, in a window of a pool. */
Test(cnn, the_first_of_equal_values_wins)
{
    rig r;
    rig_open(&r, DIGITS STAGES SGD SWEEP);
    r.arm.model.init = SVK_INIT_NORMAL;
    r.arm.model.init_scale = 0;
    r.arm.model.bias = SVK_BIAS_DEFAULT;
    check_widths(&r, "equal values");
    rig_close(&r);
}

/* ---- what does not fit ---- */

static void refuse(const char *data, const char *model, int path, const char *fragment)
{
    rig r;
    char text[600];
    svk_net net;
    svk_training training;
    sv_error error = {0};
    snprintf(
        text, sizeof text,
        "data: {%s}\nmodel: {kind: cnn, hidden: [], %s}\n"
        "train: {loss: cross_entropy, optimizer: {lr: 1}, batch_size: 5000, epochs: 1}\n" SWEEP,
        data, model);
    rig_open(&r, text);
    r.numerics.path = path;
    cr_assert_eq(svi_job_net(&r.job, &net, &training, &error), SV_ERR_DATA, "%s", model);
    expect_message(&error, fragment);
    expect_message(&error, "arm base: ");
    rig_close(&r);
}

Test(cnn, images_that_do_not_fit_the_data_are_refused)
{
    refuse("set: digits", "image: [1, 8, 9], conv: [{channels: 2}]", SVK_PATH_SERIAL,
           "model.image: [1, 8, 9] has 72 values, but a row of digits has 64 features");
    refuse("set: moons", "conv: [{channels: 2}]", SVK_PATH_SERIAL,
           "the 2 features of moons are no square of up to 28 x 28 pixels");
    refuse("set: digits",
           "conv: [{channels: 2, pool: max}, {channels: 2, kernel: 5, padding: "
           "valid}]",
           SVK_PATH_SERIAL,
           "stage 2 of model.conv: a kernel of 5 does not fit into 4 x 4 pixels; use kernel 3");
    refuse("set: iris", "conv: [{channels: 2, pool: max}, {channels: 2, pool: average}]",
           SVK_PATH_SERIAL, "stage 2 of model.conv: pooling takes 2 x 2 pixels");
    refuse("set: stroke_digits, size: 28, points: 4000", "conv: [{channels: 2}]", SVK_PATH_BINNED,
           "adds at most 1048576 exactly; lower train.batch_size");
}

/* ---- early stopping ---- */

Test(cnn, stopping_early_keeps_the_best)
{
    rig r;
    rig_open(
        &r,
        "data: {set: digits, standardize: true, split: {train: 0.1, val: 0.05, test: "
        "0.85}}\n" STAGES
        "train: {loss: cross_entropy, optimizer: {lr: 0.2}, batch_size: 10, epochs: 30}\n" SWEEP);
    r.arm.train.patience = 2;
    r.arm.train.n_steps_apart = 5;
    sv_error error = {0};
    svi_backend *backend;
    svi_backend_options options = {.device = "cpu", .simd = "auto", .n_threads = 1};
    cr_assert_eq(svi_cpu_backend.open(&options, &backend, &error), SV_OK, "%s", error.message);
    svi_run runs[16];
    svi_run_result stopped[16], again;
    uint64_t n_parameters = svi_job_n_parameters(&r.job);
    double *kept = calloc(16 * n_parameters, sizeof *kept),
           *best = calloc(n_parameters, sizeof *best);
    for (uint64_t i = 0; i < 16; i++) runs[i] = rig_run(i);
    cr_assert_eq(backend->ops->launch(backend, &r.job, runs, 16, stopped, NULL, NULL, kept, &error),
                 SV_OK);
    r.arm.train.patience = 0;
    for (int i = 0; i < 16; i++) {
        uint64_t n_steps = (uint64_t)stopped[i].metric[SVK_METRIC_STEPS];
        cr_assert(n_steps % 5 == 0 && n_steps >= 15);
        r.arm.train.has_steps = true;
        r.arm.train.n_steps = n_steps - 10;
        cr_assert_eq(
            backend->ops->launch(backend, &r.job, &runs[i], 1, &again, NULL, NULL, best, &error),
            SV_OK);
        if (n_steps < 540) cr_assert_arr_eq(again.digest, stopped[i].digest, sizeof again.digest);
    }
    free(kept);
    free(best);
    backend->ops->close(backend);
    rig_close(&r);
}
