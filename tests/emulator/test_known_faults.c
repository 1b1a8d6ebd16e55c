/* The emulator finds what is wrong with known_faults.cu and names the line, and finds nothing wrong
 * with sound kernels. Built twice: where accesses are not watched, races and the like must stay
 * unseen, or it is not the watch that finds them. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <cuda_runtime_api.h>
#include <stdio.h>
#include <string.h>

#include "emulator.h"
#include "known_faults.h"

enum { N_SCHEDULES = 12, N_WORDS = FAULT_THREADS * FAULT_BLOCKS };

typedef struct known_fault {
    const char *name, *says;
    int needs_watch;
    int (*run)(unsigned *words);
} known_fault;

static const known_fault faults[] = {
#define LIST_FAULT(name, says, needs_watch) {#name, says, needs_watch, run_##name},
    KNOWN_FAULTS(LIST_FAULT)
#undef LIST_FAULT
};

static const known_fault sound[] = {
#define LIST_SOUND(name) {#name, NULL, 0, run_##name},
    SOUND_KERNELS(LIST_SOUND)
#undef LIST_SOUND
};

enum { N_FAULTS = sizeof faults / sizeof faults[0], N_SOUND = sizeof sound / sizeof sound[0] };

/* "known_faults.cu:15", the line that bears the kernel's name. */
static void find_place(const char *name, char place[80])
{
    char line[200], mark[80];
    FILE *file = fopen(SVI_KNOWN_FAULTS, "r");
    cr_assert_not_null(file, "%s", SVI_KNOWN_FAULTS);
    snprintf(mark, sizeof mark, "; /* %.60s */", name);
    place[0] = '\0';
    for (int number = 1; fgets(line, sizeof line, file) != NULL; number++)
        if (strstr(line, mark) != NULL) snprintf(place, 80, "known_faults.cu:%d", number);
    fclose(file);
    cr_assert_neq(place[0], '\0', "no line bears the name %s", name);
}

static cudaError_t run_once(const known_fault *f, int schedule)
{
    char settings[80];
    void *words = NULL;
    snprintf(settings, sizeof settings, "quiet=1 seed=%d", schedule);
    cr_assert_null(emulator_configure(settings));
    cr_assert_eq(cudaMalloc(&words, N_WORDS * sizeof(unsigned)), cudaSuccess);
    if (strcmp(f->name, "global_never_written") != 0)
        cr_assert_eq(cudaMemset(words, 0, N_WORDS * sizeof(unsigned)), cudaSuccess);
    cudaError_t found = (cudaError_t)f->run(words);
    cudaFree(words);
    return found;
}

/* Whether some report begins with f->says and, where accesses are watched, names the place. */
static bool is_told(const known_fault *f)
{
    char place[80] = "";
    bool has_place = SVI_IS_WATCHED && strcmp(f->says, "livelock") != 0;
    if (has_place) find_place(f->name, place);
    for (size_t i = 0; i < emulator_n_reports(); i++) {
        const char *report = emulator_report(i), *at = strstr(report, place);
        bool is_whole_number = at != NULL && strspn(at + strlen(place), "0123456789") == 0;
        if (strncmp(report, f->says, strlen(f->says)) != 0) continue;
        if (is_whole_number || !has_place) return true;
    }
    return false;
}

/* 0 .. n - 1: pointers do not reach the process of a test. */
static struct criterion_test_params numbers_below(size_t n)
{
    static size_t numbers[N_FAULTS + N_SOUND];
    for (size_t i = 0; i < n; i++) numbers[i] = i;
    return cr_make_param_array(size_t, numbers, n);
}

ParameterizedTestParameters(known_faults, are_reported) { return numbers_below(N_FAULTS); }

ParameterizedTest(size_t *number, known_faults, are_reported)
{
    const known_fault *f = &faults[*number];
    bool is_expected = SVI_IS_WATCHED || !f->needs_watch;
    int n_schedules = strcmp(f->name, "endless") == 0 ? 1 : N_SCHEDULES;
    for (int s = 0; s < n_schedules; s++) {
        emulator_clear();
        cudaError_t found = run_once(f, s);
        cr_expect_eq(found, is_expected ? cudaErrorLaunchFailure : cudaSuccess,
                     "%s, schedule %d: %s", f->name, s, cudaGetErrorName(found));
        cr_expect_eq(is_told(f), is_expected, "%s, schedule %d: %zu reports: %s", f->name, s,
                     emulator_n_reports(), emulator_n_reports() > 0 ? emulator_report(0) : "");
    }
}

Test(watch, is_there_where_it_is_built) { cr_assert_eq(emulator_is_watched(), SVI_IS_WATCHED); }

ParameterizedTestParameters(sound_kernels, are_not_reported) { return numbers_below(N_SOUND); }

ParameterizedTest(size_t *number, sound_kernels, are_not_reported)
{
    const known_fault *f = &sound[*number];
    for (int s = 0; s < N_SCHEDULES; s++) {
        cr_expect_eq(run_once(f, s), cudaSuccess, "%s, schedule %d", f->name, s);
        cr_expect_eq(emulator_n_reports(), 0, "%s, schedule %d: %s", f->name, s,
                     emulator_n_reports() > 0 ? emulator_report(0) : "");
    }
}
