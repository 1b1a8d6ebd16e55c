/* A shuffle of 0..n-1 as a keyed bijection: item i is found without building the permutation.
 *
 * For n > 64: twelve Feistel rounds over the smallest number of bits that holds n-1, the values
 * outside 0..n-1 walked over. A round adds a * R + b of the other half (its upper bits: a and b are
 * words, a is made odd), strongly universal hashing. Feistel rounds over a full power of two are
 * even permutations only, so a last keyed bit swaps places 0 and 1. For n <= 64, where such rounds
 * reach only a part of the permutations, a Fisher-Yates. */
#ifndef SVK_SHUFFLE_H
#define SVK_SHUFFLE_H

#include "philox.h"

enum { SVK_FEISTEL_ROUNDS = 12, SVK_FISHER_YATES_MAX = 64 };

typedef struct svk_shuffle {
    uint32_t multiplier[SVK_FEISTEL_ROUNDS], addend[SVK_FEISTEL_ROUNDS];
    uint32_t swap; /* 1: places 0 and 1 change sides */
    uint32_t n, low_bits,
        high_bits; /* the value is high << low_bits | low; low_bits >= high_bits >= 3 */
} svk_shuffle;

/* Blocks of words that a shuffle is made of. */
enum { SVK_SHUFFLE_BLOCKS = SVK_FEISTEL_ROUNDS / 2 + 1 };

/* n > SVK_FISHER_YATES_MAX. The keys are still to be set. */
SVK_FN void svk_shuffle_set_size(svk_shuffle *s, uint32_t n)
{
    uint32_t bits = 7;
    while (((n - 1) >> bits) != 0) bits++;
    s->n = n;
    s->high_bits = bits / 2;
    s->low_bits = bits - s->high_bits;
}

/* Keys out of block i of the subsequence, i < SVK_SHUFFLE_BLOCKS. */
SVK_FN void svk_shuffle_set_keys(svk_shuffle *s, int i, svk_block b)
{
    if (2 * i == SVK_FEISTEL_ROUNDS) {
        s->swap = b.word[0] >> 31;
        return;
    }
    s->multiplier[2 * i] = b.word[0] | 1u;
    s->addend[2 * i] = b.word[1];
    s->multiplier[2 * i + 1] = b.word[2] | 1u;
    s->addend[2 * i + 1] = b.word[3];
}

SVK_FN svk_shuffle svk_shuffle_make(uint64_t seed, uint32_t stream, uint32_t part, uint32_t n)
{
    svk_shuffle s;
    svk_shuffle_set_size(&s, n);
    for (int i = 0; i < SVK_SHUFFLE_BLOCKS; i++)
        svk_shuffle_set_keys(&s, i, svk_draw_block(seed, stream, part, (uint64_t)i));
    return s;
}

/* What a round adds to the other half, which is n_bits long. */
SVK_FN uint32_t svk_feistel(uint32_t multiplier, uint32_t addend, uint32_t half, uint32_t n_bits)
{
    return (multiplier * half + addend) >> (32 - n_bits);
}

/* One pass of all rounds over a value below 2^(low_bits + high_bits). */
SVK_FN uint32_t svk_shuffle_pass(const svk_shuffle *s, uint32_t value)
{
    uint32_t high = value >> s->low_bits;
    uint32_t low = value & ((1u << s->low_bits) - 1u);
    for (int r = 0; r < SVK_FEISTEL_ROUNDS; r += 2) {
        high ^= svk_feistel(s->multiplier[r], s->addend[r], low, s->high_bits);
        low ^= svk_feistel(s->multiplier[r + 1], s->addend[r + 1], high, s->low_bits);
    }
    return high << s->low_bits | low;
}

SVK_FN uint32_t svk_shuffle_swap(const svk_shuffle *s, uint32_t value)
{
    return value < 2 ? value ^ s->swap : value;
}

/* Where place i of the shuffled order points to. */
SVK_FN uint32_t svk_shuffle_at(const svk_shuffle *s, uint32_t i)
{
    do {
        i = svk_shuffle_pass(s, i);
    } while (i >= s->n);
    return svk_shuffle_swap(s, i);
}

/* n <= SVK_FISHER_YATES_MAX: fills order[0..n-1]; step i = n-1 .. 1 swaps place i with
 * svk_below(word n-1-i, i+1). */
SVK_FN void svk_fisher_yates(uint64_t seed, uint32_t stream, uint32_t part, uint64_t first_element,
                             uint32_t n, uint8_t *order)
{
    for (uint32_t i = 0; i < n; i++) order[i] = (uint8_t)i;
    for (uint32_t i = n; i-- > 1;) {
        uint32_t j = svk_below(svk_draw(seed, stream, part, first_element + (n - 1 - i)), i + 1);
        uint8_t t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
}

#endif
