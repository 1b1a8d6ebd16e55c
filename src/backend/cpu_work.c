#include "backend/cpu_work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "backend/cpu_kmeans.h"
#include "backend/job_shape.h"
#include "linear_fit.h"

enum { POLY_GROUP = 2048, HUGE_PAGE = 2 << 20 };

sv_status svi_cpu_launch_prepare(svi_cpu_launch *launch, int n_threads, sv_error *error)
{
    const svi_job *job = launch->job;
    launch->n_parameters = svi_job_n_parameters(job);
    if (job->arm->model.kind == SVI_MODEL_POLY) {
        svi_job_polynomial(job, &launch->polynomial);
        launch->n_group = POLY_GROUP;
        return SV_OK;
    }
    if (job->arm->model.kind == SVI_MODEL_KMEANS) {
        launch->n_group = SVI_KMEANS_GROUP;
        return svi_job_kmeans(job, &launch->kmeans, error);
    }
    launch->n_group = (size_t)launch->kernels->n_lanes;
    SVI_TRY(svi_job_net(job, &launch->net, &launch->training, error));
    return svi_cpu_instances_start(&launch->instances, job->dataset,
                                   SVK_KEPT_PRECISION(job->numerics->precision), n_threads,
                                   launch->kernels->n_lanes, svi_cpu_instances_budget(), error);
}

void svi_cpu_launch_clear(svi_cpu_launch *launch) { svi_cpu_instances_clear(&launch->instances); }

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

typedef struct crew {
    svi_cpu_launch *launch;
    void *workspace;
    double *design;  /* closed form: [n_parameters + 1][n_train], target last */
    double *initial; /* closed form: [n_lanes][n_parameters] */
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
    free(c->workspace);
    free(c->design);
    free(c->initial);
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

static void fill_lane(const crew *c, size_t at, const svi_instance *data, int lane, svk_lane *out)
{
    const svi_cpu_launch *launch = c->launch;
    const svi_run *run = &launch->runs[at];
    *out = (svk_lane){.seed_init = run->seed[SVK_SOURCE_INIT],
                      .seed_order = run->seed[SVK_SOURCE_ORDER],
                      .seed_schedule = svi_job_schedule_seed(run),
                      .seed_dropout = run->seed[SVK_SOURCE_DROPOUT],
                      .x = data->x,
                      .y = data->y,
                      .label = data->label,
                      .target = data->target};
    if (launch->predictions != NULL)
        out->predictions = launch->predictions + at * launch->training.n_test;
    if (launch->parameters != NULL)
        out->parameters = launch->parameters + at * launch->n_parameters;
    if (needs_fit(launch)) {
        double *initial = c->initial + (size_t)lane * launch->n_parameters;
        fit_closed_form(c, data, initial);
        out->initial = initial;
    }
}

/* Trains runs at[0 .. n-1], whose instances have equally many test rows. Lanes beyond the last run
 * repeat the first one and are thrown away. */
static void train_lanes(const crew *c, const size_t *at, const svi_instance *const *data, int n)
{
    svi_cpu_launch *launch = c->launch;
    svk_lane lane[SVK_MAX_LANES];
    svk_result result[SVK_MAX_LANES];
    svk_training training = launch->training;
    training.n_test = (uint32_t)data[0]->n_test;
    for (int l = 0; l < launch->kernels->n_lanes; l++) {
        if (l < n) {
            fill_lane(c, at[l], data[l], l, &lane[l]);
        } else {
            lane[l] = lane[0];
            lane[l].predictions = NULL;
            lane[l].parameters = NULL;
        }
    }
    memset(result, 0, sizeof result);
    launch->kernels->mlp_train(&launch->net, &training, lane, c->workspace, result);
    for (int l = 0; l < n; l++) launch->results[at[l]] = result[l];
}

/* Trains n runs from `first`, whose instances are held: together those with equally many test rows.
 */
static void train_held(const crew *c, size_t first, const svi_instance *const *data, int n)
{
    bool is_done[SVK_MAX_LANES] = {false};
    for (int i = 0; i < n; i++) {
        size_t at[SVK_MAX_LANES];
        const svi_instance *together[SVK_MAX_LANES] = {NULL};
        int n_together = 0;
        if (is_done[i]) continue;
        for (int j = i; j < n; j++) {
            if (is_done[j] || data[j]->n_test != data[i]->n_test) continue;
            at[n_together] = first + (size_t)j;
            together[n_together++] = data[j];
            is_done[j] = true;
        }
        train_lanes(c, at, together, n_together);
    }
}

/* Takes the instances of up to n runs from `first`, as far as they may be held at once. */
static sv_status take_instances(const crew *c, size_t first, size_t n, const svi_instance **data,
                                int *n_taken, sv_error *error)
{
    svi_cpu_launch *launch = c->launch;
    svi_instance_seeds seeds[SVK_MAX_LANES];
    size_t n_distinct = 0;
    *n_taken = 0;
    for (size_t i = 0; i < n; i++) {
        seeds[i] = svi_instance_seeds_of(launch->job->dataset, launch->runs[first + i].seed);
        bool is_new = true;
        for (size_t j = 0; j < i; j++)
            is_new = is_new && !svi_instance_seeds_are_equal(seeds[i], seeds[j]);
        n_distinct += is_new;
        if (n_distinct > launch->instances.n_at_once) break;
        SVI_TRY(svi_cpu_instances_take(&launch->instances, seeds[i], &data[i], error));
        ++*n_taken;
    }
    return SV_OK;
}

static sv_status train_group(const crew *c, size_t first, size_t n, sv_error *error)
{
    for (size_t done = 0; done < n;) {
        const svi_instance *data[SVK_MAX_LANES];
        int n_taken;
        sv_status status = take_instances(c, first + done, n - done, data, &n_taken, error);
        if (status == SV_OK) train_held(c, first + done, data, n_taken);
        for (int i = 0; i < n_taken; i++) svi_cpu_instances_release(&c->launch->instances, data[i]);
        SVI_TRY(status);
        done += (size_t)n_taken;
    }
    return SV_OK;
}

static void descend_group(svi_cpu_launch *launch, size_t first, size_t n)
{
    double x[POLY_GROUP] = {0};
    const svk_polynomial *p = &launch->polynomial;
    for (size_t i = 0; i < n; i++)
        x[i] = svi_job_poly_start(launch->job, p, launch->runs[first + i].seed[SVK_SOURCE_INIT]);
    launch->kernels->poly_descend(p, x, n, x);
    for (size_t i = 0; i < n; i++) {
        svi_job_poly_result(launch->job, p, x[i], &launch->results[first + i]);
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

static void work_on_kmeans(svi_cpu_launch *launch)
{
    svi_kmeans_crew *kmeans;
    sv_error why = {0};
    size_t n = 1;
    sv_status status = svi_kmeans_crew_open(launch, &kmeans, &why);
    while (status == SV_OK && n > 0) {
        size_t first = take_group(launch, &n);
        status = svi_kmeans_crew_cluster(kmeans, first, n, &why);
    }
    if (status != SV_OK) fail_launch(launch, &why);
    svi_kmeans_crew_close(kmeans);
}

void svi_cpu_work(svi_cpu_launch *launch)
{
    size_t n;
    if (launch->job->arm->model.kind == SVI_MODEL_POLY) {
        for (size_t first = take_group(launch, &n); n > 0; first = take_group(launch, &n))
            descend_group(launch, first, n);
        return;
    }
    if (launch->job->arm->model.kind == SVI_MODEL_KMEANS) {
        work_on_kmeans(launch);
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
