/* exp, log, tanh, sine and cosine against MPFR: binary32 correctly rounded, binary64 within one to
 * three units. tests/elementary/exhaustive.c does every binary32 input. */
#include <criterion/criterion.h>
#include <float.h>
#include <inttypes.h>
#include <stdio.h>

#include "elementary.h"
#include "mpfr_reference.h"
#include "philox.h"

enum { N_RANDOM_F32 = 50000, N_RANDOM_F64 = 50000 };

static float exp_f32(float x) { return svk_exp_f32(x); }
static float log_f32(float x) { return svk_log_f32(x); }
static float tanh_f32(float x) { return svk_tanh_f32(x); }

static float sinpi_f32(float x)
{
    float sine, cosine;
    svk_sincospi_f32(x, &sine, &cosine);
    return sine;
}

static float cospi_f32(float x)
{
    float sine, cosine;
    svk_sincospi_f32(x, &sine, &cosine);
    return cosine;
}

typedef struct function_f32 {
    const char *name;
    float (*ours)(float x);
    mpfr_function exact;
    double low, high; /* where results are neither 0, 1 nor infinite */
    int n_hard;       /* in tests/kat/elementary_hard_cases.txt */
} function_f32;

enum { EXP, TANH, LOG, SINPI, COSPI, N_FUNCTIONS };
static const function_f32 functions_f32[N_FUNCTIONS] = {
    {"exp", exp_f32, mpfr_exp, -110.0, 95.0, 186},
    {"tanh", tanh_f32, mpfr_tanh, -10.0, 10.0, 92},
    {"log", log_f32, mpfr_log, 0.0, 4.0, 690},
    {"sinpi", sinpi_f32, mpfr_sinpi, -4.0, 4.0, 346},
    {"cospi", cospi_f32, mpfr_cospi, -4.0, 4.0, 122}};

static bool is_same_f32(float a, float b)
{
    return svk_bits_f32(a) == svk_bits_f32(b) || (isnan(a) && isnan(b));
}

static void expect_rounded(const function_f32 *f, float x)
{
    float y = f->ours(x), right = reference_f32(f->exact, x);
    cr_expect(is_same_f32(y, right), "%s(%a) = %a, should be %a", f->name, (double)x, (double)y,
              (double)right);
}

/* Uniform on [low, high), in steps of 2^-64 of its length. */
static double draw_between(uint32_t part, uint64_t i, double low, double high)
{
    svk_block b = svk_draw_block(1, 0, part, i);
    double u = fma((double)b.word[0], 0x1p-32, (double)b.word[1] * 0x1p-64);
    return fma(u, high - low, low);
}

/* Any bit pattern with exponent field low .. high - 1, of either sign. */
static double draw_magnitude(uint32_t part, uint64_t i, uint32_t low, uint32_t high)
{
    svk_block b = svk_draw_block(1, 1, part, i);
    uint64_t exponent = low + svk_below(b.word[0], high - low);
    uint64_t fraction = (uint64_t)(b.word[1] & 0xfffffu) << 32 | b.word[2];
    return svk_from_bits_f64((uint64_t)(b.word[3] & 1u) << 63 | exponent << 52 | fraction);
}

/* ---- binary32 ---- */

/* The neighbours on both sides, too. */
static void expect_rounded_around(const function_f32 *f, float x)
{
    expect_rounded(f, x);
    expect_rounded(f, nextafterf(x, INFINITY));
    expect_rounded(f, nextafterf(x, -INFINITY));
}

Test(elementary, special_values_f32)
{
    /* ends of the range, of normal and of subnormal results, where the arguments are clamped, where
     * tanh is 1, where sine and cosine are 0 or 1, where every number is whole, then even */
    const float special[] = {0.0f,     0x1p-149f, FLT_MIN,       0x1p-25f, 0x1p-24f,      0x1p-12f,
                             0.5f,     1.0f,      0x1.62e43p-2f, 9.0f,     9.0109f,       11.0f,
                             22.0f,    44.0f,     87.336f,       88.376f,  0x1.62e43p+6f, 89.0f,
                             103.278f, 103.972f,  104.0f,        105.0f,   0x1p+30f,      0x1p+31f,
                             FLT_MAX,  0.25f,     1.5f,          2.0f,     2.5f,          3.0f,
                             3.5f,     0x1p+22f,  0x1p+23f,      0x1p+24f};
    for (size_t f = 0; f < N_FUNCTIONS; f++) {
        for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
            expect_rounded_around(&functions_f32[f], special[i]);
            expect_rounded_around(&functions_f32[f], -special[i]);
        }
        expect_rounded_around(&functions_f32[f], -0.0f);
        expect_rounded(&functions_f32[f], INFINITY);
        expect_rounded(&functions_f32[f], -INFINITY);
        expect_rounded(&functions_f32[f], NAN);
    }
}

Test(elementary, random_f32)
{
    for (uint32_t f = 0; f < N_FUNCTIONS; f++)
        for (uint64_t i = 0; i < N_RANDOM_F32; i++) {
            const function_f32 *one = &functions_f32[f];
            double wide = draw_magnitude(10 + f, i, 1023 - 150, 1023 + 24);
            expect_rounded(one,
                           (float)(i % 2 == 0 ? wide : draw_between(f, i, one->low, one->high)));
        }
}

Test(elementary, subnormal_results_f32)
{
    for (uint64_t i = 0; i < N_RANDOM_F32 / 2; i++)
        expect_rounded(&functions_f32[EXP], (float)draw_between(1, i, -104.5, -87.0));
}

static int function_called(const char *name)
{
    for (int f = 0; f < N_FUNCTIONS; f++)
        if (strcmp(functions_f32[f].name, name) == 0) return f;
    cr_assert_fail("no function is called %s", name);
    return -1;
}

/* Inputs whose result lies nearest to the middle of two binary32 numbers. */
Test(elementary, hard_cases_f32)
{
    char line[128], name[8];
    int n[N_FUNCTIONS] = {0};
    uint32_t in, out;
    FILE *file = fopen(SVI_SOURCE_DIR "/tests/kat/elementary_hard_cases.txt", "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#') continue;
        cr_assert_eq(sscanf(line, "%7s %" SCNx32 " %" SCNx32, name, &in, &out), 3, "%s", line);
        int f = function_called(name);
        float y = functions_f32[f].ours(svk_from_bits_f32(in));
        cr_expect_eq(svk_bits_f32(y), out, "%s(%a) = %a", name, (double)svk_from_bits_f32(in),
                     (double)y);
        n[f]++;
    }
    fclose(file);
    for (int f = 0; f < N_FUNCTIONS; f++)
        cr_expect_eq(n[f], functions_f32[f].n_hard, "%s: %d", functions_f32[f].name, n[f]);
}

/* ---- binary64: the limits lie above the worst of some millions of inputs (exp 0.87, log 2.00,
 * tanh 2.50, sine and cosine 1.79) by little ---- */

static double exp_f64(double x) { return svk_exp_f64(x); }
static double log_f64(double x) { return svk_log_f64(x); }
static double tanh_f64(double x) { return svk_tanh_f64(x); }

static double sinpi_f64(double x)
{
    double sine, cosine;
    svk_sincospi_f64(x, &sine, &cosine);
    return sine;
}

static double cospi_f64(double x)
{
    double sine, cosine;
    svk_sincospi_f64(x, &sine, &cosine);
    return cosine;
}

typedef struct function_f64 {
    const char *name;
    double (*ours)(double x);
    mpfr_function exact;
} function_f64;

static const function_f64 of_exp = {"exp", exp_f64, mpfr_exp}, of_log = {"log", log_f64, mpfr_log},
                          of_tanh = {"tanh", tanh_f64, mpfr_tanh},
                          of_sinpi = {"sinpi", sinpi_f64, mpfr_sinpi},
                          of_cospi = {"cospi", cospi_f64, mpfr_cospi};

typedef struct worst {
    double error_ulp, x;
} worst;

static void measure(const function_f64 *f, double x, worst *w)
{
    double error = error_ulp_f64(f->exact, x, f->ours(x));
    if (error > w->error_ulp) *w = (worst){error, x};
}

static void expect_within(const function_f64 *f, worst w, double limit_ulp)
{
    cr_expect_leq(w.error_ulp, limit_ulp, "%s(%a) errs by %g ulp, more than %g", f->name, w.x,
                  w.error_ulp, limit_ulp);
    cr_log_info("%s: %.4f ulp at %a", f->name, w.error_ulp, w.x);
}

Test(elementary, exp_f64)
{
    const double special[] = {0.0,
                              -0.0,
                              1.0,
                              -1.0,
                              709.782712893384,
                              709.7827128933841,
                              -708.3964185322641,
                              710.0,
                              1e300,
                              -1e300,
                              -746.0,
                              -745.13321910194110,
                              -745.13321910194123,
                              INFINITY,
                              NAN,
                              DBL_MIN,
                              -INFINITY};
    worst w = {0, 0};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) measure(&of_exp, special[i], &w);
    for (uint64_t i = 0; i < N_RANDOM_F64; i++) {
        measure(&of_exp, draw_between(2, i, -746.0, 710.0), &w);
        measure(&of_exp, draw_magnitude(2, i, 1023 - 60, 1023 + 6), &w);
    }
    expect_within(&of_exp, w, 1.0);
}

Test(elementary, log_f64)
{
    const double special[] = {0.0,
                              -0.0,
                              1.0,
                              -1.0,
                              0x1p-1074,
                              DBL_MIN,
                              DBL_MAX,
                              INFINITY,
                              -INFINITY,
                              NAN,
                              2.0,
                              0.5,
                              1.0 + DBL_EPSILON,
                              1.0 - DBL_EPSILON / 2,
                              0x1.6a09e667f3bcdp-1,
                              0x1.6a09e667f3bccp-1};
    worst w = {0, 0};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) measure(&of_log, special[i], &w);
    for (uint64_t i = 0; i < N_RANDOM_F64; i++) {
        measure(&of_log, fabs(draw_magnitude(3, i, 0, 2047)), &w);
        measure(&of_log, draw_between(3, i, 0.25, 4.0), &w);
        measure(&of_log, 1.0 + draw_magnitude(4, i, 1023 - 52, 1023 - 3), &w);
    }
    expect_within(&of_log, w, 2.25);
}

Test(elementary, tanh_f64)
{
    const double special[] = {0.0,  -0.0,  DBL_MIN, 0x1p-1074, -0x1p-1074, 19.0, 19.0615,
                              22.0, -22.0, 1e300,   INFINITY,  -INFINITY,  NAN};
    worst w = {0, 0};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) measure(&of_tanh, special[i], &w);
    for (uint64_t i = 0; i < N_RANDOM_F64; i++) {
        measure(&of_tanh, draw_between(5, i, -23.0, 23.0), &w);
        measure(&of_tanh, draw_between(6, i, -1.5, 1.5), &w);
        measure(&of_tanh, draw_magnitude(5, i, 0, 1023 + 5), &w);
    }
    cr_expect(signbit(tanh_f64(-0.0)) != 0);
    expect_within(&of_tanh, w, 2.75);
}

Test(elementary, sine_and_cosine_of_pi_x)
{
    worst sine = {0, 0}, cosine = {0, 0};
    for (uint64_t i = 0; i < N_RANDOM_F64; i++) {
        double x =
            i % 2 == 0 ? draw_between(7, i, -4.0, 4.0) : draw_magnitude(7, i, 1023 - 60, 1023 + 29);
        measure(&of_sinpi, x, &sine);
        measure(&of_cospi, x, &cosine);
    }
    for (int i = -16; i <= 16; i++) {
        measure(&of_sinpi, i / 4.0, &sine);
        measure(&of_cospi, i / 4.0, &cosine);
    }
    expect_within(&of_sinpi, sine, 2.0);
    expect_within(&of_cospi, cosine, 2.0);
}
