#include "base/byte_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum { N_BUFFER = 1 << 16, WINDOW_GZIP = 15 + 16 };

typedef enum fault { FAULT_NONE, FAULT_READ, FAULT_TRUNCATED, FAULT_DAMAGED } fault;

typedef struct svi_byte_unpacker {
    const char *name;
    FILE *file;
    bool is_gzip, is_member_open; /* a gzip file is a sequence of members */
    z_stream z;
    fault fault;
    int read_errno;
    unsigned char packed[N_BUFFER], unpacked[N_BUFFER];
} svi_byte_unpacker;

/* Refills the packed buffer; false when nothing came. */
static bool read_packed(svi_byte_unpacker *u)
{
    errno = 0;
    size_t n = fread(u->packed, 1, sizeof u->packed, u->file);
    if (ferror(u->file)) {
        u->fault = FAULT_READ;
        u->read_errno = errno;
        return false;
    }
    u->z.next_in = u->packed;
    u->z.avail_in = (uInt)n;
    return n > 0;
}

static bool is_gzip_start(const svi_byte_unpacker *u)
{
    return u->z.avail_in >= 2 && u->packed[0] == 0x1f && u->packed[1] == 0x8b;
}

sv_status svi_byte_source_open_stream(svi_byte_source *source, const char *name, FILE *file,
                                      sv_error *error)
{
    *source = (svi_byte_source){0};
    svi_byte_unpacker *u = calloc(1, sizeof *u);
    if (u == NULL) {
        fclose(file);
        return svi_fail_memory(error, sizeof *u, "reading a data file");
    }
    u->name = name;
    u->file = file;
    *source = (svi_byte_source){.unpacker = u};
    read_packed(u);
    u->is_gzip = is_gzip_start(u);
    if (!u->is_gzip || inflateInit2(&u->z, WINDOW_GZIP) == Z_OK) return SV_OK;
    u->is_gzip = false;
    svi_byte_source_close(source);
    return svi_fail_memory(error, 0, "unpacking a data file");
}

sv_status svi_byte_source_open_file(svi_byte_source *source, const char *name, sv_error *error)
{
    *source = (svi_byte_source){0};
    FILE *file = fopen(name, "rb");
    if (file == NULL) return svi_fail_file(error, name);
    return svi_byte_source_open_stream(source, name, file, error);
}

sv_status svi_byte_source_open_array(svi_byte_source *source, const char *name,
                                     const unsigned char *array, size_t n, sv_error *error)
{
    *source = (svi_byte_source){0};
    /* opened for reading alone, so the array stays as it is */
    FILE *file = fmemopen((void *)array, n, "rb");
    if (file == NULL) return svi_fail_memory(error, n, name);
    return svi_byte_source_open_stream(source, name, file, error);
}

void svi_byte_source_close(svi_byte_source *source)
{
    if (source->unpacker == NULL) return;
    if (source->unpacker->is_gzip) inflateEnd(&source->unpacker->z);
    fclose(source->unpacker->file);
    free(source->unpacker);
    *source = (svi_byte_source){0};
}

const char *svi_byte_source_name(const svi_byte_source *source) { return source->unpacker->name; }

static bool fill_plain(svi_byte_source *source)
{
    svi_byte_unpacker *u = source->unpacker;
    if (u->z.avail_in == 0 && !read_packed(u)) return false;
    source->bytes = u->packed;
    source->n = u->z.avail_in;
    u->z.avail_in = 0;
    return true;
}

/* One call of inflate; false when it cannot go on. */
static bool inflate_step(svi_byte_unpacker *u)
{
    if (!u->is_member_open) inflateReset(&u->z);
    u->is_member_open = true;
    int status = inflate(&u->z, Z_NO_FLUSH);
    if (status == Z_STREAM_END) u->is_member_open = false;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) u->fault = FAULT_DAMAGED;
    return u->fault == FAULT_NONE;
}

static bool fill_gzip(svi_byte_source *source)
{
    svi_byte_unpacker *u = source->unpacker;
    u->z.next_out = u->unpacked;
    u->z.avail_out = sizeof u->unpacked;
    while (u->z.avail_out == sizeof u->unpacked) {
        if (u->z.avail_in == 0 && !read_packed(u)) {
            if (u->is_member_open && u->fault == FAULT_NONE) u->fault = FAULT_TRUNCATED;
            return false;
        }
        if (!inflate_step(u)) return false;
    }
    source->bytes = u->unpacked;
    source->n = sizeof u->unpacked - u->z.avail_out;
    return true;
}

bool svi_byte_source_fill(svi_byte_source *source)
{
    source->at = 0;
    source->n = 0;
    if (source->unpacker->fault != FAULT_NONE) return false;
    return source->unpacker->is_gzip ? fill_gzip(source) : fill_plain(source);
}

sv_status svi_byte_source_check(const svi_byte_source *source, sv_error *error)
{
    const svi_byte_unpacker *u = source->unpacker;
    svi_place place = {.file = u->name};
    switch (u->fault) {
    case FAULT_NONE: return SV_OK;
    case FAULT_READ: errno = u->read_errno; return svi_fail_file(error, u->name);
    case FAULT_TRUNCATED:
        return svi_fail_data(error, &place, "the gzip file ends too early; copy it again");
    case FAULT_DAMAGED: break;
    }
    return svi_fail_data(error, &place, "the gzip file is damaged (%s); copy it again",
                         u->z.msg != NULL ? u->z.msg : "wrong checksum");
}
