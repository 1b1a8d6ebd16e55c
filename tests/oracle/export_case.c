/* Writes, as JSON on stdout, what another program needs to train the networks of a study again:
 * for each arm rows, initial weights, the rows that each step visits; and what seedvar itself makes
 * of them after given numbers of steps.
 *
 * usage: export_case STUDY STEPS...     (one seed; STEPS ascend; one result per arm, entry of
 * numerics and STEPS) */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/job_shape.h"
#include "data/instance.h"
#include "engine/engine.h"
#include "shuffle.h"

/* ---- shapes and rows ---- */

#define NAME(id, name, help) name,
static const char *const activation_names[] = {SVK_ACTIVATIONS(NAME)};
static const char *const loss_names[] = {SVK_LOSSES(NAME)};
static const char *const padding_names[] = {SVK_PADDINGS(NAME)};
static const char *const pool_names[] = {SVK_POOLS(NAME)};
static const char *const optimizer_names[] = {SVK_OPTIMIZERS(NAME)};
static const char *const schedule_names[] = {SVK_SCHEDULES(NAME)};
#undef NAME

/* As in the study. */
static json_t *stages_json(const svi_model_spec *model)
{
    json_t *stages = json_array();
    for (int i = 0; i < model->n_conv; i++)
        json_array_append_new(
            stages, json_pack("{s:i, s:i, s:i, s:s, s:s}", "channels", model->conv[i].channels,
                              "kernel", model->conv[i].kernel, "stride", model->conv[i].stride,
                              "padding", padding_names[model->conv[i].padding], "pool",
                              pool_names[model->conv[i].pool]));
    return stages;
}

/* widths: of the dense layers. */
static json_t *shape_json(const svi_job *job, const svk_net *net, const svk_training *training)
{
    json_t *widths = json_array();
    svk_image image = net->layer[0].in;
    for (int l = net->n_image_layers; l <= net->n_layers; l++)
        json_array_append_new(widths, json_integer(net->width[l]));
    return json_pack("{s:s, s:o, s:[i, i, i], s:o, s:s, s:s, s:f, s:b, s:i, s:i, s:i, s:i, s:i}",
                     "arm", job->arm->name, "widths", widths, "image", image.channels, image.height,
                     image.width, "conv", stages_json(&job->arm->model), "activation",
                     activation_names[net->activation], "loss", loss_names[net->loss], "dropout",
                     net->dropout, "is_standardized", job->dataset->spec.is_standardized, "n_train",
                     (int)training->n_train, "n_val", (int)training->n_val, "n_test",
                     (int)training->n_test, "batch_size", (int)training->batch_size,
                     "n_steps_per_epoch", (int)training->n_steps_per_epoch);
}

static json_t *optimizer_json(const svk_training *t)
{
    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:s, s:f}", "kind",
                     optimizer_names[t->optimizer], "lr", t->learning_rate, "momentum", t->momentum,
                     "beta1", t->beta1, "beta2", t->beta2, "epsilon", t->epsilon, "weight_decay",
                     t->weight_decay, "clip_norm", t->clip_norm, "schedule",
                     schedule_names[t->schedule], "final", t->final_factor);
}

static json_t *rows_json(const svi_instance *data)
{
    json_t *row = json_array(), *x = json_array(), *y = json_array();
    for (uint64_t i = 0; i < data->n_rows; i++) {
        json_t *features = json_array();
        for (int f = 0; f < data->n_features; f++)
            json_array_append_new(
                features, json_real(((double *)data->x)[i * (uint64_t)data->ld + (uint64_t)f]));
        json_array_append_new(row, json_integer(data->row[i]));
        json_array_append_new(x, features);
        json_array_append_new(y, json_real(((double *)data->y)[i]));
    }
    return json_pack("{s:o, s:o, s:o}", "row", row, "x", x, "y", y);
}

static sv_status add_rows(const svi_job *job, const svi_run *run, json_t *out, sv_error *error)
{
    svi_instance *data;
    SVI_TRY(svi_instance_make(job->dataset, svi_instance_seeds_of(job->dataset, run->seed),
                              SVK_PRECISION_FP64, &data, error));
    json_object_update_new(out, rows_json(data));
    svi_instance_free(data);
    return SV_OK;
}

/* ---- the rows that each step visits ---- */

/* Place i of the epoch's order. */
static uint32_t row_at(uint64_t seed, uint32_t epoch, uint32_t n, uint32_t i)
{
    uint8_t order[SVK_FISHER_YATES_MAX];
    if (n > SVK_FISHER_YATES_MAX) {
        svk_shuffle shuffle = svk_shuffle_make(seed, SVK_STREAM_ORDER, epoch, n);
        return svk_shuffle_at(&shuffle, i);
    }
    svk_fisher_yates(seed, SVK_STREAM_ORDER, epoch, 0, n, order);
    return order[i];
}

/* One list a step: places of its rows among the training rows. */
static json_t *steps_json(const svk_training *training, uint64_t seed_order, uint64_t n_steps)
{
    json_t *steps = json_array();
    for (uint64_t step = 0; step < n_steps; step++) {
        uint32_t epoch = (uint32_t)(step / training->n_steps_per_epoch);
        uint32_t first = (uint32_t)(step % training->n_steps_per_epoch) * training->batch_size;
        json_t *batch = json_array();
        for (uint32_t i = first; i < first + training->batch_size && i < training->n_train; i++)
            json_array_append_new(batch,
                                  json_integer(row_at(seed_order, epoch, training->n_train, i)));
        json_array_append_new(steps, batch);
    }
    return steps;
}

/* ---- what seedvar makes of it ---- */

static json_t *result_json(const svi_job *job, const svk_training *training,
                           const svi_run_result *result, const double *parameters,
                           uint64_t n_parameters)
{
    static const char *const metric_names[] = {
#define METRIC_NAME(id, name, better, help) name,
        SVK_METRICS(METRIC_NAME)
#undef METRIC_NAME
    };
    json_t *metrics = json_object(), *values = json_array();
    for (int m = 0; m < SVK_N_METRICS; m++)
        if ((result->present >> m & 1u) != 0)
            json_object_set_new(metrics, metric_names[m], json_real(result->metric[m]));
    for (uint64_t i = 0; i < n_parameters; i++)
        json_array_append_new(values, json_real(parameters[i]));
    return json_pack("{s:i, s:i, s:s, s:b, s:o, s:o}", "steps", (int)training->n_steps, "warmup",
                     (int)training->n_warmup_steps, "precision",
                     job->numerics->precision == SVK_PRECISION_FP64 ? "fp64" : "fp32",
                     "has_diverged", result->status != SVK_RUN_OK, "metrics", metrics, "parameters",
                     values);
}

static sv_status train(svi_backend *backend, const svi_job *job, const svi_run *run,
                       json_t *results, sv_error *error)
{
    uint64_t n_parameters = svi_job_n_parameters(job);
    svi_run_result result;
    svk_net net;
    svk_training training;
    SVI_TRY(svi_job_net(job, &net, &training, error));
    double *parameters = calloc(n_parameters, sizeof *parameters);
    if (parameters == NULL)
        return svi_fail_memory(error, n_parameters * sizeof *parameters, "parameters");
    sv_status status =
        backend->ops->launch(backend, job, run, 1, &result, NULL, NULL, parameters, error);
    if (status == SV_OK)
        json_array_append_new(results,
                              result_json(job, &training, &result, parameters, n_parameters));
    free(parameters);
    return status;
}

/* Shape, rows and visits are written over each time: those of the longest training stay. */
static sv_status describe(const svi_job *job, const svi_run *run, json_t *arm, sv_error *error)
{
    svk_net net;
    svk_training training;
    SVI_TRY(svi_job_net(job, &net, &training, error));
    SVI_TRY(add_rows(job, run, arm, error));
    json_object_update_new(arm, shape_json(job, &net, &training));
    json_object_set_new(arm, "optimizer", optimizer_json(&training));
    json_object_set_new(arm, "seed_dropout",
                        json_integer((json_int_t)run->seed[SVK_SOURCE_DROPOUT]));
    json_object_set_new(arm, "visits",
                        steps_json(&training, run->seed[SVK_SOURCE_ORDER], training.n_steps));
    return SV_OK;
}

static json_t *find_arm(json_t *arms, uint32_t number)
{
    while (json_array_size(arms) <= number)
        json_array_append_new(arms, json_pack("{s:[]}", "results"));
    return json_array_get(arms, number);
}

static sv_status train_all(const sv_study *study, svi_backend *backend, json_t *arms,
                           sv_error *error)
{
    for (uint64_t i = 0; i < svi_plan_n_runs(study->spec); i++) {
        svi_run run;
        svi_plan_run(study->spec, i, &run);
        svi_job job = svi_study_job(study, run.arm, run.numerics);
        json_t *arm = find_arm(arms, run.arm);
        SVI_TRY(describe(&job, &run, arm, error));
        SVI_TRY(train(backend, &job, &run, json_object_get(arm, "results"), error));
    }
    return SV_OK;
}

static sv_status export_opened(sv_study *study, json_t *arms, sv_error *error)
{
    const svi_backend_options on_cpu = {.device = "cpu", .n_threads = 1};
    svi_backend *backend;
    SVI_TRY(svi_study_open_data(study, error));
    SVI_TRY(svi_study_open_backend(study, &on_cpu, &backend, error));
    sv_status status = train_all(study, backend, arms, error);
    backend->ops->close(backend);
    return status;
}

static sv_status export_steps(const char *path, const char *n_steps, json_t *arms, sv_error *error)
{
    char set[64];
    const char *override = set;
    sv_study *study;
    snprintf(set, sizeof set, "train.steps=%s", n_steps);
    SVI_TRY(sv_study_open(path, &override, 1, &study, error));
    sv_status status = export_opened(study, arms, error);
    sv_study_close(study);
    return status;
}

int main(int argc, char **argv)
{
    sv_error error = {0};
    sv_status status = SV_OK;
    if (argc < 3) {
        fprintf(stderr, "usage: export_case STUDY STEPS...\n");
        return sv_status_exit_code(SV_ERR_USAGE);
    }
    json_t *arms = json_array();
    for (int i = 2; status == SV_OK && i < argc; i++)
        status = export_steps(argv[1], argv[i], arms, &error);
    if (status != SV_OK)
        fprintf(stderr, "export_case: %s\n", error.message);
    else if (json_dumpf(arms, stdout, JSON_REAL_PRECISION(17)) != 0)
        status = SV_ERR_IO;
    json_decref(arms);
    return sv_status_exit_code(status);
}
