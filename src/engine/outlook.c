/* What a study would run, before anything is spent. */
#include "engine/outlook.h"

#include <stdio.h>
#include <string.h>

#include "data/instance.h"
#include "engine/choose_device.h"
#include "engine/expected_time.h"

svi_arm_shape svi_outlook_arm(const svi_outlook *outlook, uint32_t arm)
{
    svi_job job = svi_study_job(outlook->study, arm, 0);
    svi_arm_shape shape = {.n_parameters = svi_job_n_parameters(&job)};
    if (job.dataset != NULL)
        svi_instance_sizes(job.dataset, &shape.n_train, &shape.n_val, &shape.n_test);
    return shape;
}

const char *svi_outlook_data_name(const svi_outlook *outlook, uint32_t arm)
{
    const svi_dataset *dataset = outlook->study->dataset[arm];
    return dataset == NULL ? "none" : dataset->name;
}

void svi_outlook_add_devices(const svi_outlook *outlook, svi_text *out)
{
    svi_device_info info;
    const svi_devices *devices = &outlook->devices;
    for (size_t i = 0; i < devices->n; i++) {
        devices->backend[i]->ops->describe(devices->backend[i], &info);
        svi_text_add(out, "%s%s", i > 0 ? "," : "", info.name);
    }
}

static sv_status choose(const svi_backend_options *any, svi_outlook *o, sv_error *error)
{
    svi_device_choice choice;
    SVI_TRY(svi_choose_device(o->study, any, svi_plan_n_runs(o->study->spec), &choice, error));
    o->devices = (svi_devices){1, {choice.backend}};
    snprintf(o->reason, sizeof o->reason, "%s", choice.reason);
    return SV_OK;
}

static sv_status open_devices(const svi_backend_options *asked, svi_outlook *o, sv_error *error)
{
    char notice[256];
    if (asked->device == NULL || strcmp(asked->device, "auto") == 0) return choose(asked, o, error);
    return svi_study_open_devices(o->study, asked, svi_plan_n_runs(o->study->spec), &o->devices,
                                  notice, error);
}

/* Devices that share the runs: their rates add up. */
static sv_status expect(svi_outlook *o, sv_error *error)
{
    uint64_t n_runs = svi_plan_n_runs(o->study->spec);
    double rate = 0, seconds;
    for (size_t i = 0; i < o->devices.n; i++) {
        SVI_TRY(svi_expected_time(o->study, o->devices.backend[i], n_runs, &seconds, error));
        rate += 1 / seconds;
    }
    o->expected_s = 1 / rate + svi_expected_store_time(o->study, n_runs);
    return SV_OK;
}

sv_status sv_study_plan(sv_study *study, const sv_plan_options *options, bool as_json, char **text,
                        sv_error *error)
{
    sv_plan_options any = {0};
    svi_outlook o = {.study = study};
    if (options == NULL) options = &any;
    svi_backend_options asked = {options->device, options->simd, options->n_threads};
    SVI_TRY(svi_study_open_data(study, error));
    SVI_TRY(open_devices(&asked, &o, error));
    sv_status status = expect(&o, error);
    if (status == SV_OK)
        status = svi_launch_plan_make(study, &o.devices, options->n_launch, &o.launches, error);
    if (status == SV_OK) status = (as_json ? svi_plan_json : svi_plan_text)(&o, text, error);
    svi_devices_close(&o.devices);
    return status;
}
