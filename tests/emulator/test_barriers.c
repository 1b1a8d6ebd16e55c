/* Every barrier of the kernels is needed, and the emulator notices when one is missing or when a
 * thread does not come to it. Each is taken out in turn. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_outcome.h"
#include "emulator.h"

enum { N_SCHEDULES = 6, MAX_BARRIERS = 200, PLACE_LENGTH = 80 };

static svi_backend *open_gpu(void)
{
    svi_backend_options options = {.device = "cuda:0", .simd = "auto", .n_threads = 1};
    svi_backend *backend = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_backend_open(&options, &backend, NULL, &error), SV_OK, "%s", error.message);
    return backend;
}

static sv_study *open_study(void)
{
    sv_study *study = NULL;
    sv_error error = {0};
    sv_status status =
        sv_study_open(SVI_EMULATED_STUDIES "/barriers.yaml", NULL, 0, &study, &error);
    if (status == SV_OK) status = svi_study_open_data(study, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return study;
}

static void configure(const char *settings)
{
    cr_assert_null(emulator_configure(settings), "%s", settings);
}

/* Whether the emulator reports anything about a case. */
static bool is_reported(parity_case what)
{
    case_outcome outcome;
    sv_error error = {0};
    svi_backend *gpu = open_gpu();
    emulator_clear();
    sv_status status = case_outcome_make(what, gpu, &outcome, &error);
    gpu->ops->close(gpu);
    case_outcome_free(&outcome);
    bool is_bad = emulator_n_reports() > 0;
    if (is_bad) cr_expect(strstr(emulator_report(0), ".cu") != NULL, "%s", emulator_report(0));
    cr_assert_eq(is_bad, status != SV_OK, "%s", error.message);
    emulator_clear();
    return is_bad;
}

/* Whether anything is reported in one of the schedules of one of the cases. */
static bool is_study_reported(const sv_study *study)
{
    for (int s = 0; s < N_SCHEDULES; s++)
        for (size_t i = 0; i < parity_n_cases(study); i++) {
            char settings[40];
            snprintf(settings, sizeof settings, "seed=%d", s);
            configure(settings);
            if (is_reported(parity_case_at(study, i))) return true;
        }
    return false;
}

static size_t list_barriers(char barriers[MAX_BARRIERS][PLACE_LENGTH])
{
    size_t n = emulator_n_barriers();
    cr_assert(n > 0 && n <= MAX_BARRIERS);
    for (size_t i = 0; i < n; i++) snprintf(barriers[i], PLACE_LENGTH, "%s", emulator_barrier(i));
    return n;
}

/* setting: what is done to one barrier at a time. */
static void must_be_missed(const char *setting)
{
    static char barriers[MAX_BARRIERS][PLACE_LENGTH];
    sv_study *study = open_study();
    configure("quiet=1 resident=1");
    cr_assert_not(is_study_reported(study), "the kernels as they are");
    size_t n = list_barriers(barriers);
    for (size_t i = 0; i < n; i++) {
        char settings[PLACE_LENGTH + 20];
        snprintf(settings, sizeof settings, "%.10s=%.79s", setting, barriers[i]);
        configure(settings);
        cr_expect(is_study_reported(study), "%s: nothing was reported", settings);
    }
    sv_study_close(study);
}

Test(barriers, each_is_needed) { must_be_missed("without"); }

Test(barriers, no_thread_may_stay_away) { must_be_missed("diverge"); }
