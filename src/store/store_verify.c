/* verify: every check of a store, and every fault that they find. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/json_text.h"
#include "store/store_file.h"

/* ---- faults ---- */

static void note(svi_faults *faults, const sv_error *error)
{
    json_array_append_new(faults->list, svi_json_text(error->message));
    if (faults->first.status == SV_OK) faults->first = *error;
}

sv_status svi_store_fault(svi_store *store, sv_error *error, const char *format, ...)
{
    char what[600];
    sv_error fault;
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    svi_fail(&fault, SV_ERR_STORE, "%s: %s: the file is damaged; restore it from a copy",
             store->path, what);
    if (store->faults == NULL) return svi_fail(error, SV_ERR_STORE, "%s", fault.message);
    note(store->faults, &fault);
    return SV_OK;
}

static sv_status check_page_text(svi_store *store, sqlite3_stmt *statement, void *context,
                                 sv_error *error)
{
    (void)context;
    const unsigned char *text = sqlite3_column_text(statement, 0);
    const char *what = text == NULL ? "no answer" : (const char *)text;
    return strcmp(what, "ok") == 0
               ? SV_OK
               : svi_store_fault(store, error, "SQLite's integrity_check: %s", what);
}

sv_status svi_store_check_pages(svi_store *store, sv_error *error)
{
    return svi_sql_each(store, "PRAGMA integrity_check(20)", check_page_text, NULL, error);
}

/* ---- the checks ---- */

static sv_status check_runs(svi_store *store, sv_error *error)
{
    return svi_store_scan_runs(store, NULL, NULL, error);
}

static sv_status check_counts(svi_store *store, sv_error *error)
{
    return svi_store_scan_counts(store, NULL, NULL, error);
}

static sv_status check_curves(svi_store *store, sv_error *error)
{
    return svi_store_scan_curves(store, NULL, NULL, error);
}

static sv_status check_distances(svi_store *store, sv_error *error)
{
    return svi_store_scan_distances(store, NULL, NULL, error);
}

static const struct {
    sv_status (*check)(svi_store *store, sv_error *error);
    bool is_needed; /* by those that follow */
} checks[] = {
    {svi_schema_check, true},        {svi_store_load_study, true},  {svi_store_load_machines, true},
    {svi_store_load_launches, true}, {svi_store_check_head, false}, {check_runs, false},
    {check_counts, false},           {check_curves, false},         {check_distances, false},
    {svi_store_check_pages, false},
};

static sv_status run_checks(svi_store *store, svi_faults *faults, sv_error *error)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        sv_error fault = {0};
        sv_status status = checks[i].check(store, &fault);
        if (status == SV_ERR_MEMORY || status == SV_ERR_IO)
            return svi_fail(error, status, "%s", fault.message);
        if (status != SV_OK) note(faults, &fault);
        if (status != SV_OK && checks[i].is_needed) break;
    }
    return SV_OK;
}

/* ---- what was found ---- */

static json_t *verdict_json(const svi_store *store, const char *path, const svi_faults *faults)
{
    return json_pack("{s:s, s:o, s:b, s:I, s:I, s:I, s:I, s:O}", "schema", "seedvar.verify/1",
                     "store", svi_json_text(path), "is_sound", json_array_size(faults->list) == 0,
                     "n_machines", (json_int_t)store->n_machines, "n_launches",
                     (json_int_t)store->n_launches, "n_runs", (json_int_t)store->n_done,
                     "n_predictions", (json_int_t)store->n_predictions, "faults", faults->list);
}

static sv_status verdict_text(const svi_store *store, const char *path, const svi_faults *faults,
                              char **text, sv_error *error)
{
    svi_text out = {0};
    size_t n = json_array_size(faults->list);
    if (n == 0) {
        svi_text_add(
            &out,
            "%s: sound: %llu run%s in %zu launch%s, %llu prediction row%s; every checksum holds\n",
            path, (unsigned long long)store->n_done, svi_plural(store->n_done), store->n_launches,
            store->n_launches == 1 ? "" : "es", (unsigned long long)store->n_predictions,
            svi_plural(store->n_predictions));
    } else {
        svi_text_add(&out, "%s: %zu fault%s\n", path, n, n == 1 ? "" : "s");
    }
    for (size_t i = 0; i < n; i++)
        svi_text_add(&out, "%s\n", json_string_value(json_array_get(faults->list, i)));
    return svi_text_take(&out, text, error);
}

static sv_status verify(svi_store *store, const char *path, svi_faults *faults, bool as_json,
                        char **text, sv_error *error)
{
    store->faults = faults;
    SVI_TRY(run_checks(store, faults, error));
    if (as_json) {
        SVI_TRY(svi_json_take(verdict_json(store, path, faults), text, error));
    } else {
        SVI_TRY(verdict_text(store, path, faults, text, error));
    }
    if (faults->first.status == SV_OK) return SV_OK;
    return svi_fail(error, SV_ERR_STORE, "%s", faults->first.message);
}

/* A file that cannot even be opened as a database is a finding, too. */
static sv_status verify_unopened(const char *path, svi_faults *faults, const sv_error *fault,
                                 bool as_json, char **text, sv_error *error)
{
    svi_store nothing = {0};
    note(faults, fault);
    SVI_TRY(as_json ? svi_json_take(verdict_json(&nothing, path, faults), text, error)
                    : verdict_text(&nothing, path, faults, text, error));
    return svi_fail(error, SV_ERR_STORE, "%s", fault->message);
}

sv_status sv_store_verify(const char *path, bool as_json, char **text, sv_error *error)
{
    svi_faults faults = {.list = json_array()};
    svi_store *store;
    sv_error fault = {0};
    *text = NULL;
    if (faults.list == NULL) return svi_fail_memory(error, 0, "a list of faults");
    sv_status status = svi_store_open_file(path, false, &store, &fault);
    if (status == SV_OK) {
        status = verify(store, path, &faults, as_json, text, error);
        svi_store_close(store);
    } else if (status == SV_ERR_STORE) {
        status = verify_unopened(path, &faults, &fault, as_json, text, error);
    } else {
        status = svi_fail(error, status, "%s", fault.message);
    }
    json_decref(faults.list);
    return status;
}
