#include "data_fixture.h"

#include <math.h>
#include <zlib.h>

#define REFUSE(text, spec, place, fragment)                                                        \
    must_refuse(text, sizeof(text) - 1, spec, place, fragment)

static const svi_data_spec plain = {.set = SVI_SET_CSV, .target = "-1", .split = {.train = 1}};

static svi_data_spec with_target(char *target)
{
    svi_data_spec spec = plain;
    spec.target = target;
    return spec;
}

static svi_data_spec with_header(svi_header header)
{
    svi_data_spec spec = plain;
    spec.header = header;
    return spec;
}

static svi_data_spec with_task(svi_task task)
{
    svi_data_spec spec = plain;
    spec.task = task;
    return spec;
}

static void check_two_rows(const char *text)
{
    svi_dataset *d = must_open(text, plain);
    cr_expect_eq(d->n_rows, 2);
    cr_expect_eq(d->n_features, 2);
    const double x[] = {1.5, -2, 3e-3, 4};
    for (int k = 0; k < 4; k++) cr_expect_eq(d->x[k], x[k], "value %d of: %s", k, text);
    cr_expect_eq(d->n_classes, 2);
    cr_expect_eq(d->y[0], 0);
    cr_expect_eq(d->y[1], 1);
    svi_dataset_close(d);
}

Test(data_csv, dialects_read_alike)
{
    check_two_rows("1.5,-2,0\n3e-3,4,1\n");
    check_two_rows("1.5,-2,0\n3e-3,4,1");
    check_two_rows("1.5,-2,0\r\n3e-3,4,1\r\n");
    check_two_rows("1.5,-2,0\r3e-3,4,1\r");
    check_two_rows("\xef\xbb\xbf"
                   "1.5,-2,0\n3e-3,4,1\n");
    check_two_rows("\"1.5\", -2 ,\"0\"\n 3e-3\t,\"4\" ,1\n");
    check_two_rows("\n1.5,-2,0\n\n  \n3e-3,4,1\n\n");
    check_two_rows("a,b,class\n1.5,-2,0\n3e-3,4,1\n");
    check_two_rows("a,\"b, the\n\"\"second\"\"\",class\n1.5,-2,0\n3e-3,4,1\n");
}

static svi_data_spec cleaned(char *drop)
{
    svi_data_spec spec = plain;
    spec.drop = drop;
    spec.is_text_encoded = spec.is_gap_dropped = true;
    return spec;
}

static void check_table(svi_dataset *d, int n_features, uint64_t n_rows, const double *x)
{
    cr_assert_eq(d->n_features, n_features);
    cr_assert_eq(d->n_rows, n_rows);
    for (uint64_t k = 0; k < n_rows * (uint64_t)n_features; k++)
        cr_expect_eq(d->x[k], x[k], "value %d", (int)k);
    svi_dataset_close(d);
}

static const char pets[] = "id,weight,fur,kind\n"
                           "n0,4,long,cat\n"
                           "n1,NA,short,cat\n"
                           "n2,9,short,dog\n"
                           "n3,5,,dog\n"
                           "n4,3,curly,cat\n"
                           "n5,8,7,dog\n"
                           "n6,7,long,?\n";

Test(data_csv, text_becomes_a_feature_for_each_word)
{
    const double x[] = {4, 0, 0, 1, 0, 9, 0, 0, 0, 1, 3, 0, 1, 0, 0, 8, 1, 0, 0, 0};
    svi_dataset *d = must_open(pets, cleaned("id\n")); /* weight, 7, curly, long, short */
    cr_expect_eq(d->n_rows_dropped, 3);
    cr_expect_eq(d->n_classes, 2);
    check_table(d, 5, 4, x);
    check_table(must_open(pets, cleaned("0\n")), 5, 4, x);
}

Test(data_csv, dropped_columns_may_hold_anything)
{
    const double x[] = {4, 9, 5, 3, 8};
    svi_data_spec spec = cleaned("fur\n0\n");
    spec.is_text_encoded = false;
    svi_dataset *d = must_open(pets, spec);
    cr_expect_eq(d->n_rows_dropped, 2);
    check_table(d, 1, 5, x);
    spec.is_gap_dropped = false;
    REFUSE("a,b,y\n1,2,0\n3,,1\n", spec, "1:1", "no column is named \"fur\", as `drop` says");
    spec.drop = NULL;
    REFUSE("a,b,y\n1,2,0\n3,,1\n", spec, "3:2: column 2 (b)", "missing: drop_row");
    REFUSE("a,b,y\n1,2,0\n3,w,1\n", spec, "3:2: column 2 (b)", "text: one_hot");
    spec.is_text_encoded = true;
    REFUSE("a,b,y\n1,2,0\n3,w,1\n", spec, "3:2: column 2 (b)", "the first row has one");
    REFUSE("a,b,y\n1,w,0\n3,,1\n", spec, "3:2: column 2 (b)", "missing: drop_row");
    spec.drop = "y\n";
    REFUSE("a,b,y\n1,2,0\n3,4,1\n", spec, "1:3", "lists the target, y; take it out");
    spec.drop = "0\n1\n";
    REFUSE("a,b,y\n1,2,0\n3,4,1\n", spec, "1:1", "every feature");
    spec.drop = "3\n";
    REFUSE("a,b,y\n1,2,0\n3,4,1\n", spec, "1:1", "`drop: 3` asks for a column");
    spec.drop = "a\n";
    spec.header = SVI_HEADER_NO;
    REFUSE("1,2,0\n3,4,1\n", spec, "1:1", "`drop: a` is a name, but `header: no`");
}

Test(data_csv, names_of_rows_are_too_many_words)
{
    char text[16384];
    int n = snprintf(text, sizeof text, "a,b,y\n");
    for (int i = 0; i < 257; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%d,w%d,%d\n", i, i, i % 2);
    must_refuse(text, (size_t)n, cleaned(NULL), "258:2: column 2 (b)", "more than 256");
    svi_data_spec spec = cleaned("b\n");
    svi_dataset *d = must_open(text, spec);
    cr_expect_eq(d->n_features, 1);
    svi_dataset_close(d);
}

Test(data_csv, gzip_reads_like_plain_text)
{
    char path[64];
    svi_dataset *d;
    write_bytes(path, "", 0);
    gzFile file = gzopen(path, "wb");
    for (int i = 0; i < 30000; i++) gzprintf(file, "%d,%d.5,%d\n", i, 7 * i, i % 3);
    gzclose(file);
    file = gzopen(path, "ab"); /* a second member */
    gzprintf(file, "1,2,2\n");
    gzclose(file);
    svi_data_spec spec = csv_spec(path);
    cr_assert_eq(svi_dataset_open(&spec, &d, NULL), SV_OK);
    cr_expect_eq(d->n_rows, 30001);
    cr_expect_eq(d->x[2 * 29999 + 1], 7 * 29999 + 0.5);
    cr_expect_eq(d->y[29999], 2);
    svi_dataset_close(d);
    unlink(path);
}

Test(data_csv, damaged_gzip_is_refused)
{
    char path[64];
    unsigned char bytes[4096];
    write_bytes(path, "", 0);
    gzFile file = gzopen(path, "wb");
    for (int i = 0; i < 500; i++) gzprintf(file, "%d,%d\n", i * 7919 % 1000, i % 3);
    gzclose(file);
    FILE *stream = fopen(path, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    unlink(path);
    must_refuse((char *)bytes, n / 2, plain, " the gzip file ends too early", "copy it again");
    must_refuse((char *)bytes, n - 1, plain, " the gzip file ends too early", "copy it again");
    bytes[n - 6] ^= 1; /* the checksum */
    must_refuse((char *)bytes, n, plain, " the gzip file is damaged", "copy it again");
}

Test(data_csv, target_is_found_by_name_and_index)
{
    const char *named = "a,kind,b\n1,0,2\n3,1,4\n";
    const char *bare = "1,0,2\n3,1,4\n";
    svi_dataset *d[] = {must_open(named, with_target("kind")), must_open(named, with_target("1")),
                        must_open(bare, with_target("1")), must_open(bare, with_target("-2"))};
    for (int k = 0; k < 4; k++) {
        cr_expect_eq(d[k]->n_rows, 2);
        cr_expect_eq(d[k]->x[1], 2);
        cr_expect_eq(d[k]->x[2], 3);
        cr_expect_eq(d[k]->y[1], 1);
        cr_expect_str_eq(d[k]->digest, d[0]->digest);
    }
    for (int k = 0; k < 4; k++) svi_dataset_close(d[k]);
}

Test(data_csv, header_is_as_told)
{
    svi_dataset *d = must_open("0,1,2\n5,6,0\n7,8,1\n", with_header(SVI_HEADER_YES));
    cr_expect_eq(d->n_rows, 2);
    svi_dataset_close(d);
    d = must_open("0,1,2\n5,6,0\n7,8,1\n", plain);
    cr_expect_eq(d->n_rows, 3);
    svi_dataset_close(d);
    REFUSE("a,b,c\n5,6,0\n7,8,1\n", with_header(SVI_HEADER_NO), "1:1: column 1",
           "\"a\" is not a number");
    REFUSE("a,1,c\n5,6,0\n7,8,1\n", plain, "1:1", "header: yes");
}

Test(data_csv, text_classes_are_sorted_by_name)
{
    svi_dataset *d = must_open("x,kind\n1,pear\n2,apple\n3,\"fig, dried\"\n4,apple\n", plain);
    const char *names[] = {"apple", "fig, dried", "pear"};
    const double y[] = {2, 0, 1, 0};
    cr_assert_eq(d->n_classes, 3);
    for (int c = 0; c < 3; c++) cr_expect_str_eq(d->class_names[c], names[c]);
    for (int i = 0; i < 4; i++) cr_expect_eq(d->y[i], y[i]);
    svi_dataset_close(d);
}

Test(data_csv, number_classes_are_sorted_by_value)
{
    svi_dataset *d = must_open("1,10\n2,9\n3,10\n", plain);
    cr_assert_eq(d->n_classes, 2);
    cr_expect_str_eq(d->class_names[0], "9");
    cr_expect_eq(d->y[0], 1);
    svi_dataset_close(d);
    d = must_open("1,1\n2,0\n3,1\n", plain);
    cr_expect_null(d->class_names, "classes 0.. need no names");
    svi_dataset_close(d);
    d = must_open("1,1\n2,-1\n3,0.1\n", with_task(SVI_TASK_CLASSIFICATION));
    cr_assert_eq(d->n_classes, 3);
    cr_expect_str_eq(d->class_names[0], "-1");
    cr_expect_str_eq(d->class_names[1], "0.1");
    cr_expect_eq(d->y[2], 1);
    svi_dataset_close(d);
}

/* n rows "i,value_of(i)". */
static svi_dataset *open_numbered(int n, double step, svi_data_spec spec)
{
    static char text[16000];
    size_t at = 0;
    for (int i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%d,%.17g\n", i, i * step);
    return must_open(text, spec);
}

Test(data_csv, task_is_recognized)
{
    struct {
        int n;
        double step;
        svi_task task;
        int n_classes;
    } cases[] = {{256, 1, SVI_TASK_AUTO, 256},    {257, 1, SVI_TASK_AUTO, 0},
                 {10, 0.5, SVI_TASK_AUTO, 0},     {10, -1, SVI_TASK_AUTO, 0},
                 {10, 1, SVI_TASK_REGRESSION, 0}, {10, 0.5, SVI_TASK_CLASSIFICATION, 10}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        svi_dataset *d = open_numbered(cases[k].n, cases[k].step, with_task(cases[k].task));
        cr_expect_eq(d->n_classes, cases[k].n_classes, "case %zu: %d", k, d->n_classes);
        double last = cases[k].n_classes > 0 ? cases[k].n - 1 : (cases[k].n - 1) * cases[k].step;
        cr_expect_eq(d->y[cases[k].n - 1], last);
        svi_dataset_close(d);
    }
}

Test(data_csv, bad_values_are_named)
{
    REFUSE("a,bee,c\n1,2,0\n3,nan,1\n", plain, "3:2: column 2 (bee): the value is nan",
           "fill it in");
    REFUSE("a,b,c\n1,2,0\n-inf,4,1\n", plain, "3:1: column 1 (a): the value is -inf", "finite");
    REFUSE("a,b,c\n1,2,0\n1e999,4,1\n", plain, "3:1: column 1 (a): the value is inf", "finite");
    REFUSE("a,b,c\n1,2,0\n3,,1\n", plain, "3:2: column 2 (b)", "empty");
    REFUSE("a,b,c\n1,2,0\n3,4 cm,1\n", plain, "3:2: column 2 (b): \"4 cm\" is not a number",
           "`text: one_hot`");
    REFUSE("1,2,0\n0x10,4,1\n", plain, "2:1: column 1: \"0x10\" is not a number", "");
    REFUSE("1,2,0\n1.5.2,4,1\n", plain, "2:1: column 1: \"1.5.2\" is not a number", "");
    REFUSE("a,c\n1,x\n\"2\n\",x\n3,y\n", plain, "3:1: column 1 (a): \"2?\" is not a number", "");
    REFUSE("a,c\n1,0\n\"2\n\n", plain, "3:1", "never closed");
    REFUSE("a,c\n1,0\n\"2\" 3,0\n", plain, "3:1", "closing quotation mark");
}

Test(data_csv, bad_targets_are_named)
{
    REFUSE("a,kind\n1,x\n2,7\n", plain, "3:2: column 2 (kind): the target is the number 7", "text");
    REFUSE("a,kind\n1,1\n2,x\n", plain, "3:2: column 2 (kind): the target is \"x\"", "number");
    REFUSE("a,kind\n1,1\n2,inf\n", plain, "3:2: column 2 (kind): the target is inf", "finite");
    REFUSE("a,kind\n1,1\n2,\n", plain, "3:2: column 2 (kind): the target is empty", "remove");
    REFUSE("a,kind\n1,x\n2,y\n", with_task(SVI_TASK_REGRESSION), "2:2", "task: regression");
    REFUSE("a,kind\n1,x\n2,x\n", plain, "1:2: column 2 (kind)", "same target");
    REFUSE("a,b,kind\n1,2,x\n2,3,y\n", with_target("kimd"), "1:1", "did you mean \"kind\"");
    REFUSE("a,kind,kind\n1,2,x\n2,3,y\n", with_target("kind"), "1:3", "two columns");
    REFUSE("a,kind\n1,x\n2,y\n", with_target("2"), "1:1", "0 to 1");
    REFUSE("a,kind\n1,x\n2,y\n", with_target("99999999999999999999"), "1:1", "0 to 1");
    svi_data_spec named_without_header = with_target("kind");
    named_without_header.header = SVI_HEADER_NO;
    REFUSE("1,x\n2,y\n", named_without_header, "1:1", "header: no");
}

Test(data_csv, too_many_classes_are_refused)
{
    char text[8000];
    size_t at = 0;
    for (int i = 0; i < 257; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%d,c%d\n", i, i);
    must_refuse(text, at, plain, "257:2: column 2", "more than 256 classes");
    at = 0;
    for (int i = 0; i < 257; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%d,%d\n", i, i);
    must_refuse(text, at, with_task(SVI_TASK_CLASSIFICATION), "257:2: column 2",
                "task: regression");
}

Test(data_csv, bad_shapes_are_named)
{
    REFUSE("", plain, "1:1", "empty");
    REFUSE("\n \n", plain, "1:1", "empty");
    REFUSE("a,b\n", plain, "1:1", "no rows");
    REFUSE("1,2,0\n3,4\n", plain, "2:3", "2 fields, line 1 has 3");
    REFUSE("1,2,0\n3,4,1,5\n", plain, "2:4", "4 fields, line 1 has 3");
    REFUSE("1;2;0\n3;4;1\n", plain, "1:1", "one column only");
    REFUSE("a,b,c\n5,1,0\n5,2,1\n", plain, "1:1: column 1 (a): every row holds 5",
           "constant_columns: keep");
    svi_data_spec keep = plain;
    keep.keep_constant = true;
    svi_dataset_close(must_open("a,b,c\n5,1,0\n5,2,1\n", keep));
}

Test(data_csv, bytes_that_are_not_text_are_refused)
{
    REFUSE("1,2\n3\0,4\n", plain, "2:1", "byte 0x00");
    REFUSE("1,2\n3,\x7f"
           "4\x01\n",
           plain, "2:2", "byte 0x01");
    REFUSE("\xff\xfe"
           "1\0,\0002\0",
           plain, "1:1", "byte 0x00");
    REFUSE("a,na\xefve\n1,2\n", plain, "1:2", "byte 0xef is not UTF-8");
    REFUSE("1,\xed\xa0\x80\n", plain, "1:2", "byte 0xed is not UTF-8");
    svi_dataset *d = must_open("1,na\xc3\xafve\n2,\xf0\x9f\x8d\x90\n", plain);
    cr_expect_str_eq(d->class_names[0], "na\xc3\xafve");
    svi_dataset_close(d);
}

Test(data_csv, an_endless_field_is_refused)
{
    size_t n = (size_t)3 << 20;
    char *text = malloc(n);
    memset(text, '1', n);
    must_refuse(text, n, plain, "1:1", "longer than 1 MiB");
    memcpy(text, "1,2\n\"", 5);
    must_refuse(text, n, plain, "2:1", "longer than 1 MiB");
    free(text);
}

Test(data_csv, a_missing_file_is_an_error_of_the_study)
{
    sv_error error = {0};
    svi_dataset *d;
    svi_data_spec spec = csv_spec("/nonexistent/data.csv");
    cr_expect_eq(svi_dataset_open(&spec, &d, &error), SV_ERR_DATA);
    cr_expect_eq(strncmp(error.message, "/nonexistent/data.csv: ", 23), 0, "%s", error.message);
    spec.file = "/tmp";
    cr_expect_eq(svi_dataset_open(&spec, &d, &error), SV_ERR_DATA, "a folder");
}

Test(data_csv, numbers_are_correctly_rounded)
{
    svi_dataset *d = must_open(
        "0.1,9007199254740993,1\n2.2250738585072011e-308,1.7976931348623157e308,0\n", plain);
    cr_expect_eq(d->x[0], 0x1.999999999999ap-4);
    cr_expect_eq(d->x[1], 0x1p+53);
    cr_expect_eq(d->x[2], 0x0.fffffffffffffp-1022);
    cr_expect_eq(d->x[3], 0x1.fffffffffffffp+1023);
    svi_dataset_close(d);
}
