/* The CUDA backend on the emulated GPU: every case of studies/ gives the CPU's digests, metrics,
 * predictions and parameters under every schedule that is drawn. Built twice: with the kernels as
 * they are, and with kernels whose every access is watched. A handful of schedules each; the
 * environment variable SEEDVAR_SCHEDULES asks for another number, SEEDVAR_EVERY=N for every Nth
 * case: SEEDVAR_SCHEDULES=200 SEEDVAR_EVERY=10 takes as long as four usual runs. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>

#include "case_outcome.h"
#include "emulator.h"

static const char *const studies[] = {"shapes",   "training",  "paths",  "fits",
                                      "clusters", "descents",  "images", "image_paths",
                                      "curves",   "distances", "stress", "device_math"};

enum { N_STUDIES = sizeof studies / sizeof studies[0], MAX_CASES = 400 };

typedef struct test_case {
    char path[400];
    size_t number; /* in the study */
} test_case;

static int n_schedules(void)
{
    const char *asked = getenv("SEEDVAR_SCHEDULES");
    return asked != NULL ? atoi(asked) : emulator_is_watched() ? 2 : 5;
}

static size_t every(void)
{
    const char *asked = getenv("SEEDVAR_EVERY");
    int n = asked != NULL ? atoi(asked) : 1;
    return n > 1 ? (size_t)n : 1;
}

static svi_backend *open_device(const char *device)
{
    svi_backend_options options = {.device = device, .simd = "auto", .n_threads = 1};
    svi_backend *backend = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_backend_open(&options, &backend, NULL, &error), SV_OK, "%s", error.message);
    return backend;
}

static sv_study *open_study(const char *path)
{
    sv_study *study = NULL;
    sv_error error = {0};
    sv_status status = sv_study_open(path, NULL, 0, &study, &error);
    if (status == SV_OK) status = svi_study_open_data(study, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return study;
}

ParameterizedTestParameters(schedules, have_the_bits_of_the_cpu)
{
    static test_case cases[MAX_CASES];
    size_t n = 0, n_seen = 0;
    for (size_t s = 0; s < N_STUDIES; s++) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s.yaml", SVI_EMULATED_STUDIES, studies[s]);
        sv_study *study = open_study(path);
        for (size_t i = 0; i < parity_n_cases(study) && n < MAX_CASES; i++) {
            if (n_seen++ % every() != 0) continue;
            snprintf(cases[n].path, sizeof cases[n].path, "%s", path);
            cases[n++].number = i;
        }
        sv_study_close(study);
    }
    return cr_make_param_array(test_case, cases, n);
}

/* One to three blocks at a time; sometimes so little shared memory that a network must stand
 * elsewhere; where accesses are watched, threads give way at some of them. */
static void draw_schedule(int number, char settings[120])
{
    static const unsigned shared_bytes[] = {227 << 10, 227 << 10, 8192, 3072};
    static const unsigned preempt[] = {0, 200, 0, 20};
    snprintf(settings, 120, "seed=%d resident=%d shared=%u preempt=%u", number, 1 + number % 3,
             shared_bytes[number % 4], preempt[(number + 1) / 2 % 4]);
    cr_assert_null(emulator_configure(settings), "%s", settings);
}

static void must_be_equal(parity_case what, const char *name, const case_outcome *expected)
{
    for (int i = 0; i < n_schedules(); i++) {
        char settings[120], difference[200] = "";
        case_outcome found;
        sv_error error = {0};
        draw_schedule(i, settings);
        svi_backend *gpu = open_device("cuda:0");
        sv_status status = case_outcome_make(what, gpu, &found, &error);
        gpu->ops->close(gpu);
        cr_assert_eq(status, SV_OK, "%s, %s: %s", name, settings, error.message);
        cr_assert(case_outcome_is_equal(&found, expected, difference), "%s, %s: %s", name, settings,
                  difference);
        case_outcome_free(&found);
    }
    cr_assert_eq(emulator_n_reports(), 0);
}

ParameterizedTest(test_case *c, schedules, have_the_bits_of_the_cpu)
{
    sv_study *study = open_study(c->path);
    parity_case what = parity_case_at(study, c->number);
    svi_backend *cpu = open_device("cpu");
    case_outcome expected;
    sv_error error = {0};
    char name[200];
    snprintf(name, sizeof name, "%s, %s", study->spec->arms[what.arm].name,
             study->spec->numerics[what.numerics].name);
    cr_assert_eq(case_outcome_make(what, cpu, &expected, &error), SV_OK, "%s: %s", name,
                 error.message);
    must_be_equal(what, name, &expected);
    case_outcome_free(&expected);
    cpu->ops->close(cpu);
    sv_study_close(study);
}
