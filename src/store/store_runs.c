/* Run rows: written, read and checked launch by launch. */
#include <stdlib.h>
#include <string.h>

#include "store/store_file.h"

/* Words most significant byte first, so that hex() shows each as %08x does. */
void svi_digest_put(const uint32_t digest[4], unsigned char bytes[16])
{
    for (int i = 0; i < 16; i++) bytes[i] = (unsigned char)(digest[i / 4] >> (24 - 8 * (i % 4)));
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void svi_result_put(svi_row *row, const svi_run_result *result, unsigned char digest[16])
{
    svi_row_int(row, result->status);
    svi_digest_put(result->digest, digest);
    svi_row_blob(row, digest, 16);
    for (int m = 0; m < SVK_N_METRICS; m++) {
        if ((result->present >> m & 1) != 0) {
            svi_row_u64(row, bits_of(result->metric[m]));
        } else {
            svi_row_null(row);
        }
    }
}

static bool is_zero_word(const unsigned char bytes[4])
{
    return bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0;
}

void svi_run_put(svi_row *row, int64_t launch, const svi_run *run, const svi_run_result *result,
                 unsigned char digest[16], const unsigned char *arrivals, uint64_t n_words)
{
    svi_row_u64(row, run->run);
    svi_row_int(row, launch);
    svi_row_int(row, run->arm);
    svi_row_int(row, run->numerics);
    svi_row_u64(row, run->replicate);
    for (int s = 0; s < SVK_N_SOURCES; s++) svi_row_u64(row, run->seed[s]);
    svi_result_put(row, result, digest);
    while (n_words > 0 && is_zero_word(arrivals + 4 * (n_words - 1))) n_words--;
    if (arrivals != NULL)
        svi_row_blob(row, arrivals, 4 * n_words);
    else
        svi_row_null(row);
}

void svi_digest_read(sqlite3_stmt *statement, int column, uint32_t digest[4])
{
    const unsigned char *bytes = sqlite3_column_blob(statement, column);
    memset(digest, 0, 16);
    if (sqlite3_column_bytes(statement, column) != 16) return;
    for (int i = 0; i < 16; i++) digest[i / 4] = digest[i / 4] << 8 | bytes[i];
}

void svi_result_read(sqlite3_stmt *statement, const svi_row_values *values, int first_column,
                     svi_run_result *result)
{
    int first_metric = first_column + 2;
    memset(result, 0, sizeof *result);
    result->status = (int32_t)values->value[first_column];
    svi_digest_read(statement, first_column + 1, result->digest);
    result->present = (uint32_t)(values->is_integer >> first_metric);
    for (int m = 0; m < SVK_N_METRICS; m++) {
        if ((result->present >> m & 1) != 0)
            result->metric[m] = from_bits(values->value[first_metric + m]);
    }
}

static void read_run(sqlite3_stmt *statement, const svi_row_values *values, svi_run *run,
                     svi_run_result *result)
{
    const uint64_t *value = values->value;
    run->run = value[SVI_RUN_NUMBER];
    run->arm = (uint32_t)value[SVI_RUN_ARM];
    run->numerics = (uint32_t)value[SVI_RUN_NUMERICS];
    run->replicate = value[SVI_RUN_REPLICATE];
    memcpy(run->seed, &value[SVI_RUN_FIRST_SEED], sizeof run->seed);
    svi_result_read(statement, values, SVI_RUN_STATUS, result);
}

/* The runs of one launch, kept until their checksum is known to hold. */
typedef struct run_scan {
    svi_store *store;
    sqlite3_stmt *statement;
    bool has_row; /* the statement stands on a row that is not yet taken */
    svi_run *runs;
    svi_run_result *results;
    size_t n_capacity;
} run_scan;

/* Grows with the rows that are really there: a launch's own count is no reason to believe in so
 * much memory. */
static sv_status reserve(run_scan *scan, size_t n, sv_error *error)
{
    if (n <= scan->n_capacity) return SV_OK;
    size_t n_capacity = 2 * n;
    svi_run *runs = realloc(scan->runs, n_capacity * sizeof *runs);
    if (runs == NULL)
        return svi_fail_memory(error, n_capacity * sizeof *runs, "the runs of a launch");
    scan->runs = runs;
    svi_run_result *results = realloc(scan->results, n_capacity * sizeof *results);
    if (results == NULL)
        return svi_fail_memory(error, n_capacity * sizeof *results, "the runs of a launch");
    scan->results = results;
    scan->n_capacity = n_capacity;
    return SV_OK;
}

static sv_status lost_run(const run_scan *scan, const svi_launch *launch, uint64_t run,
                          sv_error *error)
{
    return svi_fail(error, SV_ERR_STORE,
                    "%s: table run: run %llu of launch %lld is missing or out of place; the file "
                    "is damaged: restore it from a copy",
                    scan->store->path, (unsigned long long)run, (long long)launch->number);
}

static bool is_of(const svi_row_values *values, const svi_launch *launch, uint64_t run)
{
    const uint64_t *value = values->value;
    return value[SVI_RUN_NUMBER] == run && value[SVI_RUN_LAUNCH] == (uint64_t)launch->number &&
           value[SVI_RUN_ARM] == launch->arm && value[SVI_RUN_NUMERICS] == launch->numerics;
}

/* Reads the launch's rows, into the buffers if they are to be kept, and hashes them. */
static sv_status read_launch(run_scan *scan, const svi_launch *launch, bool keep, svi_hash *hash,
                             sv_error *error)
{
    svi_row_values values = {0};
    for (uint64_t i = 0; i < launch->n_runs; i++) {
        uint64_t run = launch->first_run + i;
        if (!scan->has_row) return lost_run(scan, launch, run, error);
        svi_row_hash_values(scan->statement, SVI_RUN_N_COLUMNS, hash, &values);
        if (!is_of(&values, launch, run)) return lost_run(scan, launch, run, error);
        if (keep) {
            SVI_TRY(reserve(scan, i + 1, error));
            read_run(scan->statement, &values, &scan->runs[i], &scan->results[i]);
        }
        SVI_TRY(svi_sql_step(scan->store, scan->statement, &scan->has_row, error));
    }
    return SV_OK;
}

static sv_status scan_launch(run_scan *scan, const svi_launch *launch, svi_store_run_fn row,
                             void *context, sv_error *error)
{
    svi_hash hash = svi_hash_start();
    SVI_TRY(read_launch(scan, launch, row != NULL, &hash, error));
    if (!svi_hash_is_equal(hash, launch->runs)) {
        return svi_store_fault(
            scan->store, error,
            "table run: runs %llu to %llu do not have the checksum of launch %lld",
            (unsigned long long)launch->first_run,
            (unsigned long long)(launch->first_run + launch->n_runs - 1),
            (long long)launch->number);
    }
    for (uint64_t i = 0; row != NULL && i < launch->n_runs; i++) {
        if ((uint32_t)scan->results[i].status >= SVK_N_RUN_STATUSES)
            return svi_store_fault(scan->store, error, "table run: run %llu has no known status",
                                   (unsigned long long)scan->runs[i].run);
        SVI_TRY(row(context, &scan->runs[i], &scan->results[i], error));
    }
    return SV_OK;
}

static sv_status scan_all(run_scan *scan, svi_store_run_fn row, void *context, sv_error *error)
{
    svi_store *store = scan->store;
    SVI_TRY(svi_sql_step(store, scan->statement, &scan->has_row, error));
    for (size_t i = 0; i < store->n_launches; i++) {
        SVI_TRY(scan_launch(scan, &store->launches[i], row, context, error));
    }
    if (!scan->has_row) return SV_OK;
    return svi_fail(
        error, SV_ERR_STORE,
        "%s: table run: run %llu belongs to no launch; the file is damaged: restore it from a copy",
        store->path, (unsigned long long)sqlite3_column_int64(scan->statement, SVI_RUN_NUMBER));
}

static sv_status no_rows(const svi_store *store, sv_error *error)
{
    return svi_fail(error, SV_ERR_USAGE,
                    "%s: the store keeps sums of its runs and not the runs (record.rows: summary); "
                    "this takes a store of the study with record.rows: full",
                    store->path);
}

sv_status svi_store_scan_runs(svi_store *store, svi_store_run_fn row, void *context,
                              sv_error *error)
{
    run_scan scan = {.store = store};
    if (store->study.rows == SVI_ROWS_SUMMARY) {
        if (row != NULL) return no_rows(store, error);
        return svi_store_scan_sums(store, NULL, NULL, error);
    }
    SVI_TRY(svi_store_check_count(store, "run_summary", 0, error));
    SVI_TRY(svi_sql_prepare(store, "SELECT * FROM run ORDER BY run", &scan.statement, error));
    sv_status status = scan_all(&scan, row, context, error);
    sqlite3_finalize(scan.statement);
    free(scan.runs);
    free(scan.results);
    return status;
}

sv_status svi_store_each_run(svi_store *store, svi_store_run_fn row, void *context, sv_error *error)
{
    return svi_store_scan_runs(store, row, context, error);
}

static sv_status read_arrivals(svi_store *store, sqlite3_stmt *statement, uint64_t run,
                               uint64_t n_words, uint32_t *words, sv_error *error)
{
    bool has_row;
    SVI_TRY(svi_sql_step(store, statement, &has_row, error));
    size_t n = has_row ? (size_t)sqlite3_column_bytes(statement, 0) / 4 : 0;
    if (!has_row || sqlite3_column_type(statement, 0) != SQLITE_BLOB || n > n_words)
        return svi_fail(error, SV_ERR_STORE,
                        "%s: table run: run %llu has no orders of arrival that fit its study; it "
                        "cannot be replayed",
                        store->path, (unsigned long long)run);
    memset(words, 0, n_words * sizeof *words);
    if (n > 0) svi_words_get(words, sqlite3_column_blob(statement, 0), n);
    return SV_OK;
}

sv_status svi_store_read_arrivals(svi_store *store, uint64_t run, uint64_t n_words, uint32_t *words,
                                  sv_error *error)
{
    sqlite3_stmt *statement;
    SVI_TRY(svi_sql_prepare(store, "SELECT arrivals FROM run WHERE run=?", &statement, error));
    sqlite3_bind_int64(statement, 1, (int64_t)run);
    sv_status status = read_arrivals(store, statement, run, n_words, words, error);
    sqlite3_finalize(statement);
    return status;
}

void svi_study_digest_add(svi_hash *hash, const svi_run *run, const svi_run_result *result)
{
    unsigned char digest[16];
    svi_hash_u64(hash, run->run);
    for (int s = 0; s < SVK_N_SOURCES; s++) svi_hash_u64(hash, run->seed[s]);
    svi_hash_u64(hash, (uint64_t)result->status);
    svi_digest_put(result->digest, digest);
    svi_hash_bytes(hash, digest, sizeof digest);
    svi_hash_u64(hash, result->present);
    for (int m = 0; m < SVK_N_METRICS; m++) {
        if ((result->present >> m & 1) != 0) svi_hash_u64(hash, bits_of(result->metric[m]));
    }
}

static sv_status add_to_digest(void *context, const svi_run *run, const svi_run_result *result,
                               sv_error *error)
{
    (void)error;
    svi_study_digest_add(context, run, result);
    return SV_OK;
}

sv_status svi_store_study_digest(svi_store *store, svi_hash *digest, sv_error *error)
{
    if (store->study.rows == SVI_ROWS_SUMMARY) return svi_store_digest_sum(store, digest, error);
    *digest = svi_hash_start();
    return svi_store_scan_runs(store, add_to_digest, digest, error);
}
