#include "backend/cpu_work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "backend/job_shape.h"
#include "data/instance.h"
#include "linear_fit.h"

enum { POLY_GROUP = 2048, HUGE_PAGE = 2 << 20 };

sv_status svi_cpu_launch_prepare(svi_cpu_launch *launch, sv_error *error)
{
    const svi_job *job = launch->job;
    launch->n_parameters = svi_job_n_parameters(job);
    if (launch->curves != NULL) {
        launch->n_checkpoints = job->checkpoints->n;
        launch->checkpoint = job->checkpoints->step;
    }
    if (job->arm->model.kind == SVI_MODEL_POLY) {
        svi_job_polynomial(job, &launch->polynomial);
        launch->n_group = POLY_GROUP;
        return SV_OK;
    }
    launch->n_group = (size_t)launch->kernels->n_lanes;
    SVI_TRY(svi_job_net(job, &launch->net, &launch->training, error));
    launch->training.n_checkpoints = launch->n_checkpoints;
    launch->training.checkpoint = launch->checkpoint;
    return SV_OK;
}

sv_status svi_cpu_launch_status(const svi_cpu_launch *launch, sv_error *error)
{
    if (launch->failed != SV_OK && error != NULL) *error = launch->error;
    return (sv_status)launch->failed;
}

/* The first failure is kept; it ends the work of every thread. */
static void fail_launch(svi_cpu_launch *launch, const sv_error *why)
{
    int none = SV_OK;
    if (atomic_compare_exchange_strong(&launch->failed, &none, (int)why->status))
        launch->error = *why;
}

/* ---- one thread's belongings ---- */

typedef struct instance_slot {
    uint64_t seed_data, seed_split;
    svi_instance *instance;
    size_t last_group; /* 1 + first run of the group that used it last */
} instance_slot;

typedef struct crew {
    svi_cpu_launch *launch;
    void *workspace;
    double *design;  /* closed form: [n_parameters + 1][n_train], target last */
    double *initial; /* closed form: [n_lanes][n_parameters] */
    instance_slot slot[SVK_MAX_LANES];
} crew;

static void *allocate_workspace(size_t size_bytes)
{
    size_t rounded = (size_bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *p = aligned_alloc(HUGE_PAGE, rounded);
    if (p != NULL) madvise(p, rounded, MADV_HUGEPAGE);
    return p;
}

static bool needs_fit(const svi_cpu_launch *launch)
{
    return launch->job->arm->model.is_closed_form;
}

static sv_status crew_begin(crew *c, svi_cpu_launch *launch, sv_error *error)
{
    memset(c, 0, sizeof *c);
    c->launch = launch;
    size_t size = launch->kernels->mlp_workspace_size(&launch->net, &launch->training);
    c->workspace = allocate_workspace(size);
    if (c->workspace == NULL) return svi_fail_memory(error, size, "the networks of one thread");
    if (!needs_fit(launch)) return SV_OK;
    size_t n_design = (launch->n_parameters + 1) * launch->training.n_train;
    c->design = malloc(n_design * sizeof *c->design);
    c->initial = malloc(SVK_MAX_LANES * launch->n_parameters * sizeof *c->initial);
    if (c->design == NULL || c->initial == NULL)
        return svi_fail_memory(error, n_design * sizeof *c->design, "a closed-form fit");
    return SV_OK;
}

static void crew_end(crew *c)
{
    for (int i = 0; i < SVK_MAX_LANES; i++) svi_instance_free(c->slot[i].instance);
    free(c->workspace);
    free(c->design);
    free(c->initial);
}

/* The instance of a run: one that an earlier lane or group made, or a new one in a slot that this
 * group does not use. */
static sv_status find_instance(crew *c, const svi_run *run, size_t group, const svi_instance **out,
                               sv_error *error)
{
    uint64_t seed_data = run->seed[SVK_SOURCE_DATA], seed_split = run->seed[SVK_SOURCE_SPLIT];
    instance_slot *free_slot = NULL;
    for (int i = 0; i < SVK_MAX_LANES; i++) {
        instance_slot *s = &c->slot[i];
        if (s->instance != NULL && s->seed_data == seed_data && s->seed_split == seed_split) {
            s->last_group = group;
            *out = s->instance;
            return SV_OK;
        }
        if (s->last_group != group && (free_slot == NULL || s->last_group < free_slot->last_group))
            free_slot = s;
    }
    svi_instance_free(free_slot->instance);
    free_slot->instance = NULL;
    SVI_TRY(svi_instance_make(c->launch->job->dataset, seed_data, seed_split,
                              c->launch->job->numerics->precision, &free_slot->instance, error));
    free_slot->seed_data = seed_data;
    free_slot->seed_split = seed_split;
    free_slot->last_group = group;
    *out = free_slot->instance;
    return SV_OK;
}

/* Coefficients of least squares on the training rows; the intercept's column comes first in the
 * fit. */
static void fit_closed_form(const crew *c, const svi_instance *data, double *initial)
{
    const svk_net *net = &c->launch->net;
    size_t n_rows = data->n_train;
    int n_features = data->n_features, n_columns = n_features + net->has_bias;
    double *column = c->design, *y = c->design + (size_t)n_columns * n_rows;
    for (size_t i = 0; net->has_bias && i < n_rows; i++) *column++ = 1.0;
    for (int f = 0; f < n_features; f++)
        for (size_t i = 0; i < n_rows; i++) {
            size_t at = i * (size_t)data->ld + (size_t)f;
            *column++ = data->precision == SVK_PRECISION_FP32 ? (double)((float *)data->x)[at]
                                                              : ((double *)data->x)[at];
        }
    for (size_t i = 0; i < n_rows; i++) y[i] = data->target[i];
    svk_linear_fit(c->design, y, (int64_t)n_rows, n_columns, initial);
    if (!net->has_bias) return;
    double intercept = initial[0];
    for (int f = 0; f < n_features; f++) initial[f] = initial[f + 1];
    initial[n_features] = intercept;
}

static sv_status fill_lane(crew *c, size_t group, size_t at, int lane, svk_lane *out,
                           sv_error *error)
{
    svi_cpu_launch *launch = c->launch;
    const svi_run *run = &launch->runs[at];
    const svi_instance *data;
    SVI_TRY(find_instance(c, run, group, &data, error));
    *out = (svk_lane){.seed_init = run->seed[SVK_SOURCE_INIT],
                      .seed_order = run->seed[SVK_SOURCE_ORDER],
                      .seed_schedule = svi_job_schedule_seed(run),
                      .x = data->x,
                      .y = data->y,
                      .label = data->label,
                      .target = data->target};
    if (launch->curves != NULL) out->curve = launch->curves + at * launch->n_checkpoints;
    if (launch->predictions != NULL)
        out->predictions = launch->predictions + at * launch->training.n_test;
    if (launch->parameters != NULL)
        out->parameters = launch->parameters + at * launch->n_parameters;
    if (needs_fit(launch)) {
        double *initial = c->initial + (size_t)lane * launch->n_parameters;
        fit_closed_form(c, data, initial);
        out->initial = initial;
    }
    return SV_OK;
}

/* Lanes beyond the last run repeat the first one and are thrown away. */
static sv_status train_group(crew *c, size_t first, size_t n, sv_error *error)
{
    svi_cpu_launch *launch = c->launch;
    svk_lane lane[SVK_MAX_LANES];
    svk_result result[SVK_MAX_LANES];
    for (int l = 0; l < launch->kernels->n_lanes; l++) {
        if ((size_t)l < n) {
            SVI_TRY(fill_lane(c, first + 1, first + (size_t)l, l, &lane[l], error));
        } else {
            lane[l] = lane[0];
            lane[l].predictions = NULL;
            lane[l].curve = NULL;
            lane[l].parameters = NULL;
        }
    }
    launch->kernels->mlp_train(&launch->net, &launch->training, lane, c->workspace, result);
    memcpy(launch->results + first, result, n * sizeof *result);
    return SV_OK;
}

static void descend_group(svi_cpu_launch *launch, size_t first, size_t n)
{
    double x[POLY_GROUP] = {0};
    const svk_polynomial *p = &launch->polynomial;
    svk_polynomial part = *p; /* from one checkpoint to the next */
    uint64_t done = 0;
    for (size_t i = 0; i < n; i++)
        x[i] = svi_job_poly_start(launch->job, p, launch->runs[first + i].seed[SVK_SOURCE_INIT]);
    for (size_t c = 0; c < launch->n_checkpoints; c++) {
        part.n_steps = launch->checkpoint[c] - done;
        done = launch->checkpoint[c];
        launch->kernels->poly_descend(&part, x, n, x);
        for (size_t i = 0; i < n; i++)
            svi_job_poly_result(launch->job, p, x[i], done,
                                &launch->curves[(first + i) * launch->n_checkpoints + c]);
    }
    part.n_steps = p->n_steps - done;
    launch->kernels->poly_descend(&part, x, n, x);
    for (size_t i = 0; i < n; i++) {
        svi_job_poly_result(launch->job, p, x[i], p->n_steps, &launch->results[first + i]);
        if (launch->parameters != NULL) launch->parameters[first + i] = x[i];
    }
}

/* The next group, or n = 0. */
static size_t take_group(svi_cpu_launch *launch, size_t *n)
{
    size_t first = atomic_fetch_add(&launch->next, launch->n_group);
    *n = first >= launch->n_runs || launch->failed != SV_OK ? 0
         : launch->n_runs - first < launch->n_group         ? launch->n_runs - first
                                                            : launch->n_group;
    return first;
}

void svi_cpu_work(svi_cpu_launch *launch)
{
    size_t n;
    if (launch->job->arm->model.kind == SVI_MODEL_POLY) {
        for (size_t first = take_group(launch, &n); n > 0; first = take_group(launch, &n))
            descend_group(launch, first, n);
        return;
    }
    crew c;
    sv_error why = {0};
    sv_status status = crew_begin(&c, launch, &why);
    while (status == SV_OK) {
        size_t first = take_group(launch, &n);
        if (n == 0) break;
        status = train_group(&c, first, n, &why);
    }
    if (status != SV_OK) fail_launch(launch, &why);
    crew_end(&c);
}
