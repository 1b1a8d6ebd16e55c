/* FNV-1a, 128 bits (Fowler, Noll, Vo: draft-eastlake-fnv): checksums and study digests. It finds
 * damage, not malice. */
#ifndef SVI_HASH_H
#define SVI_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct svi_hash {
    uint64_t high, low;
} svi_hash;

svi_hash svi_hash_start(void);
void svi_hash_bytes(svi_hash *hash, const void *bytes, size_t n);
/* Eight bytes, least significant first, so that the value is the same on every machine. */
void svi_hash_u64(svi_hash *hash, uint64_t value);
/* The length, then the bytes, so that neighbouring texts cannot be confused. NULL and "" differ. */
void svi_hash_text(svi_hash *hash, const char *text);
/* 32 hex digits and a NUL. */
void svi_hash_hex(svi_hash hash, char hex[33]);

#endif
