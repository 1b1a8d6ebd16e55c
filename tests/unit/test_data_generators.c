/* Drawn data. Expected values come from a second implementation, in Python. */
#include "data_fixture.h"

#include <math.h>

#include "data/instance.h"
#include "elementary.h"
#include "philox.h"

static svi_dataset *open_generator(svi_set set, uint64_t n, uint64_t n_fresh, double noise)
{
    svi_data_spec spec = {.set = set,
                          .n_points = n,
                          .n_test_points = n_fresh,
                          .n_features = 3,
                          .noise = noise,
                          .split = {.train = 1}};
    svi_dataset *dataset;
    sv_error error = {0};
    cr_assert_eq(svi_dataset_open(&spec, &dataset, &error), SV_OK, "%s", error.message);
    return dataset;
}

Test(data_generators, moons_are_those_of_the_document)
{
    const double expected[4][2] = {{-0.8254238463752911, 0.820419818973358},
                                   {0.47053655338387446, -0.39163605778236876},
                                   {0.7909082596013314, 0.3980751840424678},
                                   {0.07686915871152777, 0.1849801500395438}};
    svi_dataset *d = open_generator(SVI_SET_MOONS, 2, 2, 0.1);
    double x[4][2], y[4];
    svi_dataset_draw(d, 9, x[0], y);
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(y[i], i % 2);
        for (int j = 0; j < 2; j++)
            cr_expect_float_eq(x[i][j], expected[i][j], 1e-14, "%d %d: %.17g", i, j, x[i][j]);
    }
    svi_dataset_close(d);
}

Test(data_generators, moons_without_noise_lie_on_their_circles)
{
    enum { N = 1000 };
    svi_dataset *d = open_generator(SVI_SET_MOONS, N, 0, 0);
    static double x[N][2], y[N];
    double least = 1, most = -1;
    svi_dataset_draw(d, 1, x[0], y);
    for (int i = 0; i < N; i++) {
        double a = y[i] == 0 ? x[i][0] : x[i][0] - 1, b = y[i] == 0 ? x[i][1] : 0.5 - x[i][1];
        cr_expect_float_eq(a * a + b * b, 1, 1e-14);
        cr_expect_geq(b, 0, "a half circle");
        least = fmin(least, a);
        most = fmax(most, a);
    }
    cr_expect_lt(least, -0.99);
    cr_expect_gt(most, 0.99);
    svi_dataset_close(d);
}

Test(data_generators, linear_rows_are_those_of_the_document)
{
    const double expected[4][3] = {
        {0x1.ff15440000000p-1, 0x1.fa72900000000p-2, 0x1.dc60c00000000p-4},
        {0x1.1e2f800000000p-2, -0x1.079b280000000p-2, -0x1.5db3e80000000p-1},
        {-0x1.640d900000000p-3, 0x1.1cb4e80000000p-2, 0x1.7895600000000p-1},
        {0x1.92ee100000000p-1, -0x1.f070cc0000000p-1, -0x1.6463d00000000p-1}};
    svi_dataset *d = open_generator(SVI_SET_LINEAR, 2, 2, 0.5);
    double x[4][3], y[4];
    svi_dataset_draw(d, 5, x[0], y);
    for (int i = 0; i < 4; i++) {
        double z0, z1;
        svk_block b = svk_draw_block(5, SVK_STREAM_DATA, (uint32_t)i / 2, 2 * ((uint64_t)i % 2));
        svk_normal_pair(b.word[0], b.word[1], &z0, &z1);
        for (int j = 0; j < 3; j++)
            cr_expect_eq(x[i][j], expected[i][j], "%d %d: %a", i, j, x[i][j]);
        cr_expect_eq(y[i], fma(0.5, z0, x[i][0] + x[i][1] + x[i][2]));
    }
    cr_expect_eq(d->n_classes, 0);
    svi_dataset_close(d);
}

Test(data_generators, more_rows_begin_with_the_same_rows)
{
    svi_dataset *few = open_generator(SVI_SET_MOONS, 10, 0, 0.2),
                *many = open_generator(SVI_SET_MOONS, 50, 0, 0.2);
    double x10[20], y10[10], x50[100], y50[50];
    svi_dataset_draw(few, 3, x10, y10);
    svi_dataset_draw(many, 3, x50, y50);
    cr_expect_eq(memcmp(x10, x50, sizeof x10), 0);
    cr_expect_str_neq(few->digest, many->digest);
    svi_dataset_close(few);
    svi_dataset_close(many);
}

Test(data_generators, fresh_rows_are_the_test_rows)
{
    enum { N = 40, N_FRESH = 7 };
    svi_data_spec spec = {.set = SVI_SET_MOONS,
                          .n_points = N,
                          .n_test_points = N_FRESH,
                          .noise = 0.1,
                          .split = {.train = 0.75, .val = 0.25, .is_stratified = true}};
    svi_dataset *d;
    svi_instance *in;
    double x[2 * (N + N_FRESH)], y[N + N_FRESH];
    cr_assert_eq(svi_dataset_open(&spec, &d, NULL), SV_OK);
    cr_assert_eq(
        svi_instance_make(d, (svi_instance_seeds){11, 12, 0}, SVK_PRECISION_FP64, &in, NULL),
        SV_OK);
    svi_dataset_draw(d, 11, x, y);
    cr_assert_eq(in->n_train, 30);
    cr_assert_eq(in->n_val, 10);
    cr_assert_eq(in->n_test, N_FRESH);
    for (uint32_t i = 0; i < N_FRESH; i++) cr_expect_eq(in->row[N + i], N + i);
    for (uint64_t i = 0; i < in->n_rows; i++) {
        const double *row = (double *)in->x + i * (size_t)in->ld;
        cr_expect_eq(memcmp(row, x + 2 * in->row[i], 2 * sizeof *row), 0);
        cr_expect_eq(in->label[i], (int32_t)y[in->row[i]]);
    }
    svi_instance_free(in);
    svi_dataset_close(d);
}

Test(data_generators, every_data_seed_draws_other_rows)
{
    svi_dataset *d = open_generator(SVI_SET_LINEAR, 20, 0, 0.1);
    svi_instance *a, *b;
    cr_assert_eq(svi_instance_make(d, (svi_instance_seeds){1, 5, 0}, SVK_PRECISION_FP64, &a, NULL),
                 SV_OK);
    cr_assert_eq(svi_instance_make(d, (svi_instance_seeds){2, 5, 0}, SVK_PRECISION_FP64, &b, NULL),
                 SV_OK);
    cr_expect_eq(memcmp(a->row, b->row, 20 * sizeof *a->row), 0, "the split has its own seed");
    cr_expect_neq(memcmp(a->x, b->x, 20 * 4 * sizeof(double)), 0);
    svi_instance_free(a);
    svi_instance_free(b);
    svi_dataset_close(d);
}

Test(data_generators, impossible_sizes_are_refused)
{
    svi_data_spec spec = {.set = SVI_SET_MOONS, .split = {.train = 1}};
    svi_dataset *d;
    cr_expect_eq(svi_dataset_open(&spec, &d, NULL), SV_ERR_DATA, "no rows");
    spec.n_points = UINT64_C(1) << 31;
    cr_expect_eq(svi_dataset_open(&spec, &d, NULL), SV_ERR_DATA, "too many for 32-bit row numbers");
}

/* ---- sets against docs/numerics.md: three rows and a fresh one, two features of each ---- */

#define DOCUMENT_SEED UINT64_C(0x123456789abcdef)

typedef struct expected_set {
    svi_data_spec spec;
    int feature[2];
    double x[4][2], y[4];
} expected_set;

static const expected_set sets[] = {
    {{.set = SVI_SET_CIRCLES, .n_classes = 3, .noise = 0.1},
     {0, 1},
     {{0x1.623157e52b011p-2, -0x1.155ce420f8a32p-4},
      {0x1.946d0181b1c98p-1, 0x1.8357042d7c6e0p-3},
      {-0x1.8807435bdcf8ep-1, 0x1.f531c9b01f491p-2},
      {-0x1.92b56a6b7df82p-2, 0x1.5616064abd85ap-2}},
     {0, 1, 2, 0}},
    {{.set = SVI_SET_SPIRALS, .n_classes = 3, .noise = 0.05, .turns = 1.5},
     {0, 1},
     {{-0x1.aad027da977abp-1, 0x1.d2fce13b850a6p-2},
      {-0x1.32cc1416cb8adp-4, -0x1.3dc81bfa60d92p-8},
      {-0x1.0939ea8d45477p-2, -0x1.01ba6e0b3d7fcp-1},
      {0x1.383476b14dc77p-1, 0x1.473f8d071ba05p-5}},
     {0, 1, 2, 0}},
    {{.set = SVI_SET_BLOBS, .n_classes = 3, .n_features = 5, .noise = 0.2},
     {0, 4},
     {{0x1.ae3bce930fe09p-1, 0x1.d9b735978f4f3p-2},
      {0x1.89bd4c6492707p-2, 0x1.7d931dcbfdacbp-2},
      {-0x1.302636691d026p+0, 0x1.5d5316dc02160p-2},
      {0x1.0ed3589d3ce4fp+0, 0x1.55c9df3fe591fp-1}},
     {0, 1, 2, 0}},
    {{.set = SVI_SET_STROKE_DIGITS, .image_size = 8, .noise = 0.1, .distortion = 1},
     {18, 36},
     {{0x1.17b4434a96b1fp-3, -0x1.6f524bb6241bcp-5},
      {0x1.1e444df178feep-3, 0x1.1ca4029a2f9acp+0},
      {0x1.173fce7d4036fp-2, 0x1.b2f6a2f8562b9p-1},
      {0x1.be860c9a05917p-1, -0x1.0bece324fa7dfp-3}},
     {0, 1, 2, 0}},
    {{.set = SVI_SET_PARITY, .n_features = 40, .n_relevant = 3},
     {0, 39},
     {{1, -1}, {-1, 1}, {1, -1}, {-1, -1}},
     {1, 1, 1, 1}},
};

Test(data_generators, sets_are_those_of_the_document)
{
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        const expected_set *e = &sets[k];
        svi_data_spec spec = e->spec;
        svi_dataset *d;
        sv_error error = {0};
        double x[4 * 64], y[4];
        spec.n_points = 3;
        spec.n_test_points = 1;
        spec.split.train = 1;
        cr_assert_eq(svi_dataset_open(&spec, &d, &error), SV_OK, "%s", error.message);
        svi_dataset_draw(d, DOCUMENT_SEED, x, y);
        for (int i = 0; i < 4; i++) {
            cr_expect_eq(y[i], e->y[i], "%s, row %d", d->name, i);
            for (int j = 0; j < 2; j++) {
                double value = x[i * d->n_features + e->feature[j]];
                cr_expect_eq(value, e->x[i][j], "%s %d %d: %a", d->name, i, j, value);
            }
        }
        svi_dataset_close(d);
    }
}

/* Pairs a, b of the rows. */
static void expect_pairs(uint64_t modulus, uint64_t n, const uint64_t (*pair)[2])
{
    svi_data_spec spec = {
        .set = SVI_SET_MODULAR_ADDITION, .modulus = modulus, .n_points = 5, .split = {.train = 1}};
    svi_dataset *d;
    double x[16 * 32], y[16];
    spec.n_test_points = n - 5;
    cr_assert_eq(svi_dataset_open(&spec, &d, NULL), SV_OK);
    svi_dataset_draw(d, DOCUMENT_SEED, x, y);
    for (uint64_t i = 0; i < n; i++) {
        const double *row = x + i * 2 * modulus;
        double sum = 0;
        for (uint64_t j = 0; j < 2 * modulus; j++) sum += row[j];
        cr_expect_eq(sum, 2);
        cr_expect_eq(row[pair[i][0]], 1);
        cr_expect_eq(row[modulus + pair[i][1]], 1);
        cr_expect_eq(y[i], (double)((pair[i][0] + pair[i][1]) % modulus));
    }
    svi_dataset_close(d);
}

Test(data_generators, drawn_pairs_are_those_of_the_document)
{
    const uint64_t small[8][2] = {{0, 4}, {3, 1}, {1, 3}, {3, 4}, {4, 3}, {2, 2}, {3, 3}, {1, 4}};
    const uint64_t large[5][2] = {{6, 9}, {1, 0}, {8, 6}, {10, 9}, {7, 2}};
    expect_pairs(5, 8, small);
    expect_pairs(11, 5, large);
}

Test(data_generators, every_pair_stands_once_and_for_every_seed)
{
    svi_data_spec spec = {
        .set = SVI_SET_MODULAR_ADDITION, .modulus = 7, .split = {.train = 0.5, .test = 0.5}};
    const uint64_t seed[2][SVK_N_SOURCES] = {{[SVK_SOURCE_DATA] = 1}, {[SVK_SOURCE_DATA] = 2}};
    svi_dataset *d;
    cr_assert_eq(svi_dataset_open(&spec, &d, NULL), SV_OK);
    cr_assert_eq(d->n_rows, 49);
    cr_assert_eq(d->n_features, 14);
    for (uint64_t i = 0; i < 49; i++) {
        cr_expect_eq(d->x[i * 14 + i / 7], 1);
        cr_expect_eq(d->x[i * 14 + 7 + i % 7], 1);
        cr_expect_eq(d->y[i], (double)((i / 7 + i % 7) % 7));
    }
    cr_expect(svi_instance_seeds_are_equal(svi_instance_seeds_of(d, seed[0]),
                                           svi_instance_seeds_of(d, seed[1])));
    svi_dataset_close(d);
}

/* Ink lies where the strokes are: an undistorted 1 in its middle columns, nothing at the rim. */
Test(data_generators, digits_without_distortion_are_clean)
{
    svi_data_spec spec = {
        .set = SVI_SET_STROKE_DIGITS, .n_points = 20, .image_size = 28, .split = {.train = 1}};
    svi_dataset *d;
    static double x[20][28][28], y[20];
    cr_assert_eq(svi_dataset_open(&spec, &d, NULL), SV_OK);
    svi_dataset_draw(d, 3, x[0][0], y);
    cr_expect_eq(memcmp(x[0], x[10], 10 * sizeof x[0]), 0, "nothing is drawn");
    for (int i = 0; i < 10; i++) {
        double sum = 0;
        for (int r = 0; r < 28; r++)
            for (int c = 0; c < 28; c++) {
                cr_expect(x[i][r][c] >= 0 && x[i][r][c] <= 1);
                if (r == 0 || c == 0 || r == 27 || c == 27) cr_expect_eq(x[i][r][c], 0);
                sum += x[i][r][c];
            }
        cr_expect(sum > 60 && sum < 260, "digit %d has %g pixels of ink", i, sum);
    }
    for (int r = 5; r < 24; r++) {
        cr_expect_eq(x[1][r][14], 1, "the stem of a 1 in row %d", r);
        cr_expect_eq(x[0][r][14] == 0, r >= 6 && r <= 21, "the hole of a 0 in row %d", r);
    }
    svi_dataset_close(d);
}
