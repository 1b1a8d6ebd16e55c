/* Splits. The expected rows were computed from docs/numerics.md by a second implementation, in
 * Python. */
#include "data_fixture.h"

#include "data/instance.h"
#include "data/split.h"

#define SEED UINT64_C(0x123456789abcdef0)

static svi_dataset *open_set(svi_set set, svi_split_spec split)
{
    svi_data_spec spec = {.set = set, .split = split};
    svi_dataset *dataset;
    sv_error error = {0};
    cr_assert_eq(svi_dataset_open(&spec, &dataset, &error), SV_OK, "%s", error.message);
    return dataset;
}

static svi_instance *make(const svi_dataset *dataset, uint64_t seed_split)
{
    svi_instance *in;
    sv_error error = {0};
    sv_status status = svi_instance_make(dataset, (svi_instance_seeds){.split = seed_split},
                                         SVK_PRECISION_FP64, &in, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return in;
}

/* First rows and weighted sum (place from 1 times row) of each role. */
typedef struct expected_split {
    svi_set set;
    bool is_stratified;
    uint64_t n[3];
    uint32_t first[3][6];
    uint64_t sum[3];
} expected_split;

static const expected_split expected[] = {
    {SVI_SET_DIGITS,
     false,
     {1079, 359, 359},
     {{1, 2, 4, 5, 6, 11}, {3, 7, 8, 9, 10, 15}, {0, 19, 24, 32, 35, 43}},
     {686964570, 77052697, 80901907}},
    {SVI_SET_DIGITS,
     true,
     {1079, 359, 359},
     {{0, 3, 5, 7, 8, 9}, {1, 2, 4, 6, 15, 19}, {10, 11, 12, 13, 16, 23}},
     {701665359, 76496411, 76655131}},
    {SVI_SET_IRIS,
     false,
     {90, 30, 30},
     {{0, 1, 2, 8, 10, 11}, {4, 6, 9, 14, 17, 21}, {3, 5, 7, 12, 15, 32}},
     {411945, 45203, 44321}},
    {SVI_SET_IRIS,
     true,
     {90, 30, 30},
     {{0, 1, 2, 4, 5, 6}, {3, 18, 20, 22, 28, 29}, {8, 9, 13, 21, 23, 26}},
     {406207, 46359, 45195}},
};

static void expect_role(const uint32_t *row, uint64_t n, const uint32_t first[6], uint64_t sum)
{
    uint64_t found = 0;
    for (int i = 0; i < 6; i++) cr_expect_eq(row[i], first[i], "place %d: row %u", i, row[i]);
    for (uint64_t i = 0; i < n; i++) found += (i + 1) * row[i];
    cr_expect_eq(found, sum);
    for (uint64_t i = 1; i < n; i++) cr_expect_lt(row[i - 1], row[i], "rows ascend");
}

Test(data_split, rows_are_those_of_the_document)
{
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        const expected_split *e = &expected[k];
        svi_dataset *d = open_set(
            e->set, (svi_split_spec){
                        .train = 0.6, .val = 0.2, .test = 0.2, .is_stratified = e->is_stratified});
        svi_instance *in = make(d, SEED);
        cr_assert_eq(in->n_train, e->n[0]);
        cr_assert_eq(in->n_val, e->n[1]);
        cr_assert_eq(in->n_test, e->n[2]);
        expect_role(in->row, e->n[0], e->first[0], e->sum[0]);
        expect_role(in->row + e->n[0], e->n[1], e->first[1], e->sum[1]);
        expect_role(in->row + e->n[0] + e->n[1], e->n[2], e->first[2], e->sum[2]);
        svi_instance_free(in);
        svi_dataset_close(d);
    }
}

/* Thirty rows: fifteen, ten and five of three classes. */
static svi_dataset *open_thirty(svi_split_spec split)
{
    char text[1000];
    size_t at = 0;
    for (int i = 0; i < 30; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%d,%d\n", i,
                               i < 15   ? 0
                               : i < 25 ? 1
                                        : 2);
    }
    svi_data_spec spec = {.set = SVI_SET_CSV, .target = "-1", .split = split};
    return must_open(text, spec);
}

static void expect_rows(bool is_stratified, const uint32_t rows[30])
{
    svi_dataset *d = open_thirty(
        (svi_split_spec){.train = 0.55, .val = 0.25, .test = 0.2, .is_stratified = is_stratified});
    svi_instance *in = make(d, 7);
    cr_assert_eq(in->n_train, 16);
    cr_assert_eq(in->n_val, 8);
    for (int i = 0; i < 30; i++)
        cr_expect_eq(in->row[i], rows[i], "place %d: row %u", i, in->row[i]);
    svi_instance_free(in);
    svi_dataset_close(d);
}

Test(data_split, few_rows_are_dealt_by_fisher_yates)
{
    const uint32_t plain[30] = {3,  6, 7, 10, 11, 12, 13, 14, 15, 16, 19, 22, 23, 26, 28,
                                29, 0, 1, 2,  17, 18, 21, 24, 27, 4,  5,  8,  9,  20, 25};
    const uint32_t stratified[30] = {3,  4, 5, 6,  8,  9,  11, 12, 15, 17, 18, 21, 24, 25, 26,
                                     27, 1, 7, 10, 13, 16, 22, 23, 28, 0,  2,  14, 19, 20, 29};
    expect_rows(false, plain);
    expect_rows(true, stratified);
}

Test(data_split, another_seed_gives_another_split_of_the_same_sizes)
{
    svi_dataset *d =
        open_set(SVI_SET_IRIS, (svi_split_spec){.train = 0.6, .val = 0.2, .test = 0.2});
    svi_instance *a = make(d, 1), *b = make(d, 2);
    cr_expect_eq(a->n_train, b->n_train);
    cr_expect_neq(memcmp(a->row, b->row, a->n_rows * sizeof *a->row), 0);
    svi_instance_free(a);
    svi_instance_free(b);
    svi_dataset_close(d);
}

Test(data_split, stratified_shares_are_within_one_row)
{
    svi_dataset *d =
        open_set(SVI_SET_DIGITS,
                 (svi_split_spec){.train = 0.5, .val = 0.2, .test = 0.3, .is_stratified = true});
    for (uint64_t seed = 0; seed < 20; seed++) {
        svi_instance *in = make(d, seed);
        int n_class[10] = {0}, n_test[10] = {0};
        for (uint64_t i = 0; i < in->n_rows; i++) n_class[in->label[i]]++;
        for (uint64_t i = in->n_train + in->n_val; i < in->n_rows; i++) n_test[in->label[i]]++;
        for (int c = 0; c < 10; c++) {
            double share = (double)in->n_test * n_class[c] / (double)in->n_rows;
            cr_expect_lt(n_test[c] - share, 1);
            cr_expect_gt(n_test[c] - share, -1);
        }
        svi_instance_free(in);
    }
    svi_dataset_close(d);
}

Test(data_split, every_row_is_tested_equally_often)
{
    enum { N_SEEDS = 2000 };
    svi_dataset *d =
        open_set(SVI_SET_IRIS, (svi_split_spec){.train = 0.6, .val = 0.2, .test = 0.2});
    int count[150] = {0};
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        uint8_t role[150];
        uint32_t n_times[150];
        cr_assert_eq(svi_split_draw(d, seed, role, n_times, NULL), SV_OK);
        for (int i = 0; i < 150; i++) count[i] += role[i] == SVI_ROLE_TEST;
    }
    /* mean 400, SD 17.9: five SD at 150 rows are left once in 10000 tries, and the seeds are fixed
     */
    for (int i = 0; i < 150; i++) cr_expect_lt(abs(count[i] - 400), 90, "row %d: %d", i, count[i]);
    svi_dataset_close(d);
}

static void expect_refusal(svi_set set, svi_split_spec split, const char *fragment)
{
    svi_data_spec spec = {.set = set, .split = split};
    svi_dataset *dataset;
    sv_error error = {0};
    cr_expect_eq(svi_dataset_open(&spec, &dataset, &error), SV_ERR_DATA, "%s", error.message);
    cr_expect_null(dataset);
    cr_expect_not_null(strstr(error.message, fragment), "%s", error.message);
}

Test(data_split, splits_without_training_rows_are_refused)
{
    expect_refusal(SVI_SET_IRIS, (svi_split_spec){.train = 0.001, .val = 0.5, .test = 0.499},
                   "no row to train on");
    expect_refusal(SVI_SET_IRIS,
                   (svi_split_spec){.train = 0.01, .val = 0.5, .test = 0.49, .is_stratified = true},
                   "class 0 \"setosa\"");
}

Test(data_split, a_class_too_small_for_its_share_is_refused)
{
    const char *text = "1,a\n2,a\n3,a\n4,a\n5,a\n6,a\n7,a\n8,a\n9,b\n";
    svi_data_spec spec = {.set = SVI_SET_CSV,
                          .split = {.train = 0.2, .val = 0.3, .test = 0.5, .is_stratified = true}};
    must_refuse(text, strlen(text), spec, " the stratified split", "class 1 \"b\"");
    spec.split.is_stratified = false;
    svi_dataset_close(must_open(text, spec));
}

Test(data_split, a_regression_cannot_be_stratified)
{
    const char *text = "1,0.5\n2,1.5\n3,2.5\n";
    svi_data_spec spec = {.set = SVI_SET_CSV, .split = {.train = 1, .is_stratified = true}};
    must_refuse(text, strlen(text), spec, " a regression has no classes", "stratify: false");
}

Test(data_split, sizes_are_rounded_to_the_nearest)
{
    uint64_t n_train, n_val, n_test;
    svi_dataset *d = open_thirty((svi_split_spec){.train = 0.4, .val = 0.35, .test = 0.25});
    svi_instance_sizes(d, &n_train, &n_val, &n_test);
    cr_expect_eq(n_val, 11, "10.5 rounds up");
    cr_expect_eq(n_test, 8, "7.5 rounds up");
    cr_expect_eq(n_train, 11);
    svi_dataset_close(d);
}

/* ---- with replacement, and with fixed test rows ---- */

static void expect_split(svi_split_spec split, const uint64_t n[3], const uint32_t *rows)
{
    svi_dataset *d = open_thirty(split);
    svi_instance *in = make(d, 7);
    cr_assert_eq(in->n_train, n[0]);
    cr_assert_eq(in->n_val, n[1]);
    cr_assert_eq(in->n_test, n[2], "%lu test rows", (unsigned long)in->n_test);
    for (uint64_t i = 0; i < in->n_rows; i++)
        cr_expect_eq(in->row[i], rows[i], "place %lu: row %u", (unsigned long)i, in->row[i]);
    svi_instance_free(in);
    svi_dataset_close(d);
}

Test(data_split, drawn_and_fixed_rows_are_those_of_the_document)
{
    const uint32_t fixed[30] = {4,  6, 7, 12, 13, 14, 15, 17, 20, 21, 22, 23, 26, 27, 28,
                                29, 1, 2, 5,  9,  10, 19, 24, 25, 0,  3,  8,  11, 16, 18};
    const uint32_t drawn[34] = {0, 2, 4, 5,  6,  11, 11, 11, 15, 17, 21, 22, 26, 26, 26, 28, 1,
                                3, 7, 8, 12, 16, 18, 29, 9,  10, 13, 14, 19, 20, 23, 24, 25, 27};
    const uint32_t both[30] = {1,  2, 5, 6,  7,  12, 12, 13, 17, 19, 23, 23, 26, 26, 27,
                               28, 4, 9, 10, 20, 21, 24, 25, 29, 0,  3,  8,  11, 16, 18};
    const uint32_t strata[34] = {1, 2, 2,  6,  8,  12, 12, 12, 15, 17, 20, 20, 22, 25, 27, 29, 0,
                                 3, 9, 11, 19, 21, 23, 26, 4,  5,  7,  10, 13, 14, 16, 18, 24, 28};
    svi_split_spec split = {.train = 0.55, .val = 0.25, .test = 0.2, .is_test_fixed = true};
    expect_split(split, (uint64_t[]){16, 8, 6}, fixed);
    split.is_replaced = true;
    expect_split(split, (uint64_t[]){16, 8, 6}, both);
    split.is_test_fixed = false;
    expect_split(split, (uint64_t[]){16, 8, 10}, drawn);
    split.is_stratified = true;
    expect_split(split, (uint64_t[]){16, 8, 10}, strata);
}

Test(data_split, rows_drawn_with_replacement_leave_the_others_to_test)
{
    svi_split_spec split = {.train = 0.6, .val = 0.2, .test = 0.2, .is_replaced = true};
    svi_dataset *d = open_set(SVI_SET_IRIS, split);
    uint64_t n_train, n_val, n_most, n_all = 0;
    svi_instance_sizes(d, &n_train, &n_val, &n_most);
    cr_assert_eq(n_most, 150 - 1 - 30);
    for (uint64_t seed = 0; seed < 200; seed++) {
        svi_instance *in = make(d, seed);
        int n_roles[150] = {0};
        cr_assert(in->n_train == 90 && in->n_val == 30 && in->n_test >= 30);
        for (uint64_t i = 0; i < in->n_rows; i++) {
            bool is_again = i > 0 && i < in->n_train && in->row[i] == in->row[i - 1];
            n_roles[in->row[i]] += !is_again;
        }
        for (int r = 0; r < 150; r++) cr_assert_eq(n_roles[r], 1, "every row has one role");
        n_all += in->n_test;
        svi_instance_free(in);
    }
    /* a row escapes 90 draws of 150 with probability 0.548: 82.2 rows, SD 4.0, less the 30 */
    cr_expect_float_eq((double)n_all / 200, 52.2, 1.5);
    svi_dataset_close(d);
}

Test(data_split, test_rows_that_are_fixed_are_those_of_seed_0)
{
    svi_split_spec split = {.train = 0.6, .val = 0.2, .test = 0.2, .is_stratified = true};
    svi_dataset *drawn = open_set(SVI_SET_DIGITS, split);
    split.is_test_fixed = true;
    svi_dataset *fixed = open_set(SVI_SET_DIGITS, split);
    svi_instance *zero = make(drawn, 0), *a = make(fixed, 0), *b = make(fixed, 1);
    uint64_t first = zero->n_train + zero->n_val, n = zero->n_test;
    cr_assert_eq(a->n_test, n);
    cr_expect_eq(memcmp(a->row + first, zero->row + first, n * sizeof *a->row), 0);
    cr_expect_eq(memcmp(a->row + first, b->row + first, n * sizeof *a->row), 0);
    cr_expect_neq(memcmp(a->row, b->row, a->n_train * sizeof *a->row), 0);
    svi_instance_free(zero);
    svi_instance_free(a);
    svi_instance_free(b);
    svi_dataset_close(drawn);
    svi_dataset_close(fixed);
}

Test(data_split, test_rows_are_found_without_their_instance)
{
    svi_split_spec split = {.train = 0.6, .val = 0.1, .test = 0.3, .is_replaced = true};
    svi_data_spec specs[] = {
        {.set = SVI_SET_IRIS, .split = split},
        {.set = SVI_SET_PARITY, .n_points = 60, .n_features = 5, .n_relevant = 2, .split = split},
        {.set = SVI_SET_MOONS,
         .n_points = 60,
         .n_test_points = 11,
         .split = {.train = 1, .is_replaced = true}}};
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
        svi_dataset *d;
        svi_instance *in;
        svi_instance_seeds seeds = {.data = 4, .split = 5};
        uint64_t n;
        uint32_t row[200];
        int32_t label[200];
        cr_assert_eq(svi_dataset_open(&specs[k], &d, NULL), SV_OK);
        cr_assert_eq(svi_instance_make(d, seeds, SVK_PRECISION_FP32, &in, NULL), SV_OK);
        cr_assert_eq(svi_instance_test_rows(d, seeds, &n, row, label, NULL), SV_OK);
        uint64_t first = in->n_train + in->n_val;
        cr_assert_eq(n, in->n_test);
        cr_expect_gt(n, 0);
        cr_expect_eq(memcmp(row, in->row + first, n * sizeof *row), 0);
        cr_expect_eq(memcmp(label, in->label + first, n * sizeof *label), 0, "set %zu", k);
        svi_instance_free(in);
        svi_dataset_close(d);
    }
}

Test(data_split, drawn_classes_are_not_stratified)
{
    svi_data_spec spec = {.set = SVI_SET_PARITY,
                          .n_points = 60,
                          .n_features = 5,
                          .n_relevant = 2,
                          .split = {.train = 0.5, .test = 0.5, .is_stratified = true}};
    svi_dataset *d;
    sv_error error = {0};
    cr_expect_eq(svi_dataset_open(&spec, &d, &error), SV_ERR_DATA);
    cr_expect_not_null(strstr(error.message, "drawn with the rows"), "%s", error.message);
}
