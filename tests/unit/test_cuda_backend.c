/* The CUDA backend: what it says where it cannot be used, and the CPU's bits where it can. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"

static sv_status open_device(const char *device, svi_backend **backend, sv_error *error)
{
    svi_backend_options options = {.device = device, .simd = "auto", .n_threads = 1};
    *error = (sv_error){0};
    *backend = NULL;
    return svi_backend_open(&options, backend, NULL, error);
}

static void must_say(const sv_error *error, const char *fragment)
{
    cr_assert_not_null(strstr(error->message, fragment), "'%s' lacks '%s'", error->message,
                       fragment);
}

Test(cuda_backend, a_gpu_that_is_not_there_is_explained)
{
    svi_backend *backend;
    sv_error error;
    cr_assert_eq(open_device("cuda:4095", &backend, &error), SV_ERR_DEVICE);
    must_say(&error, "--device cuda:4095");
    must_say(&error, "cpu");
    cr_assert_null(strchr(error.message, '\n'), "one line: %s", error.message);
}

#ifdef SVI_HAS_CUDA

Test(cuda_backend, only_a_number_names_a_gpu)
{
    static const char *const wrong[] = {"cuda:", "cuda:x",     "cuda:-1", "cuda:0x",
                                        "cuda0", "cuda:00000", "cuda:0,1"};
    svi_backend *backend;
    sv_error error;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_assert_eq(open_device(wrong[i], &backend, &error), SV_ERR_USAGE, "%s", wrong[i]);
        must_say(&error, wrong[i]);
        must_say(&error, "cuda:N");
    }
}

/* ---- the same bits; passes over machines without a GPU, where the message must tell why ---- */

enum { N_RUNS = 37 };

static svi_backend *gpu(void)
{
    svi_backend *backend;
    sv_error error;
    if (open_device("cuda:0", &backend, &error) == SV_OK) return backend;
    cr_assert_eq(error.status, SV_ERR_DEVICE, "%s", error.message);
    must_say(&error, "NVIDIA driver");
    return NULL;
}

static void train_all(svi_backend *backend, const svi_job *job, const svi_run *runs,
                      svi_run_result *results, uint8_t *predictions)
{
    sv_error error = {0};
    memset(results, 0, N_RUNS * sizeof *results);
    sv_status status = backend->ops->supports(backend, job, &error);
    if (status == SV_OK)
        status = backend->ops->launch(backend, job, runs, N_RUNS, results, NULL, predictions, NULL,
                                      &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
}

static void must_agree(svi_backend *on_gpu, const svi_job *job, uint64_t n_test)
{
    svi_backend *on_cpu;
    sv_error error;
    svi_run runs[N_RUNS] = {0};
    svi_run_result a[N_RUNS], b[N_RUNS];
    uint8_t *predictions_a = calloc(N_RUNS, n_test + 1),
            *predictions_b = calloc(N_RUNS, n_test + 1);
    for (size_t i = 0; i < N_RUNS; i++)
        for (int s = 0; s < SVK_N_SOURCES; s++)
            runs[i].seed[s] = s == SVK_SOURCE_SPLIT ? i / 10 : i;
    cr_assert_eq(open_device("cpu", &on_cpu, &error), SV_OK, "%s", error.message);
    train_all(on_gpu, job, runs, a, n_test > 0 ? predictions_a : NULL);
    train_all(on_cpu, job, runs, b, n_test > 0 ? predictions_b : NULL);
    for (size_t i = 0; i < N_RUNS; i++) {
        cr_assert_arr_eq(a[i].digest, b[i].digest, sizeof a[i].digest, "%s, run %zu",
                         job->arm->name, i);
        cr_assert_eq(a[i].status, b[i].status);
        cr_assert_eq(a[i].present, b[i].present);
        cr_assert_arr_eq(a[i].metric, b[i].metric, sizeof a[i].metric, "%s, run %zu",
                         job->arm->name, i);
    }
    cr_assert_arr_eq(predictions_a, predictions_b, N_RUNS * (n_test + 1), "%s", job->arm->name);
    free(predictions_a);
    free(predictions_b);
    on_cpu->ops->close(on_cpu);
}

static const svi_numerics_spec serial = {.path = SVK_PATH_SERIAL,
                                         .n_parts = 1,
                                         .precision = SVK_PRECISION_FP32,
                                         .n_replicates = 1,
                                         .name = "serial fp32"};

static svi_arm_spec iris_arm(void)
{
    svi_arm_spec arm = {.name = "iris"};
    arm.data = (svi_data_spec){.set = SVI_SET_IRIS,
                               .is_standardized = true,
                               .split = {.train = 0.6, .val = 0.2, .test = 0.2}};
    arm.model = (svi_model_spec){
        .kind = SVI_MODEL_MLP, .n_hidden = 2, .hidden = {7, 5}, .bias = SVK_BIAS_DEFAULT};
    arm.train = (svi_train_spec){.loss = SVK_LOSS_CROSS_ENTROPY,
                                 .learning_rate = 0.1,
                                 .momentum = 0.9,
                                 .batch_size = 13,
                                 .n_epochs = 5};
    return arm;
}

Test(cuda_backend, networks_have_the_bits_of_the_cpu)
{
    svi_backend *backend = gpu();
    if (backend == NULL) return;
    svi_arm_spec arm = iris_arm();
    svi_dataset *dataset;
    sv_error error = {0};
    cr_assert_eq(svi_dataset_open(&arm.data, &dataset, &error), SV_OK, "%s", error.message);
    svi_job job = {.arm = &arm, .numerics = &serial, .dataset = dataset};
    must_agree(backend, &job, 30);
    snprintf(arm.name, sizeof arm.name, "tanh, whole batch");
    arm.model.activation = SVK_ACTIVATION_TANH;
    arm.train.batch_size = 1000;
    must_agree(backend, &job, 30);
    snprintf(arm.name, sizeof arm.name, "wide, drawn with replacement");
    arm.model.hidden[0] = arm.model.hidden[1] = 256;
    arm.train.sampling = SVK_SAMPLING_REPLACEMENT;
    arm.train.n_epochs = 1;
    must_agree(backend, &job, 30);
    svi_dataset_close(dataset);
    backend->ops->close(backend);
}

Test(cuda_backend, descents_have_the_bits_of_the_cpu)
{
    svi_backend *backend = gpu();
    if (backend == NULL) return;
    svi_arm_spec arm = {.name = "poly"};
    arm.model = (svi_model_spec){.kind = SVI_MODEL_POLY,
                                 .degree = 4,
                                 .coefficient = {0, 0.3, -2, 0.1, 1},
                                 .start_low = -2,
                                 .start_high = 2};
    arm.train =
        (svi_train_spec){.loss = -1, .learning_rate = 0.01, .has_steps = true, .n_steps = 100};
    svi_job job = {.arm = &arm, .numerics = &serial};
    must_agree(backend, &job, 0);
    double start[N_RUNS];
    for (int i = 0; i < N_RUNS; i++) start[i] = 0.1 * i - 1.7;
    arm.model.start = start;
    arm.model.n_starts = N_RUNS;
    must_agree(backend, &job, 0);
    backend->ops->close(backend);
}

Test(cuda_backend, what_it_lacks_is_refused_by_name)
{
    svi_backend *backend = gpu();
    if (backend == NULL) return;
    svi_arm_spec arm = iris_arm();
    svi_numerics_spec numerics = serial;
    svi_arrivals logged = {.is_replayed = true};
    svi_dataset *dataset;
    sv_error error = {0};
    cr_assert_eq(svi_dataset_open(&arm.data, &dataset, &error), SV_OK, "%s", error.message);
    svi_job job = {.arm = &arm, .numerics = &numerics, .dataset = dataset, .arrivals = &logged};
    numerics.path = SVK_PATH_ARRIVAL;
    numerics.n_parts = 4;
    cr_assert_eq(backend->ops->supports(backend, &job, &error), SV_ERR_DEVICE);
    must_say(&error, "orders that were logged");
    svi_dataset_close(dataset);
    backend->ops->close(backend);
}

#endif
