/* Data drawn from the `data` source: half moons and a noisy linear function. docs/numerics.md
 * states every operation.
 */
#ifndef SVI_GENERATORS_H
#define SVI_GENERATORS_H

#include <stdint.h>

/* Philox parts of the `data` stream: the rows, and the fresh test rows beside them. */
enum { SVI_PART_ROWS = 0, SVI_PART_FRESH = 1 };

/* Two half circles with radius 1, label i & 1 for row i. Row i takes block i of its part: word 0 is
 * the place t in [0, 1) along the half circle, words 2 and 3 a normal pair (z0, z1); word 1 is not
 * used. label 0: x = (cos pi t, sin pi t); label 1: x = (1 - cos pi t, 0.5 - sin pi t); then x =
 * fma(noise, z, x). x: [n][2], y: [n]. */
void svi_moons_draw(uint64_t seed, uint32_t part, uint64_t n, double noise, double *x, double *y);
int svi_moons_label(uint64_t row);

/* Features uniform on [-1, 1), target their sum plus noise. Row i takes ceil((n_features + 2) / 4)
 * blocks of its part, from i times that number on: words 0 and 1 are a normal pair, of which z0 is
 * used; word 2 + j gives feature j = fma(2, u, -1). y = fma(noise, z0, s); s starts at +0 and adds
 * the features, j ascending. x: [n][n_features], y: [n]. */
void svi_linear_draw(uint64_t seed, uint32_t part, uint64_t n, uint64_t n_features, double noise,
                     double *x, double *y);

#endif
