/* What runs were at their checkpoints: a row a run and checkpoint (curve), or a row a launch and
 * checkpoint (curve_summary). Their keys say where a row belongs, so that no index is needed. */
#include <stdlib.h>

#include "store/store_file.h"

/* ---- writing ---- */

typedef struct curve_source {
    const svi_launch_record *record;
    int64_t launch;
    svi_hash *hash;
} curve_source;

static sv_status write_curves(svi_store *store, sqlite3_stmt *statement, void *context,
                              sv_error *error)
{
    const curve_source *source = context;
    size_t n = source->record->n_checkpoints;
    for (uint64_t i = 0; i < source->record->n_runs * n; i++) {
        uint64_t run = source->record->first_run + i / n, number = i % n;
        unsigned char digest[16];
        svi_row row = svi_row_start(statement, source->hash);
        svi_row_u64(&row, run * SVI_MAX_CHECKPOINTS + number);
        svi_row_u64(&row, run);
        svi_row_u64(&row, number);
        svi_result_put(&row, &source->record->curves[i], digest);
        SVI_TRY(svi_row_insert(&row, store, "writing a curve", error));
    }
    return SV_OK;
}

static sv_status write_parts(svi_store *store, sqlite3_stmt *statement, void *context,
                             sv_error *error)
{
    const curve_source *source = context;
    for (size_t number = 0; number < source->record->n_checkpoints; number++) {
        const svi_curve_part *part = &source->record->curve_parts[number];
        svi_row row = svi_row_start(statement, source->hash);
        svi_row_u64(&row, (uint64_t)source->launch * SVI_MAX_CHECKPOINTS + number);
        svi_row_int(&row, source->launch);
        svi_row_u64(&row, number);
        svi_row_u64(&row, source->record->n_runs);
        svi_row_u64(&row, part->n_diverged);
        for (int m = 0; m < SVK_N_METRICS; m++) {
            if (part->sketch[m].bytes != NULL)
                svi_row_blob(&row, part->sketch[m].bytes, part->sketch[m].n);
            else
                svi_row_null(&row);
        }
        SVI_TRY(svi_row_insert(&row, store, "writing a summary of curves", error));
    }
    return SV_OK;
}

sv_status svi_curves_write(svi_store *store, const svi_launch_record *record, int64_t launch,
                           svi_hash *hash, sv_error *error)
{
    curve_source source = {record, launch, hash};
    if (record->curves != NULL)
        return svi_sql_insert(store, "curve", SVI_CURVE_N_COLUMNS, write_curves, &source, error);
    if (record->curve_parts != NULL)
        return svi_sql_insert(store, "curve_summary", SVI_PART_N_COLUMNS, write_parts, &source,
                              error);
    return SV_OK;
}

/* ---- all of them, against the launches ---- */

typedef struct curve_scan {
    svi_store *store;
    sqlite3_stmt *statement; /* rows with keys from ?1 to below ?2 */
    int n_columns;
    uint64_t n_seen;
    svi_curve_row_fn row;
    void *context;
} curve_scan;

/* Where the rows of a launch stand: in blocks of SVI_MAX_CHECKPOINTS keys, n_rows filled in each.
 */
typedef struct key_range {
    uint64_t first, n; /* blocks */
    uint64_t n_rows;
} key_range;

static key_range range_of(const svi_store *store, const svi_launch *launch)
{
    bool has_curves = store->study.curves != SVI_CURVES_NONE;
    size_t n_rows = has_curves ? store->study.checkpoints[launch->arm].n : 0;
    if (store->study.curves == SVI_CURVES_FULL)
        return (key_range){launch->first_run, launch->n_runs, n_rows};
    return (key_range){(uint64_t)launch->number, 1, n_rows};
}

static sv_status lost_row(const curve_scan *scan, const svi_launch *launch, sv_error *error)
{
    return svi_fail(error, SV_ERR_STORE,
                    "%s: curves of launch %lld: rows are missing or out of place; the file is "
                    "damaged: restore it from a copy",
                    scan->store->path, (long long)launch->number);
}

_Static_assert((int)SVI_CURVE_RUN == (int)SVI_PART_LAUNCH &&
                   (int)SVI_CURVE_NUMBER == (int)SVI_PART_NUMBER,
               "is_of reads both tables");

/* Whether the i-th row of a launch is where it should be. */
static bool is_of(const svi_row_values *values, key_range range, uint64_t i)
{
    uint64_t block = range.first + i / range.n_rows, number = i % range.n_rows;
    const uint64_t *value = values->value;
    return value[SVI_CURVE_KEY] == block * SVI_MAX_CHECKPOINTS + number &&
           value[SVI_CURVE_RUN] == block && value[SVI_CURVE_NUMBER] == number;
}

static sv_status read_launch(curve_scan *scan, const svi_launch *launch, svi_hash *hash,
                             sv_error *error)
{
    key_range range = range_of(scan->store, launch);
    uint64_t n = range.n * range.n_rows, i = 0;
    bool has_row;
    SVI_TRY(svi_sql_step(scan->store, scan->statement, &has_row, error));
    for (; has_row; i++) {
        svi_row_values values = {0};
        svi_row_hash_values(scan->statement, scan->n_columns, hash, &values);
        if (i >= n || !is_of(&values, range, i)) return lost_row(scan, launch, error);
        if (scan->row != NULL)
            SVI_TRY(scan->row(scan->context, launch, scan->statement, &values, error));
        SVI_TRY(svi_sql_step(scan->store, scan->statement, &has_row, error));
    }
    scan->n_seen += n;
    return i == n ? SV_OK : lost_row(scan, launch, error);
}

static sv_status scan_launch(curve_scan *scan, const svi_launch *launch, sv_error *error)
{
    key_range range = range_of(scan->store, launch);
    svi_hash hash = svi_hash_start();
    sqlite3_reset(scan->statement);
    sqlite3_bind_int64(scan->statement, 1, (int64_t)(range.first * SVI_MAX_CHECKPOINTS));
    sqlite3_bind_int64(scan->statement, 2,
                       (int64_t)((range.first + range.n) * SVI_MAX_CHECKPOINTS));
    SVI_TRY(read_launch(scan, launch, &hash, error));
    if (svi_hash_is_equal(hash, launch->curves)) return SV_OK;
    return svi_store_fault(scan->store, error, "curves of launch %lld do not have its checksum",
                           (long long)launch->number);
}

static sv_status check_total(curve_scan *scan, sv_error *error)
{
    int64_t n_full, n_summary;
    bool is_full = scan->store->study.curves == SVI_CURVES_FULL;
    SVI_TRY(svi_sql_number(scan->store, "SELECT count(*) FROM curve", &n_full, error));
    SVI_TRY(svi_sql_number(scan->store, "SELECT count(*) FROM curve_summary", &n_summary, error));
    if ((is_full ? n_full : n_summary) == (int64_t)scan->n_seen &&
        (is_full ? n_summary : n_full) == 0)
        return SV_OK;
    return svi_fail(error, SV_ERR_STORE,
                    "%s: tables curve and curve_summary: some rows belong to no launch; the file "
                    "is damaged: restore it from a copy",
                    scan->store->path);
}

sv_status svi_store_scan_curves(svi_store *store, svi_curve_row_fn row, void *context,
                                sv_error *error)
{
    bool is_full = store->study.curves == SVI_CURVES_FULL;
    curve_scan scan = {.store = store,
                       .n_columns = is_full ? SVI_CURVE_N_COLUMNS : SVI_PART_N_COLUMNS,
                       .row = row,
                       .context = context};
    SVI_TRY(svi_sql_prepare(store,
                            is_full ? "SELECT * FROM curve WHERE curve>=?1 AND curve<?2"
                                      " ORDER BY curve"
                                    : "SELECT * FROM curve_summary WHERE curve_summary>=?1 AND"
                                      " curve_summary<?2 ORDER BY curve_summary",
                            &scan.statement, error));
    sv_status status = SV_OK;
    for (size_t i = 0; status == SV_OK && i < store->n_launches; i++)
        status = scan_launch(&scan, &store->launches[i], error);
    sqlite3_finalize(scan.statement);
    return status == SV_OK ? check_total(&scan, error) : status;
}
