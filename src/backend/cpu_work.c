#include "backend/cpu_work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "backend/job_shape.h"
#include "data/instance.h"

enum { POLY_GROUP = 2048, HUGE_PAGE = 2 << 20 };
/* Tables that are so large in every lane that memory sets the pace are fitted one at a time. */
enum { FIT_BYTES_MAX = 256 << 20 };

static bool is_fit(const svi_cpu_launch *launch) { return launch->job->arm->model.is_closed_form; }

static size_t workspace_size(const svi_cpu_launch *launch)
{
    const svk_cpu_kernels *k = launch->kernels;
    return is_fit(launch) ? k->fit_workspace_size(&launch->net, &launch->training)
                          : k->mlp_workspace_size(&launch->net, &launch->training);
}

sv_status svi_cpu_launch_prepare(svi_cpu_launch *launch, sv_error *error)
{
    const svi_job *job = launch->job;
    launch->n_parameters = svi_job_n_parameters(job);
    if (job->arm->model.kind == SVI_MODEL_POLY) {
        svi_job_polynomial(job, &launch->polynomial);
        launch->n_group = POLY_GROUP;
        return SV_OK;
    }
    SVI_TRY(svi_job_net(job, &launch->net, &launch->training, error));
    if (is_fit(launch) && workspace_size(launch) > FIT_BYTES_MAX)
        launch->kernels = svk_cpu_kernels_find("plain", job->numerics->precision);
    if (is_fit(launch) && svi_instance_is_only_shuffled(job->dataset))
        launch->n_split = (uint32_t)job->dataset->n_rows;
    launch->n_group = (size_t)launch->kernels->n_lanes;
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
    instance_slot slot[SVK_MAX_LANES];
} crew;

static void *allocate_workspace(size_t size_bytes)
{
    size_t rounded = (size_bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *p = aligned_alloc(HUGE_PAGE, rounded);
    if (p != NULL) madvise(p, rounded, MADV_HUGEPAGE);
    return p;
}

static sv_status crew_begin(crew *c, svi_cpu_launch *launch, sv_error *error)
{
    size_t size = workspace_size(launch);
    memset(c, 0, sizeof *c);
    c->launch = launch;
    c->workspace = allocate_workspace(size);
    if (c->workspace == NULL) return svi_fail_memory(error, size, "the models of one thread");
    return SV_OK;
}

static void crew_end(crew *c)
{
    for (int i = 0; i < SVK_MAX_LANES; i++) svi_instance_free(c->slot[i].instance);
    free(c->workspace);
}

/* Split as the run asks, or unsplit where the kernel draws the split. */
static sv_status make_instance(const svi_cpu_launch *launch, uint64_t seed_data,
                               uint64_t seed_split, svi_instance **instance, sv_error *error)
{
    const svi_dataset *dataset = launch->job->dataset;
    int precision = launch->job->numerics->precision;
    if (launch->n_split > 0)
        return svi_instance_make_unsplit(dataset, seed_data, precision, instance, error);
    return svi_instance_make(dataset, seed_data, seed_split, precision, instance, error);
}

/* The instance of a run: one that an earlier lane or group made, or a new one in a slot that this
 * group does not use. */
static sv_status find_instance(crew *c, const svi_run *run, size_t group, const svi_instance **out,
                               sv_error *error)
{
    uint64_t seed_data = run->seed[SVK_SOURCE_DATA];
    uint64_t seed_split = c->launch->n_split > 0 ? 0 : run->seed[SVK_SOURCE_SPLIT];
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
    SVI_TRY(make_instance(c->launch, seed_data, seed_split, &free_slot->instance, error));
    free_slot->seed_data = seed_data;
    free_slot->seed_split = seed_split;
    free_slot->last_group = group;
    *out = free_slot->instance;
    return SV_OK;
}

static sv_status fill_lane(crew *c, size_t group, size_t at, svk_lane *out, sv_error *error)
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
    if (launch->predictions != NULL)
        out->predictions = launch->predictions + at * launch->training.n_test;
    if (launch->parameters != NULL)
        out->parameters = launch->parameters + at * launch->n_parameters;
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
            SVI_TRY(fill_lane(c, first + 1, first + (size_t)l, &lane[l], error));
        } else {
            lane[l] = lane[0];
            lane[l].predictions = NULL;
            lane[l].parameters = NULL;
        }
    }
    memset(result, 0, sizeof result);
    launch->kernels->mlp_train(&launch->net, &launch->training, lane, c->workspace, result);
    memcpy(launch->results + first, result, n * sizeof *result);
    return SV_OK;
}

static sv_status fit_group(crew *c, size_t first, size_t n, sv_error *error)
{
    svi_cpu_launch *launch = c->launch;
    svk_fit_lane lane[SVK_MAX_LANES];
    svk_result result[SVK_MAX_LANES];
    for (size_t l = 0; l < n; l++) {
        const svi_run *run = &launch->runs[first + l];
        const svi_instance *data;
        SVI_TRY(find_instance(c, run, first + 1, &data, error));
        lane[l] = (svk_fit_lane){.seed_split = run->seed[SVK_SOURCE_SPLIT],
                                 .n_test = launch->n_split > 0 ? launch->training.n_test
                                                               : (uint32_t)data->n_test,
                                 .x = data->x,
                                 .target = data->target};
        if (launch->parameters != NULL)
            lane[l].parameters = launch->parameters + (first + l) * launch->n_parameters;
    }
    for (size_t l = n; l < (size_t)launch->kernels->n_lanes; l++) {
        lane[l] = lane[0];
        lane[l].parameters = NULL;
    }
    launch->kernels->fit(&launch->net, &launch->training, launch->n_split, lane, c->workspace,
                         result);
    memcpy(launch->results + first, result, n * sizeof *result);
    return SV_OK;
}

static void descend_group(svi_cpu_launch *launch, size_t first, size_t n)
{
    double x[POLY_GROUP];
    uint64_t seed[POLY_GROUP];
    const svk_polynomial *p = &launch->polynomial;
    const svk_cpu_kernels *kernels = launch->kernels;
    for (size_t i = 0; i < n; i++) seed[i] = launch->runs[first + i].seed[SVK_SOURCE_INIT];
    if (launch->job->arm->model.n_starts > 0)
        for (size_t i = 0; i < n; i++) x[i] = svi_job_poly_start(launch->job, seed[i]);
    else
        kernels->poly_start(p, seed, n, x);
    kernels->poly_descend(p, x, n, x);
    kernels->poly_results(p, p->n_steps, x, n, launch->results + first);
    if (launch->parameters != NULL) memcpy(launch->parameters + first, x, n * sizeof *x);
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
        status = is_fit(launch) ? fit_group(&c, first, n, &why) : train_group(&c, first, n, &why);
    }
    if (status != SV_OK) fail_launch(launch, &why);
    crew_end(&c);
}
