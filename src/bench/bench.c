/* Peak and jobs in alternating rounds, so that a machine that slows down slows both. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/job_flop.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/version.h"
#include "bench/bench_jobs.h"

enum { MAX_ROUNDS = 1000, DEFAULT_ROUNDS = 5 };
/* Many runs a thread, so that the wait for the last thread of a round does not count. */
#define DEFAULT_ROUND_S 2.0
/* Runs and results of a launch: little enough to stay in the caches, so that short runs measure the
 * training and not the memory. */
enum { LAUNCH_BYTES = 8 << 20 };

typedef struct timing {
    svi_bench_job job;
    svi_dataset *dataset;
    double flop;             /* of a seed's matrix products; 0: not counted */
    uint64_t n_seeds;        /* of a round */
    uint64_t n_launch;       /* seeds sent at a time, the same ones over and over */
    uint64_t n_at_once;      /* seeds that the device trains at a time */
    svi_run *runs;           /* [n_launch] */
    svi_run_result *results; /* [n_launch] */
    double seeds_per_s[MAX_ROUNDS], share[MAX_ROUNDS];
} timing;

typedef struct session {
    svi_backend *backend;
    svi_device_info device;
    int n_rounds, n_jobs;
    timing *jobs[SVI_N_BENCH_JOBS];
    double peak[MAX_ROUNDS]; /* flop a second; 0: the backend cannot tell */
} session;

static svi_job job_of(const timing *t)
{
    return (svi_job){.arm = &t->job.arm, .numerics = &t->job.numerics, .dataset = t->dataset};
}

static sv_status time_round(const session *s, timing *t, double *seconds, sv_error *error)
{
    svi_job job = job_of(t);
    int64_t start_ns = svi_clock_ns();
    for (uint64_t done = 0, n; done < t->n_seeds; done += n) {
        n = t->n_seeds - done < t->n_launch ? t->n_seeds - done : t->n_launch;
        SVI_TRY(s->backend->ops->launch(s->backend, &job, t->runs, n, t->results, NULL, NULL, NULL,
                                        error));
    }
    *seconds = (double)(svi_clock_ns() - start_ns) * 1e-9;
    return SV_OK;
}

static sv_status resize(timing *t, uint64_t n_seeds, uint64_t grain, sv_error *error)
{
    size_t seed_bytes = sizeof *t->runs + sizeof *t->results;
    uint64_t most = LAUNCH_BYTES / seed_bytes > grain ? LAUNCH_BYTES / seed_bytes : grain;
    free(t->runs);
    free(t->results);
    t->n_seeds = n_seeds;
    t->n_launch = n_seeds < most ? n_seeds : most;
    t->runs = malloc(t->n_launch * sizeof *t->runs);
    t->results = malloc(t->n_launch * sizeof *t->results);
    if (t->runs == NULL || t->results == NULL)
        return svi_fail_memory(error, t->n_launch * seed_bytes, "the seeds of a bench");
    for (uint64_t i = 0; i < t->n_launch; i++) svi_plan_run(&t->job.study, i, &t->runs[i]);
    return SV_OK;
}

/* As many seeds as fill about DEFAULT_ROUND_S; this warms up too. */
static sv_status choose_n_seeds(const session *s, timing *t, uint64_t asked, sv_error *error)
{
    svi_job job = job_of(t);
    uint64_t grain, n;
    SVI_TRY(s->backend->ops->grain(s->backend, &job, &grain, error));
    n = asked > 0 ? asked : grain;
    t->n_at_once = grain;
    for (;;) {
        double seconds;
        SVI_TRY(resize(t, n, grain, error));
        SVI_TRY(time_round(s, t, &seconds, error));
        if (asked > 0 || seconds > DEFAULT_ROUND_S / 2) return SV_OK;
        double factor = seconds < DEFAULT_ROUND_S / 16 ? 8 : DEFAULT_ROUND_S / seconds;
        n = (uint64_t)((double)n * factor / (double)grain + 1) * grain;
    }
}

static sv_status add_job(session *s, svi_bench_job_id id, uint64_t n_seeds, sv_error *error)
{
    timing *t = calloc(1, sizeof *t);
    if (t == NULL) return svi_fail_memory(error, sizeof *t, "a bench");
    s->jobs[s->n_jobs++] = t;
    svi_bench_job_make(id, &t->job);
    if (t->job.arm.data.set != SVI_SET_NONE)
        SVI_TRY(svi_dataset_open(&t->job.arm.data, &t->dataset, error));
    svi_job job = job_of(t);
    svi_job_work work;
    SVI_TRY(svi_job_count(&job, &work, error));
    t->flop = work.products;
    SVI_TRY(s->backend->ops->supports(s->backend, &job, error));
    return choose_n_seeds(s, t, n_seeds, error);
}

/* Jobs out of "J1,J2"; NULL means all. */
static sv_status add_jobs(session *s, const char *names, uint64_t n_seeds, sv_error *error)
{
    for (const char *at = names; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, ",");
        if (n != 2 || at[0] != 'J' || at[1] < '1' || at[1] > '0' + SVI_N_BENCH_JOBS)
            return svi_fail(error, SV_ERR_USAGE,
                            "--job %s: '%.*s' is not a job; use J1 to J%d, with commas between",
                            names, (int)n, at, (int)SVI_N_BENCH_JOBS);
        if (s->n_jobs == SVI_N_BENCH_JOBS)
            return svi_fail(error, SV_ERR_USAGE, "--job %s: each job once", names);
        SVI_TRY(add_job(s, (svi_bench_job_id)(at[1] - '1'), n_seeds, error));
        at += n + (at[n] == ',');
    }
    for (int id = 0; names == NULL && id < SVI_N_BENCH_JOBS; id++)
        SVI_TRY(add_job(s, (svi_bench_job_id)id, n_seeds, error));
    return SV_OK;
}

static sv_status measure_peak(const session *s, double *flop_per_s, sv_error *error)
{
    *flop_per_s = 0;
    if (s->backend->ops->peak == NULL) return SV_OK;
    return s->backend->ops->peak(s->backend, SVK_PRECISION_FP32, flop_per_s, error);
}

/* The peak is measured before and after each job; the share is against their mean. */
static sv_status run_round(session *s, int round, sv_error *error)
{
    double before, after, seconds;
    SVI_TRY(measure_peak(s, &before, error));
    s->peak[round] = before;
    for (int j = 0; j < s->n_jobs; j++) {
        timing *t = s->jobs[j];
        SVI_TRY(time_round(s, t, &seconds, error));
        SVI_TRY(measure_peak(s, &after, error));
        t->seeds_per_s[round] = (double)t->n_seeds / seconds;
        t->share[round] =
            before + after > 0 ? t->flop * t->seeds_per_s[round] / ((before + after) / 2) : 0;
        before = after;
    }
    return SV_OK;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct spread {
    double min, median, max;
} spread;

static spread spread_of(const double *values, int n)
{
    double sorted[MAX_ROUNDS];
    memcpy(sorted, values, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    return (spread){sorted[0], median, sorted[n - 1]};
}

static void add_spread(json_t *object, const char *key, const double *values, int n)
{
    spread x = spread_of(values, n);
    char name[64];
    json_object_set_new(object, key, json_real(x.median));
    snprintf(name, sizeof name, "%s_min", key);
    json_object_set_new(object, name, json_real(x.min));
    snprintf(name, sizeof name, "%s_max", key);
    json_object_set_new(object, name, json_real(x.max));
}

static json_t *job_json(const session *s, const timing *t)
{
    json_t *row = json_object();
    json_object_set_new(row, "job", json_string(t->job.name));
    json_object_set_new(row, "what", json_string(t->job.help));
    json_object_set_new(row, "seeds", json_integer((json_int_t)t->n_seeds));
    json_object_set_new(row, "seeds_at_once", json_integer((json_int_t)t->n_at_once));
    add_spread(row, "seeds_per_s", t->seeds_per_s, s->n_rounds);
    json_object_set_new(row, "flop_per_seed", t->flop > 0 ? json_real(t->flop) : json_null());
    double flop_per_s = t->flop * spread_of(t->seeds_per_s, s->n_rounds).median;
    json_object_set_new(row, "flop_per_s", t->flop > 0 ? json_real(flop_per_s) : json_null());
    if (t->flop > 0 && s->peak[0] > 0)
        add_spread(row, "share_of_peak", t->share, s->n_rounds);
    else
        json_object_set_new(row, "share_of_peak", json_null());
    return row;
}

static sv_status bench_json(const session *s, char **text, sv_error *error)
{
    json_t *root = json_object(), *jobs = json_array();
    json_object_set_new(root, "schema", json_string("seedvar.bench/1"));
    json_object_set_new(root, "version", json_string(SVI_VERSION));
    json_object_set_new(root, "commit", json_string(SVI_GIT_COMMIT));
    json_object_set_new(root, "compiler", json_string(SVI_COMPILER));
    json_object_set_new(root, "device", json_string(s->device.name));
    json_object_set_new(root, "device_model", json_string(s->device.model));
    json_object_set_new(root, "device_detail", json_string(s->device.detail));
    json_object_set_new(root, "driver", json_string(s->device.driver));
    json_object_set_new(root, "cuda_runtime", json_string(s->device.cuda_runtime));
    json_object_set_new(root, "rounds", json_integer(s->n_rounds));
    if (s->peak[0] > 0)
        add_spread(root, "peak_flop_per_s", s->peak, s->n_rounds);
    else
        json_object_set_new(root, "peak_flop_per_s", json_null());
    for (int j = 0; j < s->n_jobs; j++) json_array_append_new(jobs, job_json(s, s->jobs[j]));
    json_object_set_new(root, "jobs", jobs);
    char *dumped = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    svi_text out = {0};
    json_decref(root);
    if (dumped == NULL) return svi_fail_memory(error, 0, "the bench's JSON");
    svi_text_add(&out, "%s\n", dumped);
    free(dumped);
    return svi_text_take(&out, text, error);
}

static sv_status bench_text(const session *s, char **text, sv_error *error)
{
    svi_text out = {0};
    svi_text_add(&out, "%s: %s, %s\n", s->device.name, s->device.model, s->device.detail);
    if (s->peak[0] > 0) {
        spread p = spread_of(s->peak, s->n_rounds);
        svi_text_add(&out, "fp32 multiply-add peak %.1f GFLOP/s (%.1f to %.1f over %d rounds)\n",
                     p.median * 1e-9, p.min * 1e-9, p.max * 1e-9, s->n_rounds);
    }
    svi_text_add(&out, "\njob  %12s  %25s  %10s  %s\n", "seeds/s", "(min to max)", "of peak",
                 "what");
    for (int j = 0; j < s->n_jobs; j++) {
        const timing *t = s->jobs[j];
        spread rate = spread_of(t->seeds_per_s, s->n_rounds);
        char share[16] = "-", range[64];
        if (t->flop > 0 && s->peak[0] > 0)
            snprintf(share, sizeof share, "%.0f%%", 100 * spread_of(t->share, s->n_rounds).median);
        snprintf(range, sizeof range, "(%.0f to %.0f)", rate.min, rate.max);
        svi_text_add(&out, "%s   %12.0f  %25s  %10s  %s\n", t->job.name, rate.median, range, share,
                     t->job.help);
    }
    return svi_text_take(&out, text, error);
}

static sv_status bench(session *s, const sv_bench_options *options, bool as_json, char **text,
                       sv_error *error)
{
    svi_backend_options device = {options->device == NULL ? "cpu" : options->device, options->simd,
                                  options->n_threads};
    if (options->n_rounds < 0 || options->n_rounds > MAX_ROUNDS)
        return svi_fail(error, SV_ERR_USAGE, "--rounds %d: use 1 to %d", options->n_rounds,
                        MAX_ROUNDS);
    s->n_rounds = options->n_rounds > 0 ? options->n_rounds : DEFAULT_ROUNDS;
    SVI_TRY(svi_backend_open(&device, &s->backend, NULL, error));
    s->backend->ops->describe(s->backend, &s->device);
    SVI_TRY(add_jobs(s, options->jobs, options->n_seeds, error));
    for (int round = 0; round < s->n_rounds; round++) SVI_TRY(run_round(s, round, error));
    return as_json ? bench_json(s, text, error) : bench_text(s, text, error);
}

sv_status sv_bench(const sv_bench_options *options, bool as_json, char **text, sv_error *error)
{
    session *s = calloc(1, sizeof *s);
    if (s == NULL) return svi_fail_memory(error, sizeof *s, "a bench");
    sv_status status = bench(s, options, as_json, text, error);
    for (int j = 0; j < s->n_jobs; j++) {
        svi_dataset_close(s->jobs[j]->dataset);
        free(s->jobs[j]->runs);
        free(s->jobs[j]->results);
        free(s->jobs[j]);
    }
    if (s->backend != NULL) s->backend->ops->close(s->backend);
    free(s);
    return status;
}
