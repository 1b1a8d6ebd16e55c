/* Every barrier of the kernels is needed (but for those of the list below), and the emulator
 * notices when one is missing or when a thread does not come to it. Each is taken out in turn. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_outcome.h"
#include "emulator.h"

enum { N_SCHEDULES = 4, MAX_BARRIERS = 200, PLACE_LENGTH = 80 };

/* By their comments: what no case misses, and why. */
static const char *const unneeded[] = {
    "a part arrives when all its lanes have", /* orders tickets, which is the point; not memory */
    "scoring reads all weights and overwrites the values */", /* so does score_rows, of its own */
};

enum { MAX_STUDIES = 4 };

/* Studies that are looked at together. */
typedef struct study_set {
    const char *name[MAX_STUDIES]; /* NULL: no more */
    sv_study *study[MAX_STUDIES];
    const char *unneeded; /* beside those above, by its comment; or NULL */
    bool has_all;         /* between them they reach every barrier of the kernels */
} study_set;

static study_set every_barrier(void)
{
    return (study_set){
        .name = {"barriers", "barriers_arrival", "barriers_blocks", "barriers_distances"},
        .has_all = true};
}

/* The same barriers where other phases stand between them. */
static study_set barriers_of_images(void)
{
    return (study_set){
        .name = {"barriers_images"},
        /* images are scored after a barrier of their own */
        .unneeded = "scoring overwrites the values that the last update reads */",
    };
}

static svi_backend *open_gpu(void)
{
    svi_backend_options options = {.device = "cuda:0", .simd = "auto", .n_threads = 1};
    svi_backend *backend = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_backend_open(&options, &backend, NULL, &error), SV_OK, "%s", error.message);
    return backend;
}

static sv_study *open_study(const char *name)
{
    sv_study *study = NULL;
    sv_error error = {0};
    char path[400];
    snprintf(path, sizeof path, "%s/%s.yaml", SVI_EMULATED_STUDIES, name);
    sv_status status = sv_study_open(path, NULL, 0, &study, &error);
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

static bool is_any_reported(const study_set *set)
{
    for (int i = 0; i < MAX_STUDIES && set->study[i] != NULL; i++)
        if (is_study_reported(set->study[i])) return true;
    return false;
}

/* place: "mlp.cu:14" */
static bool is_unneeded(const study_set *set, const char *place)
{
    char path[400], line[300] = "";
    int number = atoi(strchr(place, ':') + 1);
    snprintf(path, sizeof path, "%s/%.*s", SVI_KERNELS, (int)strcspn(place, ":"), place);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    for (int i = 0; i < number; i++) cr_assert_not_null(fgets(line, sizeof line, file));
    fclose(file);
    cr_assert_not_null(strstr(line, "__sync"), "%s: %s", place, line);
    for (size_t i = 0; i < sizeof unneeded / sizeof unneeded[0]; i++)
        if (strstr(line, unneeded[i]) != NULL) return true;
    return set->unneeded != NULL && strstr(line, set->unneeded) != NULL;
}

static size_t count_in_sources(void)
{
    size_t n = 0;
    char line[300];
    FILE *files = popen("cat " SVI_KERNELS "/*.cu " SVI_KERNELS "/*.cuh", "r");
    cr_assert_not_null(files);
    while (fgets(line, sizeof line, files) != NULL)
        n += strstr(line, "__syncthreads()") != NULL || strstr(line, "__syncwarp()") != NULL;
    cr_assert_eq(pclose(files), 0);
    return n;
}

/* setting: what is done to one barrier at a time. */
static void must_be_missed(study_set set, const char *setting, bool may_be_unneeded)
{
    static char barriers[MAX_BARRIERS][PLACE_LENGTH];
    for (int i = 0; i < MAX_STUDIES && set.name[i] != NULL; i++)
        set.study[i] = open_study(set.name[i]);
    configure("quiet=1 resident=1 processors=1");
    cr_assert_not(is_any_reported(&set), "the kernels as they are");
    size_t n = list_barriers(barriers);
    cr_expect(!set.has_all || n == count_in_sources(),
              "the studies reach every barrier of the kernels");
    for (size_t i = 0; i < n; i++) {
        bool is_expected = !may_be_unneeded || !is_unneeded(&set, barriers[i]);
        char settings[PLACE_LENGTH + 20];
        snprintf(settings, sizeof settings, "%.10s=%.79s", setting, barriers[i]);
        configure(settings);
        cr_expect_eq(is_any_reported(&set), is_expected, "%s: %s reported", settings,
                     is_expected ? "nothing was" : "listed as not needed, yet a fault was");
    }
    for (int i = 0; i < MAX_STUDIES && set.study[i] != NULL; i++) sv_study_close(set.study[i]);
}

Test(barriers, each_is_needed) { must_be_missed(every_barrier(), "without", true); }

Test(barriers, no_thread_may_stay_away) { must_be_missed(every_barrier(), "diverge", false); }

Test(barriers, each_is_needed_by_images) { must_be_missed(barriers_of_images(), "without", true); }

Test(barriers, no_thread_may_stay_away_from_images)
{
    must_be_missed(barriers_of_images(), "diverge", false);
}
