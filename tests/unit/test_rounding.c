/* Rounding to 16-bit formats and tf32: every value of a format, every midpoint, the neighbours of
 * both and a point drawn from every gap. */
#include <criterion/criterion.h>

#include "philox.h"
#include "rounding.h"

typedef struct format {
    const char *name;
    float (*round)(float x);
    int n_fraction_bits, lowest_exponent; /* of the smallest normal number */
    uint32_t n_finite;                    /* values from 0 up */
} format;

static float to_fp16(float x) { return svk_round_fp16(x); }
static float to_bf16(float x) { return svk_round_bf16(x); }
static float to_tf32(float x) { return svk_round_tf32(x); }

static const format fp16 = {"fp16", to_fp16, 10, -14, 31u << 10},
                    bf16 = {"bf16", to_bf16, 7, -126, 255u << 7},
                    tf32 = {"tf32", to_tf32, 10, -126, 255u << 10};

/* Value number i of a format, ascending from 0: what its bit pattern i means. Number n_finite is
 * what the first infinity would be if the exponents went on. */
static double value_at(const format *f, uint32_t i)
{
    uint32_t n = 1u << f->n_fraction_bits, exponent = i / n, fraction = i % n;
    int power = f->lowest_exponent - f->n_fraction_bits;
    if (exponent == 0) return ldexp((double)fraction, power);
    return ldexp((double)(n + fraction), power + (int)exponent - 1);
}

static void expect_one(const format *f, double x, double rounded)
{
    float y = f->round((float)x);
    cr_assert_eq((double)(float)x, x);
    cr_assert_eq(svk_bits_f32(y), svk_bits_f32((float)rounded), "%s(%a) = %a, should be %a",
                 f->name, x, (double)y, rounded);
}

static void expect_rounded(const format *f, double x, double rounded)
{
    expect_one(f, x, rounded);
    expect_one(f, -x, -rounded);
}

static double neighbour(double x, double towards)
{
    return (double)nextafterf((float)x, (float)towards);
}

/* The gap between value i and the next: ties go to the even pattern. */
static void check_gap(const format *f, uint32_t i)
{
    double low = value_at(f, i), above = value_at(f, i + 1);
    double high = i + 1 == f->n_finite ? INFINITY : above;
    double middle = (low + above) / 2, u = (double)svk_uniform(svk_draw(7, 0, 0, i));
    double drawn = (double)(float)(low + u * (above - low));
    expect_rounded(f, low, low);
    expect_rounded(f, middle, i % 2 == 0 ? low : high);
    if (middle - low >= 0x1p-149) expect_rounded(f, neighbour(middle, 0.0), low);
    expect_rounded(f, neighbour(middle, INFINITY), high);
    if (drawn != middle && drawn < above) expect_rounded(f, drawn, drawn < middle ? low : high);
}

static void check_format(const format *f)
{
    for (uint32_t i = 0; i < f->n_finite; i++) check_gap(f, i);
    expect_rounded(f, 0x1.fffffep+127, INFINITY);
    expect_rounded(f, INFINITY, INFINITY);
    for (uint32_t payload = 1; payload < 0x800000u; payload += 12345)
        for (uint32_t sign = 0; sign < 2; sign++) {
            float nan = svk_from_bits_f32(sign << 31 | 0x7f800000u | payload);
            cr_assert_eq(svk_bits_f32(f->round(nan)), 0x7fc00000u);
        }
}

Test(rounding, fp16) { check_format(&fp16); }
Test(rounding, bf16) { check_format(&bf16); }
Test(rounding, tf32) { check_format(&tf32); }

Test(rounding, largest_and_smallest)
{
    cr_expect_eq(svk_round_fp16(65519.996f), 65504.0f);
    cr_expect_eq(svk_round_fp16(65520.0f), INFINITY);
    cr_expect_eq(svk_round_fp16(0x1p-25f), 0.0f);
    cr_expect_eq(svk_round_fp16(0x1.000002p-25f), 0x1p-24f);
    cr_expect_eq(svk_round_fp16(0x1.ffep-15f), 0x1p-14f);
    cr_expect_eq(svk_round_bf16(0x1p-134f), 0.0f);
    cr_expect_eq(svk_round_bf16(0x1.8p-134f), 0x1p-133f);
    cr_expect_eq(svk_round_tf32(0x1.001p+0f), 1.0f);
    cr_expect_eq(svk_round_tf32(0x1.003p+0f), 0x1.004p+0f);
}
