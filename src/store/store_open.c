#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "store/store_file.h"

/* Long enough for a reader to finish or a commit to reach the disk. */
enum { BUSY_TIMEOUT_MS = 60000 };

static sv_status check_path(const char *path, bool for_writing, sv_error *error)
{
    struct stat info;
    if (path == NULL || path[0] == '\0') {
        return svi_fail(error, SV_ERR_STORE, "the store's name is empty; give a file name");
    }
    if (stat(path, &info) != 0) {
        if (errno == ENOENT && for_writing) return SV_OK;
        return svi_fail(error, SV_ERR_IO, "%s: cannot open the store: %s; check the name", path,
                        strerror(errno));
    }
    if (S_ISREG(info.st_mode)) return SV_OK;
    return svi_fail(error, SV_ERR_STORE, "%s: %s, not a store; give the name of a file", path,
                    S_ISDIR(info.st_mode) ? "this is a folder" : "this is not a regular file");
}

/* A name that starts with a folder is never taken for a URI or for ":memory:". */
static sv_status connect(svi_store *store, bool for_writing, sv_error *error)
{
    svi_text text = {0};
    char *name;
    svi_text_add(&text, "%s%s", store->path[0] == '/' ? "" : "./", store->path);
    SVI_TRY(svi_text_take(&text, &name, error));
    /* A reader, too, must be able to roll back what a killed writer left. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code =
        sqlite3_open_v2(name, &store->db, flags | (for_writing ? SQLITE_OPEN_CREATE : 0), NULL);
    free(name);
    if (store->db == NULL) return svi_fail_memory(error, 0, "an SQLite connection");
    return code == SQLITE_OK ? SV_OK : svi_sql_fail(store, code, "opening the store", error);
}

static sv_status check_number(svi_store *store, const char *pragma, int64_t expected,
                              sv_error *error)
{
    int64_t number;
    SVI_TRY(svi_sql_number(store, pragma, &number, error));
    if (number == expected) return SV_OK;
    return svi_fail(error, SV_ERR_STORE, "%s: SQLite refuses %s; use SQLite 3.40 or later",
                    store->path, pragma);
}

static sv_status configure(svi_store *store, bool for_writing, sv_error *error)
{
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    SVI_TRY(svi_sql_run(
        store, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0", error));
    if (!for_writing) return svi_sql_run(store, "PRAGMA query_only=ON; BEGIN", error);
    SVI_TRY(svi_sql_run(store, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA", error));
    return check_number(store, "PRAGMA synchronous", 3, error);
}

sv_status svi_store_open_file(const char *path, bool for_writing, svi_store **store,
                              sv_error *error)
{
    SVI_TRY(check_path(path, for_writing, error));
    svi_store *s = calloc(1, sizeof *s);
    if (s == NULL) return svi_fail_memory(error, sizeof *s, "a store");
    s->lock_fd = -1;
    s->path = strdup(path);
    sv_status status =
        s->path == NULL ? svi_fail_memory(error, strlen(path), "a store's name") : SV_OK;
    if (status == SV_OK && for_writing) status = svi_store_lock(path, &s->lock_fd, error);
    if (status == SV_OK) status = connect(s, for_writing, error);
    if (status == SV_OK) status = configure(s, for_writing, error);
    if (status != SV_OK) {
        svi_store_close(s);
        return status;
    }
    *store = s;
    return SV_OK;
}

void svi_store_close(svi_store *store)
{
    if (store == NULL) return;
    sqlite3_close(store->db);
    if (store->lock_fd >= 0) svi_store_unlock(store->path, store->lock_fd);
    svi_store_study *study = &store->study;
    free(study->text);
    free(study->overrides);
    free(study->canonical);
    free(study->arm_names);
    free(study->numerics_names);
    free(study->is_contract);
    free(study->n_replicates);
    free(study->references);
    free(study->design_kind);
    free(study->checkpoints);
    free(store->data_digests);
    free(store->machine_checksums);
    free(store->own);
    free(store->launches);
    free(store->path);
    free(store);
}

const svi_store_study *svi_store_study_of(const svi_store *store) { return &store->study; }

static sv_status load(svi_store *store, sv_error *error)
{
    SVI_TRY(svi_schema_check(store, error));
    SVI_TRY(svi_store_load_study(store, error));
    SVI_TRY(svi_store_load_machines(store, error));
    SVI_TRY(svi_store_load_launches(store, error));
    return svi_store_check_head(store, error);
}

static sv_status count_tables(svi_store *store, int64_t *n, sv_error *error)
{
    return svi_sql_number(store, "SELECT count(*) FROM sqlite_schema", n, error);
}

static sv_status check_not_empty(svi_store *store, sv_error *error)
{
    int64_t n_tables;
    SVI_TRY(count_tables(store, &n_tables, error));
    if (n_tables > 0) return SV_OK;
    return svi_fail(error, SV_ERR_STORE, "%s: the file is empty; seedvar run fills it",
                    store->path);
}

sv_status svi_store_open_read(const char *path, svi_store **store, sv_error *error)
{
    svi_store *s;
    SVI_TRY(svi_store_open_file(path, false, &s, error));
    sv_status status = check_not_empty(s, error);
    if (status == SV_OK) status = load(s, error);
    if (status != SV_OK) {
        svi_store_close(s);
        return status;
    }
    *store = s;
    return SV_OK;
}

/* Nothing is added to a damaged store: whoever finds the damage later could not tell what is sound.
 */
static sv_status check_rows(svi_store *store, sv_error *error)
{
    SVI_TRY(svi_store_scan_runs(store, NULL, NULL, error));
    SVI_TRY(svi_store_scan_counts(store, NULL, NULL, error));
    SVI_TRY(svi_store_scan_curves(store, NULL, NULL, error));
    return svi_store_check_pages(store, error);
}

static sv_status create_or_compare(svi_store *store, const svi_study_spec *spec,
                                   const char *const *data_digests,
                                   const svi_checkpoints *checkpoints, sv_error *error)
{
    int64_t n_tables;
    SVI_TRY(count_tables(store, &n_tables, error));
    if (n_tables == 0) {
        SVI_TRY(svi_store_create_study(store, spec, data_digests, checkpoints, error));
        return load(store, error);
    }
    SVI_TRY(load(store, error));
    SVI_TRY(svi_store_compare_study(store, spec, data_digests, error));
    return check_rows(store, error);
}

static sv_status keep_machines(svi_store *store, const svi_machine *machines, size_t n,
                               sv_error *error)
{
    store->own = calloc(n, sizeof *store->own);
    if (store->own == NULL) return svi_fail_memory(error, n * sizeof *store->own, "the machines");
    store->n_own = n;
    for (size_t i = 0; i < n; i++) store->own[i].machine = machines[i];
    return SV_OK;
}

sv_status svi_store_open_write(const char *path, const svi_study_spec *study,
                               const char *const *data_digests, const svi_checkpoints *checkpoints,
                               const svi_machine *machines, size_t n_machines, svi_store **store,
                               sv_error *error)
{
    svi_store *s;
    SVI_TRY(svi_store_open_file(path, true, &s, error));
    sv_status status = keep_machines(s, machines, n_machines, error);
    if (status == SV_OK) status = create_or_compare(s, study, data_digests, checkpoints, error);
    if (status != SV_OK) {
        svi_store_close(s);
        return status;
    }
    *store = s;
    return SV_OK;
}
