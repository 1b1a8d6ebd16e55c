/* A device that fails at some subjects of a fingerprint. */
#include <criterion/criterion.h>
#include <string.h>

#include "fingerprint/fingerprint.h"

/* A device that trains nothing and fails with `failure` at engine cublas, after a first launch of
 * it that went well, and with `of_contract` at path serial. */
typedef struct stand_in {
    svi_backend base;
    sv_status failure, of_contract;
    int n_cublas;
} stand_in;

static sv_status supports(const svi_backend *backend, const svi_job *job, sv_error *error)
{
    (void)backend, (void)job, (void)error;
    return SV_OK;
}

static sv_status launch(svi_backend *backend, const svi_job *job, const svi_run *runs, size_t n,
                        svi_run_result *results, svi_run_result *curves, uint8_t *predictions,
                        double *parameters, sv_error *error)
{
    stand_in *self = (stand_in *)backend;
    (void)runs, (void)curves, (void)predictions, (void)parameters;
    memset(results, 0, n * sizeof *results);
    if (job->numerics->engine == SVK_ENGINE_CUBLAS && self->failure != SV_OK &&
        self->n_cublas++ > 0)
        return svi_fail(error, self->failure, "cublasSgemm: no kernel");
    if (job->numerics->path == SVK_PATH_SERIAL && self->of_contract != SV_OK)
        return svi_fail(error, self->of_contract, "cuda:0 is gone");
    return SV_OK;
}

static const svi_backend_ops ops = {.name = "stand-in", .supports = supports, .launch = launch};

static sv_status add_all(sv_status failure, sv_status of_contract, svi_subjects *subjects,
                         sv_error *error)
{
    stand_in device = {{&ops}, failure, of_contract, 0};
    *subjects = (svi_subjects){0};
    *error = (sv_error){0};
    sv_status status = svi_add_sum_subjects(subjects, &device.base, error);
    return status == SV_OK ? svi_add_training_subjects(subjects, &device.base, error) : status;
}

Test(fingerprint_subjects, cublas_that_fails_is_missing)
{
    svi_subjects subjects;
    sv_error error;
    size_t n_missing = 0, n_cublas = 0;
    cr_assert_eq(add_all(SV_ERR_DEVICE, SV_OK, &subjects, &error), SV_OK, "%s", error.message);
    for (size_t i = 0; i < subjects.n; i++) {
        const svi_fingerprint_subject *s = &subjects.item[i];
        bool is_missing = s->missing[0] != '\0';
        n_cublas += strstr(s->name, "cublas") != NULL;
        n_missing += is_missing;
        cr_expect_eq(is_missing, strstr(s->name, "cublas") != NULL, "%s", s->name);
        cr_expect_eq(is_missing, s->n_digests == 0, "%s: %zu digests", s->name, s->n_digests);
        if (!is_missing) continue;
        cr_expect_str_eq(s->missing, "cublasSgemm: no kernel");
        cr_expect_null(s->tree);
    }
    cr_expect(n_cublas > 10 && n_missing == n_cublas, "%zu of %zu", n_missing, n_cublas);
    svi_subjects_clear(&subjects);
}

Test(fingerprint_subjects, a_subject_of_the_contract_must_not_fail)
{
    svi_subjects subjects;
    sv_error error;
    cr_expect_eq(add_all(SV_OK, SV_ERR_DEVICE, &subjects, &error), SV_ERR_DEVICE);
    cr_expect_str_eq(error.message, "cuda:0 is gone");
    svi_subjects_clear(&subjects);
}

Test(fingerprint_subjects, a_host_without_memory_is_no_device_without_cublas)
{
    svi_subjects subjects;
    sv_error error;
    cr_expect_eq(add_all(SV_ERR_MEMORY, SV_OK, &subjects, &error), SV_ERR_MEMORY);
    svi_subjects_clear(&subjects);
}
