#include <jansson.h>
#include <stdlib.h>

#include "engine/outlook.h"

static json_t *steps_json(const svi_checkpoints *checkpoints)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < checkpoints->n; i++)
        json_array_append_new(steps, json_integer((json_int_t)checkpoints->step[i]));
    return steps;
}

static sv_status add_device_json(json_t *root, const svi_outlook *o, sv_error *error)
{
    svi_text out = {0};
    char *names;
    svi_outlook_add_devices(o, &out);
    SVI_TRY(svi_text_take(&out, &names, error));
    json_object_set_new(root, "device",
                        json_pack("{s:s, s:f, s:s}", "name", names, "expected_s", o->expected_s,
                                  "reason", o->reason));
    free(names);
    return SV_OK;
}

static json_t *launches_json(const svi_launch_plan *plan)
{
    return json_pack("{s:I, s:I}", "number", (json_int_t)plan->n_launches, "runs_most",
                     (json_int_t)plan->n_runs_most);
}

static json_t *memory_json(const svi_launch_plan *plan)
{
    return json_pack("{s:I, s:I}", "host_bytes", (json_int_t)plan->host_bytes, "device_bytes",
                     (json_int_t)plan->device_bytes);
}

sv_status svi_plan_json(const svi_outlook *o, char **text, sv_error *error)
{
    const sv_study *study = o->study;
    json_t *root = json_object(), *arms = json_array(), *numerics = json_array();
    const svi_study_spec *spec = study->spec;
    json_object_set_new(root, "schema", json_string("seedvar.plan/1"));
    json_object_set_new(root, "study", json_string(spec->name));
    json_object_set_new(root, "runs", json_integer((json_int_t)svi_plan_n_runs(spec)));
    json_object_set_new(root, "design", json_string(svi_design_name(spec->design.kind)));
    for (uint32_t i = 0; i < spec->n_arms; i++) {
        svi_arm_shape shape = svi_outlook_arm(o, i);
        json_array_append_new(
            arms,
            json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "arm", spec->arms[i].name, "data",
                      svi_outlook_data_name(o, i), "parameters", (json_int_t)shape.n_parameters,
                      "train_rows", (json_int_t)shape.n_train, "val_rows", (json_int_t)shape.n_val,
                      "test_rows", (json_int_t)shape.n_test, "checkpoints",
                      steps_json(&study->checkpoints[i])));
    }
    for (size_t i = 0; i < spec->n_numerics; i++)
        json_array_append_new(numerics,
                              json_pack("{s:s, s:I}", "numerics", spec->numerics[i].name,
                                        "replicates", (json_int_t)spec->numerics[i].n_replicates));
    json_object_set_new(root, "arms", arms);
    json_object_set_new(root, "numerics", numerics);
    json_object_set_new(root, "launches", launches_json(&o->launches));
    json_object_set_new(root, "memory", memory_json(&o->launches));
    json_object_set_new(root, "store_bytes",
                        o->launches.store_bytes > 0
                            ? json_integer((json_int_t)o->launches.store_bytes)
                            : json_null());
    sv_status status = add_device_json(root, o, error);
    char *dumped = status == SV_OK ? json_dumps(root, JSON_INDENT(2)) : NULL;
    svi_text out = {0};
    json_decref(root);
    SVI_TRY(status);
    if (dumped == NULL) return svi_fail_memory(error, 0, "a plan");
    svi_text_add(&out, "%s\n", dumped);
    free(dumped);
    return svi_text_take(&out, text, error);
}
