/* Damage: every change of a row is reported, everything else changes no export, and nothing crashes. */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "store_fixture.h"

static const char *const tables[] = {"runs", "machines", "launches", "arms", "numerics", "predictions"};
enum { N_TABLES = sizeof tables / sizeof *tables };

static store_fixture *filled_store(uint64_t n_launch)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    fixture_fill(f, store, n_launch);
    svi_store_close(store);
    return f;
}

/* ---- single bits ---- */

typedef struct file_bytes {
    unsigned char *bytes;
    size_t n;
} file_bytes;

static file_bytes read_bytes(const char *path)
{
    struct stat info;
    cr_assert_eq(stat(path, &info), 0);
    file_bytes file = {malloc((size_t)info.st_size), (size_t)info.st_size};
    FILE *stream = fopen(path, "rb");
    cr_assert_eq(fread(file.bytes, 1, file.n, stream), file.n);
    fclose(stream);
    return file;
}

static void write_bytes(const char *path, const unsigned char *bytes, size_t n)
{
    FILE *stream = fopen(path, "wb");
    cr_assert_not_null(stream);
    cr_assert_eq(fwrite(bytes, 1, n, stream), n);
    fclose(stream);
}

static bool is_reported(const char *path)
{
    char *text = NULL;
    sv_error error = {0};
    sv_status status = sv_store_verify(path, false, &text, &error);
    cr_assert(status == SV_OK || status == SV_ERR_STORE, "%s", error.message);
    cr_assert_eq(status == SV_OK, error.message[0] == '\0');
    cr_assert_not_null(text);
    sv_free(text);
    return status == SV_ERR_STORE;
}

static uint64_t draw(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    return *state = x;
}

/* Sound bytes and exports of a store, and a file for its damaged copies. */
typedef struct flip_trial {
    store_fixture *fixture;
    file_bytes file;
    char *sound[N_TABLES], damaged[100];
    uint64_t n_flips, n_reported;
} flip_trial;

static flip_trial start_flips(void)
{
    flip_trial trial = {.fixture = filled_store(5)};
    trial.file = read_bytes(trial.fixture->path);
    for (int t = 0; t < N_TABLES; t++) trial.sound[t] = fixture_export(trial.fixture->path, tables[t], "csv");
    snprintf(trial.damaged, sizeof trial.damaged, "%s/damaged", trial.fixture->folder);
    return trial;
}

static void end_flips(flip_trial *trial)
{
    for (int t = 0; t < N_TABLES; t++) free(trial->sound[t]);
    free(trial->file.bytes);
    fixture_close(trial->fixture);
}

static void flip(flip_trial *trial, uint64_t bit)
{
    unsigned char *bytes = trial->file.bytes;
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    write_bytes(trial->damaged, bytes, trial->file.n);
    bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    trial->n_flips++;
    if (is_reported(trial->damaged)) {
        trial->n_reported++;
        return;
    }
    for (int t = 0; t < N_TABLES; t++) {
        char *now = fixture_export(trial->damaged, tables[t], "csv");
        cr_assert_str_eq(now, trial->sound[t], "bit %lu changed %s unseen", bit, tables[t]);
        free(now);
    }
}

Test(store_damage, a_flipped_bit_is_reported_or_changes_no_export)
{
    flip_trial trial = start_flips();
    uint64_t state = 12345;
    for (uint64_t bit = 0; bit < 800; bit += 5) flip(&trial, bit + bit / 5 % 5); /* the header of the file */
    while (trial.n_flips < 500) flip(&trial, draw(&state) % (8 * trial.file.n));
    cr_assert_gt(trial.n_reported, trial.n_flips / 4);
    end_flips(&trial);
}

/* Rows are found again by the keys that stand between two pages; reading them one after another never looks at these. */
Test(store_damage, a_flipped_bit_in_an_inner_page_is_reported_or_changes_no_export)
{
    flip_trial trial = start_flips();
    const unsigned char *bytes = trial.file.bytes;
    for (size_t page = 4096; page < trial.file.n; page += 4096) {
        size_t n_cells = (size_t)bytes[page + 3] << 8 | bytes[page + 4];
        if (bytes[page] != 5) continue; /* the mark of an inner page of a table */
        for (size_t c = 0; c < n_cells; c++) {
            size_t cell = page + ((size_t)bytes[page + 12 + 2 * c] << 8 | bytes[page + 13 + 2 * c]);
            for (size_t bit = 8 * cell; bit < 8 * (cell + 5); bit++) flip(&trial, bit);
        }
    }
    cr_assert_geq(trial.n_flips, 80);
    cr_assert_gt(trial.n_reported, trial.n_flips / 2);
    end_flips(&trial);
}

/* A page of noise, a hole, a lost tail. */
Test(store_damage, large_damage_is_reported)
{
    store_fixture *f = filled_store(5);
    file_bytes file = read_bytes(f->path);
    unsigned char *copy = malloc(file.n);
    char damaged[100];
    uint64_t state = 777;
    snprintf(damaged, sizeof damaged, "%s/damaged", f->folder);
    for (size_t at = 0; at < file.n; at += 4096) {
        for (int kind = 0; kind < 3; kind++) {
            memcpy(copy, file.bytes, file.n);
            for (size_t i = at; kind == 0 && i < at + 4096; i++) copy[i] = (unsigned char)draw(&state);
            if (kind == 1) memset(copy + at, 0, 4096);
            write_bytes(damaged, copy, kind == 2 ? at + 100 : file.n);
            cr_assert(is_reported(damaged), "kind %d at %zu", kind, at);
        }
    }
    free(copy);
    free(file.bytes);
    fixture_close(f);
}

/* ---- every cell, by way of SQL ---- */

static void execute(const char *path, const char *sql)
{
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* The texts that a query gives, at most n. */
static int ask(const char *path, const char *sql, char (*answers)[200], int n)
{
    sqlite3 *db;
    sqlite3_stmt *row;
    int n_found = 0;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(row) == SQLITE_ROW && n_found < n) {
        snprintf(answers[n_found++], 200, "%s", (const char *)sqlite3_column_text(row, 0));
    }
    sqlite3_finalize(row);
    sqlite3_close(db);
    return n_found;
}

static void assert_tampering_is_reported(const store_fixture *f, const file_bytes *sound, const char *sql)
{
    write_bytes(f->path, sound->bytes, sound->n);
    execute(f->path, sql);
    cr_assert(is_reported(f->path), "%s", sql);
}

Test(store_damage, a_change_of_any_cell_is_reported)
{
    store_fixture *f = filled_store(5);
    file_bytes sound = read_bytes(f->path);
    char name[20][200], column[40][200], sql[1600];
    int n_tables = ask(f->path, "SELECT name FROM sqlite_schema WHERE type='table'", name, 20), n_changes = 0;
    cr_assert_eq(n_tables, 8);
    for (int t = 0; t < n_tables; t++) {
        write_bytes(f->path, sound.bytes, sound.n);
        snprintf(sql, sizeof sql, "SELECT '\"'||name||'\"' FROM pragma_table_info('%s')", name[t]);
        int n_columns = ask(f->path, sql, column, 40);
        for (int c = 0; c < n_columns; c++, n_changes++) {
            /* the last row: its number stays free when it grows */
            snprintf(sql, sizeof sql,
                     "UPDATE %s SET %s=CASE typeof(%s) WHEN 'integer' THEN %s+1 WHEN 'text' THEN %s||'x'"
                     " WHEN 'blob' THEN CAST(%s||'x' AS BLOB) ELSE 0 END WHERE rowid=(SELECT max(rowid) FROM %s)",
                     name[t], column[c], column[c], column[c], column[c], column[c], name[t]);
            assert_tampering_is_reported(f, &sound, sql);
        }
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE rowid=(SELECT max(rowid) FROM %s)", name[t], name[t]);
        assert_tampering_is_reported(f, &sound, sql);
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE rowid=(SELECT min(rowid) FROM %s)", name[t], name[t]);
        assert_tampering_is_reported(f, &sound, sql);
        snprintf(sql, sizeof sql,
                 "CREATE TEMP TABLE more AS SELECT * FROM %s ORDER BY rowid DESC LIMIT 1;"
                 "UPDATE more SET %s=%s+1; INSERT INTO %s SELECT * FROM more", name[t], column[0], column[0], name[t]);
        assert_tampering_is_reported(f, &sound, sql);
    }
    cr_assert_gt(n_changes, 90);
    free(sound.bytes);
    fixture_close(f);
}

Test(store_damage, a_lost_tail_and_changed_definitions_are_reported)
{
    store_fixture *f = filled_store(16);
    file_bytes sound = read_bytes(f->path);
    static const char *const changes[] = {
        "DELETE FROM launch WHERE launch=4; DELETE FROM run WHERE launch=4; DELETE FROM prediction_count WHERE launch=4",
        "DELETE FROM launch; DELETE FROM run; DELETE FROM prediction_count; DELETE FROM machine",
        "DROP VIEW runs",
        "DROP VIEW runs; CREATE VIEW runs AS SELECT 1 AS run",
        "CREATE INDEX by_arm ON run(arm)",
        "CREATE TABLE more(x)",
        "CREATE TRIGGER quiet AFTER INSERT ON run BEGIN DELETE FROM run; END",
        "ALTER TABLE run RENAME COLUMN replicate TO again",
        "ALTER TABLE run ADD COLUMN more INTEGER",
        "DROP TABLE machine",
        "PRAGMA application_id=1",
        "PRAGMA user_version=2",
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql=replace(sql,'STRICT','') WHERE name='run'",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) assert_tampering_is_reported(f, &sound, changes[i]);
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
    snprintf(sql, sizeof sql, "ATTACH '%s' AS other; DELETE FROM machine; INSERT INTO machine SELECT * FROM other.machine",
             other->path);
    execute(f->path, sql);
    cr_assert(is_reported(f->path));
    fixture_close(f);
    fixture_close(other);
}

/* ---- no damaged row reaches a caller ---- */

static sv_status count_rows(void *context, const svi_run *run, const svi_run_result *result, sv_error *error)
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
    static const char *const changes[] = {"UPDATE run SET seed_init=7 WHERE run=3",
                                          "UPDATE prediction_count SET n_runs=n_runs+1 WHERE launch=2",
                                          "UPDATE launch SET duration_ns=8 WHERE launch=1"};
    store_fixture *f = filled_store(16);
    file_bytes sound = read_bytes(f->path);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        svi_store *store = NULL;
        sv_error error = {0};
        write_bytes(f->path, sound.bytes, sound.n);
        execute(f->path, changes[i]);
        cr_assert_eq(svi_store_open_write(f->path, &f->spec, f->data_digests, &f->machine, &store, &error),
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
    cr_assert_not_null(strstr(failure.message, "another program has changed the store"), "%s", failure.message);
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
    execute(f->path, "UPDATE run SET seed_init=7 WHERE run IN (3, 40); UPDATE machine SET host='there';"
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
    cr_assert_eq(svi_store_open_write(path, &f->spec, f->data_digests, &f->machine, &store, &error), SV_ERR_STORE);
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
    assert_unwritable(f, "/tmp/no/such/folder/s.store", "No such file or directory; make the folder");
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
