#include "backend/cpu_work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "backend/cpu_kmeans.h"
#include "backend/job_shape.h"

enum { POLY_GROUP = 2048, CURVE_GROUP = 64, HUGE_PAGE = 2 << 20 };
/* Tables that are so large in every lane that memory sets the pace are fitted one at a time. */
enum { FIT_BYTES_MAX = 256 << 20 };

static bool is_fit(const svi_cpu_launch *launch) { return launch->job->arm->model.is_closed_form; }

static size_t workspace_size(const svi_cpu_launch *launch)
{
    const svk_cpu_kernels *k = launch->kernels;
    return is_fit(launch) ? k->fit_workspace_size(&launch->net, &launch->training)
                          : k->mlp_workspace_size(&launch->net, &launch->training);
}

/* Chooses the kernels, and the rows to fit: split already, or as they are for the kernel to split.
 */
static void prepare_fit(svi_cpu_launch *launch)
{
    const svi_job *job = launch->job;
    if (workspace_size(launch) > FIT_BYTES_MAX)
        launch->kernels = svk_cpu_kernels_find("plain", job->numerics->precision);
    if (!svi_instance_is_only_shuffled(job->dataset)) return;
    launch->n_split = (uint32_t)job->dataset->n_rows;
    launch->rows = svi_instance_unsplit(job->dataset);
}

sv_status svi_cpu_launch_prepare(svi_cpu_launch *launch, int n_threads, sv_error *error)
{
    const svi_job *job = launch->job;
    launch->n_parameters = svi_job_n_parameters(job);
    if (launch->curves != NULL || launch->kept != NULL || launch->reference != NULL) {
        launch->n_checkpoints = job->checkpoints->n;
        launch->checkpoint = job->checkpoints->step;
    }
    if (job->arm->model.kind == SVI_MODEL_POLY) {
        svi_job_polynomial(job, &launch->polynomial);
        launch->n_group = POLY_GROUP;
        return SV_OK;
    }
    if (job->arm->model.kind == SVI_MODEL_KMEANS) {
        launch->n_group = SVI_KMEANS_GROUP;
        return svi_job_kmeans(job, &launch->kmeans, error);
    }
    SVI_TRY(svi_job_net(job, &launch->net, &launch->training, error));
    launch->training.n_checkpoints = launch->n_checkpoints;
    launch->training.checkpoint = launch->checkpoint;
    launch->rows = *job->dataset;
    if (is_fit(launch)) prepare_fit(launch);
    launch->n_group = (size_t)launch->kernels->n_lanes;
    return svi_cpu_instances_start(&launch->instances, &launch->rows,
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
} crew;

static size_t in_huge_pages(size_t size_bytes)
{
    return (size_bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

uint64_t svi_cpu_launch_bytes(const svi_cpu_launch *launch, int n_threads, uint64_t n_tables)
{
    int kind = launch->job->arm->model.kind, precision = launch->job->numerics->precision;
    uint64_t n_workers = (launch->n_runs + launch->n_group - 1) / launch->n_group;
    if (n_workers > (uint64_t)n_threads) n_workers = (uint64_t)n_threads;
    if (kind == SVI_MODEL_POLY) return 0;
    if (kind == SVI_MODEL_KMEANS) return n_workers * svi_kmeans_crew_bytes(launch, n_tables);
    if (n_tables > launch->instances.n_slots) n_tables = launch->instances.n_slots;
    return n_workers * in_huge_pages(workspace_size(launch)) +
           n_tables * svi_instance_size_bytes(&launch->rows, SVK_KEPT_PRECISION(precision));
}

static void *allocate_workspace(size_t size_bytes)
{
    size_t rounded = in_huge_pages(size_bytes);
    void *p = aligned_alloc(HUGE_PAGE, rounded);
    if (p != NULL) madvise(p, rounded, MADV_HUGEPAGE);
    return p;
}

static sv_status crew_begin(crew *c, svi_cpu_launch *launch, sv_error *error)
{
    size_t size = workspace_size(launch);
    *c = (crew){.launch = launch, .workspace = allocate_workspace(size)};
    if (c->workspace == NULL) return svi_fail_memory(error, size, "the models of one thread");
    return SV_OK;
}

static void crew_end(crew *c) { free(c->workspace); }

static void fill_lane(const crew *c, size_t at, const svi_instance *data, svk_lane *out)
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
    if (launch->curves != NULL) out->curve = launch->curves + at * launch->n_checkpoints;
    if (launch->predictions != NULL)
        out->predictions = launch->predictions + at * launch->training.n_test;
    if (launch->parameters != NULL)
        out->parameters = launch->parameters + at * launch->n_parameters;
    if (launch->kept != NULL) out->kept = launch->kept[at];
    if (launch->reference != NULL) {
        out->reference = &launch->reference->trace[launch->reference->seeds_of[at]];
        out->distance = launch->job->distances + at * launch->n_checkpoints;
    }
    const svi_arrivals *arrivals = launch->job->arrivals;
    if (arrivals != NULL && arrivals->is_replayed)
        out->arrivals = arrivals->word + at * arrivals->n_words;
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
            fill_lane(c, at[l], data[l], &lane[l]);
        } else {
            lane[l] = lane[0];
            lane[l].predictions = NULL;
            lane[l].curve = NULL;
            lane[l].parameters = NULL;
            lane[l].kept = (svk_trace){NULL, NULL, NULL};
            lane[l].reference = NULL;
        }
    }
    launch->kernels->mlp_train(&launch->net, &training, lane, c->workspace, result);
    for (int l = 0; l < n; l++) launch->results[at[l]] = result[l];
}

/* Trains n runs from `first`, whose instances are held: together those that may be. */
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

/* Fits n runs from `first`, whose instances are held. */
static void fit_held(const crew *c, size_t first, const svi_instance *const *data, int n)
{
    svi_cpu_launch *launch = c->launch;
    svk_fit_lane lane[SVK_MAX_LANES];
    svk_result result[SVK_MAX_LANES];
    uint32_t n_most = launch->training.n_test;
    for (int l = 0; l < n; l++) {
        size_t at = first + (size_t)l;
        lane[l] = (svk_fit_lane){.seed_split = launch->runs[at].seed[SVK_SOURCE_SPLIT],
                                 .n_test = launch->n_split > 0 ? n_most : (uint32_t)data[l]->n_test,
                                 .x = data[l]->x,
                                 .target = data[l]->target};
        if (launch->parameters != NULL)
            lane[l].parameters = launch->parameters + at * launch->n_parameters;
    }
    for (int l = n; l < launch->kernels->n_lanes; l++) {
        lane[l] = lane[0];
        lane[l].parameters = NULL;
    }
    launch->kernels->fit(&launch->net, &launch->training, launch->n_split, lane, c->workspace,
                         result);
    memcpy(launch->results + first, result, (size_t)n * sizeof *result);
    /* a fit takes no steps: whatever checkpoint there is, is its end */
    for (size_t i = 0; i < (size_t)n * launch->n_checkpoints; i++)
        launch->curves[first * launch->n_checkpoints + i] = result[i / launch->n_checkpoints];
}

/* The instances of some runs in a row: data[i] that of run i. */
typedef struct held_instances {
    const svi_instance *data[SVK_MAX_LANES], *distinct[SVK_MAX_LANES];
    int n, n_distinct;
} held_instances;

/* Takes the instances of up to n runs from `first`, as far as they may be held at once. */
static sv_status take_instances(const crew *c, size_t first, size_t n, held_instances *held,
                                sv_error *error)
{
    svi_cpu_launch *launch = c->launch;
    svi_instance_seeds seeds[SVK_MAX_LANES];
    held->n = held->n_distinct = 0;
    for (size_t i = 0; i < n; i++, held->n++) {
        size_t same = 0;
        seeds[i] = svi_instance_seeds_of(&launch->rows, launch->runs[first + i].seed);
        while (same < i && !svi_instance_seeds_are_equal(seeds[i], seeds[same])) same++;
        if (same < i) {
            held->data[i] = held->data[same];
            continue;
        }
        if ((size_t)held->n_distinct == launch->instances.n_at_once) break;
        SVI_TRY(svi_cpu_instances_take(&launch->instances, seeds[i], &held->data[i], error));
        held->distinct[held->n_distinct++] = held->data[i];
    }
    return SV_OK;
}

static sv_status train_group(const crew *c, size_t first, size_t n, sv_error *error)
{
    for (size_t done = 0; done < n;) {
        held_instances held;
        sv_status status = take_instances(c, first + done, n - done, &held, error);
        if (status == SV_OK && is_fit(c->launch))
            fit_held(c, first + done, held.data, held.n);
        else if (status == SV_OK)
            train_held(c, first + done, held.data, held.n);
        for (int i = 0; i < held.n_distinct; i++)
            svi_cpu_instances_release(&c->launch->instances, held.distinct[i]);
        SVI_TRY(status);
        done += (size_t)held.n;
    }
    return SV_OK;
}

/* x: where n runs from `first` are after the steps of checkpoint c. */
static void measure_descents(const svi_cpu_launch *launch, size_t first, size_t c, const double *x,
                             size_t n)
{
    svk_result result[CURVE_GROUP];
    for (size_t done = 0, more; done < n; done += more) {
        more = n - done < CURVE_GROUP ? n - done : CURVE_GROUP;
        launch->kernels->poly_results(&launch->polynomial, launch->checkpoint[c], x + done, more,
                                      result);
        for (size_t i = 0; i < more; i++)
            launch->curves[(first + done + i) * launch->n_checkpoints + c] = result[i];
    }
}

/* From the starts in x to the ends, by way of the checkpoints. */
static void descend(const svi_cpu_launch *launch, size_t first, double *x, size_t n)
{
    svk_polynomial part = launch->polynomial; /* from one checkpoint to the next */
    uint64_t done = 0;
    for (size_t c = 0; c < launch->n_checkpoints; c++) {
        part.n_steps = launch->checkpoint[c] - done;
        done = launch->checkpoint[c];
        launch->kernels->poly_descend(&part, x, n, x);
        measure_descents(launch, first, c, x, n);
    }
    part.n_steps = launch->polynomial.n_steps - done;
    launch->kernels->poly_descend(&part, x, n, x);
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
    descend(launch, first, x, n);
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
