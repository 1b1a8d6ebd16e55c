#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/instance.h"
#include "engine/choose_device.h"

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
    if (study->spec->checkpoints.rule == SVI_CHECKPOINTS_NONE) return SV_OK;
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
                                 svi_backend **backend, sv_error *error)
{
    SVI_TRY(svi_backend_open(options, backend, NULL, error));
    sv_status status = check_jobs(study, *backend, error);
    if (status == SV_OK) return SV_OK;
    (*backend)->ops->close(*backend);
    *backend = NULL;
    return status;
}

static sv_status open_chosen(const sv_study *study, const svi_backend_options *options,
                             uint64_t n_left, svi_devices *devices, char notice[256],
                             sv_error *error)
{
    svi_device_choice choice;
    SVI_TRY(svi_choose_device(study, options, n_left, &choice, error));
    if (choice.is_fallback) snprintf(notice, 256, "training on the CPU: %.230s", choice.reason);
    devices->n = 1;
    devices->backend[0] = choice.backend;
    return SV_OK;
}

sv_status svi_study_open_devices(const sv_study *study, const svi_backend_options *options,
                                 uint64_t n_left, svi_devices *devices, char notice[256],
                                 sv_error *error)
{
    svi_device_list list;
    sv_status status = svi_device_list_read(options->device, &list, error);
    devices->n = 0;
    notice[0] = '\0';
    if (status == SV_OK && strcmp(list.name[0], "auto") == 0)
        return open_chosen(study, options, n_left, devices, notice, error);
    for (size_t i = 0; status == SV_OK && i < list.n; i++) {
        svi_backend_options one = *options;
        one.device = list.name[i];
        status = svi_study_open_backend(study, &one, &devices->backend[i], error);
        devices->n += status == SV_OK;
    }
    if (status != SV_OK) svi_devices_close(devices);
    return status;
}

void svi_devices_close(svi_devices *devices)
{
    for (size_t i = 0; i < devices->n; i++) devices->backend[i]->ops->close(devices->backend[i]);
    devices->n = 0;
}

sv_status sv_study_schema(char **json, sv_error *error)
{
    return svi_study_schema_json(json, error);
}
