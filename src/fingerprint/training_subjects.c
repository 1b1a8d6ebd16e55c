/* Short trainings of every model, as a study would have them. */
#include <stdio.h>

#include "fingerprint/fingerprint.h"
#include "fingerprint/suite_numerics.h"

enum { N_RUNS = 16 }; /* a vector of the widest instruction set */

static const svi_data_spec iris = {
    .set = SVI_SET_IRIS, .is_standardized = true, .split = {.train = 0.6, .val = 0.2, .test = 0.2}};
static const svi_data_spec images = {.set = SVI_SET_STROKE_DIGITS,
                                     .n_points = 120,
                                     .image_size = 8,
                                     .distortion = 1,
                                     .noise = 0.1,
                                     .split = {.train = 0.8, .test = 0.2}};
static const svi_data_spec line = {.set = SVI_SET_LINEAR,
                                   .n_points = 90,
                                   .n_features = 5,
                                   .noise = 0.5,
                                   .split = {.train = 0.8, .test = 0.2}};

static void fill_mlp(svi_arm_spec *arm)
{
    arm->data = iris;
    arm->model = (svi_model_spec){.kind = SVI_MODEL_MLP,
                                  .n_hidden = 2,
                                  .hidden = {19, 12},
                                  .activation = SVK_ACTIVATION_TANH,
                                  .init = SVK_INIT_GLOROT_UNIFORM,
                                  .bias = SVK_BIAS_DEFAULT};
    arm->train = (svi_train_spec){.loss = SVK_LOSS_CROSS_ENTROPY,
                                  .learning_rate = 0.05,
                                  .momentum = 0.9,
                                  .batch_size = 32,
                                  .n_epochs = 3};
}

static void fill_cnn(svi_arm_spec *arm)
{
    arm->data = images;
    arm->model = (svi_model_spec){.kind = SVI_MODEL_CNN,
                                  .n_hidden = 1,
                                  .hidden = {16},
                                  .activation = SVK_ACTIVATION_RELU,
                                  .init = SVK_INIT_KAIMING_NORMAL,
                                  .bias = SVK_BIAS_DEFAULT,
                                  .n_conv = 1,
                                  .conv = {{6, 3, 1, SVK_PADDING_SAME, SVK_POOL_MAX}}};
    arm->train = (svi_train_spec){.loss = SVK_LOSS_CROSS_ENTROPY,
                                  .learning_rate = 0.05,
                                  .momentum = 0.9,
                                  .batch_size = 32,
                                  .n_epochs = 1};
}

static void fill_line(svi_arm_spec *arm)
{
    arm->data = line;
    arm->model =
        (svi_model_spec){.kind = SVI_MODEL_LINEAR, .init = SVK_INIT_ZERO, .bias = SVK_BIAS_ZERO};
    arm->train = (svi_train_spec){
        .loss = SVK_LOSS_SQUARED, .learning_rate = 0.02, .batch_size = 24, .n_epochs = 5};
}

static void fill_closed_form(svi_arm_spec *arm)
{
    fill_line(arm);
    arm->model.is_closed_form = true;
    arm->train = (svi_train_spec){.loss = -1};
}

/* 0.01 x^6 + (x - 0.2)^3 + 2 (x - 1)^2, expanded. */
static void fill_poly(svi_arm_spec *arm)
{
    arm->data.set = SVI_SET_NONE;
    arm->model = (svi_model_spec){.kind = SVI_MODEL_POLY,
                                  .degree = 6,
                                  .coefficient = {1.992, -3.88, 1.4, 1, 0, 0, 0.01},
                                  .start_low = -4,
                                  .start_high = 2};
    arm->train =
        (svi_train_spec){.loss = -1, .learning_rate = 0.01, .has_steps = true, .n_steps = 50};
}

static void fill_kmeans(svi_arm_spec *arm)
{
    arm->data = iris;
    arm->model = (svi_model_spec){
        .kind = SVI_MODEL_KMEANS, .n_clusters = 7, .start_centres = SVK_START_PLUS_PLUS};
    arm->train = (svi_train_spec){.loss = -1, .max_iterations = 20};
}

static const struct {
    const char *name;
    void (*fill)(svi_arm_spec *arm);
    bool is_network; /* with batches to add up and products to round */
} models[] = {
    {"mlp", fill_mlp, true},     {"cnn", fill_cnn, true},
    {"linear", fill_line, true}, {"linear closed form", fill_closed_form, false},
    {"poly", fill_poly, false},  {"kmeans", fill_kmeans, false},
};
enum { N_MODELS = sizeof models / sizeof *models };

/* Digests, status and metrics of all runs. */
static svi_hash hash_of(const svi_run_result *results)
{
    svi_hash hash = svi_hash_start();
    for (int i = 0; i < N_RUNS; i++) {
        svi_hash_bytes(&hash, results[i].digest, sizeof results[i].digest);
        svi_hash_u64(&hash, (uint64_t)results[i].status);
        svi_hash_u64(&hash, results[i].present);
        for (int m = 0; m < SVK_N_METRICS; m++)
            if ((results[i].present >> m & 1) != 0)
                svi_hash_bytes(&hash, &results[i].metric[m], sizeof results[i].metric[m]);
    }
    return hash;
}

static sv_status train(svi_fingerprint_subject *subject, svi_backend *backend, const svi_job *job,
                       sv_error *error)
{
    svi_run runs[N_RUNS];
    for (uint64_t i = 0; i < N_RUNS; i++) runs[i] = svi_suite_run(i);
    for (int i = 0; i < SVI_SUBJECT_REPEATS; i++) {
        svi_run_result results[N_RUNS] = {0};
        SVI_TRY(backend->ops->launch(backend, job, runs, N_RUNS, results, NULL, NULL, NULL, error));
        svi_subject_count(subject, hash_of(results));
    }
    return SV_OK;
}

static sv_status add_training(svi_subjects *subjects, svi_backend *backend, const svi_job *job,
                              sv_error *error)
{
    svi_fingerprint_subject *subject;
    sv_error reason, cause = {0};
    SVI_TRY(svi_subjects_add(subjects, svi_suite_is_contract(job->numerics), "device", &subject,
                             error, "train %s %s", job->arm->name, job->numerics->name));
    SVI_TRY(svi_suite_check(backend, job, &reason, error));
    svi_subject_set_missing(subject, reason.message);
    if (reason.status != SV_OK) return SV_OK;
    sv_status status = train(subject, backend, job, &cause);
    return svi_subject_settle(subject, status, &cause, error);
}

static bool fits(bool is_network, const svi_numerics_spec *n)
{
    return is_network ||
           (n->path == SVK_PATH_SERIAL && n->precision == SVK_KEPT_PRECISION(n->precision));
}

static sv_status add_model(svi_subjects *subjects, svi_backend *backend, const svi_job *model,
                           bool is_network, sv_error *error)
{
    svi_numerics_spec numerics;
    svi_job job = *model;
    job.numerics = &numerics;
    for (size_t p = 0; p < svi_suite_n_paths(); p++)
        for (int precision = 0; precision < SVK_N_PRECISIONS; precision++)
            if (svi_suite_numerics(p, precision, &numerics) && fits(is_network, &numerics))
                SVI_TRY(add_training(subjects, backend, &job, error));
    return SV_OK;
}

sv_status svi_add_training_subjects(svi_subjects *subjects, svi_backend *backend, sv_error *error)
{
    sv_status status = SV_OK;
    for (int m = 0; status == SV_OK && m < N_MODELS; m++) {
        svi_arm_spec arm = {0};
        svi_dataset *dataset = NULL;
        snprintf(arm.name, sizeof arm.name, "%s", models[m].name);
        models[m].fill(&arm);
        status = svi_dataset_open(&arm.data, &dataset, error);
        svi_job job = {.arm = &arm, .dataset = dataset};
        if (status == SV_OK)
            status = add_model(subjects, backend, &job, models[m].is_network, error);
        svi_dataset_close(dataset);
    }
    return status;
}
