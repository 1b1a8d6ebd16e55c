/* export: the tables as plain rows. Every row is checked before the first byte goes out. */
#include <stdio.h>
#include <string.h>

#include "store/store_file.h"
#include "store/table_export.h"

/* ---- runs ---- */

static const char *const metric_names[] = {
#define METRIC_NAME(id, name, better, help) name,
    SVK_METRICS(METRIC_NAME)
#undef METRIC_NAME
};

typedef struct run_export {
    const svi_store_study *study;
    uint32_t present; /* metrics that some run has */
    svi_table_writer *writer;
} run_export;

static sv_status note_present(void *context, const svi_run *run, const svi_run_result *result,
                              sv_error *error)
{
    (void)run, (void)error;
    ((run_export *)context)->present |= result->present;
    return SV_OK;
}

const char *svi_export_metric_name(int metric) { return metric_names[metric]; }

size_t svi_export_metric_names(uint32_t present, const char **names, size_t n)
{
    for (int m = 0; m < SVK_N_METRICS; m++) {
        if ((present >> m & 1) != 0) names[n++] = metric_names[m];
    }
    return n;
}

static void write_digest(svi_table_writer *writer, const uint32_t digest[4])
{
    char hex[33];
    snprintf(hex, sizeof hex, "%08x%08x%08x%08x", (unsigned)digest[0], (unsigned)digest[1],
             (unsigned)digest[2], (unsigned)digest[3]);
    svi_cell_text(writer, hex);
}

static const char *const status_names[] = {
#define STATUS_NAME(id, name, help) name,
    SVK_RUN_STATUSES(STATUS_NAME)
#undef STATUS_NAME
};

void svi_export_result(svi_table_writer *writer, const svi_run_result *result, uint32_t present)
{
    svi_cell_text(writer, status_names[result->status]);
    write_digest(writer, result->digest);
    for (int m = 0; m < SVK_N_METRICS; m++) {
        if ((present >> m & 1) == 0) continue;
        if ((result->present >> m & 1) != 0) {
            svi_cell_real(writer, result->metric[m]);
        } else {
            svi_cell_none(writer);
        }
    }
}

static sv_status write_run(void *context, const svi_run *run, const svi_run_result *result,
                           sv_error *error)
{
    run_export *export = context;
    svi_table_writer *writer = export->writer;
    svi_cell_u64(writer, run->run);
    svi_cell_text(writer, export->study->arm_names[run->arm]);
    svi_cell_text(writer, export->study->numerics_names[run->numerics]);
    svi_cell_u64(writer, run->replicate);
    for (int s = 0; s < SVK_N_SOURCES; s++) svi_cell_u64(writer, run->seed[s]);
    svi_export_result(writer, result, export->present);
    return svi_table_end_row(writer, error);
}

static sv_status export_runs(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    run_export export = {.study = &store->study, .writer = writer};
    const char *names[6 + SVK_N_SOURCES + SVK_N_METRICS] = {"run", "arm", "numerics", "replicate"};
    size_t n = 4;
#define ADD_SEED(id, number, name, help) names[n++] = "seed_" name;
    SVK_SOURCES(ADD_SEED)
#undef ADD_SEED
    names[n++] = "status";
    names[n++] = "digest";
    SVI_TRY(svi_store_each_run(store, note_present, &export, error));
    n = svi_export_metric_names(export.present, names, n);
    SVI_TRY(svi_table_start(writer, names, n, error));
    return svi_store_each_run(store, write_run, &export, error);
}

/* ---- tables whose rows are written as they are; their checksums were checked when the store was
 * opened ---- */

enum { MAX_PLAIN_COLUMNS = 24 };

typedef struct plain_export {
    svi_table_writer *writer;
    const char *names[MAX_PLAIN_COLUMNS];
} plain_export;

static sv_status write_plain_row(svi_store *store, sqlite3_stmt *statement, void *context,
                                 sv_error *error)
{
    (void)store;
    svi_table_writer *writer = ((plain_export *)context)->writer;
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        if (sqlite3_column_type(statement, i) == SQLITE_INTEGER) {
            svi_cell_i64(writer, sqlite3_column_int64(statement, i));
        } else if (sqlite3_column_type(statement, i) == SQLITE_TEXT) {
            svi_cell_text(writer, (const char *)sqlite3_column_text(statement, i));
        } else {
            char hex[33];
            svi_hash_hex(svi_row_read_checksum(statement, i), hex);
            svi_cell_text(writer, hex);
        }
    }
    return svi_table_end_row(writer, error);
}

static sv_status start_plain(svi_store *store, plain_export *export, const char *sql,
                             sqlite3_stmt **statement, sv_error *error)
{
    SVI_TRY(svi_sql_prepare(store, sql, statement, error));
    int n = sqlite3_column_count(*statement);
    for (int i = 0; i < n && i < MAX_PLAIN_COLUMNS; i++)
        export->names[i] = sqlite3_column_name(*statement, i);
    return svi_table_start(export->writer, export->names, (size_t)n, error);
}

static sv_status export_plain(svi_store *store, svi_table_writer *writer, const char *sql,
                              sv_error *error)
{
    plain_export export = {.writer = writer};
    sqlite3_stmt *statement = NULL;
    sv_status status = start_plain(store, &export, sql, &statement, error);
    if (status == SV_OK) status = svi_sql_each(store, sql, write_plain_row, &export, error);
    sqlite3_finalize(statement);
    return status;
}

static sv_status export_machines(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    return export_plain(store, writer, "SELECT * FROM machine ORDER BY machine", error);
}

static sv_status export_launches(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    return export_plain(store, writer, "SELECT * FROM launch ORDER BY launch", error);
}

static sv_status export_arms(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    return export_plain(store, writer, "SELECT * FROM arm ORDER BY arm", error);
}

static sv_status export_numerics(svi_store *store, svi_table_writer *writer, sv_error *error)
{
    return export_plain(store, writer, "SELECT * FROM numerics ORDER BY numerics", error);
}

/* ---- choosing ---- */

typedef sv_status (*export_fn)(svi_store *store, svi_table_writer *writer, sv_error *error);
static const struct {
    const char *name;
    export_fn export;
} exports[] = {
    {"runs", export_runs},
    {"machines", export_machines},
    {"launches", export_launches},
    {"arms", export_arms},
    {"numerics", export_numerics},
    {"predictions", svi_export_predictions},
    {"checkpoints", svi_export_checkpoints},
    {"curves", svi_export_curves},
    {"distances", svi_export_distances},
};

/* NULL: there is no such table. */
static export_fn find_export(const char *table)
{
    for (size_t i = 0; i < sizeof exports / sizeof *exports; i++) {
        if (strcmp(table, exports[i].name) == 0) return exports[i].export;
    }
    return NULL;
}

sv_status sv_store_export(const char *path, const char *table, const char *format,
                          sv_write_fn write, void *context, sv_error *error)
{
    svi_table_writer writer = {
        .is_jsonl = strcmp(format, "jsonl") == 0, .write = write, .context = context};
    export_fn export = find_export(table);
    svi_store *store;
    if (!writer.is_jsonl && strcmp(format, "csv") != 0) {
        return svi_fail(error, SV_ERR_USAGE, "export: unknown format \"%s\"; give csv or jsonl",
                        format);
    }
    if (export == NULL) {
        return svi_fail(error, SV_ERR_USAGE,
                        "export: unknown table \"%s\"; give runs, machines, launches, arms, "
                        "numerics, predictions, checkpoints, curves or distances",
                        table);
    }
    SVI_TRY(svi_store_open_read(path, &store, error));
    sv_status status = export(store, &writer, error);
    if (status == SV_OK) status = svi_table_finish(&writer, error);
    svi_text_clear(&writer.text);
    svi_store_close(store);
    return status;
}
