/* Rows of the sets that are drawn from the `data` source; docs/numerics.md states every operation.
 * Row i of a part is made from its own words, so that rows can be drawn in any order. */
#ifndef SVK_GENERATORS_H
#define SVK_GENERATORS_H

#include "elementary.h"
#include "shuffle.h"
#include "stroke_digits.h"

#define SVK_GENERATORS(X)                                                                          \
    X(MOONS, "moons")                                                                              \
    X(CIRCLES, "circles")                                                                          \
    X(SPIRALS, "spirals")                                                                          \
    X(BLOBS, "blobs")                                                                              \
    X(LINEAR, "linear")                                                                            \
    X(PARITY, "parity")                                                                            \
    X(MODULAR_ADDITION, "modular_addition")                                                        \
    X(STROKE_DIGITS, "stroke_digits")

enum {
#define SVK_GENERATOR_ID(id, name) SVK_GENERATOR_##id,
    SVK_GENERATORS(SVK_GENERATOR_ID)
#undef SVK_GENERATOR_ID
        SVK_N_GENERATORS
};

/* Philox parts of the `data` stream: the rows, the fresh test rows beside them, the centres of
 * blobs. */
enum { SVK_PART_ROWS = 0, SVK_PART_FRESH = 1, SVK_PART_CENTRES = 2 };

/* Philox parts of the `noise` stream. */
enum { SVK_PART_LABEL_NOISE = 0, SVK_PART_INPUT_NOISE = 1 };

typedef struct svk_generator {
    int kind;          /* SVK_GENERATOR_* */
    uint64_t n_points; /* rows of SVK_PART_ROWS; modular_addition: 0 for every pair in order */
    uint32_t n_features, n_classes; /* n_classes: 0 for a regression, the modulus of addition */
    uint32_t n_relevant;            /* parity: features that decide */
    uint32_t size;                  /* stroke_digits: pixels a side */
    double noise;                   /* SD of the normal noise */
    double turns;                   /* of a spiral's arm */
    double distortion;              /* of stroke digits */
} svk_generator;

enum { SVK_NORMAL_BLOCKS = 16 };

/* Four standard normals of each of SVK_NORMAL_BLOCKS blocks. Loops over the blocks, so that a
 * compiler can do many at a time. */
SVK_FN void svk_normal_blocks(uint64_t seed, uint32_t stream, uint32_t part, uint64_t first_block,
                              double z[4][SVK_NORMAL_BLOCKS])
{
    uint32_t word[4][SVK_NORMAL_BLOCKS];
    for (uint32_t b = 0; b < SVK_NORMAL_BLOCKS; b++) {
        svk_block block = svk_draw_block(seed, stream, part, first_block + b);
        for (int k = 0; k < 4; k++) word[k][b] = block.word[k];
    }
    for (int k = 0; k < 4; k += 2)
        for (uint32_t b = 0; b < SVK_NORMAL_BLOCKS; b++)
            svk_normal_pair(word[k][b], word[k + 1][b], &z[k][b], &z[k + 1][b]);
}

/* Adds sd times a standard normal to each of x[0 .. n-1]: numbers 4b .. 4b+3 from block first_block
 * + b, two from its words 0 and 1, two from its words 2 and 3. */
SVK_FN void svk_add_normals(uint64_t seed, uint32_t stream, uint32_t part, uint64_t first_block,
                            uint32_t n, double sd, double *x)
{
    double z[4][SVK_NORMAL_BLOCKS];
    for (uint32_t j = 0; j < n; j++) {
        uint32_t b = j / 4 % SVK_NORMAL_BLOCKS;
        if (j % (4 * SVK_NORMAL_BLOCKS) == 0)
            svk_normal_blocks(seed, stream, part, first_block + j / 4, z);
        x[j] = fma(sd, z[j % 4][b], x[j]);
    }
}

/* Moons, circles and spirals use block i: word 0 is the place along the curve, words 2 and 3 the
 * noise. */
typedef struct svk_curve_draw {
    double t, z0, z1;
} svk_curve_draw;

SVK_FN svk_curve_draw svk_draw_on_curve(uint64_t seed, uint32_t part, uint64_t i)
{
    svk_curve_draw d;
    svk_block b = svk_draw_block(seed, SVK_STREAM_DATA, part, i);
    d.t = (double)svk_uniform(b.word[0]);
    svk_normal_pair(b.word[2], b.word[3], &d.z0, &d.z1);
    return d;
}

/* Two half circles of radius 1. */
SVK_FN void svk_moons_row(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t i,
                          uint32_t label, double *x)
{
    svk_curve_draw d = svk_draw_on_curve(seed, part, i);
    double sine, cosine;
    svk_sincospi_f64(d.t, &sine, &cosine);
    x[0] = fma(g->noise, d.z0, label == 0 ? cosine : 1.0 - cosine);
    x[1] = fma(g->noise, d.z1, label == 0 ? sine : 0.5 - sine);
}

/* Circles about the origin with radii 1/n, 2/n ... 1. */
SVK_FN void svk_circles_row(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t i,
                            uint32_t label, double *x)
{
    svk_curve_draw d = svk_draw_on_curve(seed, part, i);
    double sine, cosine, radius = (double)(label + 1) / (double)g->n_classes;
    svk_sincospi_f64(2.0 * d.t, &sine, &cosine);
    x[0] = fma(g->noise, d.z0, radius * cosine);
    x[1] = fma(g->noise, d.z1, radius * sine);
}

/* Arms from the origin to the unit circle; the square root spreads the points evenly. */
SVK_FN void svk_spirals_row(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t i,
                            uint32_t label, double *x)
{
    svk_curve_draw d = svk_draw_on_curve(seed, part, i);
    double sine, cosine, radius = sqrt(d.t);
    double turned = fma(g->turns, radius, (double)label / (double)g->n_classes);
    svk_sincospi_f64(2.0 * turned, &sine, &cosine);
    x[0] = fma(g->noise, d.z0, radius * cosine);
    x[1] = fma(g->noise, d.z1, radius * sine);
}

/* Normal clouds about centres uniform on [-1, 1): feature j of centre c is element c * n_features +
 * j. */
SVK_FN void svk_blobs_row(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t i,
                          uint32_t label, double *x)
{
    for (uint32_t j = 0; j < g->n_features; j++) {
        uint64_t element = (uint64_t)label * g->n_features + j;
        uint32_t word = svk_draw(seed, SVK_STREAM_DATA, SVK_PART_CENTRES, element);
        x[j] = fma(2.0, (double)svk_uniform(word), -1.0);
    }
    svk_add_normals(seed, SVK_STREAM_DATA, part, i * ((g->n_features + 3) / 4), g->n_features,
                    g->noise, x);
}

/* Features uniform on [-1, 1), target their sum plus noise. The row takes ceil((n_features + 2) /
 * 4) blocks: words 0 and 1 are a normal pair, of which z0 is used; word 2 + j gives feature j. */
SVK_FN double svk_linear_row(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t i,
                             double *x)
{
    uint32_t n_words = g->n_features + 2;
    uint64_t first = i * ((n_words + 3) / 4);
    double z0 = 0.0, z1, sum = 0.0;
    for (uint32_t at = 0; at < n_words; at += 4) {
        svk_block b = svk_draw_block(seed, SVK_STREAM_DATA, part, first + at / 4);
        if (at == 0) svk_normal_pair(b.word[0], b.word[1], &z0, &z1);
        for (uint32_t k = at == 0 ? 2 : 0; k < 4 && at + k < n_words; k++) {
            double value = fma(2.0, (double)svk_uniform(b.word[k]), -1.0);
            x[at + k - 2] = value;
            sum += value;
        }
    }
    return fma(g->noise, z0, sum);
}

/* Bits as +1 (0) and -1 (1), 32 a word; the class is the sum of the first n_relevant modulo 2. */
SVK_FN uint32_t svk_parity_row(const svk_generator *g, uint64_t seed, uint32_t part, uint64_t i,
                               double *x)
{
    uint64_t first = i * ((g->n_features + 127) / 128);
    uint32_t parity = 0;
    for (uint32_t j = 0; j < g->n_features; j++) {
        uint32_t word = svk_draw(seed, SVK_STREAM_DATA, part, 4 * first + j / 32);
        uint32_t bit = word >> (j % 32) & 1u;
        x[j] = 1.0 - 2.0 * (double)bit;
        if (j < g->n_relevant) parity ^= bit;
    }
    return parity;
}

/* One-hot a, one-hot b, class (a + b) mod p of pair number a * p + b. */
SVK_FN uint32_t svk_modular_row(const svk_generator *g, uint32_t pair, double *x)
{
    uint32_t p = g->n_classes, a = pair / p, b = pair % p;
    for (uint32_t j = 0; j < 2 * p; j++) x[j] = 0.0;
    x[a] = 1.0;
    x[p + b] = 1.0;
    return (a + b) % p;
}

/* The label of row i of a part where it does not depend on the seed. */
SVK_FN uint32_t svk_row_label(const svk_generator *g, uint64_t i)
{
    return g->kind == SVK_GENERATOR_MODULAR_ADDITION
               ? (uint32_t)((i / g->n_classes + i % g->n_classes) % g->n_classes)
               : (uint32_t)(i % g->n_classes);
}

SVK_FN int svk_has_drawn_labels(const svk_generator *g)
{
    return g->kind == SVK_GENERATOR_PARITY ||
           (g->kind == SVK_GENERATOR_MODULAR_ADDITION && g->n_points > 0);
}

#endif
