/* Imports: what is accepted, and that every refusal names its place. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "analysis/run_table.h"
#include "base/nearest_word.h"
#include "base/text.h"
#include "net.h"

static void write_file(char path[32], const char *bytes, size_t n)
{
    strcpy(path, "/tmp/svi-csv-XXXXXX");
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert(write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

static svi_run_table *import(const char *csv)
{
    char path[32];
    svi_run_table *table = NULL;
    sv_error error = {0};
    write_file(path, csv, strlen(csv));
    sv_status status = svi_run_table_from_csv(path, &table, &error);
    unlink(path);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return table;
}

Test(analysis_csv, deterministic_paths_are_known_by_name)
{
    static const struct {
        const char *name;
        bool is_deterministic;
    } cases[] = {{"serial fp32", true},    {"binned", true},           {"fixed.20/4 fp32", true},
                 {"tree/8 fp16*2", true},  {"drawn/8 fp32", false},    {"drawn", false},
                 {"serially fp32", false}, {"another way", false},     {"fixed-point", false},
                 {"compensated/3", true},  {"butterfly/4 bf16", true}, {"fixed.20 fp32", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        snprintf(text, sizeof text, "seed,numerics,acc\n1,%s,0.5\n2,%s,0.5\n", cases[i].name,
                 cases[i].name);
        svi_run_table *t = import(text);
        cr_expect_eq(t->is_deterministic[0], cases[i].is_deterministic, "%s", cases[i].name);
        svi_run_table_free(t);
    }
}

Test(analysis_csv, columns_have_their_meaning)
{
    svi_run_table *t =
        import("run,arm,numerics,replicate,seed_init,seed_order,status,digest,test_loss,acc\n"
               "0,a,serial fp32,0,3,4,ok,000000010000000200000003ffffffff,0.5,0.9\n"
               "1,b,drawn/8 fp32,2,3,5,diverged,00000001000000020000000300000004,,0.1\n");
    cr_expect_eq(t->n_runs, 2);
    cr_expect_eq(t->n_arms, 2);
    cr_expect_str_eq(t->arm_names[t->arm[1]], "b");
    cr_expect_eq(t->replicate[1], 2);
    cr_expect_eq(t->seed[SVK_SOURCE_ORDER][1], 5);
    cr_expect(t->is_varied[SVK_SOURCE_ORDER] && !t->is_varied[SVK_SOURCE_INIT]);
    cr_expect_null(t->seed[SVK_SOURCE_SPLIT]);
    cr_expect_eq(t->status[1], SVK_RUN_DIVERGED);
    cr_expect_eq(t->digest[0][3], 0xffffffffu);
    cr_expect(t->is_deterministic[0] && !t->is_deterministic[1]);
    cr_assert_eq(t->n_metrics, 2);
    cr_expect_str_eq(t->metrics[0].name, "test_loss");
    cr_expect_eq(t->metrics[0].better, -1);
    cr_expect_eq(t->metrics[1].better, 1);
    cr_expect_float_eq(t->metrics[0].value[0], 0.5, 0);
    cr_expect(isnan(t->metrics[0].value[1]));
    cr_expect_str_eq(t->headline, "acc");
    svi_run_table_free(t);
}

Test(analysis_csv, plain_seed_sets_every_source)
{
    svi_run_table *t = import("seed,seed_order,score\n18446744073709551615,7,1\n2,7,3\n");
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        cr_expect_eq(t->seed[s][0], s == SVK_SOURCE_ORDER ? 7 : UINT64_MAX);
    }
    cr_expect_str_eq(t->headline, "score");
    cr_expect_eq(t->metrics[0].better, 0);
    svi_run_table_free(t);
}

Test(analysis_csv, quotes_crlf_mark_spaces_and_blank_lines)
{
    svi_run_table *t =
        import("\xef\xbb\xbfseed,\"arm\",loss\r\n1,\"a, \"\"b\"\"\nc\", 0.5 \r\n\r\n2,x,1e-3");
    cr_expect_eq(t->n_runs, 2);
    cr_expect_str_eq(t->arm_names[0], "a, \"b\"\nc");
    cr_expect_float_eq(t->metrics[0].value[0], 0.5, 0);
    cr_expect_float_eq(t->metrics[0].value[1], 1e-3, 0);
    svi_run_table_free(t);
}

Test(analysis_csv, text_columns_are_left_out_and_named)
{
    svi_run_table *t = import("seed,gpu,acc,host\n1,H100,0.5,x\n2,A100,0.6,y\n");
    cr_expect_eq(t->n_metrics, 1);
    cr_expect_str_eq(t->ignored, "gpu, host");
    svi_run_table_free(t);
}

Test(analysis_csv, names_of_columns_have_synonyms)
{
    svi_run_table *t = import("Model,Repetition,Random State,initSeed,State,loss\n"
                              "a,0,7,3,finished,1\nb,1,7,4,Crashed,2\n");
    cr_expect_eq(t->n_arms, 2);
    cr_expect_eq(t->replicate[1], 1);
    cr_expect_eq(t->seed[SVK_SOURCE_INIT][1], 4);
    cr_expect_eq(t->seed[SVK_SOURCE_ORDER][1], 7);
    cr_expect_eq(t->status[1], SVK_RUN_DIVERGED);
    svi_run_table_free(t);
}

Test(analysis_csv, a_first_name_leaves_the_others_what_they_are)
{
    svi_run_table *t = import("model,arm,seed,loss\nx,a,1,1\nx,b,1,2\n");
    cr_expect_str_eq(t->arm_names[1], "b");
    cr_expect_str_eq(t->ignored, "model");
    svi_run_table_free(t);
}

Test(analysis_csv, separators_and_decimal_commas)
{
    static const char *const tables[] = {
        "seed;loss\n1;0,5\n2;1e-1\n", "seed\tloss\n1\t0.5\n2\t0.1\n",
        "seed;\"a,b\";loss\n1;x;0.5\n2;y;0.1\n", "\n \r\nseed;loss\n1;0,5\n2;0,1\n"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        svi_run_table *t = import(tables[i]);
        cr_assert_eq(t->n_metrics, 1, "%s", tables[i]);
        cr_expect_float_eq(t->metrics[0].value[0], 0.5, 0, "%s", tables[i]);
        cr_expect_float_eq(t->metrics[0].value[1], 0.1, 0, "%s", tables[i]);
        svi_run_table_free(t);
    }
}

Test(analysis_csv, percent_signs_are_dropped)
{
    svi_run_table *t = import("seed,acc\n1,91.5%\n2,\n3,92 %\n");
    cr_expect_float_eq(t->metrics[0].value[0], 91.5, 0);
    cr_expect(isnan(t->metrics[0].value[1]));
    cr_expect_float_eq(t->metrics[0].value[2], 92, 0);
    svi_run_table_free(t);
}

Test(analysis_csv, results_that_are_not_finite_have_no_unit)
{
    static const char *const tables[] = {"seed,acc\n1,91%\n2,inf\n3,nan\n4,92%\n",
                                         "seed,acc\n1,inf\n2,nan\n3,91%\n4,92%\n",
                                         "seed,acc\n1,inf%\n2,nan%\n3,91\n4,92\n"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        svi_run_table *t = import(tables[i]);
        cr_expect_float_eq(t->metrics[0].value[3], 92, 0, "%s", tables[i]);
        cr_expect(isinf(t->metrics[0].value[1]), "%s", tables[i]);
        svi_run_table_free(t);
    }
}

Test(analysis_csv, blank_cells_are_no_word)
{
    svi_run_table *t = import("seed,opt,note,acc\n1,x,slow,1\n2,,,2\n3,x,again,3\n4,,,4\n");
    cr_expect_eq(t->n_arms, 1);
    cr_expect_str_eq(t->ignored, "opt, note");
    svi_run_table_free(t);
}

Test(analysis_csv, the_list_of_columns_left_out_has_whole_names)
{
    svi_text csv = {0}, listed = {0};
    svi_text_add(&csv, "seed,acc");
    for (int i = 0; i < 9; i++)
        svi_text_add(&csv, ",%dx\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 of a network", i);
    svi_text_add(&csv, ",gpu\n1,2");
    for (int i = 0; i < 10; i++) svi_text_add(&csv, ",w");
    svi_run_table *t = import(csv.bytes);
    for (int i = 0; i < 8; i++)
        svi_text_add(&listed, "%dx\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 of a network, ",
                     i);
    svi_text_add(&listed, "...");
    cr_expect_str_eq(t->ignored, listed.bytes);
    svi_run_table_free(t);
    svi_text_clear(&listed);
    svi_text_clear(&csv);
}

static void expect_refusal(const char *csv, const char *says)
{
    char path[32];
    svi_run_table *table = NULL;
    sv_error error = {0};
    write_file(path, csv, strlen(csv));
    cr_expect_eq(svi_run_table_from_csv(path, &table, &error), SV_ERR_DATA);
    cr_expect(strstr(error.message, says) != NULL, "%s has no %s", error.message, says);
    unlink(path);
}

/* The places of these cuts are inside a character. */
Test(analysis_csv, messages_are_cut_between_characters)
{
    char accents[64] = "", csv[400], says[200];
    for (size_t i = 0; i < 31; i++) strcat(accents, "\xc3\xa9");
    snprintf(csv, sizeof csv, "seed,acc\n1,1\n2,x%s\n", accents);
    snprintf(says, sizeof says, "found 'x%.58s'; this", accents);
    expect_refusal(csv, says);
    snprintf(csv, sizeof csv, "seed,gpu,acc\n1,x%s,1\n2,x%s,1\n3,y%s,1\n4,y%s,1\n", accents,
             accents, accents, accents);
    snprintf(says, sizeof says, "(x%.38s, y%.38s)", accents, accents);
    expect_refusal(csv, says);
}

Test(analysis_csv, only_the_case_of_ascii_is_ignored)
{
    cr_expect(svi_is_same_word("FINISHED", "finished") && svi_is_same_word("", ""));
    cr_expect(!svi_is_same_word("fin", "finished") && !svi_is_same_word("finished", "fin"));
    cr_expect(!svi_is_same_word("\xc3\x89", "\xc3\xa9"));
}

/* Words that begin late, or are many, or come with a hash that looks like a number. */
Test(analysis_csv, columns_of_words_are_known_by_most_of_their_cells)
{
    svi_run_table *t = import("seed,commit,acc\n1,1234567,0.5\n2,a1b2c3,0.6\n3,b1,0.7\n");
    cr_expect_eq(t->n_metrics, 1);
    cr_expect_str_eq(t->ignored, "commit");
    svi_run_table_free(t);
}

Test(analysis_csv, many_rows_of_words_outgrow_every_buffer)
{
    svi_text csv = {0};
    svi_text_add(&csv, "seed,gpu,acc\n");
    for (int i = 0; i < 5000; i++) svi_text_add(&csv, "%d,%s,0.%d\n", i, i == 4000 ? "b" : "a", i);
    char path[32];
    svi_run_table *t = NULL;
    sv_error error = {0};
    write_file(path, csv.bytes, csv.n);
    cr_expect_eq(svi_run_table_import(path, NULL, &t, &error), SV_ERR_DATA);
    cr_expect(strstr(error.message, ":1:2: column 'gpu' has 2 words (a, b)") != NULL, "%s",
              error.message);
    cr_assert_eq(svi_run_table_import(path, "GPU", &t, &error), SV_OK, "%s", error.message);
    cr_expect_eq(t->n_arms, 2);
    svi_run_table_free(t);
    cr_assert_eq(svi_run_table_import(path, "none", &t, &error), SV_OK, "%s", error.message);
    cr_expect_eq(t->n_arms, 1);
    svi_run_table_free(t);
    cr_expect_eq(svi_run_table_import(path, "cpu", &t, &error), SV_ERR_USAGE);
    cr_expect(strstr(error.message, "did you mean gpu?") != NULL, "%s", error.message);
    unlink(path);
    svi_text_clear(&csv);
}

Test(analysis_csv, a_pipe_is_read)
{
    svi_run_table *t = NULL;
    sv_error error = {0};
    const char csv[] = "seed,acc\n1,0.5\n2,0.75\n";
    int ends[2];
    char path[32];
    cr_assert_eq(pipe(ends), 0);
    cr_assert(write(ends[1], csv, strlen(csv)) == (ssize_t)strlen(csv));
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    cr_assert_eq(svi_run_table_from_file(path, NULL, &t, &error), SV_OK, "%s", error.message);
    cr_expect_eq(t->n_runs, 2);
    svi_run_table_free(t);
    close(ends[0]);
}

Test(analysis_csv, missing_values_are_nan)
{
    svi_run_table *t = import("seed,acc\n1,\n2,NA\n3,nan\n4,inf\n5,None\n6,0.5\n");
    for (int i = 0; i < 5; i++) cr_expect(!isfinite(t->metrics[0].value[i]), "row %d", i);
    for (int i = 0; i < 5; i++) /* rows 2 and 3 have a result */
        cr_expect_eq(isinf(t->metrics[0].value[i]) != 0, i == 2 || i == 3, "row %d", i);
    cr_expect_float_eq(t->metrics[0].value[5], 0.5, 0);
    cr_expect(svi_is_percentage(&t->metrics[0], t->n_runs));
    svi_run_table_free(t);
}

Test(analysis_csv, gzip_is_read)
{
    char path[32];
    svi_run_table *t = NULL;
    write_file(path, "", 0);
    gzFile file = gzopen(path, "wb");
    cr_assert(gzputs(file, "seed,acc\n1,0.5\n2,0.75\n") > 0);
    gzclose(file);
    cr_assert_eq(svi_run_table_from_csv(path, &t, NULL), SV_OK);
    cr_expect_eq(t->n_runs, 2);
    svi_run_table_free(t);
    cr_assert_eq(truncate(path, 25), 0);
    sv_error error = {0};
    cr_expect_eq(svi_run_table_from_csv(path, &t, &error), SV_ERR_DATA);
    cr_expect(strstr(error.message, "the gzip file ends too early") != NULL, "%s", error.message);
    unlink(path);
}

Test(analysis_csv, many_rows_outgrow_every_buffer)
{
    size_t n = 30000, size = n * 40, at = 0;
    char *csv = malloc(size);
    at += (size_t)snprintf(csv, size, "seed,acc\n");
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(csv + at, size - at, "%zu,%.17g\n", i, (double)i / 7);
    svi_run_table *t = import(csv);
    free(csv);
    cr_assert_eq(t->n_runs, n);
    for (size_t i = 0; i < n; i++)
        cr_assert(t->metrics[0].value[i] == (double)i / 7 && t->seed[0][i] == i);
    svi_run_table_free(t);
}

typedef struct refusal {
    char csv[96], place[16], says[64];
} refusal;

ParameterizedTestParameters(analysis_csv, refusals)
{
    static refusal cases[] = {
        {"", ":1:1: ", "empty"},
        {"seed,acc\n", ":2:1: ", "no record"},
        {"acc,loss\n1,2\n", ":1:1: ", "no column of seeds; the header has acc, loss"},
        {"seed,acc\n1,0.5\n2,high\n", ":3:2: ", "found 'high'; this column holds numbers"},
        {"seed,acc\n1,0.5\n2,0.5x\n", ":3:2: ", "found '0.5x'"},
        {"arm,seed,acc\n\xc3\xa9\xc3\xa9,-1,0.5\n", ":2:2: ", "found '-1'; seeds"},
        {"seed,acc\n1.5,0.5\n", ":2:1: ", "found '1.5'"},
        {"seed,acc\n18446744073709551616,0.5\n", ":2:1: ", "whole numbers"},
        {"seed,acc\n1,0.5\n2\n", ":3:1: ", "found 1 fields where the header has 2"},
        {"seed,acc\n1,0.5\n2,1,3\n", ":3:3: ", "found 3 fields"},
        {"seed,acc\n1,0.5\n\n2,1\n1,7\n", ":5:1: ", "is also on line 2"},
        {"seed,arm,acc\n1,\"a\nb\",1\n1,\"a\nb\",2\n", ":4:1: ", "is also on line 2"},
        {"seed,acc\n1,\"0.5\n2,1\n", ":2:2: ", "never closed"},
        {"seed,acc\n1,\"0.5\"x\n", ":2:2: ", "follows the closing quotation mark"},
        {"seed,acc,acc\n1,2,3\n", ":1:3: ", "column 'acc' is also column 2"},
        {"seed,,acc\n1,2,3\n", ":1:2: ", "no name"},
        {"seed,arm,acc\n1,,3\n", ":2:2: ", "names of 1 to 63"},
        {"seed,status,acc\n1,fine,3\n", ":2:2: ", "found status 'fine'; it is ok"},
        {"seed,digest,acc\n1,12,3\n", ":2:2: ", "32 hex digits"},
        {"seed,acc\n1,oom\n2,0.5\n", ":2:2: ", "found 'oom'; this column holds numbers"},
        {"seed,acc\n1,oom\n2,oom\n3,0.5\n", ":2:2: ", "found 'oom'"},
        {"seed,depth\n1,oom\n2,1\n3,2\n", ":2:2: ", "found 'oom'"},
        {"seed,size\n1,\"1,234\"\n", ":2:2: ", "found '1,234'; numbers have a point"},
        {"seed,acc\n1,91\n2,92%\n", ":3:2: ", "found '92%'; the numbers above have no '%'"},
        {"seed;acc\n1;0,5\n2;0.5\n", ":3:2: ", "found '0.5'"},
        {"seed,seed_data_order,acc\n1,1,1\n", ":1:2: ", "did you mean seed_order?"},
        {"seed,random_state,acc\n1,1,1\n", ":1:2: ", "'seed' and 'random_state' mean the same"},
        {"model,method,seed,acc\na,a,1,1\n", ":1:2: ", "say which names the arms"},
        {"seeds,acc\n1,1\n", ":1:1: ", "(is it seeds?)"},
        {",seed,acc\nx,1,1\n", ":1:1: ", "no name"},
        {"seed,acc\n1,1\nmean,1\n", ":3:1: ", "a row of means is no run"},
        {"seed,status,acc\n1,running,3\n", ":2:2: ", "under way"},
        {"seed,epoch,acc\n1,1,3\n1,2,4\n", ":3:1: ", "keep the last epoch of each"},
        {"seed,fold,acc\n1,1,3\n1,2,4\n", ":3:1: ", "name this column seed_split"},
        {"seed,gpu,acc\n1,x,3\n1,y,4\n", ":3:1: ", "they differ in 'gpu': --arm 'gpu'"},
        {"seed,metric,value\n1,acc,3\n1,loss,4\n", ":1:2: ", "column 'metric' names metrics"},
        {"seed,opt,acc\n1,x,1\n2,y,1\n3,x,1\n4,y,1\n5,,1\n", ":1:2: ", "has 2 words (x, y) and"},
        {"seed,opt,acc\n1,x,1\n2,y,1\n3,x,1\n4,y,1\n5,,1\n",
         ":1:2: ", "to compare them once each cell has a name, or --arm none"},
        {"seed,note\n1,x\n", ":1:1: ", "no column holds a result"},
        {"seed,acc\n1,\xff\n", ":2:2: ", "0xff is not UTF-8"},
    };
    return cr_make_param_array(refusal, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(refusal *param, analysis_csv, refusals)
{
    char path[32], place[64];
    svi_run_table *table = NULL;
    sv_error error = {0};
    write_file(path, param->csv, strlen(param->csv));
    cr_expect_eq(svi_run_table_from_csv(path, &table, &error), SV_ERR_DATA, "%s", param->csv);
    snprintf(place, sizeof place, "%s%s", path, param->place);
    cr_expect_eq(strncmp(error.message, place, strlen(place)), 0, "%s is not at %s", error.message,
                 place);
    cr_expect(strstr(error.message, param->says) != NULL, "%s", error.message);
    unlink(path);
}

Test(analysis_csv, a_nul_byte_and_a_missing_file_are_refused)
{
    char path[32];
    svi_run_table *table = NULL;
    sv_error error = {0};
    write_file(path, "seed,acc\n1,0\0005\n", 16);
    cr_expect_eq(svi_run_table_from_csv(path, &table, &error), SV_ERR_DATA);
    cr_expect(strstr(error.message, ":2:2: byte 0x00 is not text") != NULL, "%s", error.message);
    unlink(path);
    cr_expect_eq(svi_run_table_from_csv("/nowhere/runs.csv", &table, &error), SV_ERR_DATA);
    cr_expect(strstr(error.message, "/nowhere/runs.csv: cannot read the file") != NULL, "%s",
              error.message);
}
