/* The butterfly against a simulated warp, the compensated sum against the exact one, both with
 * empty parts and over several lanes at once. */
#include <criterion/criterion.h>

#include "part_sum.h"
#include "philox.h"

enum { WARP = 32, N_LANES = 5, N_DRAWS = 2000 };

static float draw_part(uint64_t i)
{
    svk_block b = svk_draw_block(5, 0, 0, i);
    float size = ldexpf(1.0f + svk_uniform(b.word[0]), (int)svk_below(b.word[1], 24) - 12);
    return (b.word[2] & 1u) != 0 ? -size : size;
}

/* Every lane adds its neighbour's value to its own, masks n/2 down to 1; returns lane `lane`. */
static float warp_butterfly(const float *part, uint32_t present, int n_parts, int lane)
{
    float value[WARP], next[WARP];
    int is_there[WARP], is_next[WARP];
    for (int l = 0; l < n_parts; l++) {
        value[l] = part[l];
        is_there[l] = present >> l & 1u;
    }
    for (int mask = n_parts / 2; mask > 0; mask /= 2) {
        for (int l = 0; l < n_parts; l++) {
            float theirs = value[l ^ mask];
            next[l] = !is_there[l ^ mask] ? value[l] : is_there[l] ? value[l] + theirs : theirs;
            is_next[l] = is_there[l] || is_there[l ^ mask];
        }
        memcpy(value, next, sizeof value);
        memcpy(is_there, is_next, sizeof is_there);
    }
    return value[lane];
}

/* n_lanes columns of parts, each with draws of its own. */
static void draw_parts(float *part, uint64_t draw, int n_parts)
{
    for (int i = 0; i < n_parts * N_LANES; i++)
        part[i] =
            draw_part((draw * WARP + (uint64_t)i / N_LANES) * N_LANES + (uint64_t)i % N_LANES);
}

static void column_of(const float *part, int lane, int n_parts, float *column)
{
    for (int p = 0; p < n_parts; p++) column[p] = part[p * N_LANES + lane];
}

/* At least one part. */
static uint32_t draw_present(uint64_t draw, int n_parts)
{
    uint32_t all = n_parts == 32 ? 0xffffffffu : (1u << n_parts) - 1u;
    svk_block b = svk_draw_block(6, 0, 0, draw);
    uint32_t some = b.word[0] & all;
    return draw % 2 == 0 || some == 0 ? all : some;
}

static void expect_warp_order(uint64_t draw, int n_parts)
{
    float part[WARP * N_LANES], before[WARP * N_LANES], column[WARP];
    uint32_t present = draw_present(draw, n_parts);
    draw_parts(before, draw, n_parts);
    memcpy(part, before, sizeof part);
    svk_combine_butterfly_f32(part, n_parts, N_LANES, present);
    for (int l = 0; l < N_LANES; l++) {
        column_of(before, l, n_parts, column);
        for (int lane = 0; lane < n_parts; lane++)
            cr_assert_eq(svk_bits_f32(part[l]),
                         svk_bits_f32(warp_butterfly(column, present, n_parts, lane)));
    }
}

Test(part_sum, butterfly_is_what_every_lane_of_a_warp_gets)
{
    for (uint64_t draw = 0; draw < N_DRAWS; draw++)
        for (int n_parts = 1; n_parts <= WARP; n_parts *= 2) expect_warp_order(draw, n_parts);
}

Test(part_sum, butterfly_pairs_halves)
{
    /* 2^24 + 1 is 2^24 in binary32: the tree of neighbours would give 2^24 + 2 */
    float part[4] = {0x1p+24f, 1.0f, 1.0f, 1.0f};
    svk_combine_butterfly_f32(part, 4, 1, 0xfu);
    cr_expect_eq(part[0], 0x1p+24f + 2.0f);
    float other[4] = {0x1p+24f, 0.0f, 1.0f, 1.0f};
    svk_combine_butterfly_f32(other, 4, 1, 0xfu);
    cr_expect_eq(other[0], 0x1p+24f);
    /* an empty part is not added: -0 stays -0 */
    float zero[4] = {0.0f, -0.0f, 0.0f, 0.0f};
    svk_combine_butterfly_f32(zero, 4, 1, 0x2u);
    cr_expect(signbit(zero[0]) != 0);
}

Test(part_sum, butterfly_fp64)
{
    double part[4] = {0x1p+53, 0.0, 1.0, 1.0}, split[4] = {0x1p+53, 1.0, 0.0, 1.0};
    svk_combine_butterfly_f64(part, 4, 1, 0xfu);
    cr_expect_eq(part[0], 0x1p+53);
    svk_combine_butterfly_f64(split, 4, 1, 0xfu);
    cr_expect_eq(split[0], 0x1p+53 + 2.0);
    double left[8] = {9.0, 9.0, 1.0, 2.0, 9.0, 9.0, 4.0, 8.0};
    svk_combine_butterfly_f64(left, 4, 2, 0xau);
    cr_expect_eq(left[0], 5.0);
    cr_expect_eq(left[1], 10.0);
}

/* ---- compensated ---- */

/* Exact: the parts are multiples of 2^-35 below 2^12. */
static double exact_sum(const float *column, uint32_t present, int n_parts)
{
    double sum = 0;
    for (int p = 0; p < n_parts; p++) sum += (present >> p & 1u) != 0 ? (double)column[p] : 0.0;
    return sum;
}

static void expect_compensated(uint64_t draw, int n_parts)
{
    float part[WARP * N_LANES], before[WARP * N_LANES], column[WARP], lost[N_LANES];
    uint32_t present = draw_present(draw, n_parts);
    draw_parts(before, draw, n_parts);
    memcpy(part, before, sizeof part);
    svk_combine_compensated_f32(part, n_parts, N_LANES, present, lost);
    for (int l = 0; l < N_LANES; l++) {
        column_of(before, l, n_parts, column);
        double exact = exact_sum(column, present, n_parts), sizes = 0;
        for (int p = 0; p < n_parts; p++) sizes += fabs((double)column[p]);
        double bound = fabs(exact) * 0x1.01p-24 + n_parts * n_parts * 0x1p-48 * sizes;
        cr_assert_leq(fabs((double)part[l] - exact), bound, "%a, not %a", (double)part[l], exact);
    }
}

Test(part_sum, compensated_is_close_to_exact)
{
    for (uint64_t draw = 0; draw < N_DRAWS; draw++)
        for (int n_parts = 1; n_parts <= WARP; n_parts += 1 + n_parts / 3)
            expect_compensated(draw, n_parts);
}

/* Neumaier's own example, on which Kahan's sum fails, and the order of empty parts. */
Test(part_sum, compensated_keeps_what_is_lost)
{
    float part[5] = {7.0f, 1.0f, 0x1p+100f, 1.0f, -0x1p+100f}, lost;
    svk_combine_compensated_f32(part, 5, 1, 0x1eu, &lost);
    cr_expect_eq(part[0], 2.0f);
    double wide[4] = {1.0, 0x1p+900, 1.0, -0x1p+900}, wide_lost;
    svk_combine_compensated_f64(wide, 4, 1, 0xfu, &wide_lost);
    cr_expect_eq(wide[0], 2.0);
    float single[3] = {1.0f, -0.0f, 2.0f};
    svk_combine_compensated_f32(single, 3, 1, 0x2u, &lost);
    cr_expect_eq(single[0], 0.0f);
}
