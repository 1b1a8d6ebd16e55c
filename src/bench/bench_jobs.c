#include "bench/bench_jobs.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *help;
} rows[] = {
#define JOB_ROW(name, help) {#name, help},
    SVI_BENCH_JOBS(JOB_ROW)
#undef JOB_ROW
};

static void fill_net(svi_arm_spec *arm, int n_hidden, int width, int loss, double rate,
                     double momentum, uint64_t n_epochs)
{
    arm->model = (svi_model_spec){.kind = SVI_MODEL_MLP,
                                  .n_hidden = n_hidden,
                                  .activation = SVK_ACTIVATION_RELU,
                                  .init = SVK_INIT_KAIMING_UNIFORM,
                                  .bias = SVK_BIAS_DEFAULT};
    for (int i = 0; i < n_hidden; i++) arm->model.hidden[i] = width;
    arm->train = (svi_train_spec){.loss = loss,
                                  .learning_rate = rate,
                                  .momentum = momentum,
                                  .batch_size = 32,
                                  .n_epochs = n_epochs,
                                  .sampling = SVK_SAMPLING_SHUFFLE};
}

static void fill_j1(svi_bench_job *job)
{
    job->arm.data =
        (svi_data_spec){.set = SVI_SET_MOONS, .n_points = 256, .noise = 0.2, .split = {.train = 1}};
    fill_net(&job->arm, 2, 16, SVK_LOSS_LOGISTIC, 0.1, 0, 50);
}

static const svi_data_spec digits = {.set = SVI_SET_DIGITS,
                                     .is_standardized = true,
                                     .keep_constant = true,
                                     .split = {.train = 0.8, .test = 0.2}};

static void fill_j2(svi_bench_job *job)
{
    job->arm.data = digits;
    fill_net(&job->arm, 1, 32, SVK_LOSS_CROSS_ENTROPY, 0.05, 0.9, 20);
}

/* 0.01 x^6 + (x - 0.2)^3 + 2 (x - 1)^2, expanded. */
static void fill_j3(svi_bench_job *job)
{
    job->arm.data.set = SVI_SET_NONE;
    job->arm.model = (svi_model_spec){.kind = SVI_MODEL_POLY,
                                      .degree = 6,
                                      .coefficient = {1.992, -3.88, 1.4, 1, 0, 0, 0.01},
                                      .start_low = -4,
                                      .start_high = 2};
    job->arm.train =
        (svi_train_spec){.loss = -1, .learning_rate = 0.01, .has_steps = true, .n_steps = 100};
}

static void fill_j4(svi_bench_job *job)
{
    job->arm.data = (svi_data_spec){.set = SVI_SET_LINEAR,
                                    .n_points = 100,
                                    .n_features = 1,
                                    .noise = 1,
                                    .split = {.train = 0.75, .test = 0.25}};
    job->arm.model =
        (svi_model_spec){.kind = SVI_MODEL_LINEAR, .is_closed_form = true, .bias = SVK_BIAS_ZERO};
    job->arm.train.loss = -1;
}

/* J2 measures training; a new split for every seed would measure the making of data sets too. */
static void vary_sources(svi_design_spec *design, svi_bench_job_id id)
{
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        design->is_varied[s] = s == SVK_SOURCE_SPLIT ? id == SVI_BENCH_J4 : s != SVK_SOURCE_DATA;
        if (design->is_varied[s]) design->varied[design->n_varied++] = s;
    }
}

static void fill_stage(svi_arm_spec *arm, int channels, int kernel, int padding)
{
    arm->model.kind = SVI_MODEL_CNN;
    arm->model.conv[arm->model.n_conv++] =
        (svi_conv_spec){channels, kernel, 1, padding, SVK_POOL_MAX};
}

static void fill_j5(svi_bench_job *job)
{
    job->arm.data = digits;
    fill_net(&job->arm, 1, 32, SVK_LOSS_CROSS_ENTROPY, 0.05, 0.9, 5);
    fill_stage(&job->arm, 8, 3, SVK_PADDING_SAME);
    fill_stage(&job->arm, 16, 3, SVK_PADDING_SAME);
}

/* LeCun, Bottou, Bengio, Haffner 1998, with relu and max pooling. */
static void fill_j6(svi_bench_job *job)
{
    job->arm.data = (svi_data_spec){.set = SVI_SET_STROKE_DIGITS,
                                    .n_points = 256,
                                    .image_size = 28,
                                    .noise = 0.1,
                                    .split = {.train = 1}};
    fill_net(&job->arm, 2, 84, SVK_LOSS_CROSS_ENTROPY, 0.02, 0.9, 3);
    job->arm.model.hidden[0] = 120;
    fill_stage(&job->arm, 6, 5, SVK_PADDING_SAME);
    fill_stage(&job->arm, 16, 5, SVK_PADDING_VALID);
}

void svi_bench_job_make(svi_bench_job_id id, svi_bench_job *job)
{
    memset(job, 0, sizeof *job);
    job->name = rows[id].name;
    job->help = rows[id].help;
    job->study.n_arms = job->study.n_numerics = 1;
    job->study.arms = &job->arm;
    job->study.numerics = &job->numerics;
    job->study.design = (svi_design_spec){.kind = SVI_DESIGN_SWEEP, .n_seeds = UINT64_C(1) << 40};
    vary_sources(&job->study.design, id);
    job->numerics = (svi_numerics_spec){.path = SVK_PATH_SERIAL,
                                        .n_parts = 1,
                                        .precision = SVK_PRECISION_FP32,
                                        .n_replicates = 1,
                                        .name = "serial fp32"};
    snprintf(job->arm.name, sizeof job->arm.name, "%s", job->name);
    switch (id) {
    case SVI_BENCH_J1: fill_j1(job); break;
    case SVI_BENCH_J2: fill_j2(job); break;
    case SVI_BENCH_J3: fill_j3(job); break;
    case SVI_BENCH_J4: fill_j4(job); break;
    case SVI_BENCH_J5: fill_j5(job); break;
    default: fill_j6(job); break;
    }
}
