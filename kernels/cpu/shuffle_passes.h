/* The first pass of the shuffle over consecutive places. */
#ifndef SVK_SHUFFLE_PASSES_H
#define SVK_SHUFFLE_PASSES_H

#include "lanes.h"
#include "shuffle.h"

#ifdef SVK_SIMD_AVX512
/* Four vectors of places at a time: a vector alone waits for its multiplications, of which each
 * needs the one before. */
enum { N_PASSING = 4, PASSED_AT_ONCE = 16 * N_PASSING };

SVK_FN void add_round(const svk_shuffle *s, int round, const __m512i *from, uint32_t n_bits,
                      __m512i *to)
{
    __m512i a = _mm512_set1_epi32((int32_t)s->multiplier[round]);
    __m512i b = _mm512_set1_epi32((int32_t)s->addend[round]);
    __m512i shift = _mm512_set1_epi32(32 - (int32_t)n_bits);
    for (int q = 0; q < N_PASSING; q++) {
        __m512i hash = _mm512_add_epi32(_mm512_mullo_epi32(a, from[q]), b);
        to[q] = _mm512_xor_epi32(to[q], _mm512_srlv_epi32(hash, shift));
    }
}

/* svk_shuffle_pass of first .. first + PASSED_AT_ONCE - 1. */
SVK_FN void pass_many(const svk_shuffle *s, uint32_t first, uint32_t *place)
{
    const __m512i count = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i low_bits = _mm512_set1_epi32((int32_t)s->low_bits);
    const __m512i low_mask = _mm512_set1_epi32((int32_t)((1u << s->low_bits) - 1u));
    __m512i high[N_PASSING], low[N_PASSING];
    for (int q = 0; q < N_PASSING; q++) {
        __m512i value = _mm512_add_epi32(count, _mm512_set1_epi32((int32_t)first + 16 * q));
        high[q] = _mm512_srlv_epi32(value, low_bits);
        low[q] = _mm512_and_si512(value, low_mask);
    }
    for (int r = 0; r < SVK_FEISTEL_ROUNDS; r += 2) {
        add_round(s, r, low, s->high_bits, high);
        add_round(s, r + 1, high, s->low_bits, low);
    }
    for (int q = 0; q < N_PASSING; q++)
        _mm512_storeu_si512(place + 16 * q,
                            _mm512_or_si512(_mm512_sllv_epi32(high[q], low_bits), low[q]));
}
#else
enum { PASSED_AT_ONCE = 16 };

SVK_FN void pass_many(const svk_shuffle *s, uint32_t first, uint32_t *place)
{
    for (uint32_t i = 0; i < PASSED_AT_ONCE; i++) place[i] = svk_shuffle_pass(s, first + i);
}
#endif

/* place[i] = svk_shuffle_pass(first + i), i < n. */
SVK_FN void pass_all(const svk_shuffle *shuffle, uint32_t first, uint32_t n, uint32_t *place)
{
    const svk_shuffle s = *shuffle;
    uint32_t i = 0;
    for (; i + PASSED_AT_ONCE <= n; i += PASSED_AT_ONCE) pass_many(&s, first + i, place + i);
    for (; i < n; i++) place[i] = svk_shuffle_pass(&s, first + i);
}

#endif
