/* Bytes of a file or of an array, unpacked on the way if they are gzip. */
#ifndef SVI_BYTE_SOURCE_H
#define SVI_BYTE_SOURCE_H

#include <stdio.h>

#include "base/place.h"

typedef struct svi_byte_source {
    const unsigned char *bytes; /* what is unpacked and not yet taken: bytes[at..n-1] */
    size_t at, n;
    struct svi_byte_unpacker *unpacker;
} svi_byte_source;

/* name is borrowed and stands in error messages. */
sv_status svi_byte_source_open_file(svi_byte_source *source, const char *name, sv_error *error);
sv_status svi_byte_source_open_array(svi_byte_source *source, const char *name,
                                     const unsigned char *array, size_t n, sv_error *error);
/* Reads on in a file that is open, a pipe as well; source closes it, also when this fails. */
sv_status svi_byte_source_open_stream(svi_byte_source *source, const char *name, FILE *file,
                                      sv_error *error);
void svi_byte_source_close(svi_byte_source *source);
const char *svi_byte_source_name(const svi_byte_source *source);

/* After the last byte: SV_OK if it was the end, else what was wrong with the file. */
sv_status svi_byte_source_check(const svi_byte_source *source, sv_error *error);

/* Unpacks more; false at the end and after a fault. */
bool svi_byte_source_fill(svi_byte_source *source);

/* The next byte, left in place; -1 at the end and after a fault. */
static inline int svi_byte_peek(svi_byte_source *source)
{
    if (source->at == source->n && !svi_byte_source_fill(source)) return -1;
    return source->bytes[source->at];
}

static inline int svi_byte_take(svi_byte_source *source)
{
    int byte = svi_byte_peek(source);
    if (byte >= 0) source->at++;
    return byte;
}

#endif
