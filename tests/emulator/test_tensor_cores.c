/* The paths on tensor cores, on emulated ones, whose order is that of path serial: with operands of
 * the same precision each gives its bits, so every operand and every sum is in its place. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "case_outcome.h"
#include "emulator.h"

static const char study_path[] = SVI_EMULATED_STUDIES "/tensor_cores.yaml";

enum { N_SCHEDULES = 4, MAX_CASES = 100 };

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

static void make(parity_case c, const char *device, case_outcome *outcome)
{
    sv_error error = {0};
    svi_backend *backend = open_device(device);
    cr_assert_eq(case_outcome_make(c, backend, outcome, &error), SV_OK, "%s, %s: %s",
                 c.study->spec->arms[c.arm].name, c.study->spec->numerics[c.numerics].name,
                 error.message);
    backend->ops->close(backend);
}

ParameterizedTestParameters(tensor_cores, add_as_path_serial_where_emulated)
{
    static size_t cases[MAX_CASES];
    sv_study *study = open_study();
    size_t n = 0;
    for (size_t i = 0; i < parity_n_cases(study) && n < MAX_CASES; i++)
        if (SVK_PATH_IS_MMA(study->spec->numerics[parity_case_at(study, i).numerics].path))
            cases[n++] = i;
    sv_study_close(study);
    return cr_make_param_array(size_t, cases, n);
}

ParameterizedTest(size_t *number, tensor_cores, add_as_path_serial_where_emulated)
{
    sv_study *study = open_study();
    parity_case c = parity_case_at(study, *number), serial = c;
    case_outcome expected, found;
    char settings[80], difference[200] = "";
    serial.numerics++;
    make(serial, "cpu", &expected);
    for (int i = 0; i < N_SCHEDULES; i++) {
        snprintf(settings, sizeof settings, "seed=%d resident=%d shared=%d", i, 1 + i % 3,
                 i == 3 ? 3072 : 227 << 10);
        cr_assert_null(emulator_configure(settings), "%s", settings);
        make(c, "cuda:0", &found);
        cr_assert(case_outcome_is_equal(&found, &expected, difference), "%s, %s, %s: %s",
                  study->spec->arms[c.arm].name, study->spec->numerics[c.numerics].name, settings,
                  difference);
        case_outcome_free(&found);
    }
    cr_assert_eq(emulator_n_reports(), 0);
    case_outcome_free(&expected);
    sv_study_close(study);
}

/* In fp32 the operands of the gradient alone are rounded, so the bits are not those of fp32. */
Test(tensor_cores, round_the_operands)
{
    sv_study *study = open_study();
    parity_case mma = parity_case_at(study, 0), serial = parity_case_at(study, 1);
    char difference[200];
    for (int path = SVK_PATH_MMA_TF32; path <= SVK_PATH_MMA_BF16; path++) {
        case_outcome found, exact, rounded;
        study->spec->numerics[0].path = path;
        study->spec->numerics[0].precision = SVK_PRECISION_FP32;
        study->spec->numerics[1].precision = SVK_PRECISION_FP32;
        make(mma, "cuda:0", &found);
        make(serial, "cpu", &exact);
        study->spec->numerics[1].precision =
            path == SVK_PATH_MMA_TF32 ? SVK_PRECISION_TF32 : SVK_PRECISION_BF16;
        make(serial, "cpu", &rounded);
        cr_expect_not(case_outcome_is_equal(&found, &exact, difference));
        cr_expect_not(case_outcome_is_equal(&found, &rounded, difference));
        case_outcome_free(&found);
        case_outcome_free(&exact);
        case_outcome_free(&rounded);
    }
    sv_study_close(study);
}

Test(tensor_cores, a_cpu_names_another_path)
{
    sv_study *study = open_study();
    svi_backend *cpu = open_device("cpu");
    svi_job job = svi_study_job(study, 0, 0);
    sv_error error = {0};
    cr_assert_eq(cpu->ops->supports(cpu, &job, &error), SV_ERR_DEVICE);
    cr_expect_not_null(strstr(error.message, "path drawn"), "%s", error.message);
    cpu->ops->close(cpu);
    sv_study_close(study);
}
