/* What this machine computes, as a text that travels: docs/fingerprint.md. */
#include "fingerprint/fingerprint.h"

#include <string.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "report/json_value.h"
#include "store/json_text.h"

/* Of the store's machine row, without the host's name and the command line: they say whose machine
 * it is, and not what it computes. */
static json_t *machine_json(const svi_machine *m)
{
    const struct {
        const char *key, *text;
    } texts[] = {
        {"os", m->os},
        {"cpu", m->cpu},
        {"simd", m->simd},
        {"device", m->device},
        {"device_model", m->device_model},
        {"device_detail", m->device_detail},
        {"driver", m->driver},
        {"cuda_runtime", m->cuda_runtime},
        {"cuda_toolkit", m->cuda_toolkit},
        {"cuda_code", m->cuda_code},
        {"compiler", m->compiler},
        {"compiler_flags", m->compiler_flags},
        {"program_version", m->program_version},
        {"git_commit", m->git_commit},
    };
    json_t *machine = json_object();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        svi_json_set(&machine, texts[i].key, svi_json_string(texts[i].text));
    svi_json_set(&machine, "threads", json_integer(m->n_threads));
    return machine;
}

/* Over the names and digests of all that the contract fixes and that was measured. */
static svi_hash contract_of(const svi_subjects *subjects)
{
    svi_hash hash = svi_hash_start();
    for (size_t i = 0; i < subjects->n; i++) {
        const svi_fingerprint_subject *s = &subjects->item[i];
        if (!s->is_contract) continue;
        svi_hash_text(&hash, s->name);
        for (size_t d = 0; d < s->n_digests; d++) svi_hash_text(&hash, s->digest[d].hex);
    }
    return hash;
}

static sv_status write_json(const svi_subjects *subjects, const svi_machine *machine,
                            double elapsed_s, char **json, sv_error *error)
{
    char contract[33];
    json_t *root = json_object(), *list = json_array();
    svi_hash_hex(contract_of(subjects), contract);
    for (size_t i = 0; i < subjects->n; i++)
        svi_json_append(&list, svi_subject_json(&subjects->item[i]));
    svi_json_set(&root, "schema", json_string("seedvar.fingerprint/1"));
    svi_json_set(&root, "time_unix_ms", json_integer(machine->started_unix_ms));
    svi_json_set(&root, "elapsed_s", json_real(elapsed_s));
    svi_json_set(&root, "machine", machine_json(machine));
    svi_json_set(&root, "contract_digest", json_string(contract));
    svi_json_set(&root, "subjects", list);
    return svi_json_take(root, json, error);
}

static sv_status compute(svi_subjects *subjects, svi_backend *backend, sv_error *error)
{
    SVI_TRY(svi_add_host_subjects(subjects, error));
    SVI_TRY(svi_add_blas_subjects(subjects, error));
    SVI_TRY(svi_add_sum_subjects(subjects, backend, error));
    return svi_add_training_subjects(subjects, backend, error);
}

sv_status sv_fingerprint(const sv_fingerprint_options *options, char **json, sv_error *error)
{
    svi_backend_options device = {options->device == NULL ? "cpu" : options->device, options->simd,
                                  options->n_threads};
    svi_subjects subjects = {0};
    svi_machine machine;
    svi_backend *backend;
    int64_t started_ns = svi_clock_ns();
    SVI_TRY(svi_backend_open(&device, &backend, NULL, error));
    svi_machine_describe(backend, options->simd, options->n_threads, NULL, &machine);
    sv_status status = compute(&subjects, backend, error);
    double elapsed_s = (double)(svi_clock_ns() - started_ns) * 1e-9;
    if (status == SV_OK) status = write_json(&subjects, &machine, elapsed_s, json, error);
    svi_subjects_clear(&subjects);
    backend->ops->close(backend);
    return status;
}
