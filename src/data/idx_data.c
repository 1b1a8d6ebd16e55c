/* Pairs of IDX files, plain or gzip: images (or rows of any kind) and labels. A file is two zero
 * bytes, the type of its values, the number of its dimensions, each dimension in four bytes, then
 * the values, the last dimension fastest; all with the most significant byte first. */
#include "data/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct idx_type {
    unsigned code;
    size_t n_bytes;
    bool is_signed, is_float;
} idx_type;

static const idx_type types[] = {
    {0x08, 1, false, false}, {0x09, 1, true, false}, {0x0b, 2, true, false},
    {0x0c, 4, true, false},  {0x0d, 4, false, true}, {0x0e, 8, false, true},
};

typedef struct idx {
    svi_byte_source source;
    uint64_t offset; /* of the next byte, unpacked */
    const idx_type *type;
    uint64_t n_items, n_values; /* the first dimension, and the product of the others */
} idx;

/* "FILE: byte OFFSET: ..." */
SVI_PRINTF(4, 5)
static sv_status fail_at(const idx *f, uint64_t offset, sv_error *error, const char *format, ...)
{
    char what[256];
    svi_place place = {.file = svi_byte_source_name(&f->source)};
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return svi_fail_data(error, &place, "byte %" PRIu64 ": %s", offset, what);
}

/* The next n bytes as a number. */
static sv_status take(idx *f, size_t n, const char *where, uint64_t *bits, sv_error *error)
{
    *bits = 0;
    for (size_t i = 0; i < n; i++) {
        int byte = svi_byte_take(&f->source);
        if (byte < 0) {
            SVI_TRY(svi_byte_source_check(&f->source, error));
            return fail_at(f, f->offset, error, "the file ends within its %s; copy it again",
                           where);
        }
        *bits = *bits << 8 | (uint64_t)byte;
        f->offset++;
    }
    return SV_OK;
}

static sv_status read_type(idx *f, uint64_t magic, sv_error *error)
{
    unsigned code = (unsigned)(magic >> 8) & 0xff;
    if (magic >> 16 != 0)
        return fail_at(f, 0, error,
                       "0x%08" PRIx64 " is no IDX file, which begins with two zero "
                       "bytes; is this the right file?",
                       magic);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].code == code) f->type = &types[i];
    if (f->type != NULL) return SV_OK;
    return fail_at(f, 2, error,
                   "0x%02x is no type of IDX values; they are 0x08, 0x09 and 0x0b to 0x0e", code);
}

static sv_status read_header(idx *f, sv_error *error)
{
    uint64_t magic, size;
    SVI_TRY(take(f, 4, "first four bytes", &magic, error));
    SVI_TRY(read_type(f, magic, error));
    if ((magic & 0xff) == 0) return fail_at(f, 3, error, "no dimensions; one or more are needed");
    f->n_values = 1;
    for (uint64_t k = 0; k < (magic & 0xff); k++) {
        SVI_TRY(take(f, 4, "list of sizes", &size, error));
        if (k == 0)
            f->n_items = size;
        else
            f->n_values *= size;
        if (size == 0 || f->n_items > SVI_ROWS_MAX || f->n_values > SVI_COLUMNS_MAX)
            return fail_at(f, f->offset - 4, error,
                           "dimension %" PRIu64 " has size %" PRIu64 "; a file has 1 to %" PRIu64
                           " items of 1 to %d values each",
                           k, size, SVI_ROWS_MAX, SVI_COLUMNS_MAX);
    }
    return SV_OK;
}

/* f is to be closed whatever is returned. */
static sv_status open_idx(idx *f, const char *file, sv_error *error)
{
    *f = (idx){0};
    SVI_TRY(svi_byte_source_open_file(&f->source, file, error));
    return read_header(f, error);
}

static double decode(const idx_type *type, uint64_t bits)
{
    uint64_t sign = UINT64_C(1) << (8 * type->n_bytes - 1);
    double wide;
    float narrow;
    uint32_t low = (uint32_t)bits;
    if (!type->is_float)
        return type->is_signed && (bits & sign) != 0 ? -(double)((~bits & (sign - 1)) + 1)
                                                     : (double)bits;
    if (type->n_bytes == 8) {
        memcpy(&wide, &bits, sizeof wide);
        return wide;
    }
    memcpy(&narrow, &low, sizeof narrow);
    return (double)narrow;
}

static sv_status next_value(idx *f, double *value, sv_error *error)
{
    uint64_t bits;
    SVI_TRY(take(f, f->type->n_bytes, "values", &bits, error));
    *value = decode(f->type, bits);
    if (isfinite(*value)) return SV_OK;
    return fail_at(f, f->offset - f->type->n_bytes, error,
                   "the value is %g; every value must be finite", *value);
}

static sv_status check_end(idx *f, sv_error *error)
{
    if (svi_byte_peek(&f->source) < 0) return svi_byte_source_check(&f->source, error);
    return fail_at(f, f->offset, error,
                   "the file goes on after the %" PRIu64
                   " items that it says it has; copy it again",
                   f->n_items);
}

static sv_status read_images(idx *f, svi_table *table, sv_error *error)
{
    svi_place place = {.file = table->file};
    table->n_features = (int)f->n_values;
    for (uint64_t i = 0; i < f->n_items; i++) {
        SVI_TRY(svi_table_reserve(table, &place, error));
        double *x = table->x + i * f->n_values;
        for (uint64_t j = 0; j < f->n_values; j++) SVI_TRY(next_value(f, &x[j], error));
        table->n_rows++;
    }
    SVI_TRY(svi_table_resize(table, table->n_rows, error));
    return check_end(f, error);
}

static sv_status read_labels(idx *f, svi_table *table, sv_error *error)
{
    svi_place place = {.file = svi_byte_source_name(&f->source), .column = 1};
    if (f->n_values != 1)
        return fail_at(f, 8, error, "%" PRIu64 " values a label; one is needed", f->n_values);
    if (f->n_items != table->n_rows)
        return fail_at(f, 4, error,
                       "%" PRIu64 " labels for %" PRIu64 " images; do these files belong together?",
                       f->n_items, table->n_rows);
    for (uint64_t i = 0; i < f->n_items; i++) {
        double value = 0;
        place.line = i + 1;
        SVI_TRY(next_value(f, &value, error));
        SVI_TRY(svi_target_add_number(&table->target, value, &place, &table->y[i], error));
    }
    return check_end(f, error);
}

static sv_status read_file(const char *file, svi_table *table, sv_error *error,
                           sv_status (*read)(idx *, svi_table *, sv_error *))
{
    idx f;
    sv_status status = open_idx(&f, file, error);
    if (status == SV_OK) status = read(&f, table, error);
    svi_byte_source_close(&f.source);
    return status;
}

sv_status svi_idx_read(const svi_data_spec *spec, svi_table *table, sv_error *error)
{
    table->file = spec->file;
    table->first_line = 1;
    table->target_column = -1;
    svi_target_start(&table->target, spec->task);
    SVI_TRY(read_file(spec->file, table, error, read_images));
    return read_file(spec->target_file, table, error, read_labels);
}
