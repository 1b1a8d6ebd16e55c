/* Rows of run_summary: the runs of a launch in sum, where the study keeps no row a run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/run_groups.h"
#include "store/store_file.h"

/* ---- writing ---- */

/* The blobs of one row, until it is inserted. */
typedef struct sum_row {
    svi_hash digest_sum;
    unsigned char failed[8 * SVK_N_METRICS];
    unsigned char *sketch[SVK_N_METRICS], *values[SVK_N_METRICS];
    size_t n_sketch[SVK_N_METRICS];
} sum_row;

static void put_word(unsigned char *bytes, uint64_t word)
{
    for (int b = 0; b < 8; b++) bytes[b] = (unsigned char)(word >> (8 * b));
}

static uint64_t get_word(const unsigned char *bytes)
{
    uint64_t word = 0;
    for (int b = 7; b >= 0; b--) word = word << 8 | bytes[b];
    return word;
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

static void clear_row(sum_row *row)
{
    for (int m = 0; m < SVK_N_METRICS; m++) {
        free(row->sketch[m]);
        free(row->values[m]);
    }
}

/* A run without the metric has the NaN of numbers that are missing. */
static sv_status pack_values(const svi_launch_record *record, int metric, unsigned char **bytes,
                             sv_error *error)
{
    *bytes = malloc(8 * record->n_runs);
    if (*bytes == NULL) return svi_fail_memory(error, 8 * record->n_runs, "values of runs");
    for (uint64_t i = 0; i < record->n_runs; i++) {
        const svi_run_result *result = &record->results[i];
        bool is_present = (result->present >> metric & 1) != 0;
        put_word(*bytes + 8 * i, bits_of(is_present ? result->metric[metric] : NAN));
    }
    return SV_OK;
}

/* Modulo 2^128. */
static void add_hash(svi_hash *a, svi_hash b)
{
    a->low += b.low;
    a->high += b.high + (a->low < b.low);
}

static void add_run(const svi_run *run, const svi_run_result *result, svi_hash *digest_sum)
{
    svi_hash hash = svi_hash_start();
    svi_study_digest_add(&hash, run, result);
    add_hash(digest_sum, hash);
}

static sv_status pack(const svi_launch_record *record, svi_run_totals *totals, bool keeps_values,
                      sum_row *row, sv_error *error)
{
    for (uint64_t i = 0; i < record->n_runs; i++) {
        svi_run_totals_add(totals, &record->results[i]);
        add_run(&record->runs[i], &record->results[i], &row->digest_sum);
    }
    SVI_TRY(svi_run_totals_check(totals, error));
    for (int m = 0; m < SVK_N_METRICS; m++) {
        svi_sketch *sketch = &totals->metric[m];
        put_word(row->failed + 8 * m, totals->n_failed[m]);
        if (sketch->n + sketch->n_not_finite == 0) continue;
        SVI_TRY(svi_sketch_write(sketch, &row->sketch[m], &row->n_sketch[m], error));
        if (keeps_values) SVI_TRY(pack_values(record, m, &row->values[m], error));
    }
    return SV_OK;
}

static void put_blob(svi_row *row, const unsigned char *bytes, size_t n)
{
    if (bytes != NULL)
        svi_row_blob(row, bytes, n);
    else
        svi_row_null(row);
}

typedef struct sum_source {
    const svi_launch_record *record;
    int64_t launch;
    svi_hash *hash;
    const svi_run_totals *totals;
    const sum_row *row;
} sum_source;

static sv_status write_row(svi_store *store, sqlite3_stmt *statement, void *context,
                           sv_error *error)
{
    const sum_source *source = context;
    const sum_row *from = source->row;
    svi_row row = svi_row_start(statement, source->hash);
    svi_row_int(&row, source->launch);
    for (int s = 0; s < SVK_N_RUN_STATUSES; s++) svi_row_u64(&row, source->totals->n_status[s]);
    svi_row_checksum(&row, from->digest_sum);
    svi_row_blob(&row, from->failed, sizeof from->failed);
    for (int m = 0; m < SVK_N_METRICS; m++) put_blob(&row, from->sketch[m], from->n_sketch[m]);
    for (int m = 0; m < SVK_N_METRICS; m++)
        put_blob(&row, from->values[m], 8 * source->record->n_runs);
    return svi_row_insert(&row, store, "writing the sums of a launch", error);
}

sv_status svi_sums_write(svi_store *store, const svi_launch_record *record, int64_t launch,
                         svi_hash *hash, sv_error *error)
{
    svi_run_totals totals = {0};
    sum_row row = {.digest_sum = {0, 0}};
    sum_source source = {record, launch, hash, &totals, &row};
    bool keeps_values = svi_run_values_kept(&store->study, record->runs[0].numerics);
    sv_status status = pack(record, &totals, keeps_values, &row, error);
    if (status == SV_OK)
        status = svi_sql_insert(store, "run_summary", SVI_SUM_N_COLUMNS, write_row, &source, error);
    clear_row(&row);
    svi_run_totals_clear(&totals);
    return status;
}

/* ---- all of them, against the launches ---- */

static sv_status scan_launch(svi_store *store, sqlite3_stmt *statement, const svi_launch *launch,
                             svi_sum_row_fn row, void *context, sv_error *error)
{
    svi_row_values values = {0};
    svi_hash hash = svi_hash_start();
    bool has_row;
    sqlite3_reset(statement);
    sqlite3_bind_int64(statement, 1, launch->number);
    SVI_TRY(svi_sql_step(store, statement, &has_row, error));
    if (has_row) svi_row_hash_values(statement, SVI_SUM_N_COLUMNS, &hash, &values);
    if (!has_row || !svi_hash_is_equal(hash, launch->runs))
        return svi_store_fault(store, error,
                               "table run_summary: the row of launch %lld is missing or does not "
                               "have its checksum",
                               (long long)launch->number);
    return row != NULL ? row(context, launch, statement, &values, error) : SV_OK;
}

sv_status svi_store_scan_sums(svi_store *store, svi_sum_row_fn row, void *context, sv_error *error)
{
    sqlite3_stmt *statement;
    SVI_TRY(svi_store_check_count(store, "run", 0, error));
    SVI_TRY(svi_store_check_count(store, "run_summary", store->n_launches, error));
    SVI_TRY(svi_sql_prepare(store, "SELECT * FROM run_summary WHERE launch=?1", &statement, error));
    sv_status status = SV_OK;
    for (size_t i = 0; status == SV_OK && i < store->n_launches; i++)
        status = scan_launch(store, statement, &store->launches[i], row, context, error);
    sqlite3_finalize(statement);
    return status;
}

static sv_status add_digest(void *context, const svi_launch *launch, sqlite3_stmt *statement,
                            const svi_row_values *values, sv_error *error)
{
    (void)launch, (void)values, (void)error;
    add_hash(context, svi_row_read_checksum(statement, SVI_SUM_DIGEST));
    return SV_OK;
}

sv_status svi_store_digest_sum(svi_store *store, svi_hash *digest, sv_error *error)
{
    *digest = (svi_hash){0, 0};
    return svi_store_scan_sums(store, add_digest, digest, error);
}

sv_status svi_store_check_count(svi_store *store, const char *table, uint64_t n, sv_error *error)
{
    char sql[64];
    int64_t n_rows;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %.40s", table);
    SVI_TRY(svi_sql_number(store, sql, &n_rows, error));
    if (n_rows == (int64_t)n) return SV_OK;
    return svi_fail(error, SV_ERR_STORE,
                    "%s: table %s has %lld rows where %llu belong; the file is damaged: restore it "
                    "from a copy",
                    store->path, table, (long long)n_rows, (unsigned long long)n);
}

/* ---- into groups ---- */

static sv_status read_metric(svi_run_group *group, const svi_launch *launch,
                             sqlite3_stmt *statement, int metric, sv_error *error)
{
    int sketch = SVI_SUM_FIRST_SKETCH + metric, values = SVI_SUM_FIRST_VALUES + metric;
    uint64_t offset = launch->first_run - group->first_run;
    if (sqlite3_column_type(statement, sketch) != SQLITE_BLOB) return SV_OK;
    const void *bytes = sqlite3_column_blob(statement, sketch);
    SVI_TRY(svi_sketch_read(&group->totals.metric[metric], bytes,
                            (size_t)sqlite3_column_bytes(statement, sketch), error));
    if ((uint64_t)sqlite3_column_bytes(statement, values) != 8 * launch->n_runs) return SV_OK;
    SVI_TRY(svi_run_group_make_values(group, metric, error));
    const unsigned char *words = sqlite3_column_blob(statement, values);
    for (uint64_t i = 0; i < launch->n_runs; i++)
        group->values[metric][offset + i] = from_bits(get_word(words + 8 * i));
    return SV_OK;
}

static sv_status add_sums(void *context, const svi_launch *launch, sqlite3_stmt *statement,
                          const svi_row_values *values, sv_error *error)
{
    const svi_group_reader *reader = context;
    svi_run_group *group =
        &reader->groups[launch->arm * reader->study->n_numerics + launch->numerics];
    const unsigned char *failed = sqlite3_column_blob(statement, SVI_SUM_FAILED);
    if (sqlite3_column_bytes(statement, SVI_SUM_FAILED) != 8 * SVK_N_METRICS)
        return svi_fail(error, SV_ERR_STORE,
                        "table run_summary: the row of launch %lld is not one of this program; the "
                        "file is damaged: restore it from a copy",
                        (long long)launch->number);
    group->totals.n_runs += launch->n_runs;
    for (int s = 0; s < SVK_N_RUN_STATUSES; s++)
        group->totals.n_status[s] += values->value[SVI_SUM_FIRST_STATUS + s];
    for (int m = 0; m < SVK_N_METRICS; m++) {
        group->totals.n_failed[m] += get_word(failed + 8 * m);
        SVI_TRY(read_metric(group, launch, statement, m, error));
    }
    return SV_OK;
}

sv_status svi_store_add_sums(svi_store *store, svi_group_reader *reader, sv_error *error)
{
    return svi_store_scan_sums(store, add_sums, reader, error);
}
