/* The tables and the view of a store. docs/store.md explains them. */
#include <string.h>

#include "base/text.h"
#include "store/store_file.h"

#define SEED_COLUMN(id, number, name, help) "  seed_" name " INTEGER NOT NULL,\n"
#define LEVELS_COLUMN(id, number, name, help) "  n_levels_" name " INTEGER NOT NULL,\n"
#define BITS_COLUMN(id, name, better, help) ",\n  " name "_bits INTEGER"
#define SKETCH_COLUMN(id, name, better, help) ",\n  " name " BLOB"
#define SEED_COLUMNS SVK_SOURCES(SEED_COLUMN)
#define LEVELS_COLUMNS SVK_SOURCES(LEVELS_COLUMN)
#define BITS_COLUMNS SVK_METRICS(BITS_COLUMN)
#define VALUES_COLUMN(id, name, better, help) ",\n  " name "_values BLOB"
#define STATUS_COLUMN(id, name, help) "  n_" name " INTEGER NOT NULL,\n"
#define SKETCH_COLUMNS SVK_METRICS(SKETCH_COLUMN)
#define VALUES_COLUMNS SVK_METRICS(VALUES_COLUMN)
#define STATUS_COLUMNS SVK_RUN_STATUSES(STATUS_COLUMN)

/* clang-format off */
static const struct {
    const char *name, *sql;
} tables[] = {
    {"arm", "CREATE TABLE arm(\n"
            "  arm INTEGER PRIMARY KEY,\n"
            "  name TEXT NOT NULL,\n"
            "  data_digest TEXT NOT NULL\n"
            ") STRICT"},
    {"numerics", "CREATE TABLE numerics(\n"
                 "  numerics INTEGER PRIMARY KEY,\n"
                 "  name TEXT NOT NULL,\n"
                 "  path TEXT NOT NULL,\n"
                 "  n_parts INTEGER NOT NULL,\n"
                 "  \"precision\" TEXT NOT NULL,\n"
                 "  math TEXT NOT NULL,\n"
                 "  stress TEXT NOT NULL,\n"
                 "  n_replicates INTEGER NOT NULL,\n"
                 "  reference INTEGER NOT NULL\n"
                 ") STRICT"},
    {"checkpoint", "CREATE TABLE checkpoint(\n"
                   "  checkpoint INTEGER PRIMARY KEY,\n"
                   "  arm INTEGER NOT NULL,\n"
                   "  number INTEGER NOT NULL,\n"
                   "  step INTEGER NOT NULL\n"
                   ") STRICT"},
    {"study", "CREATE TABLE study(\n"
              "  study INTEGER PRIMARY KEY,\n"
              "  name TEXT NOT NULL,\n"
              "  text TEXT NOT NULL,\n"
              "  overrides TEXT NOT NULL,\n"
              "  canonical TEXT NOT NULL,\n"
              "  program_version TEXT NOT NULL,\n"
              "  n_runs INTEGER NOT NULL,\n"
              "  n_arms INTEGER NOT NULL,\n"
              "  n_numerics INTEGER NOT NULL,\n"
              "  curves TEXT NOT NULL,\n"
              "  \"rows\" TEXT NOT NULL,\n"
              "  design TEXT NOT NULL,\n"
              "  first_seed INTEGER NOT NULL,\n" LEVELS_COLUMNS
              "  checksum BLOB NOT NULL\n"
              ") STRICT"},
    {"machine", "CREATE TABLE machine(\n"
                "  machine INTEGER PRIMARY KEY,\n"
                "  host TEXT NOT NULL,\n"
                "  os TEXT NOT NULL,\n"
                "  cpu TEXT NOT NULL,\n"
                "  simd TEXT NOT NULL,\n"
                "  device TEXT NOT NULL,\n"
                "  device_model TEXT NOT NULL,\n"
                "  device_detail TEXT NOT NULL,\n"
                "  device_uuid TEXT NOT NULL,\n"
                "  driver TEXT NOT NULL,\n"
                "  cuda_runtime TEXT NOT NULL,\n"
                "  cuda_toolkit TEXT NOT NULL,\n"
                "  cuda_code TEXT NOT NULL,\n"
                "  compiler TEXT NOT NULL,\n"
                "  compiler_flags TEXT NOT NULL,\n"
                "  program_version TEXT NOT NULL,\n"
                "  git_commit TEXT NOT NULL,\n"
                "  command_line TEXT NOT NULL,\n"
                "  n_threads INTEGER NOT NULL,\n"
                "  started_unix_ms INTEGER NOT NULL,\n"
                "  checksum BLOB NOT NULL\n"
                ") STRICT"},
    {"launch", "CREATE TABLE launch(\n"
               "  launch INTEGER PRIMARY KEY,\n"
               "  machine INTEGER NOT NULL,\n"
               "  arm INTEGER NOT NULL,\n"
               "  numerics INTEGER NOT NULL,\n"
               "  first_run INTEGER NOT NULL,\n"
               "  n_runs INTEGER NOT NULL,\n"
               "  n_predictions INTEGER NOT NULL,\n"
               "  started_unix_ms INTEGER NOT NULL,\n"
               "  duration_ns INTEGER NOT NULL,\n"
               "  runs_checksum BLOB NOT NULL,\n"
               "  predictions_checksum BLOB NOT NULL,\n"
               "  curves_checksum BLOB NOT NULL,\n"
               "  distances_checksum BLOB NOT NULL,\n"
               "  checksum BLOB NOT NULL\n"
               ") STRICT"},
    {"run", "CREATE TABLE run(\n"
            "  run INTEGER PRIMARY KEY,\n"
            "  launch INTEGER NOT NULL,\n"
            "  arm INTEGER NOT NULL,\n"
            "  numerics INTEGER NOT NULL,\n"
            "  replicate INTEGER NOT NULL,\n" SEED_COLUMNS
            "  status INTEGER NOT NULL,\n"
            "  digest BLOB NOT NULL" BITS_COLUMNS ",\n"
            "  arrivals BLOB\n"
            ") STRICT"},
    {"run_summary", "CREATE TABLE run_summary(\n"
                    "  launch INTEGER PRIMARY KEY,\n" STATUS_COLUMNS
                    "  digest_sum BLOB NOT NULL,\n"
                    "  failed BLOB NOT NULL" SKETCH_COLUMNS VALUES_COLUMNS "\n"
                    ") STRICT"},
    {"prediction_count", "CREATE TABLE prediction_count(\n"
                         "  prediction_count INTEGER PRIMARY KEY,\n"
                         "  launch INTEGER NOT NULL,\n"
                         "  seed_split INTEGER NOT NULL,\n"
                         "  seed_data INTEGER NOT NULL,\n"
                         "  n_runs INTEGER NOT NULL,\n"
                         "  n_points INTEGER NOT NULL,\n"
                         "  n_classes INTEGER NOT NULL,\n"
                         "  row BLOB NOT NULL,\n"
                         "  label BLOB NOT NULL,\n"
                         "  count BLOB NOT NULL\n"
                         ") STRICT"},
    {"curve", "CREATE TABLE curve(\n"
              "  curve INTEGER PRIMARY KEY,\n"
              "  run INTEGER NOT NULL,\n"
              "  number INTEGER NOT NULL,\n"
              "  status INTEGER NOT NULL,\n"
              "  digest BLOB NOT NULL" BITS_COLUMNS "\n"
              ") STRICT"},
    {"curve_summary", "CREATE TABLE curve_summary(\n"
                      "  curve_summary INTEGER PRIMARY KEY,\n"
                      "  launch INTEGER NOT NULL,\n"
                      "  number INTEGER NOT NULL,\n"
                      "  n_runs INTEGER NOT NULL,\n"
                      "  n_diverged INTEGER NOT NULL" SKETCH_COLUMNS "\n"
                      ") STRICT"},
    {"distance", "CREATE TABLE distance(\n"
                 "  distance INTEGER PRIMARY KEY,\n"
                 "  run INTEGER NOT NULL,\n"
                 "  number INTEGER NOT NULL,\n"
                 "  digest BLOB NOT NULL,\n"
                 "  norm_bits INTEGER NOT NULL,\n"
                 "  l2_bits INTEGER NOT NULL,\n"
                 "  loss_difference_bits INTEGER NOT NULL,\n"
                 "  churn_bits INTEGER NOT NULL,\n"
                 "  max_ulp INTEGER NOT NULL,\n"
                 "  ulps BLOB NOT NULL,\n"
                 "  bits BLOB NOT NULL\n"
                 ") STRICT"},
    {"head", "CREATE TABLE head(\n"
             "  head INTEGER PRIMARY KEY,\n"
             "  n_machines INTEGER NOT NULL,\n"
             "  n_launches INTEGER NOT NULL,\n"
             "  n_runs INTEGER NOT NULL,\n"
             "  checksum BLOB NOT NULL\n"
             ") STRICT"},
};
/* clang-format on */

enum { N_TABLES = sizeof tables / sizeof *tables };

/* The binary64 whose bits an integer column holds; NaN becomes NULL. Every step is exact. */
static void add_real_column(svi_text *sql, const char *table, const char *metric)
{
    char bits[64];
    snprintf(bits, sizeof bits, "%s.%s_bits", table, metric);
    svi_text_add(sql,
                 ",\n  CASE %s>>52&2047"
                 " WHEN 2047 THEN CASE %s&4503599627370495 WHEN 0 THEN 9e999 END"
                 " WHEN 0 THEN (%s&4503599627370495)*pow(2,-1074)"
                 " ELSE (%s&4503599627370495|4503599627370496)*pow(2,(%s>>52&2047)-1075) END"
                 "*CASE WHEN %s<0 THEN -1.0 ELSE 1.0 END AS %s",
                 bits, bits, bits, bits, bits, bits, metric);
}

/* Status, digest and metrics of a table's rows. */
static void add_result_columns(svi_text *sql, const char *table)
{
    svi_text_add(sql, ",\n  CASE %s.status", table);
#define ADD_STATUS(id, name, help) svi_text_add(sql, " WHEN %d THEN '" name "'", SVK_RUN_##id);
    SVK_RUN_STATUSES(ADD_STATUS)
#undef ADD_STATUS
    svi_text_add(sql, " END AS status,\n  lower(hex(%s.digest)) AS digest", table);
#define ADD_METRIC(id, name, better, help) add_real_column(sql, table, name);
    SVK_METRICS(ADD_METRIC)
#undef ADD_METRIC
}

static void add_runs(svi_text *sql)
{
    svi_text_add(sql, "CREATE VIEW runs AS SELECT\n"
                      "  run.run,\n"
                      "  arm.name AS arm,\n"
                      "  numerics.name AS numerics,\n"
                      "  run.replicate");
#define ADD_SEED(id, number, name, help) svi_text_add(sql, ",\n  run.seed_" name);
    SVK_SOURCES(ADD_SEED)
#undef ADD_SEED
    add_result_columns(sql, "run");
    svi_text_add(sql, "\nFROM run JOIN arm ON arm.arm=run.arm JOIN numerics ON "
                      "numerics.numerics=run.numerics");
}

static void add_curves(svi_text *sql)
{
    svi_text_add(sql, "CREATE VIEW curves AS SELECT\n"
                      "  curve.run,\n"
                      "  arm.name AS arm,\n"
                      "  numerics.name AS numerics,\n"
                      "  checkpoint.step");
    add_result_columns(sql, "curve");
    svi_text_add(sql,
                 "\nFROM curve JOIN run ON run.run=curve.run JOIN arm ON arm.arm=run.arm"
                 " JOIN numerics ON numerics.numerics=run.numerics"
                 " JOIN checkpoint ON checkpoint.checkpoint=run.arm*%d+curve.number",
                 (int)SVI_MAX_CHECKPOINTS);
}

static const struct {
    const char *name;
    void (*add)(svi_text *sql);
} views[] = {{"runs", add_runs}, {"curves", add_curves}};

enum { N_VIEWS = sizeof views / sizeof *views, N_OBJECTS = N_TABLES + N_VIEWS };

static sv_status make_view(int i, char **sql, sv_error *error)
{
    svi_text text = {0};
    views[i].add(&text);
    return svi_text_take(&text, sql, error);
}

sv_status svi_schema_create(svi_store *store, sv_error *error)
{
    char stamp[100];
    snprintf(stamp, sizeof stamp, "PRAGMA application_id=%d; PRAGMA user_version=%d",
             (int)SVI_STORE_APPLICATION, (int)SVI_STORE_SCHEMA);
    SVI_TRY(svi_sql_run(store, stamp, error));
    for (int i = 0; i < N_TABLES; i++) SVI_TRY(svi_sql_run(store, tables[i].sql, error));
    for (int i = 0; i < N_VIEWS; i++) {
        char *view;
        SVI_TRY(make_view(i, &view, error));
        sv_status status = svi_sql_run(store, view, error);
        sv_free(view);
        SVI_TRY(status);
    }
    return SV_OK;
}

static sv_status check_stamp(svi_store *store, sv_error *error)
{
    int64_t application, version;
    SVI_TRY(svi_sql_number(store, "PRAGMA application_id", &application, error));
    if (application != SVI_STORE_APPLICATION) {
        return svi_fail(error, SV_ERR_STORE,
                        "%s: not a store of seedvar (application_id is %lld, a store has %d); give "
                        "the name of a store, or a new name",
                        store->path, (long long)application, (int)SVI_STORE_APPLICATION);
    }
    SVI_TRY(svi_sql_number(store, "PRAGMA user_version", &version, error));
    if (version == SVI_STORE_SCHEMA) return SV_OK;
    return svi_fail(error, SV_ERR_STORE,
                    "%s: the store has schema version %lld, this program (%s) reads %d; use the "
                    "program that made it",
                    store->path, (long long)version, sv_version(), (int)SVI_STORE_SCHEMA);
}

static bool is_text(sqlite3_stmt *statement, int column, const char *expected)
{
    return sqlite3_column_type(statement, column) == SQLITE_TEXT &&
           (size_t)sqlite3_column_bytes(statement, column) == strlen(expected) &&
           memcmp(sqlite3_column_blob(statement, column), expected, strlen(expected)) == 0;
}

static sv_status check_object(svi_store *store, sqlite3_stmt *statement, void *context,
                              sv_error *error)
{
    int i = (*(int *)context)++;
    if (i >= N_OBJECTS) {
        return svi_fail(error, SV_ERR_STORE,
                        "%s: sqlite_schema: more tables, views or indexes than a store has; drop "
                        "what was added, or restore the file from a copy",
                        store->path);
    }
    bool is_view = i >= N_TABLES;
    const char *name = is_view ? views[i - N_TABLES].name : tables[i].name;
    char *view = NULL;
    if (is_view) SVI_TRY(make_view(i - N_TABLES, &view, error));
    bool is_right = is_text(statement, 0, is_view ? "view" : "table") &&
                    is_text(statement, 1, name) && is_text(statement, 2, name) &&
                    is_text(statement, 3, is_view ? view : tables[i].sql);
    sv_free(view);
    if (is_right) return SV_OK;
    return svi_fail(
        error, SV_ERR_STORE,
        "%s: sqlite_schema: the definition of %s is not the one of this program (%s); the file is "
        "damaged (restore it from a copy) or made by another version (use that)",
        store->path, name, sv_version());
}

sv_status svi_schema_check(svi_store *store, sv_error *error)
{
    int n_seen = 0;
    SVI_TRY(check_stamp(store, error));
    SVI_TRY(svi_sql_each(store, "SELECT type,name,tbl_name,sql FROM sqlite_schema ORDER BY rowid",
                         check_object, &n_seen, error));
    if (n_seen == N_OBJECTS) return SV_OK;
    return svi_fail(error, SV_ERR_STORE,
                    "%s: sqlite_schema: %d of %d tables and views are missing; the file is "
                    "damaged: restore it from a copy",
                    store->path, N_OBJECTS - n_seen, (int)N_OBJECTS);
}
