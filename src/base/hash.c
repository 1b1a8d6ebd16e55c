#include "base/hash.h"

#include <stdio.h>
#include <string.h>

svi_hash svi_hash_start(void)
{
    return (svi_hash){UINT64_C(0x6c62272e07bb0142), UINT64_C(0x62b821756295c58d)};
}

void svi_hash_bytes(svi_hash *hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    svi_hash h = *hash;
    for (size_t i = 0; i < n; i += 8) {
        size_t n_here = n - i < 8 ? n - i : 8;
        uint64_t word = n_here < 8 ? (uint64_t)n_here << 56 : 0;
        for (size_t k = 0; k < n_here; k++) word |= (uint64_t)p[i + k] << (8 * k);
        svi_hash_u64(&h, word);
    }
    *hash = h;
}

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
