#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/instance.h"
#include "engine/engine.h"

sv_status sv_study_open(const char *path, const char *const *overrides, size_t n_overrides,
                        sv_study **study, sv_error *error)
{
    sv_study *s = calloc(1, sizeof *s);
    if (s == NULL) return svi_fail_memory(error, sizeof *s, "a study");
    sv_status status = svi_study_spec_read(path, overrides, n_overrides, &s->spec, error);
    if (status != SV_OK) {
        free(s);
        return status;
    }
    *study = s;
    return SV_OK;
}

void sv_study_close(sv_study *study)
{
    if (study == NULL) return;
    for (size_t i = 0; study->dataset != NULL && i < study->spec->n_arms; i++)
        svi_dataset_close(study->dataset[i]);
    free(study->dataset);
    free(study->checkpoints);
    svi_study_spec_free(study->spec);
    free(study);
}

const char *sv_study_name(const sv_study *study) { return study->spec->name; }

/* Arms that read the same rows share them, however they split them. */
static sv_status open_arm_data(sv_study *study, size_t arm, sv_error *error)
{
    const svi_arm_spec *arms = study->spec->arms;
    svi_dataset **dataset = study->dataset;
    if (arms[arm].data.set == SVI_SET_NONE) return SV_OK;
    for (size_t i = 0; i < arm; i++)
        if (svi_dataset_is_same_source(&arms[i].data, &arms[arm].data))
            return svi_dataset_share(dataset[i], &arms[arm].data, &dataset[arm], error);
    return svi_dataset_open(&arms[arm].data, &dataset[arm], error);
}

static sv_status find_checkpoints(sv_study *study, uint32_t arm, sv_error *error)
{
    uint64_t n_steps, n_steps_per_epoch;
    if (study->spec->curves == SVI_CURVES_NONE) return SV_OK;
    svi_job job = svi_study_job(study, arm, 0);
    SVI_TRY(svi_job_steps(&job, &n_steps, &n_steps_per_epoch, error));
    return svi_plan_checkpoints(&study->spec->checkpoints, study->spec->arms[arm].name, n_steps,
                                n_steps_per_epoch, &study->checkpoints[arm], error);
}

sv_status svi_study_open_data(sv_study *study, sv_error *error)
{
    if (study->dataset != NULL) return SV_OK;
    size_t n_arms = study->spec->n_arms;
    study->dataset = calloc(n_arms, sizeof(svi_dataset *));
    if (study->dataset == NULL)
        return svi_fail_memory(error, n_arms * sizeof(svi_dataset *), "data sets");
    study->checkpoints = calloc(n_arms, sizeof *study->checkpoints);
    if (study->checkpoints == NULL)
        return svi_fail_memory(error, n_arms * sizeof *study->checkpoints, "checkpoints");
    for (size_t arm = 0; arm < n_arms; arm++) {
        SVI_TRY(open_arm_data(study, arm, error));
        SVI_TRY(find_checkpoints(study, (uint32_t)arm, error));
    }
    return SV_OK;
}

sv_status svi_study_data_digests(const sv_study *study, const char ***digests, sv_error *error)
{
    size_t n_arms = study->spec->n_arms;
    *digests = calloc(n_arms, sizeof **digests);
    if (*digests == NULL) return svi_fail_memory(error, n_arms * sizeof **digests, "data digests");
    for (size_t i = 0; i < n_arms; i++)
        (*digests)[i] = study->dataset[i] == NULL ? "" : study->dataset[i]->digest;
    return SV_OK;
}

svi_job svi_study_job(const sv_study *study, uint32_t arm, uint32_t numerics)
{
    const svi_study_spec *spec = study->spec;
    const svi_numerics_spec *reference = NULL;
    if (spec->record_distances) reference = &spec->numerics[svi_numerics_reference(spec, numerics)];
    return (svi_job){.arm = &study->spec->arms[arm],
                     .numerics = &study->spec->numerics[numerics],
                     .dataset = study->dataset[arm],
                     .checkpoints = &study->checkpoints[arm],
                     .first_seed = study->spec->design.first_seed,
                     .reference = reference};
}

/* A split that cannot be drawn is an error of the study, found before anything is trained. */
static sv_status check_first_instance(const sv_study *study, const svi_job *job, sv_error *error)
{
    svi_instance *instance;
    uint64_t seed[SVK_N_SOURCES];
    if (job->dataset == NULL) return SV_OK;
    for (int s = 0; s < SVK_N_SOURCES; s++) seed[s] = study->spec->design.first_seed;
    SVI_TRY(svi_instance_make(job->dataset, svi_instance_seeds_of(job->dataset, seed),
                              SVK_KEPT_PRECISION(job->numerics->precision), &instance, error));
    svi_instance_free(instance);
    return SV_OK;
}

static sv_status check_jobs(const sv_study *study, const svi_backend *backend, sv_error *error)
{
    for (uint32_t arm = 0; arm < study->spec->n_arms; arm++)
        for (uint32_t n = 0; n < study->spec->n_numerics; n++) {
            svi_job job = svi_study_job(study, arm, n);
            SVI_TRY(check_first_instance(study, &job, error));
            sv_status status = backend->ops->supports(backend, &job, error);
            if (status != SV_OK && status != SV_ERR_UNSUPPORTED) return status;
        }
    return SV_OK;
}

sv_status svi_study_open_backend(const sv_study *study, const svi_backend_options *options,
                                 svi_backend **backend, char notice[256], sv_error *error)
{
    sv_error why = {0};
    SVI_TRY(svi_backend_open(options, backend, notice, error));
    sv_status status = check_jobs(study, *backend, &why);
    bool is_auto = options->device == NULL || strcmp(options->device, "auto") == 0;
    if (status == SV_ERR_DEVICE && is_auto) {
        svi_backend_options on_cpu = *options;
        on_cpu.device = "cpu";
        (*backend)->ops->close(*backend);
        *backend = NULL;
        snprintf(notice, 256, "training on the CPU: %.230s", why.message);
        SVI_TRY(svi_backend_open(&on_cpu, backend, NULL, error));
        status = check_jobs(study, *backend, &why);
    }
    if (status == SV_OK) return SV_OK;
    if (*backend != NULL) (*backend)->ops->close(*backend);
    *backend = NULL;
    return svi_fail(error, status, "%s", why.message);
}

sv_status sv_study_schema(char **json, sv_error *error)
{
    return svi_study_schema_json(json, error);
}
