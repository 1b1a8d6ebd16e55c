/* 128 bits for checksums and study digests: the step of FNV-1a (Fowler, Noll, Vo: xor, then
 * multiply by 2^88 + 0x13b modulo 2^128), taken on words of eight bytes instead of single ones: an
 * eighth of the steps. Every step is a bijection, so a change of one word is never lost. It
 * finds damage, not malice. */
#ifndef SVI_HASH_H
#define SVI_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct svi_hash {
    uint64_t high, low;
} svi_hash;

svi_hash svi_hash_start(void);
/* Words of eight bytes, least significant first; a shorter last one carries its length in the top
 * byte. */
void svi_hash_bytes(svi_hash *hash, const void *bytes, size_t n);
/* One word. Here, because a run in the store is some sixty of them. */
static inline void svi_hash_u64(svi_hash *hash, uint64_t value)
{
    const uint64_t c = 0x13b; /* the prime is 2^88 + c */
    uint64_t low = hash->low ^ value;
    uint64_t carry = ((low >> 32) * c + ((low & 0xffffffffu) * c >> 32)) >> 32;
    hash->high = hash->high * c + carry + (low << 24);
    hash->low = low * c;
}
/* The length, then the bytes, so that neighbouring texts cannot be confused. NULL and "" differ. */
void svi_hash_text(svi_hash *hash, const char *text);
/* 32 hex digits and a NUL. */
void svi_hash_hex(svi_hash hash, char hex[33]);

#endif
