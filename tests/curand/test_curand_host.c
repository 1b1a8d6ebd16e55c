/* Our words against the real cuRAND's, whose host generator needs no GPU.
 *
 * Word n of its Philox stream belongs to thread n mod 2^18 / 4 of 65536, each of which has a
 * subsequence of its own and gives four words a turn: it is element n / 2^18 * 4 + n mod 4 of
 * subsequence n mod 2^18 / 4, with stream 0. */
#include <curand.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "philox.h"

enum { N_WORDS = 1000000, N_WORDS_A_TURN = 1 << 18 };

static uint32_t our_word(uint64_t seed, uint64_t n)
{
    uint64_t turn = n / N_WORDS_A_TURN;
    uint32_t within = (uint32_t)(n % N_WORDS_A_TURN);
    return svk_draw(seed, 0, within / 4, 4 * turn + within % 4);
}

static curandStatus_t draw_theirs(uint64_t seed, uint64_t offset, uint32_t *words)
{
    curandGenerator_t generator;
    curandStatus_t status = curandCreateGeneratorHost(&generator, CURAND_RNG_PSEUDO_PHILOX4_32_10);
    if (status != CURAND_STATUS_SUCCESS) return status;
    status = curandSetPseudoRandomGeneratorSeed(generator, seed);
    if (status == CURAND_STATUS_SUCCESS) status = curandSetGeneratorOffset(generator, offset);
    /* the one order that is promised to stay the same in every release */
    if (status == CURAND_STATUS_SUCCESS)
        status = curandSetGeneratorOrdering(generator, CURAND_ORDERING_PSEUDO_LEGACY);
    if (status == CURAND_STATUS_SUCCESS) status = curandGenerate(generator, words, N_WORDS);
    curandDestroyGenerator(generator);
    return status;
}

/* Returns whether all words from `offset` on are the same. */
static int compare(uint64_t seed, uint64_t offset, uint32_t *words)
{
    curandStatus_t status = draw_theirs(seed, offset, words);
    if (status != CURAND_STATUS_SUCCESS) {
        printf("cuRAND's host generator failed with status %d\n", (int)status);
        return 0;
    }
    for (uint64_t i = 0; i < N_WORDS; i++) {
        if (words[i] == our_word(seed, offset + i)) continue;
        printf("seed 0x%" PRIx64 ", word %" PRIu64 ": cuRAND %08" PRIx32 ", ours %08" PRIx32 "\n",
               seed, offset + i, words[i], our_word(seed, offset + i));
        return 0;
    }
    printf("seed 0x%" PRIx64 ", words from %" PRIu64 ": all %d are cuRAND's\n", seed, offset,
           N_WORDS);
    return 1;
}

int main(void)
{
    const uint64_t seeds[] = {0, 1, UINT64_C(0x100000000), UINT64_C(1234567890123),
                              UINT64_C(0xfedcba9876543210)};
    uint32_t *words = malloc(N_WORDS * sizeof *words);
    int version = 0, is_same = words != NULL;
    curandGetVersion(&version);
    printf("cuRAND %d\n", version);
    for (size_t i = 0; is_same && i < sizeof seeds / sizeof *seeds; i++)
        is_same = compare(seeds[i], 0, words);
    /* elements beyond 2^34: the second word of the counter */
    is_same = is_same && compare(seeds[4], UINT64_C(0x0013000000000000), words);
    free(words);
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
