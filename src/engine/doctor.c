/* What this machine offers, what would go wrong on it, and how to mend that. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/text.h"
#include "base/version.h"
#include "engine/engine.h"
#include "report/json_value.h"

#define LITTLE_SPACE_BYTES (UINT64_C(1) << 30)
#define LITTLE_MEMORY_BYTES (UINT64_C(1) << 30)
#define DRIVER_FILE "/proc/driver/nvidia/version"

typedef enum finding_state { FINE, NOTE, PROBLEM } finding_state;
static const char *const state_names[] = {"ok", "note", "problem"};

typedef struct examination {
    svi_text text;
    json_t *checks;
    size_t n_notes;
    sv_error problem; /* the first */
} examination;

/* mend: NULL where nothing needs one. */
static void add(examination *e, const char *check, finding_state state, const char *found,
                const char *mend)
{
    json_t *object = json_object();
    svi_json_set(&object, "check", json_string(check));
    svi_json_set(&object, "state", json_string(state_names[state]));
    svi_json_set(&object, "found", svi_json_string(found));
    svi_json_set(&object, "mend", mend != NULL ? svi_json_string(mend) : json_null());
    svi_json_append(&e->checks, object);
    svi_text_add(&e->text, "%-8s %-11s %s\n", state_names[state], check, found);
    if (mend != NULL) svi_text_add(&e->text, "%-20s -> %s\n", "", mend);
    e->n_notes += state == NOTE;
    if (state == PROBLEM && e->problem.status == SV_OK)
        svi_fail(&e->problem, SV_ERR_STORE, "%.400s; %.400s", found, mend);
}

static void check_program(examination *e)
{
    char found[512];
    snprintf(found, sizeof found,
             "seedvar %s (commit %.12s), by %s; SQLite %s, jansson %s, zlib %s", SVI_VERSION,
             SVI_GIT_COMMIT, SVI_COMPILER, svi_store_library_version(), jansson_version_str(),
             zlibVersion());
    add(e, "program", FINE, found, NULL);
}

static void check_processor(examination *e)
{
    const svi_backend_options options = {.device = "cpu"};
    svi_backend *backend;
    svi_device_info info;
    sv_error error = {0};
    char found[512];
    if (svi_backend_open(&options, &backend, NULL, &error) != SV_OK) {
        add(e, "processor", PROBLEM, error.message,
            "unset LD_PRELOAD if it is set, or run on another machine");
        return;
    }
    backend->ops->describe(backend, &info);
    backend->ops->close(backend);
    snprintf(found, sizeof found, "%s: %s", info.model, info.detail);
    bool is_plain = strstr(info.detail, "plain") != NULL;
    add(e, "processor", is_plain ? NOTE : FINE, found,
        is_plain ? "no AVX2 here: training takes several times as long, with the same bits" : NULL);
}

static void check_memory(examination *e)
{
    char found[128];
    double page = (double)sysconf(_SC_PAGESIZE);
    double all = page * (double)sysconf(_SC_PHYS_PAGES);
    double unused = page * (double)sysconf(_SC_AVPHYS_PAGES);
    snprintf(found, sizeof found, "%.3g GB, of which %.3g GB unused", all * 1e-9, unused * 1e-9);
    bool is_little = all < (double)LITTLE_MEMORY_BYTES;
    add(e, "memory", is_little ? NOTE : FINE, found,
        is_little ? "enough for small data sets; `seedvar plan` reads the data of a study" : NULL);
}

static bool read_line(const char *path, char *line, int size)
{
    FILE *file = fopen(path, "r");
    bool is_read = file != NULL && fgets(line, size, file) != NULL;
    if (file != NULL) fclose(file);
    if (is_read) line[strcspn(line, "\n")] = '\0';
    return is_read;
}

/* False where there is no such device, with the reason. */
static bool check_gpu(examination *e, int number, sv_error *error)
{
    char name[16], found[1024];
    snprintf(name, sizeof name, "cuda:%d", number);
    const svi_backend_options options = {.device = name};
    svi_backend *backend;
    svi_device_info info;
    if (svi_backend_open(&options, &backend, NULL, error) != SV_OK) return false;
    backend->ops->describe(backend, &info);
    backend->ops->close(backend);
    snprintf(found, sizeof found, "%s: %s; driver %s, CUDA runtime %s", info.model, info.detail,
             info.driver, info.cuda_runtime);
    add(e, name, FINE, found, NULL);
    return true;
}

static void check_gpus(examination *e)
{
    char driver[256];
    sv_error error = {0};
    int n = 0;
    bool has_driver = read_line(DRIVER_FILE, driver, sizeof driver);
    add(e, "driver", FINE, has_driver ? driver : "no NVIDIA driver", NULL);
    if (!svi_build_has_cuda()) {
        add(e, "gpu", has_driver ? NOTE : FINE, "this program was built without CUDA",
            has_driver ? "build with nvcc on the PATH (-DSEEDVAR_CUDA=ON) to train on the GPU"
                       : NULL);
        return;
    }
    while (n < SVI_DEVICES_MOST && check_gpu(e, n, &error)) n++;
    if (n > 0) return;
    const char *reason = strstr(error.message, ": ");
    add(e, "gpu", has_driver ? NOTE : FINE, reason != NULL ? reason + 2 : error.message,
        has_driver ? "run nvidia-smi; without a GPU everything but the hardware's own orders runs "
                     "on the CPU"
                   : NULL);
}

static void check_store(examination *e, const char *path)
{
    svi_store_place place;
    char found[512];
    svi_store_place_find(path, &place);
    snprintf(found, sizeof found, "%.300s: %s, %.3g GB free", path, place.file_system,
             (double)place.free_bytes * 1e-9);
    if (!place.is_known) {
        snprintf(found, sizeof found, "%.300s: there is no such folder", path);
        add(e, "store", PROBLEM, found, "make the folder, or name another");
    } else if (!place.is_writable) {
        add(e, "store", PROBLEM, found, "not writable: make it so, or name another place");
    } else if (place.is_network) {
        add(e, "store", NOTE, found,
            "its locks are not to be trusted, and a crash there can damage a store: keep stores on "
            "a local disk");
    } else if (place.free_bytes < LITTLE_SPACE_BYTES) {
        add(e, "store", NOTE, found, "a million runs take about 0.3 GB: make room");
    } else if (place.is_memory) {
        add(e, "store", NOTE, found, "kept in memory: stores here are lost when the machine stops");
    } else {
        add(e, "store", FINE, found, NULL);
    }
}

static sv_status take(examination *e, bool as_json, char **text, sv_error *error)
{
    size_t n_problems = e->problem.status != SV_OK;
    if (!as_json) {
        svi_text_add(&e->text, "\n%s\n",
                     n_problems > 0   ? "something has to be mended first"
                     : e->n_notes > 0 ? "seedvar works here; the notes say what would be better"
                                      : "nothing stands in the way");
        return svi_text_take(&e->text, text, error);
    }
    json_t *root = json_object();
    svi_json_set(&root, "schema", json_string("seedvar.doctor/1"));
    svi_json_set(&root, "version", json_string(SVI_VERSION));
    svi_json_set(&root, "is_fit", json_boolean(n_problems == 0));
    svi_json_set(&root, "checks", json_incref(e->checks));
    return svi_json_write(root, "an examination", text, error);
}

sv_status sv_doctor(const char *path, bool as_json, char **text, sv_error *error)
{
    examination e = {.checks = json_array()};
    check_program(&e);
    check_processor(&e);
    check_memory(&e);
    check_gpus(&e);
    check_store(&e, path != NULL ? path : ".");
    sv_status status = take(&e, as_json, text, error);
    json_decref(e.checks);
    svi_text_clear(&e.text);
    if (status != SV_OK || e.problem.status == SV_OK) return status;
    return svi_fail(error, e.problem.status, "%s", e.problem.message);
}
