/* Makes a store of a study whose runs something else has trained.
 *
 * usage: fill_store STUDY STORE METRIC... < VALUES     (VALUES: for every run, in the order of
 * their numbers, one number a METRIC; "nan": the run diverged and has none) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

typedef struct filling {
    sv_study *study;
    svi_store *store;
    int n_metrics, metric[SVK_N_METRICS];
} filling;

static sv_status find_metric(const char *name, int *metric, sv_error *error)
{
    static const char *const names[] = {
#define METRIC_NAME(id, name, better, help) name,
        SVK_METRICS(METRIC_NAME)
#undef METRIC_NAME
    };
    for (*metric = 0; *metric < SVK_N_METRICS; ++*metric)
        if (strcmp(name, names[*metric]) == 0) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE, "%s is no metric of a store", name);
}

static sv_status read_result(const filling *f, const svi_run *run, svi_run_result *result,
                             sv_error *error)
{
    *result = (svi_run_result){.digest = {(uint32_t)run->run}, .status = SVK_RUN_OK};
    for (int i = 0; i < f->n_metrics; i++) {
        double value;
        if (scanf("%lf", &value) != 1)
            return svi_fail(error, SV_ERR_DATA, "run %llu has too few values",
                            (unsigned long long)run->run);
        if (!isfinite(value)) {
            result->status = SVK_RUN_DIVERGED;
            continue;
        }
        result->present |= UINT32_C(1) << f->metric[i];
        result->metric[f->metric[i]] = value;
    }
    return SV_OK;
}

/* A launch holds runs of one arm and numerics. */
static sv_status append_launch(const filling *f, uint64_t first, uint64_t n, sv_error *error)
{
    svi_launch_record record = {.first_run = first, .n_runs = n};
    record.runs = calloc(n, sizeof *record.runs);
    record.results = calloc(n, sizeof *record.results);
    sv_status status = record.runs != NULL && record.results != NULL
                           ? SV_OK
                           : svi_fail_memory(error, n * sizeof *record.results, "runs");
    for (uint64_t i = 0; status == SV_OK && i < n; i++) {
        svi_plan_run(f->study->spec, first + i, &record.runs[i]);
        status = read_result(f, &record.runs[i], &record.results[i], error);
    }
    if (status == SV_OK) status = svi_store_append(f->store, &record, error);
    free(record.runs);
    free(record.results);
    return status;
}

static sv_status fill(filling *f, const char *path, sv_error *error)
{
    const svi_machine machine = {.program_version = "0", .command_line = "fill_store"};
    const svi_study_spec *spec = f->study->spec;
    const char **digests;
    SVI_TRY(svi_study_open_data(f->study, error));
    SVI_TRY(svi_study_data_digests(f->study, &digests, error));
    sv_status status = svi_store_open_write(path, spec, digests, f->study->checkpoints, &machine, 1,
                                            &f->store, error);
    free(digests);
    uint64_t n_runs = svi_plan_n_runs(spec);
    for (uint64_t first = 0, end; status == SV_OK && first < n_runs; first = end) {
        end = svi_plan_block_end(spec, first);
        status = append_launch(f, first, end - first, error);
    }
    svi_store_close(f->store);
    return status;
}

static sv_status fill_from(int argc, char **argv, sv_error *error)
{
    filling f = {.n_metrics = argc - 3};
    if (argc < 4 || f.n_metrics > SVK_N_METRICS)
        return svi_fail(error, SV_ERR_USAGE, "usage: fill_store STUDY STORE METRIC... < VALUES");
    for (int i = 0; i < f.n_metrics; i++) SVI_TRY(find_metric(argv[3 + i], &f.metric[i], error));
    SVI_TRY(sv_study_open(argv[1], NULL, 0, &f.study, error));
    sv_status status = fill(&f, argv[2], error);
    sv_study_close(f.study);
    return status;
}

int main(int argc, char **argv)
{
    sv_error error = {0};
    sv_status status = fill_from(argc, argv, &error);
    if (status != SV_OK) fprintf(stderr, "fill_store: %s\n", error.message);
    return sv_status_exit_code(status);
}
