/* Where a run parts from its store when it is trained again. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bisect/bisection.h"
#include "report/json_value.h"
#include "store/json_text.h"

/* a: on the CPU, b: on the device of the replay; on a CPU there is b alone. */
typedef struct session {
    svi_bisection found;
    svi_backend *cpu, *device;
    const char *device_name;
    bool is_on_cpu;    /* the replay was */
    bool has_witness;  /* a was trained, too */
    sv_error no_steps; /* why there is nothing to look at between start and end */
} session;

static sv_status open_backends(session *s, const sv_replay_options *options, sv_error *error)
{
    svi_backend_options cpu = {"cpu", options->simd, options->n_threads}, device = cpu;
    s->device_name = options->device == NULL ? "cpu" : options->device;
    s->is_on_cpu = strcmp(s->device_name, "cpu") == 0;
    device.device = s->device_name;
    SVI_TRY(svi_backend_open(&device, &s->device, NULL, error));
    return s->is_on_cpu ? SV_OK : svi_backend_open(&cpu, &s->cpu, NULL, error);
}

/* A CPU that can train the run says whether the device or the store is alone. */
static sv_status ask_cpu(session *s, uint64_t run, sv_error *error)
{
    sv_error refused = {0};
    if (s->is_on_cpu) return SV_OK;
    sv_status status = svi_bisected_run_choose(&s->found.a, s->cpu, run, &refused);
    if (status == SV_ERR_DEVICE) return SV_OK;
    if (status != SV_OK) return svi_fail(error, status, "%s", refused.message);
    s->has_witness = true;
    return svi_bisection_search(&s->found, error);
}

static sv_status look(session *s, const char *folder, const char *store, uint64_t run,
                      sv_error *error)
{
    svi_bisection *f = &s->found;
    SVI_TRY(svi_bisected_run_open(&f->a, store, folder, error));
    SVI_TRY(svi_bisected_run_open(&f->b, store, folder, error));
    sv_status status = svi_bisected_run_choose(&f->b, s->device, run, &s->no_steps);
    if (status == SV_ERR_UNSUPPORTED) return SV_OK;
    if (status != SV_OK) return svi_fail(error, status, "%s", s->no_steps.message);
    SVI_TRY(ask_cpu(s, run, error));
    return s->has_witness ? SV_OK : svi_bisected_run_check_curve(&s->found.b, error);
}

/* ---- what is said ---- */

static void add_witness(svi_text *out, const session *s)
{
    const svi_bisection *f = &s->found;
    svi_text_add(out, "On a CPU it comes to %s bits of the store.\n",
                 f->is_reproduced[0] ? "the" : "other");
    if (f->is_parted) {
        svi_text_add(out, "A: cpu, B: %s. ", s->device_name);
        svi_bisection_add_parting(out, f);
    } else {
        svi_text_add(out, "The CPU and %s are equal after all %" PRIu64 " steps.\n", s->device_name,
                     f->n_steps);
    }
}

static sv_status write_text(const session *s, uint64_t run, char **text, sv_error *error)
{
    svi_text out = {0};
    char name[40];
    snprintf(name, sizeof name, "Run %" PRIu64, run);
    if (s->no_steps.message[0] != '\0')
        svi_text_add(&out, "%s\n", s->no_steps.message);
    else
        svi_bisection_add_reproduction(&out, name, &s->found.b, false);
    if (s->has_witness) add_witness(&out, s);
    return svi_text_take(&out, text, error);
}

static sv_status write_json(const session *s, uint64_t run, char **json, sv_error *error)
{
    const svi_bisected_run *b = &s->found.b;
    json_t *root = json_object();
    svi_json_set(&root, "run", svi_json_count(run));
    svi_json_set(&root, "checkpoints", svi_json_count(b->n_checkpoints));
    svi_json_set(&root, "store_equal_step",
                 b->is_store_parted ? svi_json_count(b->equal_step) : json_null());
    svi_json_set(&root, "store_different_step",
                 b->is_store_parted ? svi_json_count(b->different_step) : json_null());
    svi_json_set(&root, "cpu_reproduced",
                 s->has_witness ? json_boolean(s->found.is_reproduced[0]) : json_null());
    svi_json_set(&root, "parting",
                 s->found.is_parted ? svi_bisection_parting_json(&s->found) : json_null());
    return svi_json_take(root, json, error);
}

sv_status sv_replay_parting(const sv_replay_options *options, const char *folder, uint64_t run,
                            bool as_json, char **text, sv_error *error)
{
    session *s = calloc(1, sizeof *s);
    if (s == NULL) return svi_fail_memory(error, sizeof *s, "a replay");
    sv_status status = open_backends(s, options, error);
    if (status == SV_OK) status = look(s, folder, options->store_path, run, error);
    if (status == SV_OK)
        status = as_json ? write_json(s, run, text, error) : write_text(s, run, text, error);
    svi_bisected_run_close(&s->found.a);
    svi_bisected_run_close(&s->found.b);
    if (s->cpu != NULL) s->cpu->ops->close(s->cpu);
    if (s->device != NULL) s->device->ops->close(s->device);
    free(s);
    return status;
}
