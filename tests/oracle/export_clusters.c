/* Tells what an independent program needs to repeat the k-means runs of a study: rows, starts, and
 * what seedvar makes of them. Written as JSON lines, a line a run; the rows stand in the first line
 * of each arm and numerics, so data and split may not vary.
 *
 * usage: export_clusters STUDY */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "data/instance.h"
#include "engine/engine.h"

/* What one run trains on, and the room for its outcome. */
typedef struct rig {
    svi_job job;
    svi_run run;
    svi_backend *backend;
    svi_instance *data;
    double *parameters;   /* [n_parameters] */
    uint8_t *predictions; /* [n_test] */
    uint64_t n_parameters;
} rig;

static json_t *rows_json(const svi_instance *data)
{
    json_t *rows = json_array();
    for (uint64_t i = 0; i < data->n_rows; i++) {
        json_t *row = json_array();
        for (int f = 0; f < data->n_features; f++) {
            uint64_t at = i * (uint64_t)data->ld + (uint64_t)f;
            json_array_append_new(row, json_real(data->precision == SVK_PRECISION_FP32
                                                     ? (double)((float *)data->x)[at]
                                                     : ((double *)data->x)[at]));
        }
        json_array_append_new(rows, row);
    }
    return json_pack("{s:o, s:I, s:I}", "x", rows, "n_train", (json_int_t)data->n_train, "n_test",
                     (json_int_t)data->n_test);
}

static json_t *centres_json(const rig *r)
{
    json_t *list = json_array();
    for (uint64_t i = 0; i < r->n_parameters; i++)
        json_array_append_new(list, json_real(r->parameters[i]));
    return list;
}

static json_t *predictions_json(const rig *r)
{
    json_t *list = json_array();
    for (uint64_t i = 0; i < r->data->n_test; i++)
        json_array_append_new(list, json_integer(r->predictions[i]));
    return list;
}

/* Clusters with so many iterations at most. */
static sv_status cluster(rig *r, uint64_t max_iterations, svi_run_result *result, sv_error *error)
{
    svi_arm_spec arm = *r->job.arm;
    svi_job job = r->job;
    arm.train.max_iterations = max_iterations;
    job.arm = &arm;
    return r->backend->ops->launch(r->backend, &job, &r->run, 1, result, NULL, r->predictions,
                                   r->parameters, error);
}

static sv_status write_run(rig *r, bool has_rows, sv_error *error)
{
    svi_run_result result;
    json_t *line = has_rows ? rows_json(r->data) : json_object();
    sv_status status = cluster(r, 0, &result, error);
    if (status == SV_OK) {
        json_object_set_new(line, "start", centres_json(r));
        status = cluster(r, r->job.arm->train.max_iterations, &result, error);
    }
    if (status == SV_OK) {
        json_t *facts = json_pack(
            "{s:s, s:s, s:I, s:i, s:o, s:o, s:f, s:f, s:f, s:f}", "arm", r->job.arm->name,
            "precision", r->job.numerics->precision == SVK_PRECISION_FP64 ? "fp64" : "fp32",
            "max_iterations", (json_int_t)r->job.arm->train.max_iterations, "n_clusters",
            r->job.arm->model.n_clusters, "centres", centres_json(r), "test_clusters",
            predictions_json(r), "inertia", result.metric[SVK_METRIC_INERTIA], "test_inertia",
            result.metric[SVK_METRIC_TEST_INERTIA], "steps", result.metric[SVK_METRIC_STEPS],
            "empty_clusters", result.metric[SVK_METRIC_EMPTY_CLUSTERS]);
        json_object_update_new(line, facts);
        if (json_dumpf(line, stdout, JSON_REAL_PRECISION(17) | JSON_COMPACT) != 0)
            status = svi_fail(error, SV_ERR_IO, "stdout: cannot be written");
        putchar('\n');
    }
    json_decref(line);
    return status;
}

static sv_status write_planned(rig *r, const sv_study *study, bool has_rows, sv_error *error)
{
    r->job = svi_study_job(study, r->run.arm, r->run.numerics);
    r->n_parameters = svi_job_n_parameters(&r->job);
    SVI_TRY(svi_instance_make(r->job.dataset, svi_instance_seeds_of(r->job.dataset, r->run.seed),
                              r->job.numerics->precision, &r->data, error));
    r->parameters = calloc(r->n_parameters, sizeof *r->parameters);
    r->predictions = calloc(r->data->n_test + 1, 1);
    sv_status status = r->parameters != NULL && r->predictions != NULL
                           ? write_run(r, has_rows, error)
                           : svi_fail_memory(error, r->n_parameters, "centres");
    free(r->parameters);
    free(r->predictions);
    svi_instance_free(r->data);
    return status;
}

static sv_status write_runs(sv_study *study, sv_error *error)
{
    const svi_backend_options on_cpu = {.device = "cpu", .n_threads = 1};
    rig r = {0};
    uint64_t block_end = 0;
    SVI_TRY(svi_study_open_data(study, error));
    SVI_TRY(svi_study_open_backend(study, &on_cpu, &r.backend, error));
    sv_status status = SV_OK;
    for (uint64_t i = 0; status == SV_OK && i < svi_plan_n_runs(study->spec); i++) {
        bool has_rows = i >= block_end;
        svi_plan_run(study->spec, i, &r.run);
        block_end = svi_plan_block_end(study->spec, i);
        status = write_planned(&r, study, has_rows, error);
    }
    r.backend->ops->close(r.backend);
    return status;
}

int main(int argc, char **argv)
{
    sv_error error = {0};
    sv_study *study;
    if (argc != 2) {
        fprintf(stderr, "usage: export_clusters STUDY\n");
        return sv_status_exit_code(SV_ERR_USAGE);
    }
    sv_status status = sv_study_open(argv[1], NULL, 0, &study, &error);
    if (status == SV_OK) {
        status = write_runs(study, &error);
        sv_study_close(study);
    }
    if (status != SV_OK) fprintf(stderr, "export_clusters: %s\n", error.message);
    return sv_status_exit_code(status);
}
