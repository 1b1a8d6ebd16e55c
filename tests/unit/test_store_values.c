/* Values that files and texts like to lose: signs of zero, NaN and their bits, subnormals, seeds
 * past 2^63. */
#include <float.h>
#include <math.h>
#include <sqlite3.h>

#include "store_fixture.h"

static const uint64_t special_bits[] = {
    UINT64_C(0x0000000000000000),
    UINT64_C(0x8000000000000000), /* zeros */
    UINT64_C(0x0000000000000001),
    UINT64_C(0x8000000000000001), /* smallest subnormals */
    UINT64_C(0x000fffffffffffff),
    UINT64_C(0x0010000000000000), /* around the smallest normal */
    UINT64_C(0x3fb999999999999a),
    UINT64_C(0xbff0000000000000), /* 0.1, -1 */
    UINT64_C(0x7fefffffffffffff),
    UINT64_C(0xffefffffffffffff), /* largest */
    UINT64_C(0x7ff0000000000000),
    UINT64_C(0xfff0000000000000), /* infinities */
    UINT64_C(0x7ff8000000000000),
    UINT64_C(0xfff8000000000000), /* NaN */
    UINT64_C(0x7ff8000000000001),
    UINT64_C(0x7ff4000000000000), /* NaN with another payload, signalling NaN */
};
static const char *const special_texts[] = {
    "0",
    "-0.0",
    "4.9406564584124654e-324",
    "-4.9406564584124654e-324",
    "2.2250738585072009e-308",
    "2.2250738585072014e-308",
    "0.10000000000000001",
    "-1",
    "1.7976931348623157e+308",
    "-1.7976931348623157e+308",
    "inf",
    "-inf",
    "nan",
    "-nan",
    "nan(0x7ff8000000000001)",
    "nan(0x7ff4000000000000)",
};
enum { N_SPECIAL = sizeof special_bits / sizeof *special_bits };

/* Run i has the metric x_end with the bits of special_bits[i], and nothing else. */
static store_fixture *special_store(void)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    svi_launch_record *record = fixture_record(f, 0, N_SPECIAL);
    for (size_t i = 0; i < N_SPECIAL; i++) {
        record->results[i].present = 1u << SVK_METRIC_X_END;
        memcpy(&record->results[i].metric[SVK_METRIC_X_END], &special_bits[i], 8);
        record->runs[i].seed[SVK_SOURCE_INIT] = UINT64_MAX - i;
        for (int w = 0; w < 4; w++)
            record->results[i].digest[w] = UINT32_C(0x01020304) * (uint32_t)(w + 1);
    }
    ASSERT_OK(svi_store_append(store, record, error));
    svi_launch_record_free(record);
    svi_store_close(store);
    return f;
}

static sv_status check_bits(void *context, const svi_run *run, const svi_run_result *result,
                            sv_error *error)
{
    (void)context, (void)error;
    uint64_t bits;
    memcpy(&bits, &result->metric[SVK_METRIC_X_END], 8);
    cr_assert_eq(bits, special_bits[run->run], "run %lu", run->run);
    cr_assert_eq(result->present, 1u << SVK_METRIC_X_END);
    cr_assert_eq(run->seed[SVK_SOURCE_INIT], UINT64_MAX - run->run);
    return SV_OK;
}

Test(store_values, every_bit_pattern_comes_back)
{
    store_fixture *f = special_store();
    svi_store *store = NULL;
    ASSERT_OK(svi_store_open_read(f->path, &store, error));
    ASSERT_OK(svi_store_each_run(store, check_bits, NULL, error));
    svi_store_close(store);
    fixture_close(f);
}

static const char *next_line(char **rest)
{
    char *line = *rest, *end = strchr(line, '\n');
    cr_assert_not_null(end);
    *end = '\0';
    *rest = end + 1;
    return line;
}

Test(store_values, the_csv_tells_every_bit_pattern_apart)
{
    store_fixture *f = special_store();
    char *csv = fixture_export(f->path, "runs", "csv"), *rest = csv;
    cr_assert_str_eq(next_line(&rest), "run,arm,numerics,replicate,seed_init,seed_order,seed_split,"
                                       "seed_dropout,seed_noise,seed_data,"
                                       "seed_schedule,status,digest,x_end");
    for (size_t i = 0; i < N_SPECIAL; i++) {
        char expected[300];
        snprintf(expected, sizeof expected,
                 "%zu,base,serial "
                 "fp32,0,%llu,100,%zu,100,100,100,100,%s,01020304020406080306090c04080c10,%s",
                 i, (unsigned long long)(UINT64_MAX - i), 100 + i % 2, fixture_status_name(i),
                 special_texts[i]);
        cr_assert_str_eq(next_line(&rest), expected);
    }
    cr_assert_eq(*rest, '\0');
    free(csv);
    fixture_close(f);
}

Test(store_values, json_lines_say_the_same)
{
    store_fixture *f = special_store();
    char *jsonl = fixture_export(f->path, "runs", "jsonl"), *rest = jsonl;
    for (size_t i = 0; i < N_SPECIAL; i++) {
        const char *line = next_line(&rest), *quote = i < 10 ? "" : "\"";
        char expected[60];
        snprintf(expected, sizeof expected, ",\"x_end\":%s%s%s}", quote, special_texts[i], quote);
        cr_assert_not_null(strstr(line, expected), "%s", line);
    }
    cr_assert_eq(*rest, '\0');
    free(jsonl);
    fixture_close(f);
}

static sqlite3_stmt *query(sqlite3 **db, const char *path, const char *sql)
{
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(*db, sql, -1, &statement, NULL), SQLITE_OK, "%s",
                 sqlite3_errmsg(*db));
    return statement;
}

Test(store_values, the_view_shows_every_number)
{
    store_fixture *f = special_store();
    sqlite3 *db;
    sqlite3_stmt *row = query(
        &db, f->path, "SELECT x_end, mse, arm, numerics, status, digest FROM runs ORDER BY run");
    for (size_t i = 0; i < N_SPECIAL; i++) {
        double expected;
        memcpy(&expected, &special_bits[i], 8);
        cr_assert_eq(sqlite3_step(row), SQLITE_ROW);
        if (isnan(expected)) {
            cr_assert_eq(sqlite3_column_type(row, 0), SQLITE_NULL, "%zu", i);
        } else {
            cr_assert_eq(sqlite3_column_type(row, 0), SQLITE_FLOAT, "%zu", i);
            cr_assert(sqlite3_column_double(row, 0) == expected, "%zu: %.17g", i,
                      sqlite3_column_double(row, 0));
        }
        cr_assert_eq(sqlite3_column_type(row, 1), SQLITE_NULL);
        cr_assert_str_eq((const char *)sqlite3_column_text(row, 2), "base");
        cr_assert_str_eq((const char *)sqlite3_column_text(row, 3), "serial fp32");
        cr_assert_str_eq((const char *)sqlite3_column_text(row, 4), fixture_status_name(i));
        cr_assert_str_eq((const char *)sqlite3_column_text(row, 5),
                         "01020304020406080306090c04080c10");
    }
    cr_assert_eq(sqlite3_step(row), SQLITE_DONE);
    sqlite3_finalize(row);
    sqlite3_close(db);
    fixture_close(f);
}

Test(store_values, the_view_decodes_drawn_bits)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    fixture_fill(f, store, 16);
    svi_store_close(store);
    sqlite3 *db;
    sqlite3_stmt *row = query(&db, f->path,
                              "SELECT runs.test_loss, test_loss_bits FROM runs JOIN run USING (run)"
                              " WHERE test_loss_bits IS NOT NULL");
    int n = 0;
    while (sqlite3_step(row) == SQLITE_ROW) {
        int64_t bits = sqlite3_column_int64(row, 1);
        double value = sqlite3_column_double(row, 0);
        cr_assert_eq(memcmp(&value, &bits, 8), 0);
        n++;
    }
    cr_assert_gt(n, 40);
    sqlite3_finalize(row);
    sqlite3_close(db);
    fixture_close(f);
}

Test(store_values, metrics_that_no_run_has_are_no_columns)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    svi_store_close(store);
    char *empty = fixture_export(f->path, "runs", "csv");
    cr_assert_not_null(strstr(empty, "status,digest\n"));
    store = fixture_write(f);
    fixture_append(f, store, 0, 1);
    svi_store_close(store);
    char *csv = fixture_export(f->path, "runs", "csv");
    /* run 0 has the metrics 1 to 5 */
    cr_assert_not_null(
        strstr(csv, "digest,val_loss,test_loss,train_accuracy,val_accuracy,test_accuracy\n"));
    free(empty);
    free(csv);
    fixture_close(f);
}

Test(store_values, the_other_tables_are_exported)
{
    store_fixture *f = fixture_open();
    svi_store *store = fixture_write(f);
    fixture_append(f, store, 0, 3);
    fixture_append(f, store, 3, 2);
    fixture_append(f, store, 32, 1);
    svi_store_close(store);
    char *arms = fixture_export(f->path, "arms", "csv"),
         *numerics = fixture_export(f->path, "numerics", "jsonl");
    char *machines = fixture_export(f->path, "machines", "csv"),
         *launches = fixture_export(f->path, "launches", "csv");
    char *predictions = fixture_export(f->path, "predictions", "csv");
    cr_assert_str_eq(arms, "arm,name,data_digest\n0,base,00112233445566778899aabbccddeeff\n"
                           "1,\"small, \"\"quick\"\"\",00112233445566778899aabbccddeeff\n");
    cr_assert_str_eq(
        numerics,
        "{\"numerics\":0,\"name\":\"serial fp32\",\"path\":\"serial\",\"n_parts\":1,"
        "\"precision\":\"fp32\",\"math\":\"contract\",\"stress\":\"none\",\"n_replicates\":1,"
        "\"reference\":-1}\n"
        "{\"numerics\":1,\"name\":\"drawn/8 fp32\",\"path\":\"drawn\",\"n_parts\":8,"
        "\"precision\":\"fp32\",\"math\":\"contract\",\"stress\":\"none\",\"n_replicates\":1,"
        "\"reference\":-1}\n");
    cr_assert_not_null(strstr(machines, "\n1,here,,,,cpu,A processor,,,,,,,"));
    cr_assert_not_null(strstr(launches, "\n2,1,0,0,3,2,2,5,7,"));
    /* split seed 100 has the runs 0, 2 and 4 of the first arm: both launches together */
    cr_assert_not_null(strstr(
        predictions, "arm,numerics,seed_split,seed_data,n_runs,row,label,count_0,count_1,count_2\n"
                     "base,serial fp32,100,100,3,100,0,1,1,1\n"));
    cr_assert_not_null(
        strstr(predictions, "\n\"small, \"\"quick\"\"\",serial fp32,100,100,1,103,1,1,0,0\n"));
    free(arms), free(numerics), free(machines), free(launches), free(predictions);
    fixture_close(f);
}

Test(store_values, unknown_tables_and_formats_are_refused)
{
    sv_error error = {0};
    cr_assert_eq(sv_store_export("x", "run", "csv", fixture_collect, NULL, &error), SV_ERR_USAGE);
    cr_assert_not_null(strstr(error.message, "\"run\""));
    cr_assert_eq(sv_store_export("x", "runs", "npy", fixture_collect, NULL, &error), SV_ERR_USAGE);
    cr_assert_not_null(strstr(error.message, "\"npy\""));
}

static sv_status full_pipe(void *context, const char *bytes, size_t n)
{
    (void)context, (void)bytes, (void)n;
    return SV_ERR_IO;
}

Test(store_values, a_reader_that_fails_ends_the_export)
{
    store_fixture *f = special_store();
    sv_error error = {0};
    cr_assert_eq(sv_store_export(f->path, "runs", "csv", full_pipe, NULL, &error), SV_ERR_IO);
    cr_assert_not_null(strstr(error.message, "could not be written"), "%s", error.message);
    fixture_close(f);
}
