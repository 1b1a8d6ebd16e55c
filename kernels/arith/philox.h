/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011)
 * with cuRAND's layout of the counter. A word is addressed by (seed, stream, part, element): the
 * seed of the source is the key; the source's number and what is drawn (tensor or epoch) are the
 * subsequence, i.e. the upper half of the counter; the element counts words. curand_init(seed,
 * (uint64_t)stream << 32 | part, element) followed by curand() gives the same word. */
#ifndef SVK_PHILOX_H
#define SVK_PHILOX_H

#include "arith.h"
#include "vocabulary.h"

typedef struct svk_block {
    uint32_t word[4];
} svk_block;

SVK_FN svk_block svk_philox(uint32_t key0, uint32_t key1, uint32_t c0, uint32_t c1, uint32_t c2,
                            uint32_t c3)
{
    svk_block out;
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0;
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ key0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ key1;
        c3 = (uint32_t)p0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    out.word[0] = c0;
    out.word[1] = c1;
    out.word[2] = c2;
    out.word[3] = c3;
    return out;
}

/* Four consecutive words: elements 4 * block .. 4 * block + 3. */
SVK_FN svk_block svk_draw_block(uint64_t seed, uint32_t stream, uint32_t part, uint64_t block)
{
    return svk_philox((uint32_t)seed, (uint32_t)(seed >> 32), (uint32_t)block,
                      (uint32_t)(block >> 32), part, stream);
}

SVK_FN uint32_t svk_draw(uint64_t seed, uint32_t stream, uint32_t part, uint64_t element)
{
    svk_block b = svk_draw_block(seed, stream, part, element >> 2);
    uint32_t lane = (uint32_t)element & 3u;
    return lane == 0 ? b.word[0] : lane == 1 ? b.word[1] : lane == 2 ? b.word[2] : b.word[3];
}

/* [0, 1) in steps of 2^-24, exact in binary32. */
SVK_FN float svk_uniform(uint32_t word) { return (float)(int32_t)(word >> 8) * 0x1p-24f; }

/* 0..n-1, by multiplication: the share of a value errs by less than n * 2^-32. n >= 1. */
SVK_FN uint32_t svk_below(uint32_t word, uint32_t n)
{
    return (uint32_t)(((uint64_t)word * n) >> 32);
}

#endif
