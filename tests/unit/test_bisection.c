/* One run of a store on two devices, one of which moves a parameter after some step: the search
 * finds the step and the parameter, and which of the two has the store's bits. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bisect/bisection.h"

enum { STEP = 37, PARAMETER = 11, RUN = 2 };

static const char study_text[] =
    "study: bisected\n"
    "data: {set: iris, standardize: true}\n"
    "model: {kind: mlp, hidden: [5]}\n"
    "train: {loss: cross_entropy, optimizer: {lr: 0.1}, batch_size: 16, steps: 60}\n"
    "design: {kind: sweep, seeds: 3}\n"
    "record: {checkpoints: [0, 32, 60], curves: full}\n";

/* A CPU with a fault. */
typedef struct faulty_backend {
    svi_backend base;
    svi_backend *cpu;
} faulty_backend;

static sv_status faulty_supports(const svi_backend *backend, const svi_job *job, sv_error *error)
{
    const faulty_backend *self = (const faulty_backend *)backend;
    return self->cpu->ops->supports(self->cpu, job, error);
}

static sv_status faulty_launch(svi_backend *backend, const svi_job *job, const svi_run *runs,
                               size_t n, svi_run_result *results, svi_run_result *curves,
                               uint8_t *predictions, double *parameters, sv_error *error)
{
    const faulty_backend *self = (const faulty_backend *)backend;
    svi_numerics_spec numerics = *job->numerics;
    svi_job moved = *job;
    numerics.probe_ulps = 1;
    numerics.probe_step = STEP;
    numerics.probe_parameter = PARAMETER;
    numerics.probe_seed = UINT64_MAX;
    moved.numerics = &numerics;
    return self->cpu->ops->launch(self->cpu, &moved, runs, n, results, curves, predictions,
                                  parameters, error);
}

static const svi_backend_ops faulty_ops = {
    .name = "faulty", .supports = faulty_supports, .launch = faulty_launch};

static void make_store(const char *folder, char store[200])
{
    char path[200];
    sv_study *study = NULL;
    sv_run_summary summary;
    sv_error error = {0};
    snprintf(path, sizeof path, "%s/study.yaml", folder);
    snprintf(store, 200, "%s/study.db", folder);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(study_text, file), 0);
    fclose(file);
    cr_assert_eq(sv_study_open(path, NULL, 0, &study, &error), SV_OK, "%s", error.message);
    sv_run_options options = {.store_path = store, .device = "cpu", .n_threads = 1};
    cr_assert_eq(sv_run(study, &options, &summary, &error), SV_OK, "%s", error.message);
    sv_study_close(study);
}

static void choose(svi_bisected_run *run, const char *store, svi_backend *backend)
{
    sv_error error = {0};
    sv_status status = svi_bisected_run_open(run, store, NULL, &error);
    if (status == SV_OK) status = svi_bisected_run_choose(run, backend, RUN, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
}

static void must_find(svi_bisection *s)
{
    sv_error error = {0};
    cr_assert_eq(svi_bisection_search(s, &error), SV_OK, "%s", error.message);
    cr_assert(s->is_parted);
    cr_expect_eq(s->step, STEP);
    cr_expect_eq(s->parting.n_different, 1);
    cr_expect_eq(s->parting.parameter, PARAMETER);
    cr_expect_eq(s->parting.ulps, 1);
}

Test(bisection, of_one_run_on_two_devices)
{
    char folder[] = "/tmp/seedvar-test-XXXXXX", store[200], remove[300];
    svi_backend_options options = {.device = "cpu", .simd = "auto", .n_threads = 1};
    faulty_backend faulty = {.base = {&faulty_ops}};
    static svi_bisection s;
    cr_assert_not_null(mkdtemp(folder));
    make_store(folder, store);
    cr_assert_eq(svi_backend_open(&options, &faulty.cpu, NULL, NULL), SV_OK);
    choose(&s.a, store, faulty.cpu);
    choose(&s.b, store, &faulty.base);
    must_find(&s);
    cr_expect(s.is_reproduced[0]);
    cr_expect_not(s.is_reproduced[1]);
    cr_expect_eq(s.b.n_checkpoints, 3);
    cr_expect_eq(s.b.equal_step, 32);
    cr_expect_eq(s.b.different_step, 60);
    svi_bisected_run_close(&s.a);
    svi_bisected_run_close(&s.b);
    faulty.cpu->ops->close(faulty.cpu);
    snprintf(remove, sizeof remove, "rm -r %s", folder);
    cr_expect_eq(system(remove), 0);
}
