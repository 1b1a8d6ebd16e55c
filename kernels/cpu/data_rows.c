/* Rows of data: drawing and standardizing them. Compiled once for each instruction set. */
#include <float.h>

#include "data_kernels.h"

#if defined(SVK_SIMD_AVX512)
#define SIMD_NAME "avx512"
#define TABLE svk_data_kernels_avx512
#elif defined(SVK_SIMD_AVX2)
#define SIMD_NAME "avx2"
#define TABLE svk_data_kernels_avx2
#else
#define SIMD_NAME "plain"
#define TABLE svk_data_kernels_plain
#endif

/* ---- shuffling ---- */

enum { N_WALKERS = 64 };

/* Up to N_WALKERS places; all walk on together until the last has come back below n. */
static void walk(const svk_shuffle *s, uint32_t first, uint32_t n_places, uint32_t *item)
{
    uint32_t walker[N_WALKERS], n_out;
    for (uint32_t i = 0; i < N_WALKERS; i++)
        walker[i] = svk_shuffle_pass(s, first + (i < n_places ? i : 0));
    do {
        n_out = 0;
        for (uint32_t i = 0; i < N_WALKERS; i++) {
            uint32_t next = svk_shuffle_pass(s, walker[i]);
            walker[i] = walker[i] >= s->n ? next : walker[i];
            n_out += walker[i] >= s->n;
        }
    } while (n_out > 0);
    for (uint32_t i = 0; i < n_places; i++) item[i] = svk_shuffle_swap(s, walker[i]);
}

static void shuffle(uint64_t seed, uint32_t stream, uint32_t part, uint32_t n, uint32_t first,
                    uint32_t n_places, uint32_t *item)
{
    uint8_t order[SVK_FISHER_YATES_MAX];
    if (n <= SVK_FISHER_YATES_MAX) {
        svk_fisher_yates(seed, stream, part, 0, n, order);
        for (uint32_t i = 0; i < n_places; i++) item[i] = order[first + i];
        return;
    }
    svk_shuffle s = svk_shuffle_make(seed, stream, part, n);
    for (uint32_t i = 0; i < n_places; i += N_WALKERS) {
        uint32_t n_left = n_places - i;
        walk(&s, first + i, n_left < N_WALKERS ? n_left : N_WALKERS, item + i);
    }
}

/* ---- drawing ---- */

/* Row by row, the loops over pixels inside: they become vector code. */
static void stroke_digits_row(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t i,
                              uint32_t label, double *x)
{
    uint32_t size = g->size, n_pixels = size * size;
    uint64_t first = i * (2 + (n_pixels + 3) / 4);
    double middle[SVK_STROKE_SIZE_MAX];
    svk_stroke_image image;
    svk_stroke_distort(seed, part, first, label, g->distortion, &image);
    for (uint32_t k = 0; k < size; k++) middle[k] = svk_stroke_pixel(k, size);
    for (uint32_t k = 0; k < n_pixels; k++) x[k] = DBL_MAX;
    for (uint32_t r = 0; r < size; r++)
        for (int l = 0; l < image.n_lines; l++)
            for (uint32_t c = 0; c < size; c++) {
                double square = svk_stroke_distance(&image.line[l], middle[c], middle[r]);
                double *nearest = &x[r * size + c];
                *nearest = square < *nearest ? square : *nearest;
            }
    for (uint32_t k = 0; k < n_pixels; k++) x[k] = svk_stroke_ink(image.half_width, size, x[k]);
    if (g->noise > 0)
        svk_add_normals(seed, SVK_STREAM_DATA, part, first + 2, n_pixels, g->noise, x);
}

/* Pairs in order, or the places of a shuffle of all of them; fresh rows go on after the others. */
static void draw_modular(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t n,
                         double *x, double *y)
{
    uint32_t n_pairs = g->n_classes * g->n_classes, pair[N_WALKERS];
    uint64_t first = part == SVK_PART_FRESH ? g->n_points : 0;
    for (uint64_t i = 0; i < n; i++) {
        uint32_t k = (uint32_t)(i % N_WALKERS);
        uint64_t n_places = n - i < N_WALKERS ? n - i : N_WALKERS;
        if (k == 0 && g->n_points > 0)
            shuffle(seed, SVK_STREAM_DATA, SVK_PART_ROWS, n_pairs, (uint32_t)(first + i),
                    (uint32_t)n_places, pair);
        uint32_t number = g->n_points > 0 ? pair[k] : (uint32_t)i;
        y[i] = (double)svk_modular_row(g, number, x + i * g->n_features);
    }
}

static void draw_row(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t i, double *x,
                     double *y)
{
    uint32_t label = g->n_classes > 0 ? svk_row_label(g, i) : 0;
    switch (g->kind) {
    case SVK_GENERATOR_MOONS: svk_moons_row(g, seed, part, i, label, x); break;
    case SVK_GENERATOR_CIRCLES: svk_circles_row(g, seed, part, i, label, x); break;
    case SVK_GENERATOR_SPIRALS: svk_spirals_row(g, seed, part, i, label, x); break;
    case SVK_GENERATOR_BLOBS: svk_blobs_row(g, seed, part, i, label, x); break;
    case SVK_GENERATOR_PARITY: label = svk_parity_row(g, seed, part, i, x); break;
    case SVK_GENERATOR_STROKE_DIGITS: stroke_digits_row(g, seed, part, i, label, x); break;
    default: *y = svk_linear_row(g, seed, part, i, x); return;
    }
    *y = (double)label;
}

static void draw(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t n, double *x,
                 double *y)
{
    if (g->kind == SVK_GENERATOR_MODULAR_ADDITION) {
        draw_modular(g, seed, part, n, x, y);
        return;
    }
    for (uint64_t i = 0; i < n; i++) draw_row(g, seed, part, i, x + i * g->n_features, &y[i]);
}

/* ---- standardizing ---- */

/* Columns that are summed at a time, so that the sums stay in registers. */
enum { BLOCK = 32 };

/* Sums of n columns of the rows listed; with a mean, of their squared distances from it. */
static inline void sum_block(const double *x, size_t n_columns, size_t n, const uint32_t *row,
                             uint64_t n_rows, const double *mean, double *sum)
{
    double chain[BLOCK] = {0}, centre[BLOCK] = {0};
    for (size_t j = 0; mean != NULL && j < n; j++) centre[j] = mean[j];
    for (uint64_t i = 0; i < n_rows; i++) {
        const double *value = x + row[i] * n_columns;
        for (size_t j = 0; j < n; j++) {
            double d = value[j] - centre[j];
            chain[j] = mean == NULL ? chain[j] + value[j] : fma(d, d, chain[j]);
        }
    }
    for (size_t j = 0; j < n; j++) sum[j] = chain[j];
}

static void sum_columns(const double *x, size_t n_columns, const uint32_t *row, uint64_t n_rows,
                        const double *mean, double *sum)
{
    size_t j = 0;
    for (; j + BLOCK <= n_columns; j += BLOCK) {
        if (mean == NULL)
            sum_block(x + j, n_columns, BLOCK, row, n_rows, NULL, sum + j);
        else
            sum_block(x + j, n_columns, BLOCK, row, n_rows, mean + j, sum + j);
    }
    if (j < n_columns)
        sum_block(x + j, n_columns, n_columns - j, row, n_rows, mean == NULL ? NULL : mean + j,
                  sum + j);
}

static void measure(const double *x, size_t n_columns, const uint32_t *row, uint64_t n_rows,
                    double *mean, double *sd)
{
    double n = (double)n_rows;
    sum_columns(x, n_columns, row, n_rows, NULL, mean);
    for (size_t j = 0; j < n_columns; j++) mean[j] /= n;
    sum_columns(x, n_columns, row, n_rows, mean, sd);
    for (size_t j = 0; j < n_columns; j++) sd[j] = sqrt(sd[j] / n);
}

/* ---- filling ---- */

static inline void scale_row(const svk_filling *f, uint32_t row, double *restrict z)
{
    const double *restrict x = f->x + row * f->n_columns, *restrict mean = f->mean;
    const double *restrict divisor = f->divisor;
    uint64_t first_block = (uint64_t)row * ((f->n_columns + 3) / 4);
    if (mean != NULL)
        for (size_t j = 0; j < f->n_columns; j++) z[j] = (x[j] - mean[j]) / divisor[j];
    else
        memcpy(z, x, f->n_columns * sizeof *x);
    if (f->noise > 0)
        svk_add_normals(f->seed_noise, SVK_STREAM_NOISE, SVK_PART_INPUT_NOISE, first_block,
                        (uint32_t)f->n_columns, f->noise, z);
}

static uint64_t fill_f32(const svk_filling *f, const uint32_t *row, uint64_t n_rows,
                         double *restrict z, float *restrict out)
{
    for (uint64_t i = 0; i < n_rows; i++, out += f->ld) {
        int n_bad = 0;
        scale_row(f, row[i], z);
        for (size_t j = 0; j < f->n_columns; j++) {
            out[j] = (float)z[j];
            n_bad += !(fabs(z[j]) <= (double)FLT_MAX);
        }
        for (size_t j = f->n_columns; j < f->ld; j++) out[j] = 0.0f;
        if (n_bad > 0) return i;
    }
    return n_rows;
}

static uint64_t fill_f64(const svk_filling *f, const uint32_t *row, uint64_t n_rows,
                         double *restrict z, double *restrict out)
{
    for (uint64_t i = 0; i < n_rows; i++, out += f->ld) {
        int n_bad = 0;
        scale_row(f, row[i], z);
        for (size_t j = 0; j < f->n_columns; j++) {
            out[j] = z[j];
            n_bad += !(fabs(z[j]) <= DBL_MAX);
        }
        for (size_t j = f->n_columns; j < f->ld; j++) out[j] = 0.0;
        if (n_bad > 0) return i;
    }
    return n_rows;
}

const svk_data_kernels TABLE = {SIMD_NAME, shuffle, draw, measure, fill_f32, fill_f64};
