/* Every instruction set must give the same bits as the plain code. */
#include <criterion/criterion.h>

#include "data_kernels.h"

enum { N = 37, N_COLUMNS = 131, LD = 132, N_ROWS = 70 };

static const svk_data_kernels *plain(void)
{
    const svk_data_kernels *k = svk_data_kernels_find("plain");
    cr_assert_not_null(k);
    return k;
}

/* The widest one, and avx2 where that is not the widest. */
static int others(const svk_data_kernels *list[2])
{
    list[0] = svk_data_kernels_best();
    list[1] = svk_data_kernels_find("avx2");
    return list[1] == NULL || list[1] == list[0] ? 1 : 2;
}

static const svk_generator generators[] = {
    {.kind = SVK_GENERATOR_MOONS, .n_features = 2, .n_classes = 2, .noise = 0.1},
    {.kind = SVK_GENERATOR_CIRCLES, .n_features = 2, .n_classes = 3, .noise = 0.1},
    {.kind = SVK_GENERATOR_SPIRALS, .n_features = 2, .n_classes = 4, .noise = 0.1, .turns = 2},
    {.kind = SVK_GENERATOR_BLOBS, .n_features = 67, .n_classes = 5, .noise = 0.1},
    {.kind = SVK_GENERATOR_LINEAR, .n_features = 15, .noise = 0.3},
    {.kind = SVK_GENERATOR_PARITY, .n_features = 33, .n_classes = 2, .n_relevant = 33},
    {.kind = SVK_GENERATOR_MODULAR_ADDITION, .n_points = N, .n_features = 18, .n_classes = 9},
    {.kind = SVK_GENERATOR_STROKE_DIGITS,
     .n_features = 121,
     .n_classes = 10,
     .size = 11,
     .noise = 0.1,
     .distortion = 2},
};

Test(data_kernels, rows_are_drawn_alike)
{
    static double x[2][N * N_COLUMNS], y[2][N];
    const svk_data_kernels *other[2];
    int n_others = others(other);
    for (size_t k = 0; k < sizeof generators / sizeof *generators; k++)
        for (uint32_t part = 0; part < 2; part++)
            for (int o = 0; o < n_others; o++) {
                size_t size = sizeof(double) * N * generators[k].n_features;
                plain()->draw(&generators[k], 77, part, N, x[0], y[0]);
                other[o]->draw(&generators[k], 77, part, N, x[1], y[1]);
                cr_expect_eq(memcmp(x[0], x[1], size), 0, "%s: set %zu", other[o]->simd, k);
                cr_expect_eq(memcmp(y[0], y[1], sizeof y[0]), 0, "%s: set %zu", other[o]->simd, k);
            }
}

Test(data_kernels, shuffles_are_those_of_the_bijection)
{
    const uint32_t sizes[] = {2, 64, 65, 129, 1000, 5000};
    static uint32_t item[5000];
    const svk_data_kernels *k[3] = {plain()};
    int n_kernels = 1 + others(k + 1);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int v = 0; v < n_kernels; v++) {
            uint32_t n = sizes[s], first = n / 3;
            uint8_t order[SVK_FISHER_YATES_MAX];
            svk_shuffle shuffle = {.n = n};
            if (n > SVK_FISHER_YATES_MAX)
                shuffle = svk_shuffle_make(5, SVK_STREAM_SPLIT, 3, n);
            else
                svk_fisher_yates(5, SVK_STREAM_SPLIT, 3, 0, n, order);
            k[v]->shuffle(5, SVK_STREAM_SPLIT, 3, n, first, n - first, item);
            for (uint32_t p = first; p < n; p++)
                cr_assert_eq(item[p - first],
                             n > SVK_FISHER_YATES_MAX ? svk_shuffle_at(&shuffle, p) : order[p]);
        }
}

typedef struct filled {
    double mean[N_COLUMNS], sd[N_COLUMNS], z[N_COLUMNS];
    float narrow[N_ROWS * LD];
    double wide[N_ROWS * LD];
} filled;

static void fill(const svk_data_kernels *k, const double *x, const uint32_t *row, filled *out)
{
    k->measure(x, N_COLUMNS, row, N_ROWS, out->mean, out->sd);
    svk_filling f = {.x = x,
                     .n_columns = N_COLUMNS,
                     .ld = LD,
                     .mean = out->mean,
                     .divisor = out->sd,
                     .seed_noise = 4,
                     .noise = 0.25};
    cr_assert_eq(k->fill_f32(&f, row, N_ROWS, out->z, out->narrow), N_ROWS);
    cr_assert_eq(k->fill_f64(&f, row, N_ROWS, out->z, out->wide), N_ROWS);
}

Test(data_kernels, rows_are_filled_alike)
{
    static double x[100 * N_COLUMNS];
    static filled a, b;
    const svk_data_kernels *other[2];
    int n_others = others(other);
    uint32_t row[N_ROWS];
    for (uint64_t i = 0; i < 100 * N_COLUMNS; i++) x[i] = svk_uniform(svk_draw(1, 1, 1, i));
    for (uint32_t i = 0; i < N_ROWS; i++) row[i] = i * 7 % 100;
    fill(plain(), x, row, &a);
    for (int o = 0; o < n_others; o++) {
        memset(&b, 0xff, sizeof b);
        fill(other[o], x, row, &b);
        cr_expect_eq(memcmp(&a, &b, sizeof a), 0, "%s", other[o]->simd);
    }
    cr_expect_eq(a.narrow[LD - 1], 0, "padding");
}
