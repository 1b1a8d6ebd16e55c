/* Sums of the products of a dense layer's gradients on the binned and the fixed path, in AVX-512
 * registers, with the result of binned_sum.h and fixed_sum.h. The largest term is not looked for
 * beforehand: its bin is guessed to be that of the sum before, and a wrong guess is made good.
 *
 * In binary32 a binned sum is made in whole grains, as a fixed one is: half the instructions.
 * A grain is a power of two, a lane's own. The sum is kept modulo 2^64; with a sum of the terms in
 * binary64 beside it, which is right to far less than 2^63 grains, it is known as a whole.
 *
 * Why a binned sum is one of grains. Its two slices of a term, t = high * 2^32 + low grains of the
 * lower bin, are together the whole number of such grains nearest to t, ties to even: low is the
 * nearest to what high leaves, and 2^32 is even. */
#ifndef SVK_GRAIN_LANES_H
#define SVK_GRAIN_LANES_H

#include "fixed_sum.h"
#include "mlp_state.h"

/* What the largest term of each lane is taken to be before it is known. All zero: no guess yet. */
typedef struct bin_guess {
#if SVK_REAL_BITS == 32
    _Alignas(64) uint32_t first[LANES]; /* the least pattern of a magnitude in the highest bin */
    _Alignas(64) double factor[LANES];  /* grains of the lowest bin to a unit */
    _Alignas(64) double grain[LANES];   /* of the lowest bin */
#else
    _Alignas(64) int64_t top[LANES]; /* the highest bin */
    _Alignas(64) double anchor[N_BINS][LANES];
#endif
} bin_guess;

#ifdef SVK_SIMD_AVX512

typedef struct grain_sum {
    _Alignas(64) int64_t grains[LANES];  /* modulo 2^64 */
    _Alignas(64) double estimate[LANES]; /* of the sum itself, not in grains */
    _Alignas(64) real largest[LANES];    /* magnitude; NaN where a term is NaN */
} grain_sum;

enum { N_WIDE = LANES / 8 };

/* Eight values from memory, where the unit that loads widens them for nothing; by name, as the
 * compiler would rather take the halves of a register apart. */
#if SVK_REAL_BITS == 32
SVK_FN __m512d widen(const real *p)
{
    __m512d wide;
    __asm__("vcvtps2pd %1, %0" : "=v"(wide) : "m"(*(const __m256 *)p));
    return wide;
}
SVK_FN vreal larger_magnitude(vreal a, vreal b)
{
    __m512i size = _mm512_castps_si512(_mm512_abs_ps(b));
    return _mm512_castsi512_ps(_mm512_max_epu32(_mm512_castps_si512(a), size));
}
#else
SVK_FN __m512d widen(const real *p) { return _mm512_load_pd(p); }
SVK_FN vreal larger_magnitude(vreal a, vreal b)
{
    __m512i size = _mm512_castpd_si512(_mm512_abs_pd(b));
    return _mm512_castsi512_pd(_mm512_max_epu64(_mm512_castpd_si512(a), size));
}
#endif

/* a <= b in every lane */
SVK_FN int is_within(vreal a, vreal b)
{
#if SVK_REAL_BITS == 32
    return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ) == v_mask_all();
#else
    return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ) == v_mask_all();
#endif
}

/* The sums while they are made. */
typedef struct grain_registers {
    __m512i grains[N_WIDE];
    __m512d estimate[N_WIDE];
    vreal largest;
} grain_registers;

SVK_FN void add_term(grain_registers *r, const __m512d *factor, vreal term)
{
    _Alignas(64) real values[LANES];
    v_store(values, term);
    r->largest = larger_magnitude(r->largest, term);
    for (int w = 0; w < N_WIDE; w++) {
        __m512d wide = widen(values + 8 * w);
        __m512i whole = _mm512_cvtpd_epi64(_mm512_mul_pd(wide, factor[w]));
        r->estimate[w] = _mm512_add_pd(r->estimate[w], wide);
        r->grains[w] = _mm512_add_epi64(r->grains[w], whole);
    }
}

/* Over n terms from sample 0 on. factor: grains to a unit, [LANES]. Terms of 2^63 grains or more
 * give any number of grains. */
static void sum_grains(const term_source *from, uint32_t n, const double *factor, grain_sum *result)
{
    grain_registers r = {.largest = v_set1(0)};
    __m512d factors[N_WIDE];
    for (int w = 0; w < N_WIDE; w++) {
        r.grains[w] = _mm512_setzero_si512();
        r.estimate[w] = _mm512_setzero_pd();
        factors[w] = _mm512_load_pd(factor + 8 * w);
    }
    const real *d = from->d, *h = from->h;
    for (uint32_t b = 0; b < n; b += 4, d += from->d_group, h += from->h_group)
        for (uint32_t i = 0; i < 4 && i < n - b; i++)
            add_term(&r, factors, v_mul(v_load(d + i * LANES), v_load(h + i * LANES)));
    v_store(result->largest, r.largest);
    for (int w = 0; w < N_WIDE; w++) {
        _mm512_store_si512(result->grains + 8 * w, r.grains[w]);
        _mm512_store_pd(result->estimate + 8 * w, r.estimate[w]);
    }
}

/* The number of grains, rounded once; NaN where the estimate, in grains, is not finite. */
SVK_FN double whole_of_grains(int64_t grains, double estimate)
{
    const double rounder = 0x1.8p+52;
    double turns = ((estimate - (double)grains) * 0x1p-64 + rounder) - rounder;
    double high = turns * 0x1p+64 + (double)(grains >> 32) * 0x1p+32;
    return high + (double)(uint32_t)grains + (estimate - estimate);
}

/* The sum on the fixed path. Returns 0, and writes nothing, where a term is out of range. */
static int fixed_sum_of(const term_source *from, uint32_t n, int32_t scale, real *g)
{
    _Alignas(64) double factor[LANES];
    const real range = (real)svk_fixed_range(scale);
    const real inverse = (real)svk_fixed_factor(-scale);
    grain_sum sum;
    FOR_LANES(l) factor[l] = svk_fixed_factor(scale);
    sum_grains(from, n, factor, &sum);
    if (!is_within(v_load(sum.largest), v_set1(range))) return 0;
    FOR_LANES(l) g[l] = fixed_total(sum.grains[l], inverse);
    return 1;
}

#if SVK_REAL_BITS == 32

static void guess_bin(bin_guess *guess, int l, float largest)
{
    int32_t bin = svk_bin_of_f32(largest);
    guess->first[l] = svk_first_of_bin_f32(bin);
    guess->factor[l] = svk_bin_factor(bin - 1);
    guess->grain[l] = svk_bin_grain(bin - 1);
}

/* Whether some lane's largest term lies outside the bin that was guessed. Zero has no bin. */
static int is_guess_wrong(const bin_guess *guess, const float *largest)
{
    __m512i bits = _mm512_load_si512(largest), first = _mm512_load_si512(guess->first);
    __m512i patterns = _mm512_set1_epi32(SVK_BIN_PATTERNS_F32);
    __mmask16 is_outside = _mm512_cmpge_epu32_mask(_mm512_sub_epi32(bits, first), patterns);
    return _mm512_mask_test_epi32_mask(is_outside, bits, bits) != 0;
}

static void binned_totals(const grain_sum *restrict sum, const bin_guess *restrict guess,
                          float *restrict g)
{
    FOR_LANES(l)
    g[l] = (float)(whole_of_grains(sum->grains[l], sum->estimate[l] * guess->factor[l]) *
                   guess->grain[l]);
}

/* The sum on the binned path. Where the guess was wrong it is set right and the sum is made again.
 */
static void binned_sum_of(const term_source *from, uint32_t n, bin_guess *guess, float *g)
{
    grain_sum sum;
    for (int l = 0; l < LANES && guess->factor[l] == 0; l++) guess_bin(guess, l, 1);
    sum_grains(from, n, guess->factor, &sum);
    if (is_guess_wrong(guess, sum.largest)) {
        for (int l = 0; l < LANES; l++)
            if (sum.largest[l] != 0) guess_bin(guess, l, sum.largest[l]);
        sum_grains(from, n, guess->factor, &sum);
    }
    binned_totals(&sum, guess, g);
}

#else

static void guess_bin(bin_guess *guess, int l, double largest)
{
    int32_t bin = svk_bin_of_f64(largest);
    guess->top[l] = bin > N_BINS - 1 ? bin : N_BINS - 1;
    for (int k = 0; k < N_BINS; k++)
        guess->anchor[k][l] = svk_bin_anchor((int32_t)guess->top[l] - k);
}

/* The bins of the terms' sum, as svk_binned_deposit fills them. Returns the largest magnitudes. */
static __m512i sum_slices(const term_source *from, uint32_t n, const bin_guess *guess,
                          double (*bins)[LANES])
{
    __m512d anchor[N_BINS], bin[N_BINS];
    vreal largest = v_set1(0);
    for (int k = 0; k < N_BINS; k++) {
        anchor[k] = v_load(guess->anchor[k]);
        bin[k] = v_set1(0);
    }
    const real *d = from->d, *h = from->h;
    for (uint32_t b = 0; b < n; b += 4, d += from->d_group, h += from->h_group)
        for (uint32_t i = 0; i < 4 && i < n - b; i++) {
            vreal term = v_mul(v_load(d + i * LANES), v_load(h + i * LANES));
            largest = larger_magnitude(largest, term);
            for (int k = 0; k < N_BINS; k++) {
                vreal slice = v_sub(v_add(term, anchor[k]), anchor[k]);
                bin[k] = v_add(bin[k], slice);
                term = v_sub(term, slice);
            }
        }
    for (int k = 0; k < N_BINS; k++) v_store(bins[k], bin[k]);
    return _mm512_castpd_si512(largest);
}

/* Whether some lane's largest term lies outside the bin that was guessed. Zero has no bin. */
static int is_guess_wrong(const bin_guess *guess, __m512i largest)
{
    __m512i exponent = _mm512_srli_epi64(largest, 52), lowest = _mm512_set1_epi64(N_BINS - 1);
    __m512i bin = _mm512_srli_epi64(_mm512_add_epi64(exponent, _mm512_set1_epi64(25)), 5);
    __mmask8 is_other =
        _mm512_cmpneq_epi64_mask(_mm512_max_epi64(bin, lowest), _mm512_load_si512(guess->top));
    return _mm512_mask_test_epi64_mask(is_other, largest, largest) != 0;
}

/* The sum on the binned path. */
static void binned_sum_of(const term_source *from, uint32_t n, bin_guess *guess, double *g)
{
    _Alignas(64) double bin[N_BINS][LANES], largest[LANES];
    for (int l = 0; l < LANES && guess->top[l] == 0; l++) guess_bin(guess, l, 1);
    __m512i size = sum_slices(from, n, guess, bin);
    if (is_guess_wrong(guess, size)) {
        _mm512_store_si512(largest, size);
        for (int l = 0; l < LANES; l++)
            if (largest[l] != 0) guess_bin(guess, l, largest[l]);
        sum_slices(from, n, guess, bin);
    }
    FOR_LANES(l) g[l] = svk_binned_total_f64(bin[0][l], bin[1][l], bin[2][l]);
}

#endif

/* The sum of a dense layer's n terms. Returns 0, and writes nothing, where it cannot be made so. */
static int sum_in_grains(const svk_training *training, const term_source *from, uint32_t n,
                         bin_guess *guess, real *g)
{
    if (training->path == SVK_PATH_FIXED) return fixed_sum_of(from, n, training->fixed_scale, g);
    binned_sum_of(from, n, guess, g);
    return 1;
}

#else

static int sum_in_grains(const svk_training *training, const term_source *from, uint32_t n,
                         bin_guess *guess, real *g)
{
    (void)training, (void)from, (void)n, (void)guess, (void)g;
    return 0;
}

#endif

#endif
