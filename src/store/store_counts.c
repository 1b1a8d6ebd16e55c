/* Prediction rows: class counts of one split seed within one launch. Blobs hold little-endian
 * 32-bit words. */
#include <stdlib.h>
#include <string.h>

#include "store/store_file.h"

void svi_words_put(unsigned char *bytes, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (int b = 0; b < 4; b++) bytes[4 * i + (size_t)b] = (unsigned char)(words[i] >> (8 * b));
    }
}

void svi_words_get(uint32_t *words, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++, bytes += 4) {
        words[i] = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                   (uint32_t)bytes[3] << 24;
    }
}

static void put_counts(svi_row *row, int64_t number, int64_t launch,
                       const svi_prediction_counts *counts, unsigned char *bytes)
{
    size_t n_points = counts->n_points, n_cells = n_points * counts->n_classes;
    svi_words_put(bytes, counts->row, n_points);
    /* int32_t and uint32_t may alias, and have the same bits */
    svi_words_put(bytes + 4 * n_points, (const uint32_t *)counts->label, n_points);
    svi_words_put(bytes + 8 * n_points, counts->count, n_cells);
    svi_row_int(row, number);
    svi_row_int(row, launch);
    svi_row_u64(row, counts->seed_split);
    svi_row_u64(row, counts->seed_data);
    svi_row_u64(row, counts->n_runs);
    svi_row_int(row, counts->n_points);
    svi_row_int(row, counts->n_classes);
    svi_row_blob(row, bytes, 4 * n_points);
    svi_row_blob(row, bytes + 4 * n_points, 4 * n_points);
    svi_row_blob(row, bytes + 8 * n_points, 4 * n_cells);
}

sv_status svi_counts_write(svi_store *store, sqlite3_stmt *statement, int64_t number,
                           int64_t launch, const svi_prediction_counts *counts, svi_hash *hash,
                           sv_error *error)
{
    size_t n_bytes = 4 * (size_t)counts->n_points * (2 + (size_t)counts->n_classes);
    unsigned char *bytes = malloc(n_bytes + 1);
    if (bytes == NULL) return svi_fail_memory(error, n_bytes, "prediction counts");
    svi_row row = svi_row_start(statement, hash);
    put_counts(&row, number, launch, counts, bytes);
    sv_status status = svi_row_insert(&row, store, "writing prediction counts", error);
    free(bytes);
    return status;
}

static void get_words(uint32_t *words, sqlite3_stmt *statement, int column, size_t n)
{
    svi_words_get(words, sqlite3_column_blob(statement, column), n);
}

static bool has_size(sqlite3_stmt *statement, int column, int64_t n_words)
{
    return n_words >= 0 && sqlite3_column_type(statement, column) == SQLITE_BLOB &&
           sqlite3_column_bytes(statement, column) == 4 * n_words;
}

static bool is_whole(sqlite3_stmt *statement)
{
    int64_t n_points = sqlite3_column_int64(statement, SVI_COUNT_N_POINTS);
    int64_t n_classes = sqlite3_column_int64(statement, SVI_COUNT_N_CLASSES);
    const int64_t most = INT64_C(1) << 28; /* keeps the products below in range */
    return n_points >= 0 && n_points <= most && n_classes >= 0 && n_classes <= most &&
           has_size(statement, SVI_COUNT_ROW, n_points) &&
           has_size(statement, SVI_COUNT_LABEL, n_points) &&
           has_size(statement, SVI_COUNT_COUNT, n_points * n_classes);
}

void svi_counts_free(svi_prediction_counts *counts)
{
    free(counts->row);
    free(counts->label);
    free(counts->count);
}

sv_status svi_counts_read(svi_store *store, sqlite3_stmt *statement, svi_prediction_counts *counts,
                          sv_error *error)
{
    if (!is_whole(statement)) {
        return svi_fail(error, SV_ERR_STORE,
                        "%s: table prediction_count: a row has blobs of another size than it says; "
                        "the file is damaged: restore it from a copy",
                        store->path);
    }
    *counts = (svi_prediction_counts){
        .seed_split = (uint64_t)sqlite3_column_int64(statement, SVI_COUNT_SEED_SPLIT),
        .seed_data = (uint64_t)sqlite3_column_int64(statement, SVI_COUNT_SEED_DATA),
        .n_runs = (uint64_t)sqlite3_column_int64(statement, SVI_COUNT_N_RUNS),
        .n_points = (uint32_t)sqlite3_column_int64(statement, SVI_COUNT_N_POINTS),
        .n_classes = (uint32_t)sqlite3_column_int64(statement, SVI_COUNT_N_CLASSES),
    };
    size_t n_points = counts->n_points, n_cells = n_points * counts->n_classes;
    counts->row = malloc(4 * n_points + 1);
    counts->label = malloc(4 * n_points + 1);
    counts->count = malloc(4 * n_cells + 1);
    if (counts->row == NULL || counts->label == NULL || counts->count == NULL) {
        svi_counts_free(counts);
        return svi_fail_memory(error, 4 * (2 * n_points + n_cells), "prediction counts");
    }
    get_words(counts->row, statement, SVI_COUNT_ROW, n_points);
    get_words((uint32_t *)counts->label, statement, SVI_COUNT_LABEL, n_points);
    get_words(counts->count, statement, SVI_COUNT_COUNT, n_cells);
    return SV_OK;
}

/* ---- all of them, against the launches ---- */

typedef struct counts_scan {
    svi_launch *launches; /* in the order in which they were written */
    size_t n_launches, i_launch;
    uint64_t n_seen, n_in_launch; /* rows */
    svi_hash hash;                /* of the launch's rows */
    svi_counts_row_fn row;
    void *context;
} counts_scan;

static int compare_numbers(const void *a, const void *b)
{
    const svi_launch *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* Ends every launch that has all its rows. */
static sv_status end_launches(svi_store *store, counts_scan *scan, sv_error *error)
{
    while (scan->i_launch < scan->n_launches &&
           scan->launches[scan->i_launch].n_predictions == scan->n_in_launch) {
        const svi_launch *launch = &scan->launches[scan->i_launch];
        if (!svi_hash_is_equal(scan->hash, launch->predictions)) {
            SVI_TRY(svi_store_fault(
                store, error,
                "table prediction_count: the rows of launch %lld do not have its checksum",
                (long long)launch->number));
        }
        scan->i_launch++;
        scan->n_in_launch = 0;
        scan->hash = svi_hash_start();
    }
    return SV_OK;
}

static sv_status misplaced(const svi_store *store, uint64_t number, sv_error *error)
{
    return svi_fail(error, SV_ERR_STORE,
                    "%s: table prediction_count: row %llu is missing or out of place; the file is "
                    "damaged: restore it from a copy",
                    store->path, (unsigned long long)number);
}

static sv_status scan_row(svi_store *store, sqlite3_stmt *statement, void *context, sv_error *error)
{
    counts_scan *scan = context;
    scan->n_seen++;
    if (scan->i_launch == scan->n_launches) return misplaced(store, scan->n_seen, error);
    const svi_launch *launch = &scan->launches[scan->i_launch];
    if (sqlite3_column_int64(statement, SVI_COUNT_NUMBER) != (int64_t)scan->n_seen ||
        sqlite3_column_int64(statement, SVI_COUNT_LAUNCH) != launch->number) {
        return misplaced(store, scan->n_seen, error);
    }
    svi_row_hash(statement, SVI_COUNT_N_COLUMNS, &scan->hash);
    scan->n_in_launch++;
    if (scan->row != NULL) SVI_TRY(scan->row(scan->context, launch, statement, error));
    return end_launches(store, scan, error);
}

static sv_status scan_all(svi_store *store, counts_scan *scan, sv_error *error)
{
    SVI_TRY(end_launches(store, scan, error));
    SVI_TRY(svi_sql_each(store, "SELECT * FROM prediction_count ORDER BY prediction_count",
                         scan_row, scan, error));
    return scan->i_launch == scan->n_launches ? SV_OK : misplaced(store, scan->n_seen + 1, error);
}

sv_status svi_store_scan_counts(svi_store *store, svi_counts_row_fn row, void *context,
                                sv_error *error)
{
    counts_scan scan = {
        .n_launches = store->n_launches, .hash = svi_hash_start(), .row = row, .context = context};
    scan.launches = malloc(store->n_launches * sizeof *scan.launches + 1);
    if (scan.launches == NULL)
        return svi_fail_memory(error, store->n_launches * sizeof *scan.launches, "launches");
    if (store->n_launches > 0) {
        memcpy(scan.launches, store->launches, store->n_launches * sizeof *scan.launches);
        qsort(scan.launches, scan.n_launches, sizeof *scan.launches, compare_numbers);
    }
    sv_status status = scan_all(store, &scan, error);
    free(scan.launches);
    return status;
}
