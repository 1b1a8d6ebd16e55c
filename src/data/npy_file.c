#include "data/npy_file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "data/table.h"

enum { N_HEADER_MAX = 65536, N_PREAMBLE_1 = 10, N_PREAMBLE_2 = 12 };

sv_status svi_npy_fail(const svi_npy *f, sv_error *error, const char *text)
{
    svi_place place = {.file = f->file};
    return svi_fail_data(error, &place, "%s", text);
}

void svi_npy_close(svi_npy *f)
{
    if (f->stream != NULL) fclose(f->stream);
    free(f->header);
}

static sv_status read_header_text(svi_npy *f, sv_error *error)
{
    unsigned char head[N_PREAMBLE_2];
    const char *not_npy = "not a .npy file; write it with numpy.save";
    if (fread(head, 1, N_PREAMBLE_1, f->stream) != N_PREAMBLE_1 ||
        memcmp(head, "\x93NUMPY", 6) != 0) {
        return ferror(f->stream) ? svi_fail_file(error, f->file) : svi_npy_fail(f, error, not_npy);
    }
    size_t n = (size_t)head[8] | (size_t)head[9] << 8;
    if (head[6] != 1 && head[6] != 2) {
        return svi_npy_fail(
            f, error, "a .npy format version other than 1.0 and 2.0; write it with numpy.save");
    }
    if (head[6] == 2) {
        if (fread(head + N_PREAMBLE_1, 1, 2, f->stream) != 2)
            return svi_npy_fail(f, error, not_npy);
        n |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    }
    if (n > N_HEADER_MAX)
        return svi_npy_fail(f, error, "the .npy header is longer than 64 KiB; it is damaged");
    f->header = calloc(n + 1, 1);
    if (f->header == NULL) return svi_fail_memory(error, n + 1, f->file);
    if (fread(f->header, 1, n, f->stream) != n)
        return svi_npy_fail(f, error, "the .npy header ends too early");
    return SV_OK;
}

/* What follows 'key': in the header, or NULL. */
static const char *header_value(const svi_npy *f, const char *key)
{
    const char *at = strstr(f->header, key);
    if (at == NULL) return NULL;
    at += strlen(key);
    at += strspn(at, " ");
    if (*at++ != ':') return NULL;
    return at + strspn(at, " ");
}

static sv_status parse_type(svi_npy *f, sv_error *error)
{
    const char *known[] = {"f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"};
    const char *text = header_value(f, "'descr'");
    bool is_quoted = text != NULL && text[0] == '\'' && strlen(text) > 4 && text[4] == '\'';
    for (size_t i = 0; is_quoted && i < sizeof known / sizeof *known; i++) {
        if (strncmp(text + 2, known[i], 2) != 0 || strchr("<>|=", text[1]) == NULL) continue;
        f->kind = known[i][0];
        f->item_bytes = known[i][1] - '0';
        f->is_big_endian = text[1] == '>';
        return SV_OK;
    }
    svi_place place = {.file = f->file};
    char quoted[SVI_QUOTE_SIZE];
    return svi_fail_data(
        error, &place,
        "the type in %s cannot be read; save it as float32, float64, a whole number type or bool",
        svi_quote(f->header, quoted));
}

static sv_status parse_order(svi_npy *f, sv_error *error)
{
    const char *text = header_value(f, "'fortran_order'");
    f->is_fortran = text != NULL && strncmp(text, "True", 4) == 0;
    if (f->is_fortran || (text != NULL && strncmp(text, "False", 5) == 0)) return SV_OK;
    return svi_npy_fail(f, error, "the .npy header has no fortran_order; it is damaged");
}

/* Reads "(n,)" or "(n, m)". */
static sv_status parse_shape(svi_npy *f, sv_error *error)
{
    const char *text = header_value(f, "'shape'");
    const char *wrong = "the shape must be (rows,) or (rows, columns); use numpy.reshape";
    uint64_t size[2] = {0, 1};
    if (text == NULL || *text++ != '(')
        return svi_npy_fail(f, error, "the .npy header has no shape; it is damaged");
    for (; *text != ')'; f->n_dimensions++) {
        char *end;
        if (!isdigit((unsigned char)*text) || f->n_dimensions == 2)
            return svi_npy_fail(f, error, wrong);
        size[f->n_dimensions] = strtoull(text, &end, 10);
        text = end + strspn(end, " ,");
    }
    if (f->n_dimensions == 0) return svi_npy_fail(f, error, wrong);
    if (size[0] > SVI_ROWS_MAX || size[1] > SVI_COLUMNS_MAX || size[1] == 0) {
        return svi_npy_fail(f, error,
                            "the shape needs 1 to 65536 columns and fewer than 2^31 rows");
    }
    f->n_rows = size[0];
    f->n_columns = size[1];
    return SV_OK;
}

/* Compares the bytes behind the header with the shape before anything is allocated. */
static sv_status check_size(const svi_npy *f, sv_error *error)
{
    struct stat info;
    long at = ftell(f->stream);
    if (at < 0 || fstat(fileno(f->stream), &info) != 0) return svi_fail_file(error, f->file);
    uint64_t want = f->n_rows * f->n_columns * (uint64_t)f->item_bytes;
    uint64_t have = (uint64_t)info.st_size - (uint64_t)at;
    if (want == have) return SV_OK;
    svi_place place = {.file = f->file};
    return svi_fail_data(error, &place,
                         "%" PRIu64 " bytes of values, but the shape (%" PRIu64 ", %" PRIu64
                         ") needs %" PRIu64 "; the file is cut or damaged",
                         have, f->n_rows, f->n_columns, want);
}

sv_status svi_npy_open(svi_npy *f, const char *file, sv_error *error)
{
    *f = (svi_npy){.file = file, .stream = fopen(file, "rb")};
    if (f->stream == NULL) return svi_fail_file(error, file);
    SVI_TRY(read_header_text(f, error));
    SVI_TRY(parse_type(f, error));
    SVI_TRY(parse_order(f, error));
    SVI_TRY(parse_shape(f, error));
    return check_size(f, error);
}

static double decode_float(const svi_npy *f, uint64_t bits)
{
    double wide;
    float narrow;
    uint32_t low = (uint32_t)bits;
    if (f->item_bytes == 8) {
        memcpy(&wide, &bits, sizeof wide);
        return wide;
    }
    memcpy(&narrow, &low, sizeof narrow);
    return (double)narrow;
}

static double decode_whole(const svi_npy *f, uint64_t bits)
{
    uint64_t sign = UINT64_C(1) << (8 * f->item_bytes - 1);
    if (f->kind == 'i' && (bits & sign) != 0) return -(double)((~bits & (sign - 1)) + 1);
    return (double)bits;
}

sv_status svi_npy_next(svi_npy *f, double *value, sv_error *error)
{
    if (f->at == f->n) {
        f->n = fread(f->chunk, 1, sizeof f->chunk, f->stream);
        f->at = 0;
        if (ferror(f->stream)) return svi_fail_file(error, f->file);
        if (f->n == 0 || f->n % (size_t)f->item_bytes != 0)
            return svi_npy_fail(f, error, "the file ends too early");
    }
    uint64_t bits = 0;
    for (int i = 0; i < f->item_bytes; i++) {
        int from = f->is_big_endian ? i : f->item_bytes - 1 - i;
        bits = bits << 8 | f->chunk[f->at + (size_t)from];
    }
    f->at += (size_t)f->item_bytes;
    *value = f->kind == 'f' ? decode_float(f, bits) : decode_whole(f, bits);
    return SV_OK;
}
