/* Engine cublas on the emulated GPU, with the emulator's stand-in for cuBLAS. That has sums of its
 * own, so results are those of the native engine within rounding; but the same ones for whoever the
 * runs share a wave, a stream or a block with. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "case_outcome.h"
#include "emulator.h"

static const char study_path[] = SVI_EMULATED_STUDIES "/cublas.yaml";

/* Places of the study's numerics. */
enum { NATIVE, PLAIN, STREAMS, TF32, BF16X9, SPLIT, SPLIT_ROOMY, SPLIT_TOO_FAR };
enum { MAX_ARMS = 32 };

static svi_backend *open_device(const char *device)
{
    svi_backend_options options = {.device = device, .simd = "auto", .n_threads = 1};
    svi_backend *backend = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_backend_open(&options, &backend, NULL, &error), SV_OK, "%s", error.message);
    return backend;
}

static sv_study *open_study_with(const char *const *overrides, size_t n_overrides)
{
    sv_study *study = NULL;
    sv_error error = {0};
    sv_status status = sv_study_open(study_path, overrides, n_overrides, &study, &error);
    if (status == SV_OK) status = svi_study_open_data(study, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return study;
}

static sv_study *open_study(void) { return open_study_with(NULL, 0); }

static case_outcome make(const sv_study *study, uint32_t arm, uint32_t numerics, const char *device,
                         const char *settings)
{
    case_outcome outcome;
    sv_error error = {0};
    cr_assert_null(emulator_configure(settings), "%s", settings);
    svi_backend *backend = open_device(device);
    sv_status status =
        case_outcome_make((parity_case){study, arm, numerics}, backend, &outcome, &error);
    backend->ops->close(backend);
    cr_assert_eq(status, SV_OK, "%s, %s: %s", study->spec->arms[arm].name,
                 study->spec->numerics[numerics].name, error.message);
    cr_assert_eq(emulator_n_reports(), 0);
    return outcome;
}

/* The largest difference of parameters and metrics, as a share of what is compared, or of 1. */
static double distance(double a, double b)
{
    double size = fmax(fabs(a), fabs(b));
    return a == b || (isnan(a) && isnan(b)) ? 0.0 : fabs(a - b) / fmax(size, 1.0);
}

static double largest_distance(const case_outcome *a, const case_outcome *b)
{
    double most = 0.0;
    for (size_t i = 0; i < a->n_runs; i++) {
        cr_expect_eq(a->results[i].status, b->results[i].status);
        cr_expect_eq(a->results[i].present, b->results[i].present);
        if (a->results[i].status != SVK_RUN_OK) continue;
        for (int m = 0; m < SVK_N_METRICS; m++)
            if ((a->results[i].present >> m & 1) != 0)
                most = fmax(most, distance(a->results[i].metric[m], b->results[i].metric[m]));
        for (uint64_t p = i * a->n_parameters; p < (i + 1) * a->n_parameters; p++)
            most = fmax(most, distance(a->parameters[p], b->parameters[p]));
    }
    return most;
}

static void must_be_equal(case_outcome a, case_outcome b, const char *what)
{
    char difference[200] = "";
    cr_expect(case_outcome_is_equal(&a, &b, difference), "%s: %s", what, difference);
    case_outcome_free(&b);
}

ParameterizedTestParameters(cublas, agrees_with_the_native_engine)
{
    static uint32_t arms[MAX_ARMS];
    sv_study *study = open_study();
    size_t n = study->spec->n_arms;
    for (uint32_t i = 0; i < n && i < MAX_ARMS; i++) arms[i] = i;
    sv_study_close(study);
    return cr_make_param_array(uint32_t, arms, n);
}

ParameterizedTest(uint32_t *arm, cublas, agrees_with_the_native_engine)
{
    sv_study *study = open_study();
    const char *name = study->spec->arms[*arm].name;
    case_outcome native = make(study, *arm, NATIVE, "cpu", "");
    case_outcome found = make(study, *arm, PLAIN, "cuda:0", "seed=1");
    double off = largest_distance(&found, &native);
    cr_expect_lt(off, 1e-5, "%s: %g", name, off);
    must_be_equal(found, make(study, *arm, PLAIN, "cuda:0", "seed=2 resident=3"), "again");
    must_be_equal(found, make(study, *arm, STREAMS, "cuda:0", "seed=3 memory=280000"),
                  "in waves and three streams");
    case_outcome split = make(study, *arm, SPLIT, "cuda:0", "seed=5 memory=268435456");
    off = largest_distance(&split, &native);
    cr_expect_lt(off, 1e-5, "%s, split: %g", name, off);
    case_outcome_free(&split);
    case_outcome_free(&native);
    case_outcome_free(&found);
    sv_study_close(study);
}

/* Operands of 10 bits: off by more than binary32 and less than a tenth. */
Test(cublas, the_math_mode_reaches_the_library)
{
    sv_study *study = open_study();
    case_outcome plain = make(study, 0, PLAIN, "cuda:0", "");
    case_outcome rounded = make(study, 0, TF32, "cuda:0", "");
    double off = largest_distance(&rounded, &plain);
    cr_expect(off > 1e-5 && off < 0.1, "%g", off);
    case_outcome_free(&plain);
    case_outcome_free(&rounded);
    sv_study_close(study);
}

static uint32_t arm_named(const sv_study *study, const char *name)
{
    uint32_t arm = 0;
    while (strcmp(study->spec->arms[arm].name, name) != 0) arm++;
    return arm;
}

/* Without a step there are no sums: the same parameters, and so the same metrics of the same rows.
 */
Test(cublas, starts_are_those_of_the_native_engine)
{
    sv_study *study = open_study();
    uint32_t arm = arm_named(study, "start");
    case_outcome native = make(study, arm, NATIVE, "cpu", ""), found;
    must_be_equal(native, make(study, arm, PLAIN, "cuda:0", ""), "at the start");
    found = make(study, 0, PLAIN, "cuda:0", "");
    cr_expect_neq(found.results[0].digest[0], native.results[0].digest[0], "after training");
    case_outcome_free(&found);
    case_outcome_free(&native);
    sv_study_close(study);
}

/* Sums in parts are other sums, however many runs share a call. 40 runs have more parts than 16 KiB
 * hold. */
Test(cublas, split_sums)
{
    static const char *const many[] = {"design.seeds=40"};
    sv_study *study = open_study_with(many, 1);
    case_outcome plain = make(study, 0, STREAMS, "cuda:0", ""),
                 split = make(study, 0, SPLIT_ROOMY, "cuda:0", "");
    size_t n_equal = 0;
    for (size_t i = 0; i < split.n_runs; i++)
        n_equal += memcmp(plain.results[i].digest, split.results[i].digest,
                          sizeof split.results[i].digest) == 0;
    cr_expect_lt(n_equal, 10, "%zu of 40 runs have the bits of unsplit sums", n_equal);
    must_be_equal(split, make(study, 0, SPLIT, "cuda:0", ""), "in pieces");
    case_outcome_free(&plain);
    case_outcome_free(&split);
    sv_study_close(study);
}

/* Whichever call fails, the launch tells of it, and the next one works. */
static void fail_every_call(uint32_t numerics, int n_least)
{
    static const char *const short_one[] = {"train.steps=1", "design.seeds=2"};
    sv_study *study = open_study_with(short_one, 2);
    parity_case c = {study, 0, numerics};
    case_outcome expected = make(study, 0, numerics, "cuda:0", "quiet=1"), found;
    svi_backend *gpu = open_device("cuda:0");
    int n_failed = 0;
    for (uint64_t call = 1;; call++) {
        char settings[80];
        sv_error error = {0};
        snprintf(settings, sizeof settings, "fault=%llu error=2",
                 (unsigned long long)(emulator_n_calls() + call));
        cr_assert_null(emulator_configure(settings));
        uint64_t before = emulator_n_calls();
        sv_status status = case_outcome_make(c, gpu, &found, &error);
        bool is_past = emulator_n_calls() - before < call;
        if (status == SV_OK) must_be_equal(expected, found, "where no call failed");
        if (status == SV_OK && is_past) break;
        n_failed += status != SV_OK;
        cr_expect(status == SV_OK || strstr(error.message, "cuda:0: ") != NULL, "%s",
                  error.message);
        cr_assert_null(emulator_configure("fault=0"));
        cr_assert_eq(case_outcome_make(c, gpu, &found, &error), SV_OK, "%s", error.message);
        must_be_equal(expected, found, "after a failure");
    }
    cr_expect_gt(n_failed, n_least);
    gpu->ops->close(gpu);
    case_outcome_free(&expected);
    sv_study_close(study);
}

Test(cublas, calls_that_fail) { fail_every_call(STREAMS, 30); }

Test(cublas, calls_of_split_sums_that_fail) { fail_every_call(SPLIT, 30); }

static void must_refuse(parity_case c, const char *device, sv_status status, const char *fragment)
{
    svi_backend *backend = open_device(device);
    svi_job job = svi_study_job(c.study, c.arm, c.numerics);
    sv_error error = {0};
    cr_assert_eq(backend->ops->supports(backend, &job, &error), status);
    cr_assert_not_null(strstr(error.message, fragment), "%s", error.message);
    backend->ops->close(backend);
}

Test(cublas, what_a_device_cannot_do_is_explained)
{
    sv_study *study = open_study();
    uint32_t few_rows = arm_named(study, "few-rows");
    must_refuse((parity_case){study, 0, PLAIN}, "cpu", SV_ERR_DEVICE, "engine: native");
    must_refuse((parity_case){study, 0, BF16X9}, "cuda:0", SV_ERR_UNSUPPORTED,
                "compute capability 9.0");
    must_refuse((parity_case){study, few_rows, SPLIT_TOO_FAR}, "cuda:0", SV_ERR_UNSUPPORTED,
                "layer 1 from 28 samples into 32 parts");
    sv_study_close(study);
}

Test(cublas, the_machine_row_names_the_library)
{
    sv_study *study = open_study();
    svi_backend *gpu = open_device("cuda:0");
    svi_device_info info;
    svi_job job = svi_study_job(study, 0, PLAIN);
    gpu->ops->describe(gpu, &info);
    cr_expect_str_eq(info.cuda_runtime, "13.0", "before a job has asked for it");
    cr_assert_eq(gpu->ops->supports(gpu, &job, NULL), SV_OK);
    gpu->ops->describe(gpu, &info);
    cr_expect_str_eq(info.cuda_runtime, "13.0, cuBLAS 13.0.0");
    gpu->ops->close(gpu);
    sv_study_close(study);
}
