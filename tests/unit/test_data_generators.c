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
