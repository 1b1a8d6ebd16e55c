#include "data_fixture.h"

#include <math.h>

typedef struct npy_file {
    char path[64];
} npy_file;

/* A version 1.0 or 2.0 file with the header text and n bytes of values. */
static npy_file write_npy(int version, const char *header, const void *values, size_t n)
{
    unsigned char bytes[2048] = "\x93NUMPY";
    npy_file file;
    size_t n_header = strlen(header), at = 8;
    bytes[6] = (unsigned char)version;
    bytes[at++] = (unsigned char)n_header;
    bytes[at++] = (unsigned char)(n_header >> 8);
    if (version == 2) at += 2;
    memcpy(bytes + at, header, n_header);
    memcpy(bytes + at + n_header, values, n);
    write_bytes(file.path, bytes, at + n_header + n);
    return file;
}

#define HEADER(type, order, shape)                                                                 \
    "{'descr': '" type "', 'fortran_order': " order ", 'shape': " shape ", }  \n"

static sv_status open_pair(npy_file x, npy_file y, svi_dataset **dataset, sv_error *error)
{
    svi_data_spec spec = {
        .set = SVI_SET_NPY, .file = x.path, .target_file = y.path, .split = {.train = 1}};
    sv_status status = svi_dataset_open(&spec, dataset, error);
    unlink(x.path);
    unlink(y.path);
    return status;
}

static npy_file three_targets(void)
{
    const int64_t y[] = {2, 0, 1};
    return write_npy(1, HEADER("<i8", "False", "(3,)"), y, sizeof y);
}

static void expect_values(npy_file x, const double expected[6])
{
    svi_dataset *d;
    sv_error error = {0};
    cr_assert_eq(open_pair(x, three_targets(), &d, &error), SV_OK, "%s", error.message);
    cr_assert_eq(d->n_rows, 3);
    cr_assert_eq(d->n_features, 2);
    for (int k = 0; k < 6; k++) cr_expect_eq(d->x[k], expected[k], "value %d: %g", k, d->x[k]);
    cr_expect_eq(d->n_classes, 3);
    cr_expect_eq(d->y[0], 2);
    svi_dataset_close(d);
}

Test(data_npy, every_type_is_read)
{
    const double expected[6] = {0, 1, 2, 3, 100, 5};
    const double f8[] = {0, 1, 2, 3, 100, 5};
    const float f4[] = {0, 1, 2, 3, 100, 5};
    const uint8_t u1[] = {0, 1, 2, 3, 100, 5};
    const uint16_t u2[] = {0, 1, 2, 3, 100, 5};
    const int32_t i4[] = {0, 1, 2, 3, 100, 5};
    const uint64_t u8[] = {0, 1, 2, 3, 100, 5};
    const uint8_t big[] = {0, 0, 0, 1, 0, 2, 0, 3, 0, 100, 0, 5};
    expect_values(write_npy(1, HEADER("<f8", "False", "(3, 2)"), f8, sizeof f8), expected);
    expect_values(write_npy(2, HEADER("<f4", "False", "(3, 2)"), f4, sizeof f4), expected);
    expect_values(write_npy(1, HEADER("|u1", "False", "(3, 2)"), u1, sizeof u1), expected);
    expect_values(write_npy(1, HEADER("<u2", "False", "(3, 2)"), u2, sizeof u2), expected);
    expect_values(write_npy(1, HEADER("<i4", "False", "(3, 2)"), i4, sizeof i4), expected);
    expect_values(write_npy(1, HEADER("<u8", "False", "(3, 2)"), u8, sizeof u8), expected);
    expect_values(write_npy(1, HEADER(">i2", "False", "(3, 2)"), big, sizeof big), expected);
}

Test(data_npy, signs_are_kept)
{
    const double expected[6] = {-128, -1, 127, 3, 4, 5};
    const int8_t i1[] = {-128, -1, 127, 3, 4, 5};
    const int64_t i8[] = {-128, -1, 127, 3, 4, 5};
    expect_values(write_npy(1, HEADER("|i1", "False", "(3, 2)"), i1, sizeof i1), expected);
    expect_values(write_npy(1, HEADER("<i8", "False", "(3, 2)"), i8, sizeof i8), expected);
}

Test(data_npy, fortran_order_is_read_by_columns)
{
    const double expected[6] = {0, 3, 1, 4, 2, 5};
    const double f8[] = {0, 1, 2, 3, 4, 5};
    expect_values(write_npy(1, HEADER("<f8", "True", "(3, 2)"), f8, sizeof f8), expected);
}

static void expect_refusal(npy_file x, npy_file y, const char *after_path, const char *fragment)
{
    svi_dataset *d;
    sv_error error = {0};
    cr_expect_eq(open_pair(x, y, &d, &error), SV_ERR_DATA, "%s", error.message);
    cr_expect_null(d);
    const char *rest = strchr(error.message, ':');
    cr_assert_not_null(rest);
    cr_expect_eq(strncmp(rest + 1, after_path, strlen(after_path)), 0, "%s, not %s", error.message,
                 after_path);
    cr_expect_not_null(strstr(error.message, fragment), "%s lacks: %s", error.message, fragment);
}

Test(data_npy, bad_files_are_refused)
{
    const double f8[6] = {0, 1, 2, 3, 4, 5};
#define REFUSE(version, header, n, fragment)                                                       \
    expect_refusal(write_npy(version, header, f8, n), three_targets(), " ", fragment)
    REFUSE(1, HEADER("<f8", "False", "(3, 2)"), 47, "47 bytes of values");
    REFUSE(1, HEADER("<f8", "False", "(3, 1)"), 48, "needs 24");
    REFUSE(1, HEADER("<f8", "False", "(3, 1, 2)"), 48, "shape must be");
    REFUSE(1, HEADER("<f8", "False", "()"), 8, "shape must be");
    REFUSE(1, HEADER("<f8", "False", "(-3, 2)"), 48, "shape must be");
    REFUSE(1, HEADER("<f8", "False", "(3, 2"), 48, "shape must be");
    REFUSE(1, HEADER("<f8", "False", "(3, 0)"), 0, "1 to 65536 columns");
    REFUSE(1, HEADER("<f8", "False", "(99999999999999999999, 2)"), 48, "fewer than 2^31 rows");
    REFUSE(1, HEADER("<f8", "False", "(0, 2)"), 0, "one target a row");
    REFUSE(1, HEADER("<f8", "False", "(2, 3)"), 48, "one target a row");
    REFUSE(1, HEADER("<f2", "False", "(3, 2)"), 12, "float32");
    REFUSE(1, HEADER("<U5", "False", "(3, 2)"), 48, "float32");
    REFUSE(1, HEADER("|O", "False", "(3, 2)"), 48, "float32");
    REFUSE(1, "{'descr': '<f8', 'fortran_order': False}", 48, "no shape");
    REFUSE(1, "{'descr': '<f8', 'shape': (3, 2)}", 48, "fortran_order");
    REFUSE(3, HEADER("<f8", "False", "(3, 2)"), 48, "version");
}

Test(data_npy, cut_headers_are_refused)
{
    npy_file whole = write_npy(1, HEADER("<f8", "False", "(3, 2)"), "", 0);
    unsigned char bytes[256];
    FILE *stream = fopen(whole.path, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    unlink(whole.path);
    for (size_t cut = 0; cut < n; cut++) {
        npy_file x;
        write_bytes(x.path, bytes, cut);
        expect_refusal(x, three_targets(), " ", cut < 10 ? "not a .npy file" : "ends too early");
    }
}

Test(data_npy, bad_values_are_named)
{
    double f8[6] = {0, 1, 2, NAN, 4, 5};
    npy_file x = write_npy(1, HEADER("<f8", "False", "(3, 2)"), f8, sizeof f8);
    expect_refusal(x, three_targets(), "2:2: column 2: the value is nan", "finite");
    x = write_npy(1, HEADER("<f8", "True", "(3, 2)"), f8, sizeof f8);
    expect_refusal(x, three_targets(), "1:2: column 2: the value is nan", "finite");
    f8[3] = 3;
    const float y[3] = {0, INFINITY, 1};
    x = write_npy(1, HEADER("<f8", "False", "(3, 2)"), f8, sizeof f8);
    expect_refusal(x, write_npy(1, HEADER("<f4", "False", "(3, 1)"), y, sizeof y),
                   "2:1: ", "the target is inf");
    const double constant[6] = {0, 7, 2, 7, 4, 7};
    x = write_npy(1, HEADER("<f8", "False", "(3, 2)"), constant, sizeof constant);
    expect_refusal(x, three_targets(), "1:2: column 2: every row holds 7", "keep");
}
