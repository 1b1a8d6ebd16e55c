/* sigmoid, silu and gelu with their slopes: near the formulas worked in long double, slopes near
 * difference quotients, and the bits of tests/kat/activation.txt. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "activation.h"
#include "philox.h"

enum { N_INPUTS = 20000 };

typedef long double (*exact_function)(long double z);

static long double exact_sigmoid(long double z) { return 1 / (1 + expl(-z)); }
static long double exact_silu(long double z) { return z * exact_sigmoid(z); }

static long double exact_gelu(long double z)
{
    return 0.5L * z * (1 + tanhl(sqrtl(2 / acosl(-1)) * (z + 0.044715L * z * z * z)));
}

/* An error of the long double function of 2^-63 over a step of 2^-15 on both sides. */
static long double exact_slope(exact_function f, long double z)
{
    const long double step = 0x1p-16L;
    long double d1 = (f(z + step) - f(z - step)) / (2 * step);
    long double d2 = (f(z + 2 * step) - f(z - 2 * step)) / (4 * step);
    return (4 * d1 - d2) / 3;
}

static float sigmoid_f32(float z, float *slope)
{
    float h = svk_sigmoid_of_exp_f32(svk_exp_f32(-z));
    *slope = fmaf(-h, h, h);
    return h;
}

static double sigmoid_f64(double z, double *slope)
{
    double h = svk_sigmoid_of_exp_f64(svk_exp_f64(-z));
    *slope = fma(-h, h, h);
    return h;
}

static float silu_f32(float z, float *slope)
{
    return svk_silu_of_sigmoid_f32(z, svk_sigmoid_of_exp_f32(svk_exp_f32(-z)), slope);
}
static double silu_f64(double z, double *slope)
{
    return svk_silu_of_sigmoid_f64(z, svk_sigmoid_of_exp_f64(svk_exp_f64(-z)), slope);
}
static float gelu_f32(float z, float *slope)
{
    return svk_gelu_of_tanh_f32(z, svk_tanh_f32(svk_gelu_inner_f32(z)), slope);
}
static double gelu_f64(double z, double *slope)
{
    return svk_gelu_of_tanh_f64(z, svk_tanh_f64(svk_gelu_inner_f64(z)), slope);
}

typedef struct activation {
    const char *name;
    float (*ours_f32)(float z, float *slope);
    double (*ours_f64)(double z, double *slope);
    exact_function exact;
} activation;

static const activation activations[] = {{"sigmoid", sigmoid_f32, sigmoid_f64, exact_sigmoid},
                                         {"silu", silu_f32, silu_f64, exact_silu},
                                         {"gelu", gelu_f32, gelu_f64, exact_gelu}};
enum { N_ACTIVATIONS = sizeof activations / sizeof *activations };

static void expect_near(const char *name, double z, double ours, long double exact, double bound)
{
    cr_assert_leq((double)fabsl((long double)ours - exact), bound, "%s at %a: %a, not %.17Lg", name,
                  z, ours, exact);
}

static void check_at(const activation *a, double z)
{
    float narrow, z32 = (float)z;
    double wide, size = 1 + fabs(z);
    expect_near(a->name, z, a->ours_f64(z, &wide), a->exact(z), size * 0x1p-51);
    expect_near(a->name, z, wide, exact_slope(a->exact, z), size * 0x1p-42);
    expect_near(a->name, z, (double)a->ours_f32(z32, &narrow), a->exact(z32), size * 0x1p-22);
    expect_near(a->name, z, (double)narrow, exact_slope(a->exact, z32), size * 0x1p-21);
}

Test(activation, values_and_slopes_are_those_of_the_formulas)
{
    for (int a = 0; a < N_ACTIVATIONS; a++) {
        for (uint64_t i = 0; i < N_INPUTS; i++) {
            double u = (double)svk_draw(9, 0, (uint32_t)a, i) * 0x1p-31 - 1.0;
            check_at(&activations[a], i % 2 == 0 ? 12 * u : 2 * u);
        }
        check_at(&activations[a], 0.0);
    }
}

/* Far out, where exp overflows and the cubic term is large: still 0 or z, slopes 0 or 1. */
Test(activation, far_out)
{
    const float far[] = {20.0f, 90.0f, 1e4f, 1e12f, 1e18f};
    for (int a = 0; a < N_ACTIVATIONS; a++)
        for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
            float slope, right = a == 0 ? 1.0f : far[i];
            cr_expect_float_eq(activations[a].ours_f32(far[i], &slope), right, 1e-6f * right);
            cr_expect_float_eq(slope, a == 0 ? 0.0f : 1.0f, 1e-6f);
            cr_expect_float_eq(activations[a].ours_f32(-far[i], &slope), 0.0f, 1e-6f);
            cr_expect_float_eq(slope, 0.0f, 1e-6f);
        }
}

Test(activation, nan_stays_nan)
{
    for (int a = 0; a < N_ACTIVATIONS; a++) {
        float narrow;
        double wide;
        cr_expect(isnan(activations[a].ours_f32(NAN, &narrow)) && isnan(narrow));
        cr_expect(isnan(activations[a].ours_f64(NAN, &wide)) && isnan(wide));
    }
}

static const activation *activation_called(const char *name)
{
    for (int a = 0; a < N_ACTIVATIONS; a++)
        if (strcmp(activations[a].name, name) == 0) return &activations[a];
    cr_assert_fail("no activation is called %s", name);
    return NULL;
}

Test(activation, known_answers)
{
    char line[160], name[16];
    uint32_t in, value, slope;
    int n = 0;
    FILE *file = fopen(SVI_SOURCE_DIR "/tests/kat/activation.txt", "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        float narrow;
        if (line[0] == '#') continue;
        cr_assert_eq(
            sscanf(line, "%15s %" SCNx32 " %" SCNx32 " %" SCNx32, name, &in, &value, &slope), 4,
            "%s", line);
        float h = activation_called(name)->ours_f32(svk_from_bits_f32(in), &narrow);
        cr_expect_eq(svk_bits_f32(h), value, "%s", line);
        cr_expect_eq(svk_bits_f32(narrow), slope, "%s", line);
        n++;
    }
    fclose(file);
    cr_expect_geq(n, 60);
}
