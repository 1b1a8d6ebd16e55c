/* Inside the store only: the open file, its rows and their checksums. The one header that includes
 * sqlite3.h. */
#ifndef SVI_STORE_FILE_H
#define SVI_STORE_FILE_H

#include <jansson.h>
#include <sqlite3.h>

#include "store/store.h"

enum {
    SVI_STORE_APPLICATION = 0x53566172, /* "SVar": application_id of the file */
    SVI_STORE_SCHEMA = 11               /* user_version of the file */
};

/* A launch row, kept in memory: there are few of them, and gaps are found without reading runs. */
typedef struct svi_launch {
    int64_t number, machine;
    uint32_t arm, numerics;
    uint64_t first_run, n_runs, n_predictions;
    int64_t duration_ns;
    svi_hash runs, predictions, curves, distances, checksum;
} svi_launch;

/* The faults of a file, as texts. */
typedef struct svi_faults {
    json_t *list;
    sv_error first;
} svi_faults;

struct svi_store {
    sqlite3 *db;
    char *path;
    int lock_fd; /* -1: opened for reading */
    svi_store_study study;
    char (*data_digests)[64]; /* [study.n_arms] */
    svi_hash study_checksum;
    svi_hash *machine_checksums; /* [n_machines] */
    size_t n_machines, n_launches;
    svi_launch *launches; /* [n_launches], ascending in first_run */
    svi_hash last_checksum;
    uint64_t n_done, n_predictions;
    /* of this invocation; row: of each, 0 until its first launch is written */
    size_t n_own;
    struct {
        svi_machine machine;
        int64_t row;
    } * own; /* [n_own] */
    svi_faults *
        faults; /* not NULL: mismatching checksums are collected here instead of ending the check */
};

/* ---- store_sql.c: statements and their errors ---- */

/* "PATH: DOING: what SQLite says; the mend". */
sv_status svi_sql_fail(svi_store *store, int code, const char *doing, sv_error *error);
sv_status svi_sql_run(svi_store *store, const char *sql, sv_error *error);
sv_status svi_sql_prepare(svi_store *store, const char *sql, sqlite3_stmt **statement,
                          sv_error *error);
sv_status svi_sql_step(svi_store *store, sqlite3_stmt *statement, bool *has_row, sv_error *error);

typedef sv_status (*svi_sql_row_fn)(svi_store *store, sqlite3_stmt *statement, void *context,
                                    sv_error *error);
/* Calls row for every row of a query. */
sv_status svi_sql_each(svi_store *store, const char *sql, svi_sql_row_fn row, void *context,
                       sv_error *error);
/* Calls write once with an INSERT of whole rows: n_columns parameters, in the order of the table.
 */
sv_status svi_sql_insert(svi_store *store, const char *table, int n_columns, svi_sql_row_fn write,
                         void *context, sv_error *error);
/* The same with n_rows rows a statement, one after another; write binds all of them each time. */
sv_status svi_sql_insert_rows(svi_store *store, const char *table, int n_columns, int n_rows,
                              svi_sql_row_fn write, void *context, sv_error *error);
/* The one integer that a query gives. */
sv_status svi_sql_number(svi_store *store, const char *sql, int64_t *number, sv_error *error);

/* ---- store_row.c: rows and their checksums ---- */

/* A row on its way into a table. Every value is bound and hashed in one step, so that what
 * svi_row_hash reads back is what was hashed. Texts and blobs must live until svi_row_insert. */
typedef struct svi_row {
    sqlite3_stmt *statement;
    svi_hash *hash;
    int n_columns, code;
    unsigned char checksum[5][16];
    int n_checksums;
} svi_row;
svi_row svi_row_start(sqlite3_stmt *statement, svi_hash *hash);
void svi_row_int(svi_row *row, int64_t value);
void svi_row_u64(svi_row *row, uint64_t value); /* the same bits */
void svi_row_null(svi_row *row);
void svi_row_text(svi_row *row, const char *text);
void svi_row_blob(svi_row *row, const void *bytes, size_t n);
void svi_row_checksum(svi_row *row, svi_hash checksum); /* hashed as a blob; at most four a row */
sv_status svi_row_insert(svi_row *row, svi_store *store, const char *what, sv_error *error);
/* The row's hash so far goes into the last column; inserts the row. */
sv_status svi_row_seal(svi_row *row, svi_store *store, const char *what, sv_error *error);

/* Adds type and value of the first n_columns columns. */
void svi_row_hash(sqlite3_stmt *statement, int n_columns, svi_hash *hash);
/* The same, and keeps the integers. */
typedef struct svi_row_values {
    uint64_t is_integer; /* bit i: column i is one */
    uint64_t value[64];
} svi_row_values;
void svi_row_hash_values(sqlite3_stmt *statement, int n_columns, svi_hash *hash,
                         svi_row_values *values);
/* Reads a checksum column; zero, which no hash of a row is, when it is not 16 bytes. */
svi_hash svi_row_read_checksum(sqlite3_stmt *statement, int column);
bool svi_hash_is_equal(svi_hash a, svi_hash b);
void svi_hash_add(svi_hash *hash, svi_hash other);

/* ---- store_schema.c ---- */

/* Columns of the tables. */
enum {
    SVI_STUDY_ROWS = 10,
    SVI_STUDY_DESIGN,
    SVI_STUDY_FIRST_SEED,
    SVI_STUDY_FIRST_LEVEL,
    SVI_STUDY_CHECKSUM = SVI_STUDY_FIRST_LEVEL + SVK_N_SOURCES,
    SVI_STUDY_N_COLUMNS
};
enum { SVI_MACHINE_CHECKSUM = 20, SVI_MACHINE_N_COLUMNS };
enum {
    SVI_LAUNCH_NUMBER,
    SVI_LAUNCH_MACHINE,
    SVI_LAUNCH_ARM,
    SVI_LAUNCH_NUMERICS,
    SVI_LAUNCH_FIRST_RUN,
    SVI_LAUNCH_N_RUNS,
    SVI_LAUNCH_N_PREDICTIONS,
    SVI_LAUNCH_STARTED,
    SVI_LAUNCH_DURATION,
    SVI_LAUNCH_RUNS,
    SVI_LAUNCH_PREDICTIONS,
    SVI_LAUNCH_CURVES,
    SVI_LAUNCH_DISTANCES,
    SVI_LAUNCH_CHECKSUM,
    SVI_LAUNCH_N_COLUMNS
};
enum {
    SVI_RUN_NUMBER,
    SVI_RUN_LAUNCH,
    SVI_RUN_ARM,
    SVI_RUN_NUMERICS,
    SVI_RUN_REPLICATE,
    SVI_RUN_FIRST_SEED,
    SVI_RUN_STATUS = SVI_RUN_FIRST_SEED + SVK_N_SOURCES,
    SVI_RUN_DIGEST,
    SVI_RUN_FIRST_METRIC,
    SVI_RUN_ARRIVALS = SVI_RUN_FIRST_METRIC + SVK_N_METRICS,
    SVI_RUN_N_COLUMNS
};
enum {
    SVI_NUMERICS_PATH = 2,
    SVI_NUMERICS_MATH = 5,
    SVI_NUMERICS_REPLICATES = 7,
    SVI_NUMERICS_REFERENCE,
    SVI_NUMERICS_N_COLUMNS
};
enum { SVI_CHECKPOINT_N_COLUMNS = 4 };
enum {
    SVI_DISTANCE_KEY, /* run * SVI_MAX_CHECKPOINTS + number */
    SVI_DISTANCE_RUN,
    SVI_DISTANCE_NUMBER,
    SVI_DISTANCE_DIGEST,
    SVI_DISTANCE_NORM,
    SVI_DISTANCE_L2,
    SVI_DISTANCE_LOSS,
    SVI_DISTANCE_CHURN,
    SVI_DISTANCE_MAX_ULP,
    SVI_DISTANCE_ULPS,
    SVI_DISTANCE_BITS,
    SVI_DISTANCE_N_COLUMNS
};
enum {
    SVI_CURVE_KEY, /* run * SVI_MAX_CHECKPOINTS + number: in the order of the runs */
    SVI_CURVE_RUN,
    SVI_CURVE_NUMBER,
    SVI_CURVE_STATUS,
    SVI_CURVE_N_COLUMNS = SVI_CURVE_STATUS + 2 + SVK_N_METRICS
};
enum {
    SVI_PART_KEY, /* launch * SVI_MAX_CHECKPOINTS + number */
    SVI_PART_LAUNCH,
    SVI_PART_NUMBER,
    SVI_PART_N_RUNS,
    SVI_PART_N_DIVERGED,
    SVI_PART_FIRST_SKETCH,
    SVI_PART_N_COLUMNS = SVI_PART_FIRST_SKETCH + SVK_N_METRICS
};
enum {
    SVI_SUM_LAUNCH,
    SVI_SUM_FIRST_STATUS,
    SVI_SUM_DIGEST = SVI_SUM_FIRST_STATUS + SVK_N_RUN_STATUSES,
    SVI_SUM_FAILED,
    SVI_SUM_FIRST_SKETCH,
    SVI_SUM_FIRST_VALUES = SVI_SUM_FIRST_SKETCH + SVK_N_METRICS,
    SVI_SUM_N_COLUMNS = SVI_SUM_FIRST_VALUES + SVK_N_METRICS
};
_Static_assert((int)SVI_SUM_N_COLUMNS <= 64, "svi_row_values holds 64 columns");
enum {
    SVI_COUNT_NUMBER,
    SVI_COUNT_LAUNCH,
    SVI_COUNT_SEED_SPLIT,
    SVI_COUNT_SEED_DATA,
    SVI_COUNT_N_RUNS,
    SVI_COUNT_N_POINTS,
    SVI_COUNT_N_CLASSES,
    SVI_COUNT_ROW,
    SVI_COUNT_LABEL,
    SVI_COUNT_COUNT,
    SVI_COUNT_N_COLUMNS
};

sv_status svi_schema_create(svi_store *store, sv_error *error);
/* application_id, user_version, encoding and the text of every table and view. */
sv_status svi_schema_check(svi_store *store, sv_error *error);

/* ---- store_lock.c ---- */

/* Holds PATH-lock until svi_store_unlock; the system lets go of it when the process dies. */
sv_status svi_store_lock(const char *path, int *fd, sv_error *error);
void svi_store_unlock(const char *path, int fd);

/* ---- store_study.c, store_load.c ---- */

/* Fills an empty file: schema, arms, numerics, study and head, in one transaction. */
sv_status svi_store_create_study(svi_store *store, const svi_study_spec *spec,
                                 const char *const *data_digests,
                                 const svi_checkpoints *checkpoints, sv_error *error);
/* Path and both values of the first difference between two JSON texts; false when there is none. */
bool svi_json_difference(const char *mine, const char *theirs, const char *mine_name,
                         const char *their_name, char *text, size_t n);

/* The canonical text with nothing of each entry of numerics but its replicates; to be freed. NULL:
 * out of memory. */
char *svi_json_without_numerics(const char *canonical);

/* Each reads and checks its rows. In this order. */
sv_status svi_store_load_study(svi_store *store, sv_error *error);
sv_status svi_store_load_machines(svi_store *store, sv_error *error);
sv_status svi_store_load_launches(svi_store *store, sv_error *error);
/* What the head row must hold: numbers of machines, launches and runs, and the last checksum of the
 * chain. */
sv_status svi_store_check_head(svi_store *store, sv_error *error);

/* Room for one more element. */
sv_status svi_store_reserve_launch(svi_store *store, sv_error *error);
sv_status svi_store_reserve_machine(svi_store *store, sv_error *error);
/* What the checksum of the next launch continues: the launch before and the machine. */
svi_hash svi_store_launch_hash(const svi_store *store, svi_hash machine_checksum);

/* ---- store_ranges.c ---- */

bool svi_store_overlaps(const svi_store *store, uint64_t first_run, uint64_t n_runs);
/* Puts a launch into its place; svi_store_reserve_launch has made room. */
void svi_store_place_launch(svi_store *store, const svi_launch *launch);

/* ---- store_runs.c, store_counts.c, store_curves.c, store_verify.c ---- */

/* Puts one run row; digest: 16 bytes that live until the row is inserted; arrivals: n_words words,
 * least significant byte first, that live as long, or NULL. */
void svi_run_put(svi_row *row, int64_t launch, const svi_run *run, const svi_run_result *result,
                 unsigned char digest[16], const unsigned char *arrivals, uint64_t n_words);
/* The columns from status on: status, digest, metrics. */
void svi_result_put(svi_row *row, const svi_run_result *result, unsigned char digest[16]);
void svi_result_read(sqlite3_stmt *statement, const svi_row_values *values, int first_column,
                     svi_run_result *result);

/* Writes the sums of a launch's runs in place of their rows. */
sv_status svi_sums_write(svi_store *store, const svi_launch_record *record, int64_t launch,
                         svi_hash *hash, sv_error *error);
/* Every row of run_summary against the launches, in the order of the runs; row may be NULL. The row
 * is checked before it is handed out. */
typedef sv_status (*svi_sum_row_fn)(void *context, const svi_launch *launch,
                                    sqlite3_stmt *statement, const svi_row_values *values,
                                    sv_error *error);
sv_status svi_store_scan_sums(svi_store *store, svi_sum_row_fn row, void *context, sv_error *error);
/* The study digest of such a store. */
sv_status svi_store_digest_sum(svi_store *store, svi_hash *digest, sv_error *error);
/* The count of a table, which must be n. */
sv_status svi_store_check_count(svi_store *store, const char *table, uint64_t n, sv_error *error);

/* Words to bytes, least significant byte first, and back. */
void svi_words_put(unsigned char *bytes, const uint32_t *words, size_t n);
void svi_words_get(uint32_t *words, const unsigned char *bytes, size_t n);
/* Every run row against the launches, in ascending run number; row may be NULL. */
sv_status svi_store_scan_runs(svi_store *store, svi_store_run_fn row, void *context,
                              sv_error *error);

/* Writes one prediction_count row and adds it to the hash of the launch's prediction rows. */
sv_status svi_counts_write(svi_store *store, sqlite3_stmt *statement, int64_t number,
                           int64_t launch, const svi_prediction_counts *counts, svi_hash *hash,
                           sv_error *error);
/* Reads the statement's prediction_count row; the arrays are released with svi_counts_free. */
sv_status svi_counts_read(svi_store *store, sqlite3_stmt *statement, svi_prediction_counts *counts,
                          sv_error *error);
void svi_counts_free(svi_prediction_counts *counts);
/* Every prediction row against the launches, in the order of the file; row may be NULL. What row
 * saw is checked only when the scan has returned SV_OK. */
typedef sv_status (*svi_counts_row_fn)(void *context, const svi_launch *launch,
                                       sqlite3_stmt *statement, sv_error *error);
sv_status svi_store_scan_counts(svi_store *store, svi_counts_row_fn row, void *context,
                                sv_error *error);

/* Writes what a launch keeps at its checkpoints, and adds the rows to their hash. */
sv_status svi_curves_write(svi_store *store, const svi_launch_record *record, int64_t launch,
                           svi_hash *hash, sv_error *error);
/* Every row of curve and curve_summary against the launches, launch by launch in the order of the
 * runs; row may be NULL. The rows of a launch are checked when all of them have been seen. */
typedef sv_status (*svi_curve_row_fn)(void *context, const svi_launch *launch,
                                      sqlite3_stmt *statement, const svi_row_values *values,
                                      sv_error *error);
sv_status svi_store_scan_curves(svi_store *store, svi_curve_row_fn row, void *context,
                                sv_error *error);

/* Writes the distances of a launch, and adds the rows to their hash. */
sv_status svi_distances_write(svi_store *store, const svi_launch_record *record, svi_hash *hash,
                              sv_error *error);
/* Every distance row against the launches; row as for svi_store_each_distance, or NULL. */
sv_status svi_store_scan_distances(svi_store *store, svi_distance_fn row, void *context,
                                   sv_error *error);
/* Digest columns. */
void svi_digest_put(const uint32_t digest[4], unsigned char bytes[16]);
void svi_digest_read(sqlite3_stmt *statement, int column, uint32_t digest[4]);

/* PRAGMA integrity_check. */
sv_status svi_store_check_pages(svi_store *store, sv_error *error);

/* SV_ERR_STORE; while faults are collected, notes the fault and returns SV_OK. */
sv_status svi_store_fault(svi_store *store, sv_error *error, const char *format, ...)
    SVI_PRINTF(3, 4);

/* ---- store_open.c ---- */

/* Opens the SQLite file without looking at what it holds. */
sv_status svi_store_open_file(const char *path, bool for_writing, svi_store **store,
                              sv_error *error);

#endif
