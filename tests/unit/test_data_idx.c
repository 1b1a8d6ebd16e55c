#include "data_fixture.h"

#include <math.h>
#include <zlib.h>

typedef struct file {
    char path[64];
    unsigned char bytes[512];
    size_t n;
} file;

static void put_u32(file *f, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) f->bytes[f->n++] = (unsigned char)(value >> shift);
}

/* A header with the type and the dimensions, then n bytes of values. */
static file idx_file(uint32_t type, int n_dimensions, const uint32_t *size, const void *values,
                     size_t n)
{
    file f = {.n = 0};
    put_u32(&f, type << 8 | (uint32_t)n_dimensions);
    for (int k = 0; k < n_dimensions; k++) put_u32(&f, size[k]);
    if (n > 0) memcpy(f.bytes + f.n, values, n);
    f.n += n;
    return f;
}

static file three_labels(void)
{
    return idx_file(8, 1, (uint32_t[]){3}, (unsigned char[]){5, 7, 5}, 3);
}

static file three_images(void)
{
    return idx_file(8, 3, (uint32_t[]){3, 2, 2},
                    (unsigned char[]){0, 1, 2, 3, 255, 5, 6, 7, 8, 9, 10, 11}, 12);
}

static sv_status open_files(file x, file y, svi_dataset **dataset, sv_error *error)
{
    write_bytes(x.path, x.bytes, x.n);
    write_bytes(y.path, y.bytes, y.n);
    svi_data_spec spec = {
        .set = SVI_SET_IDX, .file = x.path, .target_file = y.path, .split = {.train = 1}};
    sv_status status = svi_dataset_open(&spec, dataset, error);
    unlink(x.path);
    unlink(y.path);
    return status;
}

static svi_dataset *must_open_files(file x, file y)
{
    svi_dataset *d;
    sv_error error = {0};
    cr_assert_eq(open_files(x, y, &d, &error), SV_OK, "%s", error.message);
    return d;
}

Test(data_idx, images_are_rows)
{
    const double expected[12] = {0, 1, 2, 3, 255, 5, 6, 7, 8, 9, 10, 11};
    svi_dataset *d = must_open_files(three_images(), three_labels());
    cr_assert_eq(d->n_rows, 3);
    cr_assert_eq(d->n_features, 4);
    cr_assert_eq(d->n_classes, 2);
    cr_expect_eq(memcmp(d->x, expected, sizeof expected), 0);
    cr_expect(d->y[0] == 0 && d->y[1] == 1 && d->y[2] == 0);
    cr_expect_str_eq(d->class_names[1], "7");
    svi_dataset_close(d);
}

static void expect_values(uint32_t type, const void *values, size_t n, const double expected[3])
{
    svi_dataset *d = must_open_files(idx_file(type, 1, (uint32_t[]){3}, values, n), three_labels());
    cr_assert_eq(d->n_features, 1);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(d->x[i], expected[i], "type %u, value %d: %g", type, i, d->x[i]);
    svi_dataset_close(d);
}

Test(data_idx, every_type_is_read)
{
    const unsigned char bytes[] = {0x80, 0xff, 0x7f};
    const unsigned char shorts[] = {0x80, 0, 0xff, 0xfe, 0x01, 0x02};
    const unsigned char ints[] = {0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0};
    const unsigned char floats[] = {0x3f, 0xc0, 0, 0, 0xbf, 0x80, 0, 0, 0, 0, 0, 0};
    const unsigned char doubles[24] = {0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a, 0xc0};
    expect_values(0x08, bytes, sizeof bytes, (double[]){128, 255, 127});
    expect_values(0x09, bytes, sizeof bytes, (double[]){-128, -1, 127});
    expect_values(0x0b, shorts, sizeof shorts, (double[]){-32768, -2, 258});
    expect_values(0x0c, ints, sizeof ints, (double[]){-2147483648.0, -1, 256});
    expect_values(0x0d, floats, sizeof floats, (double[]){1.5, -1, 0});
    expect_values(0x0e, doubles, sizeof doubles, (double[]){0.1, -2, 0});
}

Test(data_idx, a_packed_file_is_the_same)
{
    file plain = three_images(), packed = {.n = 0};
    char path[64];
    write_bytes(path, "", 0);
    gzFile gz = gzopen(path, "wb");
    cr_assert_eq(gzwrite(gz, plain.bytes, (unsigned)plain.n), (int)plain.n);
    gzclose(gz);
    FILE *stream = fopen(path, "rb");
    packed.n = fread(packed.bytes, 1, sizeof packed.bytes, stream);
    fclose(stream);
    unlink(path);
    svi_dataset *a = must_open_files(plain, three_labels()),
                *b = must_open_files(packed, three_labels());
    cr_expect_str_eq(a->digest, b->digest);
    svi_dataset_close(a);
    svi_dataset_close(b);
}

static void expect_refusal(file x, file y, const char *after_path, const char *fragment)
{
    svi_dataset *d;
    sv_error error = {0};
    cr_expect_eq(open_files(x, y, &d, &error), SV_ERR_DATA, "%s", error.message);
    cr_expect_null(d);
    const char *rest = strchr(error.message, ':');
    cr_assert_not_null(rest, "%s", error.message);
    cr_expect_eq(strncmp(rest, after_path, strlen(after_path)), 0, "%s, not %s", error.message,
                 after_path);
    cr_expect_not_null(strstr(error.message, fragment), "%s lacks: %s", error.message, fragment);
}

Test(data_idx, every_cut_is_refused_at_its_byte)
{
    file whole = three_images();
    for (size_t n = 0; n < whole.n; n++) {
        file cut = whole;
        char place[32];
        cut.n = n;
        snprintf(place, sizeof place, ": byte %zu: ", n);
        expect_refusal(cut, three_labels(), place, "the file ends within its");
    }
    file longer = whole;
    longer.n++;
    expect_refusal(longer, three_labels(), ": byte 28: ", "goes on after the 3 items");
}

Test(data_idx, bad_headers_are_refused)
{
    const unsigned char values[12] = {1, 2, 3};
    const uint32_t three[] = {3, 2, 2}, none[] = {0, 2, 2}, wide[] = {3, 300, 300};
    file png = {.bytes = "\x89PNG\r\n\x1a\n", .n = 8};
    expect_refusal(png, three_labels(), ": byte 0: ", "0x89504e47 is no IDX file");
    expect_refusal(idx_file(0x0a, 3, three, values, 12), three_labels(), ": byte 2: ", "0x0a");
    expect_refusal(idx_file(8, 0, three, values, 12), three_labels(), ": byte 3: ", "dimensions");
    expect_refusal(idx_file(8, 3, none, values, 12), three_labels(), ": byte 4: ", "has size 0");
    expect_refusal(idx_file(8, 3, wide, values, 12), three_labels(), ": byte 12: ", "65536");
}

Test(data_idx, files_that_do_not_belong_together_are_refused)
{
    const unsigned char labels[] = {0, 1, 2, 3};
    expect_refusal(three_images(), idx_file(8, 1, (uint32_t[]){4}, labels, 4),
                   ": byte 4: ", "4 labels for 3 images");
    expect_refusal(three_images(), idx_file(8, 2, (uint32_t[]){2, 2}, labels, 4),
                   ": byte 8: ", "2 values a label");
    expect_refusal(three_images(), three_images(), ": byte 8: ", "4 values a label");
}

Test(data_idx, values_that_are_not_finite_are_refused)
{
    const unsigned char floats[] = {0x3f, 0xc0, 0, 0, 0x7f, 0xc0, 0, 0, 0, 0, 0, 0};
    expect_refusal(idx_file(0x0d, 1, (uint32_t[]){3}, floats, 12), three_labels(),
                   ": byte 12: ", "the value is nan");
}
