/* What a study would run, before anything is spent. */
#include <jansson.h>
#include <stdlib.h>

#include "base/text.h"
#include "data/instance.h"
#include "engine/choose_device.h"

typedef struct arm_shape {
    uint64_t n_parameters, n_train, n_val, n_test;
} arm_shape;

static arm_shape shape_of(const sv_study *study, uint32_t arm)
{
    svi_job job = svi_study_job(study, arm, 0);
    arm_shape shape = {.n_parameters = svi_job_n_parameters(&job)};
    if (job.dataset != NULL)
        svi_instance_sizes(job.dataset, &shape.n_train, &shape.n_val, &shape.n_test);
    return shape;
}

/* The most that the reference of one seed vector takes under any numerics. */
static uint64_t reference_bytes(const sv_study *study, uint32_t arm)
{
    uint64_t most = 0;
    for (uint32_t k = 0; k < study->spec->n_numerics; k++) {
        svi_job job = svi_study_job(study, arm, k);
        uint64_t n = svi_job_reference_bytes(&job);
        if (n > most) most = n;
    }
    return most;
}

static const char *data_name(const sv_study *study, uint32_t arm)
{
    return study->dataset[arm] == NULL ? "none" : study->dataset[arm]->name;
}

static json_t *steps_json(const svi_checkpoints *checkpoints)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < checkpoints->n; i++)
        json_array_append_new(steps, json_integer((json_int_t)checkpoints->step[i]));
    return steps;
}

static json_t *device_json(const svi_device_choice *choice)
{
    svi_device_info info;
    choice->backend->ops->describe(choice->backend, &info);
    return json_pack("{s:s, s:f, s:s}", "name", info.name, "expected_s", choice->expected_s,
                     "reason", choice->reason);
}

static sv_status plan_json(const sv_study *study, const svi_device_choice *choice, char **text,
                           sv_error *error)
{
    json_t *root = json_object(), *arms = json_array(), *numerics = json_array();
    const svi_study_spec *spec = study->spec;
    json_object_set_new(root, "schema", json_string("seedvar.plan/1"));
    json_object_set_new(root, "study", json_string(spec->name));
    json_object_set_new(root, "runs", json_integer((json_int_t)svi_plan_n_runs(spec)));
    json_object_set_new(root, "design", json_string(svi_design_name(spec->design.kind)));
    for (uint32_t i = 0; i < spec->n_arms; i++) {
        arm_shape shape = shape_of(study, i);
        json_array_append_new(arms, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "arm",
                                              spec->arms[i].name, "data", data_name(study, i),
                                              "parameters", (json_int_t)shape.n_parameters,
                                              "train_rows", (json_int_t)shape.n_train, "val_rows",
                                              (json_int_t)shape.n_val, "test_rows",
                                              (json_int_t)shape.n_test, "checkpoints",
                                              steps_json(&study->checkpoints[i])));
    }
    for (size_t i = 0; i < spec->n_numerics; i++)
        json_array_append_new(numerics,
                              json_pack("{s:s, s:I}", "numerics", spec->numerics[i].name,
                                        "replicates", (json_int_t)spec->numerics[i].n_replicates));
    json_object_set_new(root, "arms", arms);
    json_object_set_new(root, "numerics", numerics);
    json_object_set_new(root, "device", device_json(choice));
    char *dumped = json_dumps(root, JSON_INDENT(2));
    svi_text out = {0};
    json_decref(root);
    if (dumped == NULL) return svi_fail_memory(error, 0, "a plan");
    svi_text_add(&out, "%s\n", dumped);
    free(dumped);
    return svi_text_take(&out, text, error);
}

static const char *source_name(int source)
{
    static const char *const names[SVK_N_SOURCES] = {
#define SOURCE_NAME(id, number, name, help) name,
        SVK_SOURCES(SOURCE_NAME)
#undef SOURCE_NAME
    };
    return names[source];
}

/* "20 data > 10 init", or the names alone. */
static void add_sources(svi_text *out, const svi_design_spec *design, const char *between,
                        bool has_levels)
{
    for (size_t i = 0; i < design->n_varied; i++) {
        int source = design->varied[i];
        svi_text_add(out, "%s", i > 0 ? between : "");
        if (has_levels) svi_text_add(out, "%llu ", (unsigned long long)design->n_levels[source]);
        svi_text_add(out, "%s", source_name(source));
    }
}

static void add_design(svi_text *out, const svi_design_spec *design)
{
    unsigned long long first = design->first_seed, n_bases = design->n_bases;
    switch (design->kind) {
    case SVI_DESIGN_SWEEP:
        svi_text_add(out, "sweep of %llu seeds from %llu, setting ",
                     (unsigned long long)design->n_seeds, first);
        add_sources(out, design, ", ", false);
        break;
    case SVI_DESIGN_CROSSED:
        svi_text_add(out, "crossed: ");
        add_sources(out, design, " x ", true);
        svi_text_add(out, " seeds from %llu", first);
        break;
    case SVI_DESIGN_NESTED:
        svi_text_add(out, "nested: ");
        add_sources(out, design, ", within each ", true);
        svi_text_add(out, " seeds, from %llu", first);
        break;
    case SVI_DESIGN_ONE_AT_A_TIME:
        svi_text_add(out, "one at a time: ");
        add_sources(out, design, ", then ", true);
        svi_text_add(out, " seeds from %llu, at %llu base%s", first, n_bases,
                     n_bases == 1 ? "" : "s");
        break;
    default:
        svi_text_add(out, "pick-freeze: %llu rows of %zu runs over ",
                     (unsigned long long)design->n_rows, design->n_varied + 2);
        add_sources(out, design, ", ", false);
        svi_text_add(out, ", seeds from %llu", first);
    }
    svi_text_add(out, "\n");
}

static void add_device(svi_text *out, const svi_device_choice *choice)
{
    svi_device_info info;
    choice->backend->ops->describe(choice->backend, &info);
    svi_text_add(out, "  device    %s (%s), about %.2g s; %s\n", info.name, info.detail,
                 choice->expected_s, choice->reason);
}

static sv_status plan_words(const sv_study *study, const svi_device_choice *choice, char **text,
                            sv_error *error)
{
    svi_text out = {0};
    const svi_study_spec *spec = study->spec;
    svi_text_add(&out, "%s: %llu runs\n", spec->name, (unsigned long long)svi_plan_n_runs(spec));
    svi_text_add(&out, "  design    ");
    add_design(&out, &spec->design);
    for (uint32_t i = 0; i < spec->n_arms; i++) {
        arm_shape shape = shape_of(study, i);
        svi_text_add(&out, "  arm       %s: %llu parameter%s", spec->arms[i].name,
                     (unsigned long long)shape.n_parameters, shape.n_parameters == 1 ? "" : "s");
        if (study->dataset[i] != NULL)
            svi_text_add(&out, "; %s: %llu rows to train, %llu to validate, %s%llu to test",
                         data_name(study, i), (unsigned long long)shape.n_train,
                         (unsigned long long)shape.n_val,
                         spec->arms[i].data.split.is_replaced ? "at most " : "",
                         (unsigned long long)shape.n_test);
        if (study->dataset[i] != NULL && study->dataset[i]->n_rows_dropped > 0)
            svi_text_add(&out, "; %llu left out for a missing value",
                         (unsigned long long)study->dataset[i]->n_rows_dropped);
        if (study->checkpoints[i].n > 0)
            svi_text_add(&out, "; %zu checkpoints", study->checkpoints[i].n);
        if (spec->record_distances)
            svi_text_add(
                &out,
                "; distances from references of %.3g MB a seed, on a GPU as much for each run",
                1e-6 * (double)reference_bytes(study, i));
        svi_text_add(&out, "\n");
    }
    for (size_t i = 0; i < spec->n_numerics; i++)
        svi_text_add(&out, "  numerics  %s, %llu replicate%s\n", spec->numerics[i].name,
                     (unsigned long long)spec->numerics[i].n_replicates,
                     spec->numerics[i].n_replicates == 1 ? "" : "s");
    add_device(&out, choice);
    return svi_text_take(&out, text, error);
}

sv_status sv_study_plan(sv_study *study, bool as_json, char **text, sv_error *error)
{
    svi_backend_options any = {.device = "auto"};
    svi_device_choice choice;
    SVI_TRY(svi_study_open_data(study, error));
    SVI_TRY(svi_choose_device(study, &any, svi_plan_n_runs(study->spec), &choice, error));
    sv_status status =
        as_json ? plan_json(study, &choice, text, error) : plan_words(study, &choice, text, error);
    choice.backend->ops->close(choice.backend);
    return status;
}
