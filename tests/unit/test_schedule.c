/* Learning rates against those of PyTorch's schedulers (tests/kat/schedule.txt), and the scalars of
 * a step. */
#include <math.h>

#include "backend/job_shape.h"
#include "data/instance.h"
#include "optimizer.h"
#include "spec_fixture.h"

static int schedule_of(const char *name)
{
    static const char *const names[] = {
#define NAME(id, name, help) name,
        SVK_SCHEDULES(NAME)
#undef NAME
    };
    for (int i = 0; i < SVK_N_SCHEDULES; i++)
        if (strcmp(names[i], name) == 0) return i;
    cr_assert_fail("%s", name);
    return -1;
}

Test(schedule, rates_are_those_of_pytorch)
{
    FILE *file = fopen(SVI_SOURCE_DIR "/tests/kat/schedule.txt", "r");
    char line[200], name[20];
    int n = 0, n_of[SVK_N_SCHEDULES] = {0};
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        svk_training t = {0};
        unsigned long warmup, n_steps, step;
        double rate;
        if (line[0] == '#') continue;
        cr_assert_eq(sscanf(line, "%19s %lf %lu %lf %lu %lu %lf", name, &t.learning_rate, &warmup,
                            &t.final_factor, &n_steps, &step, &rate),
                     7, "%s", line);
        t.schedule = schedule_of(name);
        t.n_warmup_steps = warmup;
        t.n_steps = n_steps;
        /* PyTorch works from rate to rate, and its errors add up */
        cr_expect_float_eq(svk_learning_rate(&t, step), rate, 1e-13 * t.learning_rate, "%.17g: %s",
                           svk_learning_rate(&t, step), line);
        n_of[t.schedule]++;
        n++;
    }
    fclose(file);
    cr_expect_eq(n, 225);
    for (int i = 0; i < SVK_N_SCHEDULES; i++) cr_expect_gt(n_of[i], 10);
}

/* What the first arm of a study asks of the kernels. */
static sv_status shape(const char *text, svk_training *training, sv_error *error)
{
    svk_net net;
    svi_dataset *dataset;
    svi_study_spec *spec = read_text(text);
    cr_assert_eq(svi_dataset_open(&spec->arms[0].data, &dataset, error), SV_OK);
    const svi_job job = {.arm = &spec->arms[0], .numerics = &spec->numerics[0], .dataset = dataset};
    sv_status status = svi_job_net(&job, &net, training, error);
    svi_dataset_close(dataset);
    svi_study_spec_free(spec);
    return status;
}

static svk_training training_of(const char *train)
{
    char text[600];
    svk_training training;
    sv_error error = {0};
    snprintf(text, sizeof text,
             IRIS MLP "train: {loss: cross_entropy, optimizer: {lr: 1}, %s}\n" SWEEP, train);
    cr_assert_eq(shape(text, &training, &error), SV_OK, "%s", error.message);
    return training;
}

#define LARGE "data: {set: moons, points: 2000000}\n" MLP SWEEP
#define LARGE_BATCH(size)                                                                          \
    LARGE "train: {loss: logistic, optimizer: {lr: 1}, steps: 1, batch_size: " size "}\n"

Test(schedule, sums_of_single_terms_have_a_largest_batch)
{
    svk_training training;
    sv_error error = {0};
    cr_expect_eq(shape(LARGE_BATCH("1048576") "numerics: [{path: binned}]\n", &training, &error),
                 SV_OK);
    cr_expect_eq(
        shape(LARGE_BATCH("1048577") "numerics: [{path: tree, split: 2}]\n", &training, &error),
        SV_OK);
    cr_assert_eq(shape(LARGE_BATCH("1048577") "numerics: [{path: fixed}]\n", &training, &error),
                 SV_ERR_DATA);
    expect_message(&error, "arm base: a batch of 1048577 rows makes 1048577 terms a weight, but "
                           "numerics fixed fp32 adds at most 1048576 exactly; lower "
                           "train.batch_size");
    cr_expect_eq(shape(LARGE_BATCH("2000000") "numerics: [{path: binned}]\n", &training, &error),
                 SV_ERR_DATA, "1200000 rows train");
}

/* 90 rows of iris train. */
Test(schedule, steps_of_an_epoch_of_warm_up_and_between_evaluations)
{
    svk_training t = training_of("batch_size: 16, epochs: 4");
    cr_expect(t.n_steps_per_epoch == 6 && t.n_steps == 24);
    t = training_of("batch_size: 16, epochs: 4, last_batch: drop, schedule: one_cycle");
    cr_expect(t.n_steps_per_epoch == 5 && t.n_steps == 20);
    cr_expect_eq(t.n_warmup_steps, 6);
    t = training_of("batch_size: 100, epochs: 4, last_batch: drop, schedule: cosine");
    cr_expect(t.n_steps_per_epoch == 1 && t.n_steps == 4 && t.batch_size == 90);
    cr_expect_eq(t.n_warmup_steps, 0);
    t = training_of("batch_size: 40, steps: 19, schedule: {kind: one_cycle, warmup: 3}, "
                    "early_stopping: {patience: 2}");
    cr_expect(t.n_warmup_steps == 3 && t.patience == 2 && t.n_steps_apart == 3);
    t = training_of("batch_size: 40, steps: 19, early_stopping: {patience: 2, every: 7}");
    cr_expect_eq(t.n_steps_apart, 7);
}

Test(schedule, clip_factors)
{
    cr_expect_eq(svk_clip_factor(3, 1.5), 0.5);
    cr_expect_eq(svk_clip_factor(1.5, 1.5), 1);
    cr_expect_eq(svk_clip_factor(1.4999, 1.5), 1);
    cr_expect_eq(svk_clip_factor(1e300, 0), 1, "0 stands for no limit");
    cr_expect_eq(svk_clip_factor(INFINITY, 1), 0);
    cr_expect_eq(svk_clip_factor(NAN, 1), 1, "a NaN stays what it is");
    cr_expect_eq(svk_clip_factor(0x1.8p-1060, 0x1p-1060), 2.0 / 3);
}

Test(schedule, scalars_of_steps_of_adamw)
{
    const svk_training t = {.optimizer = SVK_OPTIMIZER_ADAMW,
                            .learning_rate = 0.5,
                            .beta1 = 0.75,
                            .beta2 = 0.5,
                            .weight_decay = 0.25,
                            .n_steps = 9};
    svk_moment_powers powers = {1, 1};
    for (int step = 1; step <= 9; step++) {
        svk_step s = svk_step_make(&t, (uint64_t)step - 1, &powers);
        cr_expect_float_eq(s.rate, 0.5 / (1 - pow(0.75, step)), 1e-15);
        cr_expect_float_eq(s.root, 1 / sqrt(1 - pow(0.5, step)), 1e-15);
        cr_expect_eq(s.decay_apart, 0.125);
    }
}
