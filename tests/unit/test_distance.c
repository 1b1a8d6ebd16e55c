/* Bit patterns as numbers, and two sets of parameters against each other. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "distance.h"

static uint64_t bits_f32(float x) { return svk_bits_f32(x); }

Test(distance, neighbours_are_one_apart_on_the_whole_line)
{
    static const float values[] = {-FLT_MAX, -1.0f, -FLT_MIN, -0x1p-149f, 0x1p-149f, 1.0f, 3e38f};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        float up = nextafterf(values[i], INFINITY);
        if (up == 0) up = -0.0f; /* -0 stands before +0 */
        cr_expect_eq(svk_ulps_apart(bits_f32(values[i]), bits_f32(up), 32), 1, "%g",
                     (double)values[i]);
        double wide = (double)values[i], above = nextafter(wide, INFINITY);
        cr_expect_eq(svk_ulps_apart(svk_bits_f64(wide), svk_bits_f64(above), 64), 1, "%g", wide);
    }
    cr_expect_eq(svk_ulps_apart(bits_f32(-0.0f), bits_f32(0.0f), 32), 1);
    cr_expect_eq(svk_ulps_apart(bits_f32(1.0f), bits_f32(2.0f), 32), 1 << 23);
    cr_expect_eq(svk_ulps_apart(bits_f32(-0x1p-149f), bits_f32(0x1p-149f), 32), 3);
}

Test(distance, the_order_is_that_of_the_values_and_can_be_undone)
{
    static const float ascending[] = {-INFINITY, -2.5f, -0x1p-149f, -0.0f, 0.0f, 0x1p-149f, 7.0f};
    for (size_t i = 0; i < sizeof ascending / sizeof *ascending; i++) {
        uint64_t bits = bits_f32(ascending[i]), wide = svk_bits_f64((double)ascending[i]);
        cr_expect_eq(svk_bits_of_ordered(svk_ordered_bits(bits, 32), 32), bits);
        cr_expect_eq(svk_bits_of_ordered(svk_ordered_bits(wide, 64), 64), wide);
        if (i == 0) continue;
        cr_expect_gt(svk_ordered_bits(bits, 32), svk_ordered_bits(bits_f32(ascending[i - 1]), 32));
        cr_expect_gt(svk_ordered_bits(wide, 64),
                     svk_ordered_bits(svk_bits_f64((double)ascending[i - 1]), 64));
    }
}

Test(distance, counts_by_ulp_and_by_bit)
{
    svk_distance d;
    memset(&d, 0, sizeof d);
    svk_distance_add(&d, 0x3f800000, 0x3f800000, 32); /* equal */
    svk_distance_add(&d, 0x3f800001, 0x3f800000, 32); /* 1, bit 0 */
    svk_distance_add(&d, 0x3f800003, 0x3f800000, 32); /* 3, bits 0 and 1 */
    svk_distance_add(&d, 0x3f800000, 0x3f7fffff, 32); /* 1, and 24 bits */
    svk_distance_add(&d, 0x00000000, 0x80000000, 32); /* 1, the sign */
    cr_expect_eq(d.ulps[0], 1);
    cr_expect_eq(d.ulps[1], 3);
    cr_expect_eq(d.ulps[2], 1);
    cr_expect_eq(d.max_ulp, 3);
    cr_expect_eq(d.bits[0], 3);
    cr_expect_eq(d.bits[1], 2);
    cr_expect_eq(d.bits[23], 1);
    cr_expect_eq(d.bits[24], 0);
    cr_expect_eq(d.bits[31], 1);
    cr_expect_eq(svk_ulp_class(UINT64_MAX), 64);
    cr_expect_eq(svk_ulp_class(7), 3);
    cr_expect_eq(svk_ulp_class(8), 4);
}
