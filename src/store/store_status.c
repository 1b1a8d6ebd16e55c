/* status: how far a study has come, and on what. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "store/json_text.h"
#include "store/store_file.h"

/* A row of plain columns as a JSON object. */
static json_t *row_json(sqlite3_stmt *statement)
{
    json_t *object = json_object();
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const char *name = sqlite3_column_name(statement, i);
        json_t *value = sqlite3_column_type(statement, i) == SQLITE_INTEGER
                            ? json_integer(sqlite3_column_int64(statement, i))
                            : svi_json_text((const char *)sqlite3_column_text(statement, i));
        json_object_set_new(object, name, value);
    }
    return object;
}

static sv_status add_machine(svi_store *store, sqlite3_stmt *statement, void *context,
                             sv_error *error)
{
    (void)store;
    if (json_array_append_new(context, row_json(statement)) == 0) return SV_OK;
    return svi_fail_memory(error, 0, "a machine");
}

static const char machine_query[] =
    "SELECT machine, host, os, cpu, simd, device, device_model, device_detail, device_uuid, "
    "driver, "
    "cuda_runtime, cuda_toolkit, cuda_code, compiler, compiler_flags, program_version, git_commit, "
    "command_line, n_threads, started_unix_ms, (SELECT sum(n_runs) FROM launch WHERE "
    "launch.machine=machine.machine) AS n_runs FROM machine ORDER BY machine";

static void add_digest(svi_store *store, const char *digest, svi_text *out)
{
    uint64_t n_missing = store->study.n_runs - store->n_done;
    if (n_missing == 0) {
        svi_text_add(out, "digest   %s\n", digest);
    } else {
        svi_text_add(out, "missing  %llu\n", (unsigned long long)n_missing);
    }
}

static const char *member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static void add_machine_text(const json_t *machine, svi_text *out)
{
    char started[32] = "";
    struct tm utc;
    time_t seconds =
        (time_t)(json_integer_value(json_object_get(machine, "started_unix_ms")) / 1000);
    if (gmtime_r(&seconds, &utc) != NULL)
        strftime(started, sizeof started, "%Y-%m-%d %H:%M UTC", &utc);
    json_int_t n_runs = json_integer_value(json_object_get(machine, "n_runs"));
    svi_text_add(out, "invoked  %s: %lld run%s on %s, %s, %s; seedvar %s\n", started,
                 (long long)n_runs, svi_plural((uint64_t)n_runs), member(machine, "host"),
                 member(machine, "device"), member(machine, "device_model"),
                 member(machine, "program_version"));
}

static sv_status status_text(svi_store *store, const json_t *machines, const char *digest,
                             char **text, sv_error *error)
{
    svi_text out = {0};
    svi_text_add(&out, "study    %s\nruns     %llu of %llu\n", store->study.name,
                 (unsigned long long)store->n_done, (unsigned long long)store->study.n_runs);
    add_digest(store, digest, &out);
    svi_text_add(&out, "launches %zu\n", store->n_launches);
    for (size_t i = 0; i < json_array_size(machines); i++)
        add_machine_text(json_array_get(machines, i), &out);
    return svi_text_take(&out, text, error);
}

static json_t *status_json(svi_store *store, json_t *machines, const char *digest)
{
    bool is_complete = store->n_done == store->study.n_runs;
    return json_pack("{s:s, s:o, s:I, s:I, s:b, s:s?, s:I, s:O}", "schema", "seedvar.status/1",
                     "study", svi_json_text(store->study.name), "n_runs",
                     (json_int_t)store->study.n_runs, "n_done", (json_int_t)store->n_done,
                     "is_complete", is_complete, "study_digest", is_complete ? digest : NULL,
                     "n_launches", (json_int_t)store->n_launches, "machines", machines);
}

static sv_status fill(svi_store *store, json_t *machines, bool as_json, char **text,
                      sv_error *error)
{
    char digest[33] = "";
    SVI_TRY(svi_sql_each(store, machine_query, add_machine, machines, error));
    if (store->n_done == store->study.n_runs) {
        svi_hash hash;
        SVI_TRY(svi_store_study_digest(store, &hash, error));
        svi_hash_hex(hash, digest);
    }
    SVI_TRY(as_json ? svi_json_take(status_json(store, machines, digest), text, error)
                    : status_text(store, machines, digest, text, error));
    if (store->n_done == store->study.n_runs) return SV_OK;
    return svi_fail(error, SV_ERR_INCOMPLETE,
                    "%s: %llu of %llu run%s missing; seedvar run goes on from here", store->path,
                    (unsigned long long)(store->study.n_runs - store->n_done),
                    (unsigned long long)store->study.n_runs,
                    store->study.n_runs - store->n_done == 1 ? "s is" : "s are");
}

sv_status sv_store_status(const char *path, bool as_json, char **text, sv_error *error)
{
    svi_store *store;
    *text = NULL;
    SVI_TRY(svi_store_open_read(path, &store, error));
    json_t *machines = json_array();
    sv_status status = machines == NULL ? svi_fail_memory(error, 0, "the machines")
                                        : fill(store, machines, as_json, text, error);
    json_decref(machines);
    svi_store_close(store);
    return status;
}
