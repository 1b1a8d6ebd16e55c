/* Pairs of .npy files (NumPy's format, versions 1.0 and 2.0): features and targets. */
#include "data/table.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { N_HEADER_MAX = 65536, N_CHUNK = 8192, N_PREAMBLE_1 = 10, N_PREAMBLE_2 = 12 };

typedef struct npy {
    const char *file;
    FILE *stream;
    char *header;
    char kind;      /* 'f', 'i', 'u', 'b' */
    int item_bytes; /* 1, 2, 4, 8 */
    bool is_big_endian, is_fortran;
    uint64_t n_rows, n_columns;
    int n_dimensions;
    unsigned char chunk[N_CHUNK];
    size_t at, n; /* of chunk */
} npy;

static sv_status fail_npy(const npy *f, sv_error *error, const char *text)
{
    svi_place place = {.file = f->file};
    return svi_fail_data(error, &place, "%s", text);
}

static void npy_close(npy *f)
{
    if (f->stream != NULL) fclose(f->stream);
    free(f->header);
}

static sv_status read_header_text(npy *f, sv_error *error)
{
    unsigned char head[N_PREAMBLE_2];
    const char *not_npy = "not a .npy file; write it with numpy.save";
    if (fread(head, 1, N_PREAMBLE_1, f->stream) != N_PREAMBLE_1 ||
        memcmp(head, "\x93NUMPY", 6) != 0) {
        return ferror(f->stream) ? svi_fail_file(error, f->file) : fail_npy(f, error, not_npy);
    }
    size_t n = (size_t)head[8] | (size_t)head[9] << 8;
    if (head[6] != 1 && head[6] != 2) {
        return fail_npy(f, error,
                        "a .npy format version other than 1.0 and 2.0; write it with numpy.save");
    }
    if (head[6] == 2) {
        if (fread(head + N_PREAMBLE_1, 1, 2, f->stream) != 2) return fail_npy(f, error, not_npy);
        n |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    }
    if (n > N_HEADER_MAX)
        return fail_npy(f, error, "the .npy header is longer than 64 KiB; it is damaged");
    f->header = calloc(n + 1, 1);
    if (f->header == NULL) return svi_fail_memory(error, n + 1, f->file);
    if (fread(f->header, 1, n, f->stream) != n)
        return fail_npy(f, error, "the .npy header ends too early");
    return SV_OK;
}

/* What follows 'key': in the header, or NULL. */
static const char *header_value(const npy *f, const char *key)
{
    const char *at = strstr(f->header, key);
    if (at == NULL) return NULL;
    at += strlen(key);
    at += strspn(at, " ");
    if (*at++ != ':') return NULL;
    return at + strspn(at, " ");
}

static sv_status parse_type(npy *f, sv_error *error)
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

static sv_status parse_order(npy *f, sv_error *error)
{
    const char *text = header_value(f, "'fortran_order'");
    f->is_fortran = text != NULL && strncmp(text, "True", 4) == 0;
    if (f->is_fortran || (text != NULL && strncmp(text, "False", 5) == 0)) return SV_OK;
    return fail_npy(f, error, "the .npy header has no fortran_order; it is damaged");
}

/* Reads "(n,)" or "(n, m)". */
static sv_status parse_shape(npy *f, sv_error *error)
{
    const char *text = header_value(f, "'shape'");
    const char *wrong = "the shape must be (rows,) or (rows, columns); use numpy.reshape";
    uint64_t size[2] = {0, 1};
    if (text == NULL || *text++ != '(')
        return fail_npy(f, error, "the .npy header has no shape; it is damaged");
    for (; *text != ')'; f->n_dimensions++) {
        char *end;
        if (!isdigit((unsigned char)*text) || f->n_dimensions == 2)
            return fail_npy(f, error, wrong);
        size[f->n_dimensions] = strtoull(text, &end, 10);
        text = end + strspn(end, " ,");
    }
    if (f->n_dimensions == 0) return fail_npy(f, error, wrong);
    if (size[0] > SVI_ROWS_MAX || size[1] > SVI_COLUMNS_MAX || size[1] == 0) {
        return fail_npy(f, error, "the shape needs 1 to 65536 columns and fewer than 2^31 rows");
    }
    f->n_rows = size[0];
    f->n_columns = size[1];
    return SV_OK;
}

/* Compares the bytes behind the header with the shape before anything is allocated. */
static sv_status check_size(const npy *f, sv_error *error)
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

static sv_status npy_open(npy *f, const char *file, sv_error *error)
{
    *f = (npy){.file = file, .stream = fopen(file, "rb")};
    if (f->stream == NULL) return svi_fail_file(error, file);
    SVI_TRY(read_header_text(f, error));
    SVI_TRY(parse_type(f, error));
    SVI_TRY(parse_order(f, error));
    SVI_TRY(parse_shape(f, error));
    return check_size(f, error);
}

static double decode_float(const npy *f, uint64_t bits)
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

static double decode_whole(const npy *f, uint64_t bits)
{
    uint64_t sign = UINT64_C(1) << (8 * f->item_bytes - 1);
    if (f->kind == 'i' && (bits & sign) != 0) return -(double)((~bits & (sign - 1)) + 1);
    return (double)bits;
}

static sv_status next_value(npy *f, double *value, sv_error *error)
{
    if (f->at == f->n) {
        f->n = fread(f->chunk, 1, sizeof f->chunk, f->stream);
        f->at = 0;
        if (ferror(f->stream)) return svi_fail_file(error, f->file);
        if (f->n == 0 || f->n % (size_t)f->item_bytes != 0)
            return fail_npy(f, error, "the file ends too early");
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

static sv_status read_features(npy *f, svi_table *table, sv_error *error)
{
    if (f->n_rows == 0) return SV_OK;
    SVI_TRY(svi_table_resize(table, f->n_rows, error));
    uint64_t n_inner = f->is_fortran ? f->n_rows : f->n_columns;
    for (uint64_t k = 0; k < f->n_rows * f->n_columns; k++) {
        uint64_t row = f->is_fortran ? k % n_inner : k / n_inner;
        uint64_t column = f->is_fortran ? k / n_inner : k % n_inner;
        double *value = &table->x[row * f->n_columns + column];
        SVI_TRY(next_value(f, value, error));
        if (isfinite(*value)) continue;
        svi_place place = svi_table_place(table, row + 1, (int)column);
        return svi_table_check_value(*value, &place, error);
    }
    table->n_rows = f->n_rows;
    return SV_OK;
}

static sv_status read_targets(npy *f, svi_table *table, sv_error *error)
{
    svi_place place = {.file = f->file};
    if (f->n_columns != 1 || f->n_rows != table->n_rows) {
        return svi_fail_data(error, &place,
                             "targets of shape (%" PRIu64 ", %" PRIu64
                             ") for features with %" PRIu64 " rows; one target a row is needed",
                             f->n_rows, f->n_columns, table->n_rows);
    }
    place.column = 1;
    for (uint64_t i = 0; i < f->n_rows; i++) {
        double value = 0;
        place.line = i + 1;
        SVI_TRY(next_value(f, &value, error));
        SVI_TRY(svi_target_add_number(&table->target, value, &place, &table->y[i], error));
    }
    return SV_OK;
}

static sv_status read_feature_file(const char *file, svi_table *table, sv_error *error)
{
    npy f;
    sv_status status = npy_open(&f, file, error);
    table->n_features = (int)f.n_columns;
    if (status == SV_OK) status = read_features(&f, table, error);
    npy_close(&f);
    return status;
}

static sv_status read_target_file(const char *file, svi_table *table, sv_error *error)
{
    npy f;
    sv_status status = npy_open(&f, file, error);
    if (status == SV_OK) status = read_targets(&f, table, error);
    npy_close(&f);
    return status;
}

sv_status svi_npy_read(const svi_data_spec *spec, svi_table *table, sv_error *error)
{
    table->file = spec->file;
    table->first_line = 1;
    table->target_column = -1;
    svi_target_start(&table->target, spec->task);
    SVI_TRY(read_feature_file(spec->file, table, error));
    return read_target_file(spec->target_file, table, error);
}
