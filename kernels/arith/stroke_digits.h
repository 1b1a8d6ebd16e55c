/* Digits drawn with a round pen along polylines, shifted, turned, stretched and slanted at random.
 * docs/numerics.md states the points and every operation. */
#ifndef SVK_STROKE_DIGITS_H
#define SVK_STROKE_DIGITS_H

#include "elementary.h"
#include "philox.h"

enum {
    SVK_STROKE_CLASSES = 10,
    SVK_STROKE_POINTS_MAX = 18,
    SVK_STROKE_LINES_MAX = 16,
    SVK_STROKE_SIZE_MAX = 28 /* pixels a side */
};

typedef struct svk_stroke_point {
    int8_t x, y;      /* 0..32 across and down a square */
    int8_t is_joined; /* a line leads here from the point before */
} svk_stroke_point;

/* Points of digit d: point[first[d] .. first[d+1]-1]. */
#define SVK_STROKES(X, START, LINE)                                                                \
    X(0, START(16, 4) LINE(19, 5) LINE(22, 9) LINE(23, 16) LINE(22, 23) LINE(19, 27) LINE(16, 28)  \
             LINE(13, 27) LINE(10, 23) LINE(9, 16) LINE(10, 9) LINE(13, 5) LINE(16, 4))            \
    X(1, START(11, 9) LINE(16, 4) LINE(16, 28))                                                    \
    X(2, START(9, 10) LINE(10, 7) LINE(13, 4) LINE(18, 4) LINE(22, 7) LINE(22, 12) LINE(19, 17)    \
             LINE(9, 28) LINE(23, 28))                                                             \
    X(3, START(9, 7) LINE(12, 4) LINE(18, 4) LINE(22, 7) LINE(22, 12) LINE(18, 15) LINE(14, 15)    \
             START(18, 15) LINE(22, 18) LINE(23, 22) LINE(21, 26) LINE(17, 28) LINE(12, 28)        \
                 LINE(9, 25))                                                                      \
    X(4, START(18, 4) LINE(8, 20) LINE(24, 20) START(19, 12) LINE(19, 28))                         \
    X(5, START(22, 4) LINE(11, 4) LINE(10, 14) LINE(14, 12) LINE(18, 12) LINE(22, 15) LINE(23, 20) \
             LINE(21, 25) LINE(17, 28) LINE(12, 28) LINE(9, 25))                                   \
    X(6, START(20, 5) LINE(15, 7) LINE(11, 13) LINE(9, 20) LINE(10, 25) LINE(14, 28) LINE(18, 28)  \
             LINE(22, 25) LINE(23, 20) LINE(21, 16) LINE(17, 14) LINE(13, 15) LINE(10, 18))        \
    X(7, START(9, 4) LINE(23, 4) LINE(14, 28))                                                     \
    X(8, START(16, 4) LINE(20, 5) LINE(22, 9) LINE(20, 13) LINE(16, 15) LINE(12, 13) LINE(10, 9)   \
             LINE(12, 5) LINE(16, 4) START(16, 15) LINE(21, 17) LINE(23, 22) LINE(21, 26)          \
                 LINE(16, 28) LINE(11, 26) LINE(9, 22) LINE(11, 17) LINE(16, 15))                  \
    X(9, START(12, 27) LINE(17, 25) LINE(21, 19) LINE(23, 12) LINE(22, 7) LINE(18, 4) LINE(14, 4)  \
             LINE(10, 7) LINE(9, 12) LINE(11, 16) LINE(15, 18) LINE(19, 17) LINE(22, 14))

/* A line of a digit as it lies after the distortion, the centre of the image at the origin and its
 * side 1 long. */
typedef struct svk_stroke_line {
    double x, y, dx, dy, inverse; /* start, way to the end, 1 / length squared */
} svk_stroke_line;

typedef struct svk_stroke_image {
    int n_lines;
    double half_width; /* of the pen */
    svk_stroke_line line[SVK_STROKE_LINES_MAX];
} svk_stroke_image;

/* Points of a digit; returns how many. */
SVK_FN int svk_stroke_points(uint32_t digit, svk_stroke_point point[SVK_STROKE_POINTS_MAX])
{
#define SVK_STROKE_START(x, y) {x, y, 0},
#define SVK_STROKE_LINE(x, y) {x, y, 1},
#define SVK_STROKE_CASE(d, points)                                                                 \
    case d: {                                                                                      \
        const svk_stroke_point list[] = {points};                                                  \
        memcpy(point, list, sizeof list);                                                          \
        return (int)(sizeof list / sizeof *list);                                                  \
    }
    switch (digit) {
        SVK_STROKES(SVK_STROKE_CASE, SVK_STROKE_START, SVK_STROKE_LINE)
    default: return 0;
    }
#undef SVK_STROKE_START
#undef SVK_STROKE_LINE
#undef SVK_STROKE_CASE
}

/* Blocks 0 and 1 of the row's words, each value uniform on [-distortion, distortion): shift right,
 * shift down, turn, width of the pen; width, height, slant. */
SVK_FN void svk_stroke_distort(uint64_t seed, uint32_t part, uint64_t first_block, uint32_t digit,
                               double distortion, svk_stroke_image *image)
{
    svk_stroke_point point[SVK_STROKE_POINTS_MAX];
    double v[8], sine, cosine, x0 = 0.0, y0 = 0.0;
    for (int half = 0; half < 2; half++) {
        svk_block b = svk_draw_block(seed, SVK_STREAM_DATA, part, first_block + (uint64_t)half);
        for (int k = 0; k < 4; k++)
            v[4 * half + k] = distortion * fma(2.0, (double)svk_uniform(b.word[k]), -1.0);
    }
    svk_sincospi_f64(0.0625 * v[2], &sine, &cosine);
    image->n_lines = 0;
    image->half_width = fma(0.015625, v[3], 0.0625);
    double width = fma(0.1875, v[4], 1.0), height = fma(0.1875, v[5], 1.0), slant = 0.25 * v[6];
    int n_points = svk_stroke_points(digit, point);
    for (int k = 0; k < n_points; k++) {
        double across = (double)(point[k].x - 16) * 0.03125;
        double down = (double)(point[k].y - 16) * 0.03125;
        double right = fma(-slant, down, width * across), low = height * down;
        double x = fma(cosine, right, fma(-sine, low, 0.09375 * v[0]));
        double y = fma(sine, right, fma(cosine, low, 0.09375 * v[1]));
        if (point[k].is_joined != 0) {
            svk_stroke_line *line = &image->line[image->n_lines++];
            line->x = x0;
            line->y = y0;
            line->dx = x - x0;
            line->dy = y - y0;
            line->inverse = 1.0 / fma(line->dx, line->dx, line->dy * line->dy);
        }
        x0 = x;
        y0 = y;
    }
}

/* The squared distance of a point to a line. */
SVK_FN double svk_stroke_distance(const svk_stroke_line *line, double x, double y)
{
    double ex = x - line->x, ey = y - line->y;
    double t = fma(ex, line->dx, ey * line->dy) * line->inverse;
    t = t < 0.0 ? 0.0 : t;
    t = t > 1.0 ? 1.0 : t;
    double fx = fma(-t, line->dx, ex), fy = fma(-t, line->dy, ey);
    return fma(fx, fx, fy * fy);
}

/* How dark a pixel is, 0 to 1, from the squared distance of its centre to the nearest line. */
SVK_FN double svk_stroke_ink(double half_width, uint32_t size, double square)
{
    double ink = fma((double)size, half_width - sqrt(square), 0.5);
    ink = ink > 0.0 ? ink : 0.0;
    return ink < 1.0 ? ink : 1.0;
}

/* The middle of pixel i of a side, from -1/2 to 1/2. */
SVK_FN double svk_stroke_pixel(uint32_t i, uint32_t size)
{
    return ((double)i + 0.5) / (double)size - 0.5;
}

#endif
