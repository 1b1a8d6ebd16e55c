/* The paths whose order is the hardware's, on the emulated GPU: each gives more than one digest
 * over the schedules, and the orders that path arrival logs give the CPU exactly the bits of the
 * run that logged them. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "case_outcome.h"
#include "emulator.h"

static const char study_path[] = SVI_EMULATED_STUDIES "/hardware.yaml";

enum { MAX_CASES = 100 };

static svi_backend *open_device(const char *device)
{
    svi_backend_options options = {.device = device, .simd = "auto", .n_threads = 1};
    svi_backend *backend = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_backend_open(&options, &backend, NULL, &error), SV_OK, "%s", error.message);
    return backend;
}

static sv_study *open_study(void)
{
    sv_study *study = NULL;
    sv_error error = {0};
    sv_status status = sv_study_open(study_path, NULL, 0, &study, &error);
    if (status == SV_OK) status = svi_study_open_data(study, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return study;
}

/* Where every access is watched each takes several times as long. */
static int n_schedules(void) { return emulator_is_watched() ? 3 : 6; }

static void draw_schedule(int number)
{
    char settings[80];
    snprintf(settings, sizeof settings, "seed=%d resident=%d", number, 1 + number % 3);
    cr_assert_null(emulator_configure(settings), "%s", settings);
}

static const char *name_of(parity_case c)
{
    static char name[200];
    snprintf(name, sizeof name, "%s, %s", c.study->spec->arms[c.arm].name,
             c.study->spec->numerics[c.numerics].name);
    return name;
}

static void make(parity_case c, svi_backend *backend, case_outcome *outcome)
{
    sv_error error = {0};
    cr_assert_eq(case_outcome_make(c, backend, outcome, &error), SV_OK, "%s: %s", name_of(c),
                 error.message);
}

/* What the CPU makes of the orders that were logged. */
static void must_replay(parity_case c, svi_backend *cpu, const case_outcome *logged)
{
    case_outcome replayed;
    sv_error error = {0};
    char difference[200] = "";
    cr_assert_gt(logged->n_arrival_words, 0);
    cr_assert_eq(case_outcome_replay(c, cpu, logged, &replayed, &error), SV_OK, "%s: %s",
                 name_of(c), error.message);
    cr_assert(case_outcome_is_equal(&replayed, logged, difference), "%s: %s", name_of(c),
              difference);
    case_outcome_free(&replayed);
}

ParameterizedTestParameters(hardware_paths, hang_on_the_schedule)
{
    static size_t cases[MAX_CASES];
    sv_study *study = open_study();
    size_t n = parity_n_cases(study);
    for (size_t i = 0; i < n && i < MAX_CASES; i++) cases[i] = i;
    sv_study_close(study);
    return cr_make_param_array(size_t, cases, n);
}

ParameterizedTest(size_t *number, hardware_paths, hang_on_the_schedule)
{
    sv_study *study = open_study();
    parity_case c = parity_case_at(study, *number);
    svi_backend *cpu = open_device("cpu");
    case_outcome first = {0};
    int n_different = 0;
    for (int i = 0; i < n_schedules(); i++) {
        case_outcome found;
        char difference[200];
        draw_schedule(i);
        svi_backend *gpu = open_device("cuda:0");
        make(c, gpu, &found);
        gpu->ops->close(gpu);
        if (study->spec->numerics[c.numerics].path == SVK_PATH_ARRIVAL) must_replay(c, cpu, &found);
        if (i == 0) {
            first = found;
            continue;
        }
        n_different += !case_outcome_is_equal(&found, &first, difference);
        case_outcome_free(&found);
    }
    cr_assert_gt(n_different, 0, "%s: the same bits under every schedule", name_of(c));
    cr_assert_eq(emulator_n_reports(), 0);
    case_outcome_free(&first);
    cpu->ops->close(cpu);
    sv_study_close(study);
}

/* The same bits when the parts of the first run are taken in another order would mean that the
 * replay does not look at them. */
Test(hardware_paths, a_replay_follows_the_log)
{
    sv_study *study = open_study();
    parity_case c = parity_case_at(study, 1);
    svi_backend *cpu = open_device("cpu"), *gpu = open_device("cuda:0");
    case_outcome logged, replayed;
    sv_error error = {0};
    char difference[200];
    make(c, gpu, &logged);
    for (size_t i = 0; i < logged.n_runs * logged.n_arrival_words; i++) logged.arrivals[i] ^= 0x249;
    cr_assert_eq(case_outcome_replay(c, cpu, &logged, &replayed, &error), SV_OK);
    cr_assert_not(case_outcome_is_equal(&replayed, &logged, difference));
    case_outcome_free(&logged);
    case_outcome_free(&replayed);
    gpu->ops->close(gpu);
    cpu->ops->close(cpu);
    sv_study_close(study);
}

/* Number of the case of arm 0 with this entry of the numerics. */
static size_t number_of(const sv_study *study, const char *numerics)
{
    size_t i = 0;
    while (i < study->spec->n_numerics && strcmp(study->spec->numerics[i].name, numerics) != 0) i++;
    cr_assert_lt(i, study->spec->n_numerics, "%s", numerics);
    return i;
}

/* Under the same schedule warps that wait arrive in other orders. */
Test(hardware_paths, delays_change_the_order)
{
    sv_study *study = open_study();
    size_t numbers[] = {number_of(study, "arrival/8 fp32"),
                        number_of(study, "arrival/8 fp32 delays")};
    case_outcome outcomes[2];
    for (int i = 0; i < 2; i++) {
        draw_schedule(1);
        svi_backend *gpu = open_device("cuda:0");
        make(parity_case_at(study, numbers[i]), gpu, &outcomes[i]);
        gpu->ops->close(gpu);
    }
    size_t n_words = outcomes[0].n_runs * outcomes[0].n_arrival_words;
    cr_assert_neq(memcmp(outcomes[0].arrivals, outcomes[1].arrivals, n_words * sizeof(uint32_t)),
                  0);
    for (int i = 0; i < 2; i++) case_outcome_free(&outcomes[i]);
    sv_study_close(study);
}

/* Seen by the calls that it takes. */
Test(hardware_paths, other_work_runs_beside)
{
    sv_study *study = open_study();
    uint64_t n_calls[2];
    const char *const numerics[] = {"atomic-shared/8 fp32", "atomic-shared/8 fp32 all"};
    for (int i = 0; i < 2; i++) {
        case_outcome outcome;
        svi_backend *gpu = open_device("cuda:0");
        uint64_t before = emulator_n_calls();
        make(parity_case_at(study, number_of(study, numerics[i])), gpu, &outcome);
        n_calls[i] = emulator_n_calls() - before;
        case_outcome_free(&outcome);
        gpu->ops->close(gpu);
    }
    /* at least: size of the cache twice, processors, memory, its filling and freeing twice, stream,
     * its end, device, two launches, a wait */
    cr_assert_geq(n_calls[1], n_calls[0] + 15);
    sv_study_close(study);
}

static void must_refuse(parity_case c, const char *device, bool is_replay, const char *fragment)
{
    svi_backend *backend = open_device(device);
    svi_arrivals arrivals = {.is_replayed = is_replay};
    svi_job job = svi_study_job(c.study, c.arm, c.numerics);
    sv_error error = {0};
    if (is_replay) job.arrivals = &arrivals;
    cr_assert_eq(backend->ops->supports(backend, &job, &error), SV_ERR_DEVICE);
    cr_assert_not_null(strstr(error.message, fragment), "%s", error.message);
    backend->ops->close(backend);
}

Test(hardware_paths, what_a_device_cannot_do_is_explained)
{
    sv_study *study = open_study();
    for (size_t i = 0; i < study->spec->n_numerics; i++)
        must_refuse(parity_case_at(study, i), "cpu", false, "path drawn");
    must_refuse(parity_case_at(study, 5), "cpu", true, "path drawn");
    must_refuse(parity_case_at(study, 1), "cuda:0", true, "--device cpu");
    study->spec->numerics[0].path = SVK_PATH_TREE;
    study->spec->numerics[0].stress = SVK_STRESS_DELAYS;
    must_refuse(parity_case_at(study, 0), "cpu", false, "take stress out");
    cr_assert_null(emulator_configure("shared=3072"));
    must_refuse(parity_case_at(study, 5), "cuda:0", false, "atomic-global");
    sv_study_close(study);
}

/* Each of three blocks that a multiprocessor would hold alone needs one for itself. */
Test(hardware_paths, blocks_that_do_not_fit_are_refused)
{
    sv_study *study = open_study();
    parity_case c = parity_case_at(study, number_of(study, "atomic-global/8+3-blocks fp32"));
    cr_assert_null(emulator_configure("shared=9000 processors=1"));
    must_refuse(c, "cuda:0", false, "holds 1 of them at a time; lower numerics.blocks");
    sv_study_close(study);
}

static double largest_difference(const case_outcome *a, const case_outcome *b)
{
    double largest = 0;
    cr_assert_eq(a->n_runs * a->n_parameters, b->n_runs * b->n_parameters);
    for (size_t i = 0; i < a->n_runs * a->n_parameters; i++)
        largest = fmax(largest, fabs(a->parameters[i] - b->parameters[i]));
    return largest;
}

/* In binary64 the order of a few additions is far from being seen. */
Test(hardware_paths, every_part_is_added_once)
{
    sv_study *study = open_study();
    const char *const numerics[] = {"arrival/7 fp64", "atomic-shared/5 fp64",
                                    "atomic-global/5 fp64", "atomic-global/5+2-blocks fp64"};
    svi_backend *cpu = open_device("cpu"), *gpu = open_device("cuda:0");
    svi_numerics_spec *serial = &study->spec->numerics[0];
    serial->path = SVK_PATH_SERIAL;
    serial->n_parts = 1;
    serial->precision = SVK_PRECISION_FP64;
    for (uint32_t arm = 0; arm < study->spec->n_arms; arm++) {
        case_outcome expected, found;
        make((parity_case){study, arm, 0}, cpu, &expected);
        for (size_t i = 0; i < sizeof numerics / sizeof numerics[0]; i++) {
            parity_case c = {study, arm, (uint32_t)number_of(study, numerics[i])};
            draw_schedule((int)i);
            make(c, gpu, &found);
            cr_expect_lt(largest_difference(&found, &expected), 1e-12, "%s", name_of(c));
            cr_expect_eq(found.results[0].status, expected.results[0].status);
            case_outcome_free(&found);
        }
        case_outcome_free(&expected);
    }
    gpu->ops->close(gpu);
    cpu->ops->close(cpu);
    sv_study_close(study);
}
