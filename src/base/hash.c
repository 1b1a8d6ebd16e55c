#include "base/hash.h"

#include <stdio.h>
#include <string.h>

svi_hash svi_hash_start(void)
{
    return (svi_hash){UINT64_C(0x6c62272e07bb0142), UINT64_C(0x62b821756295c58d)};
}

/* Multiplies by the prime 2^88 + 0x13b, modulo 2^128. */
static svi_hash times_prime(svi_hash h)
{
    const uint64_t c = 0x13b;
    uint64_t low_product = (h.low & 0xffffffffu) * c;
    uint64_t mid_product = (h.low >> 32) * c + (low_product >> 32);
    uint64_t low = h.low * c;
    uint64_t high = h.high * c + (mid_product >> 32) + (h.low << 24);
    return (svi_hash){high, low};
}

static void add_word(svi_hash *hash, uint64_t word)
{
    hash->low ^= word;
    *hash = times_prime(*hash);
}

void svi_hash_bytes(svi_hash *hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    svi_hash h = *hash;
    for (size_t i = 0; i < n; i += 8) {
        size_t n_here = n - i < 8 ? n - i : 8;
        uint64_t word = n_here < 8 ? (uint64_t)n_here << 56 : 0;
        for (size_t k = 0; k < n_here; k++) word |= (uint64_t)p[i + k] << (8 * k);
        add_word(&h, word);
    }
    *hash = h;
}

void svi_hash_u64(svi_hash *hash, uint64_t value) { add_word(hash, value); }

void svi_hash_text(svi_hash *hash, const char *text)
{
    if (text == NULL) {
        svi_hash_u64(hash, UINT64_MAX);
        return;
    }
    size_t n = strlen(text);
    svi_hash_u64(hash, n);
    svi_hash_bytes(hash, text, n);
}

void svi_hash_hex(svi_hash hash, char hex[33])
{
    snprintf(hex, 33, "%016llx%016llx", (unsigned long long)hash.high,
             (unsigned long long)hash.low);
}
