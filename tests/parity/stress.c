/* The same launch over and over: how many digests each run has, and whether each path keeps what it
 * promises.
 *
 * usage: stress [--device NAME] [--launches N] [--stress KIND] STUDY...
 *
 * NAME is cpu or cuda:N (default cuda:0); N from 1 (default 10). KIND takes the place of the stress
 * in the studies: none, co_resident, delays, cold_cache or all. Paths
 * whose order is the program's promise one digest, that of the CPU; arrival promises that the CPU
 * gets the bits of every launch from its log; the atomic paths and those on tensor cores come near
 * to path serial of the CPU: their mean loss on the training rows is within a tenth of its. Engine
 * cublas promises nothing. All are counted.
 * Prints JSON (seedvar.stress/1). Exits with 0 when every promise was kept, 1 when one was broken
 * or nothing was launched, 2 for wrong usage, 4 when the device is not there. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "case_outcome.h"
#ifdef SVI_IS_EMULATED
#include "emulator.h"
#endif

enum { MAX_LAUNCHES = 10000 };

static const char *const stress_names[] = {
#define STRESS_NAME(id, name, help) name,
    SVK_STRESSES(STRESS_NAME)
#undef STRESS_NAME
};

typedef enum promise { PROMISE_ONE_DIGEST, PROMISE_REPLAY, PROMISE_NEAR, PROMISE_NONE } promise;
static const char *const promise_names[] = {"one digest", "replay", "near", "none"};

typedef struct session {
    const char *device;
    size_t n_launches;
    int stress; /* SVK_STRESS_*; -1: as the studies say */
    svi_backend *backend, *cpu;
    json_t *cases;
    size_t n_kept, n_broken;
} session;

/* What the launches of a case have shown. */
typedef struct observation {
    promise promise;
    case_outcome expected; /* of the CPU, where one digest is promised, or to come near */
    size_t n_launches, n_runs;
    uint32_t (*digest)[4]; /* [n_launches][n_runs] */
    size_t n_compared, n_different;
    char difference[200]; /* the first */
} observation;

static promise promise_of(const svi_numerics_spec *numerics)
{
    if (!SVK_PATH_IS_HARDWARE(numerics->path)) return PROMISE_ONE_DIGEST;
    if (numerics->path == SVK_PATH_CUBLAS) return PROMISE_NONE;
    return numerics->path == SVK_PATH_ARRIVAL ? PROMISE_REPLAY : PROMISE_NEAR;
}

/* An emulated GPU repeats its schedule unless it is told to draw another. */
static void draw_schedule(size_t i)
{
#ifdef SVI_IS_EMULATED
    char settings[40];
    snprintf(settings, sizeof settings, "seed=%zu", i);
    emulator_configure(settings);
#else
    (void)i;
#endif
}

static bool is_near(const case_outcome *found, const case_outcome *expected, char difference[200])
{
    double mean = case_outcome_mean(found, SVK_METRIC_TRAIN_LOSS),
           serial = case_outcome_mean(expected, SVK_METRIC_TRAIN_LOSS);
    snprintf(difference, 200, "mean train_loss is %.6g, that of path serial %.6g", mean, serial);
    return fabs(mean - serial) <= 0.1 * fabs(serial);
}

/* What the CPU says this launch should have been. */
static sv_status compare(const session *s, parity_case c, const case_outcome *found, observation *o,
                         sv_error *error)
{
    case_outcome replayed = {0};
    const case_outcome *expected = &o->expected;
    char difference[200];
    if (o->promise == PROMISE_NONE) return SV_OK;
    if (o->promise == PROMISE_REPLAY) {
        SVI_TRY(case_outcome_replay(c, s->cpu, found, &replayed, error));
        expected = &replayed;
    }
    o->n_compared++;
    bool is_kept = o->promise == PROMISE_NEAR ? is_near(found, expected, difference)
                                              : case_outcome_is_equal(found, expected, difference);
    if (!is_kept && o->n_different++ == 0) memcpy(o->difference, difference, sizeof difference);
    case_outcome_free(&replayed);
    return SV_OK;
}

static sv_status launch(const session *s, parity_case c, observation *o, sv_error *error)
{
    case_outcome found;
    draw_schedule(o->n_launches);
    SVI_TRY(case_outcome_make(c, s->backend, &found, error));
    o->n_runs = found.n_runs;
    if (o->digest == NULL) o->digest = calloc(s->n_launches * o->n_runs, sizeof *o->digest);
    sv_status status = o->digest == NULL ? svi_fail_memory(error, 0, "digests") : SV_OK;
    for (size_t i = 0; status == SV_OK && i < o->n_runs; i++)
        memcpy(o->digest[o->n_launches * o->n_runs + i], found.results[i].digest,
               sizeof o->digest[0]);
    if (status == SV_OK) status = compare(s, c, &found, o, error);
    o->n_launches += status == SV_OK;
    case_outcome_free(&found);
    return status;
}

/* The CPU's outcome along path serial. */
static sv_status make_serial(const session *s, parity_case c, case_outcome *outcome,
                             sv_error *error)
{
    svi_numerics_spec *numerics = &c.study->spec->numerics[c.numerics], kept = *numerics;
    numerics->path = SVK_PATH_SERIAL;
    numerics->n_parts = 1;
    numerics->stress = SVK_STRESS_NONE;
    sv_status status = case_outcome_make(c, s->cpu, outcome, error);
    *numerics = kept;
    return status;
}

static sv_status observe(const session *s, parity_case c, observation *o, sv_error *error)
{
    o->promise = promise_of(&c.study->spec->numerics[c.numerics]);
    if (o->promise == PROMISE_ONE_DIGEST)
        SVI_TRY(case_outcome_make(c, s->cpu, &o->expected, error));
    if (o->promise == PROMISE_NEAR) SVI_TRY(make_serial(s, c, &o->expected, error));
    for (size_t i = 0; i < s->n_launches; i++) SVI_TRY(launch(s, c, o, error));
    return SV_OK;
}

/* ---- digests counted ---- */

static size_t count_distinct(const observation *o, size_t run)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n_launches; i++) {
        size_t j = 0;
        while (j < i && memcmp(o->digest[i * o->n_runs + run], o->digest[j * o->n_runs + run],
                               sizeof o->digest[0]) != 0)
            j++;
        n += j == i;
    }
    return n;
}

static int ascending(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Over the runs: the fewest, the median and the most digests of a run. */
static json_t *count_json(const observation *o, size_t *n_varying, size_t *n_most)
{
    size_t *n = calloc(o->n_runs, sizeof *n);
    *n_varying = *n_most = 0;
    if (n == NULL) return json_null();
    for (size_t i = 0; i < o->n_runs; i++) *n_varying += (n[i] = count_distinct(o, i)) > 1;
    qsort(n, o->n_runs, sizeof *n, ascending);
    *n_most = n[o->n_runs - 1];
    json_t *counts = json_pack("{s:I, s:I, s:I}", "least", (json_int_t)n[0], "median",
                               (json_int_t)n[o->n_runs / 2], "most", (json_int_t)*n_most);
    free(n);
    return counts;
}

static const char *stress_of(parity_case c)
{
    return stress_names[c.study->spec->numerics[c.numerics].stress];
}

static void add_case(session *s, parity_case c, const observation *o, int64_t time_ns)
{
    const svi_study_spec *spec = c.study->spec;
    size_t n_varying, n_most;
    json_t *counts = count_json(o, &n_varying, &n_most);
    bool is_kept = o->n_different == 0 && (o->promise != PROMISE_ONE_DIGEST || n_most == 1);
    json_t *row = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:I, s:I, s:I, s:f}", "study", spec->name,
        "arm", spec->arms[c.arm].name, "numerics", spec->numerics[c.numerics].name, "stress",
        stress_of(c), "promise", promise_names[o->promise], "kept", is_kept ? "yes" : "no",
        "launches", (json_int_t)o->n_launches, "runs", (json_int_t)o->n_runs, "digests_a_run",
        counts, "runs_that_vary", (json_int_t)n_varying, "compared", (json_int_t)o->n_compared,
        "different", (json_int_t)o->n_different, "seconds", (double)time_ns * 1e-9);
    if (o->n_different > 0) json_object_set_new(row, "difference", json_string(o->difference));
    json_array_append_new(s->cases, row);
    if (is_kept)
        s->n_kept++;
    else
        s->n_broken++;
}

/* A device that cannot run the case says so; anything else that fails is a promise broken. */
static void add_failure(session *s, parity_case c, bool is_refused, const sv_error *error)
{
    const svi_study_spec *spec = c.study->spec;
    json_array_append_new(s->cases,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "study", spec->name, "arm",
                                    spec->arms[c.arm].name, "numerics",
                                    spec->numerics[c.numerics].name, "stress", stress_of(c), "kept",
                                    is_refused ? "refused" : "no", "message", error->message));
    s->n_broken += !is_refused;
}

static void run_case(session *s, parity_case c)
{
    observation o = {0};
    sv_error error = {0};
    int64_t begun_ns = svi_clock_ns();
    if (case_outcome_supports(c, s->backend, &error) != SV_OK)
        add_failure(s, c, true, &error);
    else if (observe(s, c, &o, &error) == SV_OK)
        add_case(s, c, &o, svi_clock_ns() - begun_ns);
    else
        add_failure(s, c, false, &error);
    case_outcome_free(&o.expected);
    free(o.digest);
}

static sv_status run_study(session *s, const char *path, sv_error *error)
{
    sv_study *study;
    SVI_TRY(sv_study_open(path, NULL, 0, &study, error));
    sv_status status = svi_study_open_data(study, error);
    for (size_t i = 0; s->stress >= 0 && i < study->spec->n_numerics; i++)
        study->spec->numerics[i].stress = s->stress;
    for (size_t i = 0; status == SV_OK && i < parity_n_cases(study); i++)
        run_case(s, parity_case_at(study, i));
    sv_study_close(study);
    return status;
}

static int finish(session *s)
{
    json_t *all = json_pack("{s:s, s:s, s:I, s:I, s:O}", "schema", "seedvar.stress/1", "device",
                            s->device, "kept", (json_int_t)s->n_kept, "broken",
                            (json_int_t)s->n_broken, "cases", s->cases);
    json_dumpf(all, stdout, JSON_INDENT(1));
    printf("\n");
    json_decref(all);
    return s->n_kept > 0 && s->n_broken == 0 ? 0 : 1;
}

static int run_studies(session *s, char **paths, int n_paths)
{
    sv_error error = {0};
    for (int i = 0; i < n_paths; i++) {
        if (run_study(s, paths[i], &error) == SV_OK) continue;
        fprintf(stderr, "stress: %s\n", error.message);
        return 2;
    }
    return finish(s);
}

static bool read_option(session *s, const char *name, const char *value)
{
    if (strcmp(name, "--device") == 0) {
        s->device = value;
        return true;
    }
    if (strcmp(name, "--launches") == 0) {
        s->n_launches = strtoul(value, NULL, 10);
        return s->n_launches >= 1 && s->n_launches <= MAX_LAUNCHES;
    }
    s->stress = 0;
    while (s->stress < SVK_N_STRESSES && strcmp(value, stress_names[s->stress]) != 0) s->stress++;
    return strcmp(name, "--stress") == 0 && s->stress < SVK_N_STRESSES;
}

static svi_backend *open_device(const char *name)
{
    svi_backend_options options = {.device = name, .simd = "auto"};
    svi_backend *backend;
    sv_error error = {0};
    if (svi_backend_open(&options, &backend, NULL, &error) == SV_OK) return backend;
    fprintf(stderr, "stress: %s\n", error.message);
    return NULL;
}

int main(int argc, char **argv)
{
    session s = {.device = "cuda:0", .n_launches = 10, .stress = -1, .cases = json_array()};
    int at = 1, code = 4;
    while (at + 1 < argc && argv[at][0] == '-' && read_option(&s, argv[at], argv[at + 1])) at += 2;
    if (at >= argc || argv[at][0] == '-') {
        fprintf(stderr, "usage: stress [--device NAME] [--launches N] "
                        "[--stress KIND] STUDY...\n");
        json_decref(s.cases);
        return 2;
    }
    s.backend = open_device(s.device);
    s.cpu = open_device("cpu");
    if (s.backend != NULL && s.cpu != NULL) code = run_studies(&s, argv + at, argc - at);
    if (s.backend != NULL) s.backend->ops->close(s.backend);
    if (s.cpu != NULL) s.cpu->ops->close(s.cpu);
    json_decref(s.cases);
    return code;
}
