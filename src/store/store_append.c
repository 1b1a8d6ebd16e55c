/* One launch, one transaction. */
#include <stdlib.h>

#include "store/store_file.h"

void svi_launch_record_free(svi_launch_record *record)
{
    if (record == NULL) return;
    for (size_t i = 0; i < record->n_counts; i++) svi_counts_free(&record->counts[i]);
    free(record->counts);
    for (size_t c = 0; record->curve_parts != NULL && c < record->n_checkpoints; c++)
        for (int m = 0; m < SVK_N_METRICS; m++) free(record->curve_parts[c].sketch[m].bytes);
    free(record->curve_parts);
    free(record->curves);
    free(record->distances);
    free(record->runs);
    free(record->results);
    free(record->arrivals);
    free(record);
}

/* Rows that one statement inserts: four fifths of the time of one at a time. */
enum { RUNS_AT_ONCE = 16 };

/* A launch on its way to the disk. */
typedef struct pending {
    const svi_launch_record *record;
    svi_launch launch;
    svi_hash machine_checksum;
    uint64_t n_written, n_at_once; /* runs */
    unsigned char *arrivals;       /* those of the record as bytes, or NULL */
} pending;

static sv_status write_machine(svi_store *store, sqlite3_stmt *statement, void *context,
                               sv_error *error)
{
    pending *p = context;
    const svi_machine *m = &store->own[p->record->machine].machine;
    const char *const texts[] = {m->host,
                                 m->os,
                                 m->cpu,
                                 m->simd,
                                 m->device,
                                 m->device_model,
                                 m->device_detail,
                                 m->device_uuid,
                                 m->driver,
                                 m->cuda_runtime,
                                 m->cuda_toolkit,
                                 m->cuda_code,
                                 m->compiler,
                                 m->compiler_flags,
                                 m->program_version,
                                 m->git_commit,
                                 m->command_line};
    p->machine_checksum = svi_hash_start();
    svi_row row = svi_row_start(statement, &p->machine_checksum);
    svi_row_int(&row, p->launch.machine);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) svi_row_text(&row, texts[i]);
    svi_row_int(&row, m->n_threads);
    svi_row_int(&row, m->started_unix_ms);
    return svi_row_seal(&row, store, "writing the machine", error);
}

/* Of the next run. */
static const unsigned char *arrivals_of(const pending *p)
{
    return p->arrivals == NULL ? NULL : p->arrivals + 4 * p->n_written * p->record->n_arrival_words;
}

/* As many whole groups of n_at_once runs as are left. */
static sv_status write_runs(svi_store *store, sqlite3_stmt *statement, void *context,
                            sv_error *error)
{
    pending *p = context;
    const svi_launch_record *record = p->record;
    while (record->n_runs - p->n_written >= p->n_at_once) {
        svi_row row = svi_row_start(statement, &p->launch.runs);
        unsigned char digest[RUNS_AT_ONCE][16];
        for (uint64_t i = 0; i < p->n_at_once; i++, p->n_written++)
            svi_run_put(&row, p->launch.number, &record->runs[p->n_written],
                        &record->results[p->n_written], digest[i], arrivals_of(p),
                        record->n_arrival_words);
        SVI_TRY(svi_row_insert(&row, store, "writing runs", error));
    }
    return SV_OK;
}

static sv_status insert_runs(svi_store *store, pending *p, sv_error *error)
{
    if (store->study.rows == SVI_ROWS_SUMMARY)
        return svi_sums_write(store, p->record, p->launch.number, &p->launch.runs, error);
    p->n_at_once = RUNS_AT_ONCE;
    SVI_TRY(
        svi_sql_insert_rows(store, "run", SVI_RUN_N_COLUMNS, RUNS_AT_ONCE, write_runs, p, error));
    p->n_at_once = 1;
    return svi_sql_insert(store, "run", SVI_RUN_N_COLUMNS, write_runs, p, error);
}

static sv_status write_counts(svi_store *store, sqlite3_stmt *statement, void *context,
                              sv_error *error)
{
    pending *p = context;
    for (size_t i = 0; i < p->record->n_counts; i++) {
        SVI_TRY(svi_counts_write(store, statement, (int64_t)(store->n_predictions + i + 1),
                                 p->launch.number, &p->record->counts[i], &p->launch.predictions,
                                 error));
    }
    return SV_OK;
}

static sv_status write_launch(svi_store *store, sqlite3_stmt *statement, void *context,
                              sv_error *error)
{
    pending *p = context;
    svi_launch *launch = &p->launch;
    launch->checksum = svi_store_launch_hash(store, p->machine_checksum);
    svi_row row = svi_row_start(statement, &launch->checksum);
    svi_row_int(&row, launch->number);
    svi_row_int(&row, launch->machine);
    svi_row_int(&row, launch->arm);
    svi_row_int(&row, launch->numerics);
    svi_row_u64(&row, launch->first_run);
    svi_row_u64(&row, launch->n_runs);
    svi_row_u64(&row, launch->n_predictions);
    svi_row_int(&row, p->record->started_unix_ms);
    svi_row_int(&row, launch->duration_ns);
    svi_row_checksum(&row, launch->runs);
    svi_row_checksum(&row, launch->predictions);
    svi_row_checksum(&row, launch->curves);
    svi_row_checksum(&row, launch->distances);
    return svi_row_seal(&row, store, "writing the launch", error);
}

static sv_status update_head(svi_store *store, sqlite3_stmt *statement, const svi_launch *launch,
                             sv_error *error)
{
    svi_hash unused = svi_hash_start();
    svi_row row = svi_row_start(statement, &unused);
    svi_row_int(&row, launch->machine > (int64_t)store->n_machines ? launch->machine
                                                                   : (int64_t)store->n_machines);
    svi_row_int(&row, launch->number);
    svi_row_u64(&row, store->n_done + launch->n_runs);
    svi_row_checksum(&row, launch->checksum);
    svi_row_u64(&row, store->n_launches);
    svi_row_u64(&row, store->n_done);
    svi_row_checksum(&row, store->last_checksum);
    SVI_TRY(svi_row_insert(&row, store, "writing the head", error));
    if (sqlite3_changes(store->db) == 1) return SV_OK;
    return svi_fail(error, SV_ERR_STORE,
                    "%s: another program has changed the store since it was opened; end it, and "
                    "run the same command again",
                    store->path);
}

/* Where the head is not what this store knows, nothing is updated. */
static sv_status write_head(svi_store *store, const svi_launch *launch, sv_error *error)
{
    sqlite3_stmt *statement;
    SVI_TRY(svi_sql_prepare(store,
                            "UPDATE head SET n_machines=?,n_launches=?,n_runs=?,checksum=? WHERE "
                            "n_launches=? AND n_runs=? AND checksum=?",
                            &statement, error));
    sv_status status = update_head(store, statement, launch, error);
    sqlite3_finalize(statement);
    return status;
}

static sv_status write_rows(svi_store *store, pending *p, sv_error *error)
{
    SVI_TRY(svi_sql_run(store, "BEGIN IMMEDIATE", error));
    if (store->own[p->record->machine].row == 0) {
        SVI_TRY(svi_sql_insert(store, "machine", SVI_MACHINE_N_COLUMNS, write_machine, p, error));
    }
    SVI_TRY(insert_runs(store, p, error));
    SVI_TRY(svi_sql_insert(store, "prediction_count", SVI_COUNT_N_COLUMNS, write_counts, p, error));
    SVI_TRY(svi_curves_write(store, p->record, p->launch.number, &p->launch.curves, error));
    SVI_TRY(svi_distances_write(store, p->record, &p->launch.distances, error));
    SVI_TRY(svi_sql_insert(store, "launch", SVI_LAUNCH_N_COLUMNS, write_launch, p, error));
    SVI_TRY(write_head(store, &p->launch, error));
    return svi_sql_run(store, "COMMIT", error);
}

static sv_status refuse(const svi_store *store, const svi_launch_record *record, const char *why,
                        sv_error *error)
{
    return svi_fail(error, SV_ERR_STORE,
                    "%s: a launch of %llu runs from run %llu cannot be written: %s", store->path,
                    (unsigned long long)record->n_runs, (unsigned long long)record->first_run, why);
}

static sv_status check_runs(const svi_store *store, const svi_launch_record *record,
                            sv_error *error)
{
    for (uint64_t i = 0; i < record->n_runs; i++) {
        const svi_run *run = &record->runs[i];
        if (run->run != record->first_run + i)
            return refuse(store, record, "its runs are not consecutive", error);
        if (run->arm != record->runs[0].arm || run->numerics != record->runs[0].numerics) {
            return refuse(store, record, "its runs have more than one arm or numerics", error);
        }
        int status = record->results[i].status;
        if (status < 0 || status >= SVK_N_RUN_STATUSES)
            return refuse(store, record, "unknown status", error);
    }
    return SV_OK;
}

static bool has_curves(const svi_store_study *study, const svi_launch_record *record)
{
    size_t n = study->checkpoints[record->runs[0].arm].n;
    return (record->curves != NULL) == (study->curves == SVI_CURVES_FULL && n > 0) &&
           (record->curve_parts != NULL) == (study->curves == SVI_CURVES_SUMMARY && n > 0) &&
           (n == 0 || record->n_checkpoints == n);
}

static sv_status check_record(const svi_store *store, const svi_launch_record *record,
                              sv_error *error)
{
    const svi_store_study *study = &store->study;
    if (store->lock_fd < 0) return refuse(store, record, "the store is open for reading", error);
    if (record->machine >= store->n_own)
        return refuse(store, record, "it was trained by no machine of this invocation", error);
    if (record->n_runs == 0) return refuse(store, record, "it is empty", error);
    if (record->first_run >= study->n_runs || record->n_runs > study->n_runs - record->first_run) {
        return refuse(store, record, "the study has not so many", error);
    }
    if (svi_store_overlaps(store, record->first_run, record->n_runs)) {
        return refuse(store, record, "some of them are there already", error);
    }
    if (record->runs[0].arm >= study->n_arms || record->runs[0].numerics >= study->n_numerics) {
        return refuse(store, record, "the study has no such arm or numerics", error);
    }
    if (!has_curves(study, record)) {
        return refuse(store, record, "it lacks the curves that the study records", error);
    }
    bool is_compared =
        study->references[record->runs[0].numerics] >= 0 && record->n_checkpoints > 0;
    if ((record->distances != NULL) != is_compared) {
        return refuse(store, record, "it lacks the distances that the study records", error);
    }
    return check_runs(store, record, error);
}

static pending start(const svi_store *store, const svi_launch_record *record)
{
    int64_t row = store->own[record->machine].row;
    pending p = {.record = record};
    p.launch = (svi_launch){
        .number = (int64_t)store->n_launches + 1,
        .machine = row != 0 ? row : (int64_t)store->n_machines + 1,
        .arm = record->runs[0].arm,
        .numerics = record->runs[0].numerics,
        .first_run = record->first_run,
        .n_runs = record->n_runs,
        .n_predictions = record->n_counts,
        .duration_ns = record->duration_ns,
        .runs = svi_hash_start(),
        .predictions = svi_hash_start(),
        .curves = svi_hash_start(),
        .distances = svi_hash_start(),
    };
    if (row != 0) p.machine_checksum = store->machine_checksums[row - 1];
    return p;
}

static void accept(svi_store *store, const pending *p)
{
    int64_t *row = &store->own[p->record->machine].row;
    if (*row == 0) {
        store->machine_checksums[store->n_machines++] = p->machine_checksum;
        *row = p->launch.machine;
    }
    svi_store_place_launch(store, &p->launch);
}

static sv_status pack_arrivals(pending *p, sv_error *error)
{
    const svi_launch_record *record = p->record;
    size_t n_words = record->n_runs * record->n_arrival_words;
    if (record->arrivals == NULL) return SV_OK;
    p->arrivals = malloc(4 * n_words + 1);
    if (p->arrivals == NULL) return svi_fail_memory(error, 4 * n_words, "orders of arrival");
    svi_words_put(p->arrivals, record->arrivals, n_words);
    return SV_OK;
}

sv_status svi_store_append(svi_store *store, const svi_launch_record *record, sv_error *error)
{
    SVI_TRY(check_record(store, record, error));
    SVI_TRY(svi_store_reserve_launch(store, error));
    SVI_TRY(svi_store_reserve_machine(store, error));
    pending p = start(store, record);
    sv_status status = pack_arrivals(&p, error);
    if (status == SV_OK) status = write_rows(store, &p, error);
    free(p.arrivals);
    if (status != SV_OK) {
        if (!sqlite3_get_autocommit(store->db))
            sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    accept(store, &p);
    return SV_OK;
}
