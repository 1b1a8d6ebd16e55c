/* How far runs were from their references at their checkpoints: a row a run and checkpoint, whose
 * key says where it belongs. */
#include <string.h>

#include "store/store_file.h"

/* ---- writing ---- */

/* Counts without the zeros at their end, least significant byte first. */
static size_t put_counts(const uint32_t *counts, size_t n, unsigned char *bytes)
{
    while (n > 0 && counts[n - 1] == 0) n--;
    svi_words_put(bytes, counts, n);
    return 4 * n;
}

static void put_real(svi_row *row, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    svi_row_u64(row, bits);
}

static sv_status write_row(svi_store *store, sqlite3_stmt *statement, uint64_t run, uint64_t number,
                           const svk_distance *d, svi_hash *hash, sv_error *error)
{
    unsigned char digest[16], ulps[4 * SVK_ULP_CLASSES], bits[4 * SVK_BIT_POSITIONS];
    svi_row row = svi_row_start(statement, hash);
    svi_row_u64(&row, run * SVI_MAX_CHECKPOINTS + number);
    svi_row_u64(&row, run);
    svi_row_u64(&row, number);
    svi_digest_put(d->digest, digest);
    svi_row_blob(&row, digest, sizeof digest);
    put_real(&row, d->norm);
    put_real(&row, d->l2);
    put_real(&row, d->loss_difference);
    put_real(&row, d->churn);
    svi_row_u64(&row, d->max_ulp);
    svi_row_blob(&row, ulps, put_counts(d->ulps, SVK_ULP_CLASSES, ulps));
    svi_row_blob(&row, bits, put_counts(d->bits, SVK_BIT_POSITIONS, bits));
    return svi_row_insert(&row, store, "writing a distance", error);
}

typedef struct distance_source {
    const svi_launch_record *record;
    svi_hash *hash;
} distance_source;

static sv_status write_rows(svi_store *store, sqlite3_stmt *statement, void *context,
                            sv_error *error)
{
    const distance_source *source = context;
    const svi_launch_record *record = source->record;
    size_t n = record->n_checkpoints;
    for (uint64_t i = 0; i < record->n_runs * n; i++)
        SVI_TRY(write_row(store, statement, record->first_run + i / n, i % n, &record->distances[i],
                          source->hash, error));
    return SV_OK;
}

sv_status svi_distances_write(svi_store *store, const svi_launch_record *record, svi_hash *hash,
                              sv_error *error)
{
    distance_source source = {record, hash};
    if (record->distances == NULL) return SV_OK;
    return svi_sql_insert(store, "distance", SVI_DISTANCE_N_COLUMNS, write_rows, &source, error);
}

/* ---- all of them, against the launches ---- */

typedef struct distance_scan {
    svi_store *store;
    sqlite3_stmt *statement; /* rows with keys from ?1 to below ?2 */
    int64_t n_seen;
    svi_distance_fn row;
    void *context;
} distance_scan;

static double real_of(const svi_row_values *values, int column)
{
    double value;
    memcpy(&value, &values->value[column], sizeof value);
    return value;
}

/* Whether the blob fits. */
static bool read_counts(sqlite3_stmt *statement, int column, uint32_t *counts, size_t most)
{
    size_t n = (size_t)sqlite3_column_bytes(statement, column);
    if (n % 4 != 0 || n / 4 > most) return false;
    if (n > 0) svi_words_get(counts, sqlite3_column_blob(statement, column), n / 4);
    return true;
}

static bool read_distance(sqlite3_stmt *statement, const svi_row_values *values, svk_distance *d)
{
    memset(d, 0, sizeof *d);
    svi_digest_read(statement, SVI_DISTANCE_DIGEST, d->digest);
    d->norm = real_of(values, SVI_DISTANCE_NORM);
    d->l2 = real_of(values, SVI_DISTANCE_L2);
    d->loss_difference = real_of(values, SVI_DISTANCE_LOSS);
    d->churn = real_of(values, SVI_DISTANCE_CHURN);
    d->max_ulp = values->value[SVI_DISTANCE_MAX_ULP];
    return read_counts(statement, SVI_DISTANCE_ULPS, d->ulps, SVK_ULP_CLASSES) &&
           read_counts(statement, SVI_DISTANCE_BITS, d->bits, SVK_BIT_POSITIONS);
}

static sv_status lost_row(const distance_scan *scan, const svi_launch *launch, sv_error *error)
{
    return svi_fail(error, SV_ERR_STORE,
                    "%s: distances of launch %lld: rows are missing or out of place; the file is "
                    "damaged: restore it from a copy",
                    scan->store->path, (long long)launch->number);
}

/* i: of the launch. */
static sv_status take_row(distance_scan *scan, const svi_launch *launch, uint64_t i, svi_hash *hash,
                          sv_error *error)
{
    const svi_checkpoints *checkpoints = &scan->store->study.checkpoints[launch->arm];
    svi_row_values values = {0};
    svi_row_hash_values(scan->statement, SVI_DISTANCE_N_COLUMNS, hash, &values);
    if (i >= launch->n_runs * checkpoints->n) return lost_row(scan, launch, error);
    svi_distance_row row = {.arm = launch->arm,
                            .numerics = launch->numerics,
                            .run = launch->first_run + i / checkpoints->n,
                            .number = i % checkpoints->n,
                            .step = checkpoints->step[i % checkpoints->n]};
    if (values.value[SVI_DISTANCE_KEY] != row.run * SVI_MAX_CHECKPOINTS + row.number ||
        values.value[SVI_DISTANCE_RUN] != row.run ||
        values.value[SVI_DISTANCE_NUMBER] != row.number ||
        !read_distance(scan->statement, &values, &row.distance))
        return lost_row(scan, launch, error);
    return scan->row != NULL ? scan->row(scan->context, &row, error) : SV_OK;
}

static sv_status scan_launch(distance_scan *scan, const svi_launch *launch, sv_error *error)
{
    bool has_row, is_compared = scan->store->study.references[launch->numerics] >= 0;
    uint64_t i = 0,
             n = is_compared ? launch->n_runs * scan->store->study.checkpoints[launch->arm].n : 0;
    svi_hash hash = svi_hash_start();
    sqlite3_reset(scan->statement);
    sqlite3_bind_int64(scan->statement, 1, (int64_t)(launch->first_run * SVI_MAX_CHECKPOINTS));
    sqlite3_bind_int64(scan->statement, 2,
                       (int64_t)((launch->first_run + launch->n_runs) * SVI_MAX_CHECKPOINTS));
    SVI_TRY(svi_sql_step(scan->store, scan->statement, &has_row, error));
    for (; has_row; i++) {
        if (i >= n) return lost_row(scan, launch, error);
        SVI_TRY(take_row(scan, launch, i, &hash, error));
        SVI_TRY(svi_sql_step(scan->store, scan->statement, &has_row, error));
    }
    if (i != n) return lost_row(scan, launch, error);
    scan->n_seen += (int64_t)n;
    if (svi_hash_is_equal(hash, launch->distances)) return SV_OK;
    return svi_store_fault(scan->store, error, "distances of launch %lld do not have its checksum",
                           (long long)launch->number);
}

static sv_status check_total(const distance_scan *scan, sv_error *error)
{
    int64_t n;
    SVI_TRY(svi_sql_number(scan->store, "SELECT count(*) FROM distance", &n, error));
    if (n == scan->n_seen) return SV_OK;
    return svi_fail(error, SV_ERR_STORE,
                    "%s: table distance: some rows belong to no launch; the file is damaged: "
                    "restore it from a copy",
                    scan->store->path);
}

sv_status svi_store_scan_distances(svi_store *store, svi_distance_fn row, void *context,
                                   sv_error *error)
{
    distance_scan scan = {.store = store, .row = row, .context = context};
    SVI_TRY(svi_sql_prepare(
        store, "SELECT * FROM distance WHERE distance>=?1 AND distance<?2 ORDER BY distance",
        &scan.statement, error));
    sv_status status = SV_OK;
    for (size_t i = 0; status == SV_OK && i < store->n_launches; i++)
        status = scan_launch(&scan, &store->launches[i], error);
    sqlite3_finalize(scan.statement);
    return status == SV_OK ? check_total(&scan, error) : status;
}

sv_status svi_store_each_distance(svi_store *store, svi_distance_fn row, void *context,
                                  sv_error *error)
{
    return svi_store_scan_distances(store, row, context, error);
}
