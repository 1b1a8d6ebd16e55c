/* Changes by way of SQL, and files that are no stores. */
#include <sqlite3.h>
#include <stdarg.h>

#include "store_fixture.h"

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* The texts that a query gives, at most n. */
static int ask(const char *path, const char *sql, char (*answers)[200], int n)
{
    sqlite3 *db;
    sqlite3_stmt *row;
    int n_found = 0;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(db));
    while (sqlite3_step(row) == SQLITE_ROW && n_found < n) {
        snprintf(answers[n_found++], 200, "%s", (const char *)sqlite3_column_text(row, 0));
    }
    sqlite3_finalize(row);
    sqlite3_close(db);
    return n_found;
}

SVI_PRINTF(3, 4)
static void assert_tampering_is_reported(const store_fixture *f, const file_bytes *sound,
                                         const char *format, ...)
{
    char *sql;
    va_list args;
    va_start(args, format);
    cr_assert_gt(vasprintf(&sql, format, args), 0);
    va_end(args);
    write_bytes(f->path, sound->bytes, sound->n);
    execute(f->path, sql);
    cr_assert(is_reported(f->path), "%s", sql);
    free(sql);
}

/* Changes the column in the last row: its number stays free when it grows. */
static void change_cell(const store_fixture *f, const file_bytes *sound, const char *table,
                        const char *column)
{
    bool is_blob = strstr(table, "_summary") != NULL || strstr(column, "arrivals") != NULL;
    assert_tampering_is_reported(
        f, sound,
        "UPDATE %s SET %s=CASE typeof(%s) WHEN 'integer' THEN %s+1 WHEN 'text' THEN %s||'x'"
        " WHEN 'blob' THEN CAST(%s||'x' AS BLOB) ELSE %s END WHERE rowid=(SELECT max(rowid) FROM "
        "%s)",
        table, column, column, column, column, column, is_blob ? "x'00'" : "0", table);
}

static void change_rows(const store_fixture *f, const file_bytes *sound, const char *table,
                        const char *key)
{
    static const char *const ends[] = {"max", "min"};
    for (int i = 0; i < 2; i++) {
        assert_tampering_is_reported(f, sound,
                                     "DELETE FROM %s WHERE rowid=(SELECT %s(rowid) FROM %s)", table,
                                     ends[i], table);
    }
    assert_tampering_is_reported(
        f, sound,
        "CREATE TEMP TABLE more AS SELECT * FROM %s ORDER BY rowid DESC LIMIT 1;"
        "UPDATE more SET %s=%s+1; INSERT INTO %s SELECT * FROM more",
        table, key, key, table);
}

enum { N_TABLES = 13, MAX_COLUMNS = 48, N_EMPTY = 3 };

static bool is_one_of(const char *name, const char *const names[N_EMPTY])
{
    for (int i = 0; i < N_EMPTY; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static void change_every_table(svi_curves curves, svi_rows rows, const char *const empty[N_EMPTY])
{
    store_fixture *f = fixture_open_with(curves);
    f->spec.rows = rows;
    svi_store *store = fixture_write(f);
    fixture_fill(f, store, 5);
    svi_store_close(store);
    file_bytes sound = read_bytes(f->path);
    char name[N_TABLES + 1][200], column[MAX_COLUMNS][200];
    int n_changes = 0, n_empty = 0;
    cr_assert_eq(
        ask(f->path, "SELECT name FROM sqlite_schema WHERE type='table'", name, N_TABLES + 1),
        N_TABLES);
    for (int t = 0; t < N_TABLES; t++) {
        char sql[300];
        bool is_empty = is_one_of(name[t], empty);
        n_empty += is_empty;
        if (is_empty) continue;
        snprintf(sql, sizeof sql, "SELECT '\"'||name||'\"' FROM pragma_table_info('%.199s')",
                 name[t]);
        write_bytes(f->path, sound.bytes, sound.n);
        int n_columns = ask(f->path, sql, column, MAX_COLUMNS);
        cr_assert_lt(n_columns, MAX_COLUMNS);
        for (int c = 0; c < n_columns; c++, n_changes++) change_cell(f, &sound, name[t], column[c]);
        change_rows(f, &sound, name[t], column[0]);
    }
    cr_assert_gt(n_changes, 110);
    cr_assert_eq(n_empty, N_EMPTY); /* that of distances has its own test */
    free(sound.bytes);
    fixture_close(f);
}

Test(store_damage, a_change_of_any_cell_or_row_is_reported)
{
    change_every_table(SVI_CURVES_SUMMARY, SVI_ROWS_FULL,
                       (const char *const[]){"curve", "run_summary", "distance"});
    change_every_table(SVI_CURVES_FULL, SVI_ROWS_FULL,
                       (const char *const[]){"curve_summary", "run_summary", "distance"});
    change_every_table(SVI_CURVES_SUMMARY, SVI_ROWS_SUMMARY,
                       (const char *const[]){"curve", "run", "distance"});
}

Test(store_damage, curves_of_no_launch_are_reported)
{
    static const char *const rows[] = {
        "INSERT INTO curve(curve,run,number,status,digest) VALUES(5,0,5,0,x'00')",
        "INSERT INTO curve_summary(curve_summary,launch,number,n_runs,n_diverged)"
        " VALUES(99999,390,159,1,0)"};
    for (svi_curves curves = SVI_CURVES_NONE; curves <= SVI_CURVES_FULL; curves++) {
        store_fixture *f = filled_store_with(curves, 5);
        file_bytes sound = read_bytes(f->path);
        cr_assert_not(is_reported(f->path));
        for (int i = 0; i < 2; i++) assert_tampering_is_reported(f, &sound, "%s", rows[i]);
        free(sound.bytes);
        fixture_close(f);
    }
}

Test(store_damage, a_lost_tail_and_changed_definitions_are_reported)
{
    store_fixture *f = filled_store(16);
    file_bytes sound = read_bytes(f->path);
    static const char *const changes[] = {
        "DELETE FROM launch WHERE launch=4; DELETE FROM run WHERE launch=4; DELETE FROM "
        "prediction_count WHERE launch=4",
        "DELETE FROM launch; DELETE FROM run; DELETE FROM prediction_count; DELETE FROM machine",
        "DROP VIEW runs",
        "DROP VIEW curves",
        "DROP VIEW runs; CREATE VIEW runs AS SELECT 1 AS run",
        "CREATE INDEX by_arm ON run(arm)",
        "CREATE TABLE more(x)",
        "CREATE TRIGGER quiet AFTER INSERT ON run BEGIN DELETE FROM run; END",
        "ALTER TABLE run RENAME COLUMN replicate TO again",
        "ALTER TABLE run ADD COLUMN more INTEGER",
        "DROP TABLE machine",
        "PRAGMA application_id=1",
        "PRAGMA user_version=99",
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql=replace(sql,'STRICT','') WHERE "
        "name='run'",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        assert_tampering_is_reported(f, &sound, "%s", changes[i]);
    write_bytes(f->path, sound.bytes, sound.n);
    execute(f->path, "VACUUM");
    cr_assert_not(is_reported(f->path));
    free(sound.bytes);
    fixture_close(f);
}

/* A machine row that is sound in itself, but of another store. */
Test(store_damage, rows_of_another_store_are_reported)
{
    store_fixture *f = filled_store(16), *other = fixture_open();
    char sql[300];
    strcpy(other->machine.host, "elsewhere");
    svi_store *store = fixture_write(other);
    fixture_fill(other, store, 16);
    svi_store_close(store);
    snprintf(sql, sizeof sql,
             "ATTACH '%s' AS other; DELETE FROM machine; INSERT INTO machine SELECT * FROM "
             "other.machine",
             other->path);
    execute(f->path, sql);
    cr_assert(is_reported(f->path));
    fixture_close(f);
    fixture_close(other);
}

/* ---- no damaged row reaches a caller ---- */

static sv_status count_rows(void *context, const svi_run *run, const svi_run_result *result,
                            sv_error *error)
{
    (void)run, (void)result, (void)error;
    ++*(int *)context;
    return SV_OK;
}

Test(store_damage, runs_of_a_damaged_launch_are_not_handed_out)
{
    store_fixture *f = filled_store(16);
    execute(f->path, "UPDATE run SET test_loss_bits=test_loss_bits+1 WHERE run=31");
    svi_store *store = NULL;
    sv_error failure = {0};
    int n = 0;
    ASSERT_OK(svi_store_open_read(f->path, &store, error));
    cr_assert_eq(svi_store_each_run(store, count_rows, &n, &failure), SV_ERR_STORE);
    cr_assert_eq(n, 16);
    cr_assert_not_null(strstr(failure.message, "runs 16 to 31"), "%s", failure.message);
    svi_store_close(store);
    fixture_close(f);
}

Test(store_damage, nothing_is_added_to_a_damaged_store)
{
    static const char *const changes[] = {
        "UPDATE run SET seed_init=7 WHERE run=3",
        "UPDATE prediction_count SET n_runs=n_runs+1 WHERE launch=2",
        "UPDATE launch SET duration_ns=8 WHERE launch=1"};
    store_fixture *f = filled_store(16);
    file_bytes sound = read_bytes(f->path);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        svi_store *store = NULL;
        sv_error error = {0};
        write_bytes(f->path, sound.bytes, sound.n);
        execute(f->path, changes[i]);
        cr_assert_eq(svi_store_open_write(f->path, &f->spec, f->data_digests, f->checkpoints,
                                          &f->machine, 1, &store, &error),
                     SV_ERR_STORE, "%s", changes[i]);
    }
    free(sound.bytes);
    fixture_close(f);
}

Test(store_damage, a_store_changed_behind_the_writer_is_noticed)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    sv_error failure = {0};
    fixture_append(f, store, 0, 4);
    execute(f->path, "UPDATE head SET n_runs=5");
    svi_launch_record *record = fixture_record(f, 4, 4);
    cr_assert_eq(svi_store_append(store, record, &failure), SV_ERR_STORE);
    cr_assert_not_null(strstr(failure.message, "another program has changed the store"), "%s",
                       failure.message);
    execute(f->path, "UPDATE head SET n_runs=4");
    ASSERT_OK(svi_store_append(store, record, error));
    svi_launch_record_free(record);
    svi_store_close(store);
    cr_assert_not(is_reported(f->path));
    fixture_close(f);
}

Test(store_damage, verify_lists_every_fault)
{
    store_fixture *f = filled_store(16);
    execute(f->path,
            "UPDATE run SET seed_init=7 WHERE run IN (3, 40); UPDATE machine SET host='there';"
            "UPDATE prediction_count SET seed_data=1 WHERE launch=3");
    char *text = NULL, *json = NULL;
    sv_error error = {0};
    cr_assert_eq(sv_store_verify(f->path, false, &text, &error), SV_ERR_STORE);
    cr_assert_not_null(strstr(text, ": 4 faults\n"), "%s", text);
    cr_assert_not_null(strstr(text, "table machine: row 1"), "%s", text);
    cr_assert_not_null(strstr(text, "runs 0 to 15"), "%s", text);
    cr_assert_not_null(strstr(text, "runs 32 to 47"), "%s", text);
    cr_assert_not_null(strstr(text, "rows of launch 3"), "%s", text);
    cr_assert_not_null(strstr(error.message, "table machine: row 1"), "%s", error.message);
    cr_assert_eq(sv_store_verify(f->path, true, &json, &error), SV_ERR_STORE);
    cr_assert_not_null(strstr(json, "\"schema\": \"seedvar.verify/1\""), "%s", json);
    cr_assert_not_null(strstr(json, "\"is_sound\": false"), "%s", json);
    sv_free(text);
    sv_free(json);
    fixture_close(f);
}

/* ---- files that are no stores ---- */

static void assert_unusable(const store_fixture *f, sv_status expected, const char *expected_text)
{
    svi_store *store = NULL;
    sv_error error = {0};
    char *text = NULL;
    cr_assert_eq(svi_store_open_read(f->path, &store, &error), expected, "%s", error.message);
    cr_assert_not_null(strstr(error.message, expected_text), "%s", error.message);
    cr_assert_eq(sv_store_verify(f->path, false, &text, &error), expected, "%s", error.message);
    sv_free(text);
    cr_assert_eq(sv_store_status(f->path, false, &text, &error), expected);
    cr_assert_null(text);
}

static void assert_unwritable(const store_fixture *f, const char *path, const char *expected_text)
{
    svi_store *store = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_store_open_write(path, &f->spec, f->data_digests, f->checkpoints, &f->machine,
                                      1, &store, &error),
                 SV_ERR_STORE);
    cr_assert_not_null(strstr(error.message, expected_text), "%s", error.message);
}

Test(store_damage, a_file_that_is_no_store_is_named)
{
    store_fixture *f = fixture_open();
    unsigned char text[3000];
    memset(text, 'x', sizeof text);
    assert_unusable(f, SV_ERR_IO, "No such file or directory; check the name");
    write_bytes(f->path, text, sizeof text);
    assert_unusable(f, SV_ERR_STORE, "this is not a store");
    assert_unwritable(f, f->path, "this is not a store");
    write_bytes(f->path, text, 10);
    assert_unusable(f, SV_ERR_STORE, "this is not a store");
    cr_assert_eq(unlink(f->path), 0);
    execute(f->path, "CREATE TABLE other(x)");
    assert_unusable(f, SV_ERR_STORE, "not a store of seedvar");
    assert_unwritable(f, f->path, "not a store of seedvar");
    cr_assert_eq(unlink(f->path), 0);
    cr_assert_eq(mkfifo(f->path, 0600), 0);
    assert_unusable(f, SV_ERR_STORE, "not a regular file");
    cr_assert_eq(unlink(f->path), 0);
    cr_assert_eq(mkdir(f->path, 0700), 0);
    assert_unusable(f, SV_ERR_STORE, "this is a folder");
    assert_unwritable(f, f->path, "this is a folder");
    assert_unwritable(f, "/tmp/no/such/folder/s.store",
                      "No such file or directory; make the folder");
    assert_unwritable(f, "", "name is empty");
    fixture_close(f);
}

Test(store_damage, an_empty_file_becomes_a_store)
{
    store_fixture *f = fixture_open();
    write_bytes(f->path, (const unsigned char *)"", 0);
    assert_unusable(f, SV_ERR_STORE, "");
    svi_store *store = fixture_write(f);
    fixture_append(f, store, 0, 4);
    svi_store_close(store);
    cr_assert_not(is_reported(f->path));
    fixture_close(f);
}
