// Our words against those of cuRAND's device header, compiled here for the host: the address of a
// word is curand_init(seed, stream << 32 | part, element).
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <cuda_runtime.h>
#define QUALIFIERS static inline
#include <curand_kernel.h>

#include "philox.h"
#include "vocabulary.h"

static const int n_words_each = 13;

struct address {
    uint64_t seed;
    uint32_t stream, part;
    uint64_t element;
};

static bool is_same(const address &a)
{
    curandStatePhilox4_32_10_t state;
    curand_init(a.seed, static_cast<uint64_t>(a.stream) << 32 | a.part, a.element, &state);
    for (uint64_t i = 0; i < n_words_each; i++) {
        uint32_t theirs = curand(&state), ours = svk_draw(a.seed, a.stream, a.part, a.element + i);
        if (theirs == ours) continue;
        std::printf("seed 0x%" PRIx64 ", stream %" PRIu32 ", part %" PRIu32 ", element %" PRIu64
                    ": cuRAND %08" PRIx32 ", ours %08" PRIx32 "\n",
                    a.seed, a.stream, a.part, a.element + i, theirs, ours);
        return false;
    }
    return true;
}

int main()
{
    const uint64_t seeds[] = {0, 1, UINT64_C(0x100000000), UINT64_C(0xfedcba9876543210)};
    const uint32_t parts[] = {0, 1, 7, 1437, 0xffffffff};
    const uint64_t elements[] = {
        0, 1, 2, 3, 4, 4095, UINT64_C(0x3fffffffe), UINT64_C(0x123456789ab)};
    int n = 0;
    for (uint64_t seed : seeds)
        for (uint32_t stream = SVK_STREAM_INIT; stream <= SVK_STREAM_SCHEDULE; stream++)
            for (uint32_t part : parts)
                for (uint64_t element : elements) {
                    if (!is_same({seed, stream, part, element})) return EXIT_FAILURE;
                    n++;
                }
    std::printf("%d addresses, %d words each: all are cuRAND's\n", n, n_words_each);
    return EXIT_SUCCESS;
}
