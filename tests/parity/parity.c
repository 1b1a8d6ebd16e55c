/* One list of cases, run on every backend by name: each must have the bits of the reference.
 *
 * usage: parity [--device NAME]... STUDY...
 *
 * A case is an arm of a study with an entry of its numerics; one whose order is the hardware's has
 * no reference, so it is skipped, and counted (`stress` looks at it). NAME is cpu/plain, cpu/avx2,
 * cpu/avx512 or cuda:N; without --device those of this machine are tried. Prints JSON
 * (seedvar.parity/1): the backends, and every case that differs or was refused; a line for each
 * backend goes to stderr. Exits with 0 when every case that ran has the reference's bits, 1 when
 * one differs or nothing could be compared, 2 for wrong usage. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "case_outcome.h"

static const char reference_name[] = "cpu/plain";
static const char *const usual_names[] = {"cpu/avx2", "cpu/avx512", "cuda:0"};

enum { N_USUAL = sizeof usual_names / sizeof usual_names[0], MAX_BACKENDS = 16 };

typedef struct candidate {
    const char *name;
    svi_backend *backend; /* NULL: cannot be opened, error says why */
    sv_error error;
    size_t n_equal, n_different, n_refused;
    int64_t time_ns;
} candidate;

typedef struct session {
    candidate reference, candidates[MAX_BACKENDS];
    size_t n_candidates, n_skipped;
    json_t *remarks;
} session;

/* "cpu/avx2" is the CPU with --simd avx2. */
static void open_candidate(candidate *c, const char *name)
{
    svi_backend_options options = {.device = name, .simd = "auto", .n_threads = 0};
    const char *slash = strchr(name, '/');
    char device[64];
    *c = (candidate){.name = name};
    if (slash != NULL) {
        snprintf(device, sizeof device, "%.*s", (int)(slash - name), name);
        options.device = device;
        options.simd = slash + 1;
    }
    if (svi_backend_open(&options, &c->backend, NULL, &c->error) != SV_OK) c->backend = NULL;
}

static void close_candidate(candidate *c)
{
    if (c->backend != NULL) c->backend->ops->close(c->backend);
}

static sv_status make(candidate *c, parity_case what, case_outcome *outcome, sv_error *error)
{
    int64_t begun_ns = svi_clock_ns();
    sv_status status = case_outcome_make(what, c->backend, outcome, error);
    c->time_ns += svi_clock_ns() - begun_ns;
    return status;
}

static void remark(session *s, parity_case what, const candidate *c, const char *outcome,
                   const char *message)
{
    const svi_study_spec *spec = what.study->spec;
    json_array_append_new(s->remarks,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "study", spec->name, "arm",
                                    spec->arms[what.arm].name, "numerics",
                                    spec->numerics[what.numerics].name, "backend", c->name,
                                    "outcome", outcome, "message", message));
}

static void compare(session *s, candidate *c, parity_case what, const case_outcome *expected)
{
    case_outcome found;
    sv_error error = {0};
    char difference[200];
    if (case_outcome_supports(what, c->backend, &error) != SV_OK) {
        c->n_refused++;
        remark(s, what, c, "refused", error.message);
        return;
    }
    if (make(c, what, &found, &error) != SV_OK) {
        c->n_different++;
        remark(s, what, c, "failed", error.message);
    } else if (!case_outcome_is_equal(&found, expected, difference)) {
        c->n_different++;
        remark(s, what, c, "different", difference);
    } else {
        c->n_equal++;
    }
    case_outcome_free(&found);
}

static void run_case(session *s, parity_case what)
{
    case_outcome expected;
    sv_error error = {0};
    if (case_outcome_supports(what, s->reference.backend, &error) == SV_ERR_DEVICE) {
        s->n_skipped++;
        remark(s, what, &s->reference, "skipped", error.message);
        return;
    }
    if (make(&s->reference, what, &expected, &error) != SV_OK) {
        s->reference.n_different++;
        remark(s, what, &s->reference, "failed", error.message);
        return;
    }
    s->reference.n_equal++;
    for (size_t i = 0; i < s->n_candidates; i++)
        if (s->candidates[i].backend != NULL) compare(s, &s->candidates[i], what, &expected);
    case_outcome_free(&expected);
}

static sv_status run_study(session *s, const char *path, sv_error *error)
{
    sv_study *study;
    SVI_TRY(sv_study_open(path, NULL, 0, &study, error));
    sv_status status = svi_study_open_data(study, error);
    for (size_t i = 0; status == SV_OK && i < parity_n_cases(study); i++)
        run_case(s, parity_case_at(study, i));
    sv_study_close(study);
    return status;
}

/* ---- what is printed ---- */

static json_t *json_of(const candidate *c)
{
    svi_device_info info = {0};
    if (c->backend == NULL)
        return json_pack("{s:s, s:n, s:s}", "name", c->name, "model", "reason", c->error.message);
    c->backend->ops->describe(c->backend, &info);
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:f}", "name", c->name, "model", info.model,
                     "detail", info.detail, "equal", (json_int_t)c->n_equal, "different",
                     (json_int_t)c->n_different, "refused", (json_int_t)c->n_refused, "seconds",
                     (double)c->time_ns * 1e-9);
}

static void print_line(const candidate *c)
{
    if (c->backend == NULL)
        fprintf(stderr, "%-12s not here: %s\n", c->name, c->error.message);
    else
        fprintf(stderr, "%-12s %5zu equal, %zu different, %zu refused, %.1f s\n", c->name,
                c->n_equal, c->n_different, c->n_refused, (double)c->time_ns * 1e-9);
}

/* Returns the exit code. */
static int finish(session *s)
{
    size_t n_equal = 0, n_different = s->reference.n_different;
    json_t *backends = json_array();
    json_array_append_new(backends, json_of(&s->reference));
    print_line(&s->reference);
    for (size_t i = 0; i < s->n_candidates; i++) {
        n_equal += s->candidates[i].n_equal;
        n_different += s->candidates[i].n_different;
        json_array_append_new(backends, json_of(&s->candidates[i]));
        print_line(&s->candidates[i]);
    }
    fprintf(stderr, "%-12s %5zu without a reference: their order is the hardware's\n", "skipped",
            s->n_skipped);
    bool is_equal = n_equal > 0 && n_different == 0;
    json_t *all = json_pack("{s:s, s:s, s:s, s:I, s:o, s:O}", "schema", "seedvar.parity/1", "equal",
                            is_equal ? "yes" : "no", "reference", reference_name, "skipped",
                            (json_int_t)s->n_skipped, "backends", backends, "cases", s->remarks);
    json_dumpf(all, stdout, JSON_INDENT(1));
    printf("\n");
    json_decref(all);
    return is_equal ? 0 : 1;
}

static int run_studies(session *s, char **paths, int n_paths)
{
    sv_error error = {0};
    for (int i = 0; i < n_paths; i++) {
        if (run_study(s, paths[i], &error) == SV_OK) continue;
        fprintf(stderr, "parity: %s\n", error.message);
        return 2;
    }
    return finish(s);
}

int main(int argc, char **argv)
{
    session s = {.remarks = json_array()};
    int at = 1;
    for (; at + 1 < argc && strcmp(argv[at], "--device") == 0; at += 2)
        if (s.n_candidates < MAX_BACKENDS)
            open_candidate(&s.candidates[s.n_candidates++], argv[at + 1]);
    if (at == argc || argv[at][0] == '-') {
        fprintf(stderr, "usage: parity [--device NAME]... STUDY...\n");
        return 2;
    }
    while (s.n_candidates == 0 || (at == 1 && s.n_candidates < N_USUAL)) {
        open_candidate(&s.candidates[s.n_candidates], usual_names[s.n_candidates]);
        s.n_candidates++;
    }
    open_candidate(&s.reference, reference_name);
    int code = run_studies(&s, argv + at, argc - at);
    close_candidate(&s.reference);
    for (size_t i = 0; i < s.n_candidates; i++) close_candidate(&s.candidates[i]);
    json_decref(s.remarks);
    return code;
}
