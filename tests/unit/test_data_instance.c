#include "data_fixture.h"

#include <math.h>
#include <pthread.h>

#include "data/instance.h"

#define SEED UINT64_C(0x123456789abcdef0)

static svi_dataset *open_spec(svi_data_spec spec)
{
    svi_dataset *dataset;
    sv_error error = {0};
    cr_assert_eq(svi_dataset_open(&spec, &dataset, &error), SV_OK, "%s", error.message);
    return dataset;
}

static svi_instance *make(const svi_dataset *dataset, uint64_t seed_data, uint64_t seed_split,
                          int precision)
{
    svi_instance *in;
    sv_error error = {0};
    sv_status status = svi_instance_make(dataset, (svi_instance_seeds){seed_data, seed_split, 0},
                                         precision, &in, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return in;
}

Test(data_instance, digits_are_all_there)
{
    svi_dataset *d = open_spec(
        (svi_data_spec){.set = SVI_SET_DIGITS,
                        .split = {.train = 0.6, .val = 0.2, .test = 0.2, .is_stratified = true}});
    const double pixels[] = {0, 0, 5, 13, 9, 1};
    double sum = 0;
    cr_assert_eq(d->n_rows, 1797);
    cr_assert_eq(d->n_features, 64);
    cr_assert_eq(d->n_classes, 10);
    cr_expect_null(d->class_names);
    cr_expect_str_eq(d->name, "digits");
    for (int j = 0; j < 6; j++) cr_expect_eq(d->x[j], pixels[j]);
    for (int k = 0; k < 1797 * 64; k++) sum += d->x[k];
    cr_expect_eq(sum, 561718);
    svi_dataset_close(d);
}

Test(data_instance, iris_is_all_there)
{
    svi_dataset *d = open_spec((svi_data_spec){.set = SVI_SET_IRIS, .split = {.train = 1}});
    cr_assert_eq(d->n_rows, 150);
    cr_assert_eq(d->n_features, 4);
    cr_assert_eq(d->n_classes, 3);
    cr_expect_str_eq(d->class_names[1], "versicolor");
    for (int i = 0; i < 150; i++) cr_expect_eq(d->y[i], i / 50);
    cr_expect_eq(d->x[4 * 149 + 3], 1.8);
    svi_dataset_close(d);
}

/* The expected bits come from a second implementation, in Python with exact fractions for fma. */
Test(data_instance, standardized_values_are_those_of_the_document)
{
    const double first_train[] = {-0x1.ed833697619a9p-1, 0x1.f8adac2ca5354p-1,
                                  -0x1.5d1c5acc97d88p+0, -0x1.57cc3d11d3b71p+0};
    const double last_test[] = {0x1.66eb106e1886dp-6, -0x1.309d34328476cp-3, 0x1.83c182dcc8b2dp-1,
                                0x1.92dd48b0850f7p-1};
    svi_dataset *d = open_spec(
        (svi_data_spec){.set = SVI_SET_IRIS,
                        .is_standardized = true,
                        .split = {.train = 0.6, .val = 0.2, .test = 0.2, .is_stratified = true}});
    svi_instance *wide = make(d, 0, SEED, SVK_PRECISION_FP64),
                 *narrow = make(d, 0, SEED, SVK_PRECISION_FP32);
    const double *x = wide->x;
    const float *x32 = narrow->x;
    for (int j = 0; j < 4; j++) {
        cr_expect_eq(x[j], first_train[j], "feature %d: %a", j, x[j]);
        cr_expect_eq(x[149 * wide->ld + j], last_test[j], "feature %d: %a", j,
                     x[149 * wide->ld + j]);
    }
    for (int k = 0; k < 150 * wide->ld; k++) cr_expect_eq(x32[k], (float)x[k]);
    svi_instance_free(wide);
    svi_instance_free(narrow);
    svi_dataset_close(d);
}

Test(data_instance, rows_are_padded_and_aligned)
{
    const char *text = "1,2,3,4,5,a\n6,7,8,9,-0.0,b\n";
    svi_dataset *d = must_open(text, (svi_data_spec){.set = SVI_SET_CSV, .split = {.train = 1}});
    svi_instance *in = make(d, 0, 0, SVK_PRECISION_FP32);
    const float expected[] = {1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 8, 9, -0.0f, 1, 0, 0};
    cr_assert_eq(in->ld, 8);
    cr_expect_eq((uintptr_t)in->x % 64, 0);
    cr_expect_eq(memcmp(in->x, expected, sizeof expected), 0,
                 "values as they are, the sign of zero too");
    cr_expect_null(in->target);
    const float y[] = {0, 1};
    cr_expect_eq(memcmp(in->y, y, sizeof y), 0);
    cr_expect_eq(in->label[1], 1);
    svi_instance_free(in);
    svi_dataset_close(d);
}

Test(data_instance, a_regression_keeps_its_targets_in_binary64)
{
    svi_dataset *d =
        must_open("1,0.1\n2,0.2\n", (svi_data_spec){.set = SVI_SET_CSV, .split = {.train = 1}});
    svi_instance *in = make(d, 0, 0, SVK_PRECISION_FP32);
    cr_assert_null(in->label);
    cr_expect_eq(in->target[1], 0.2);
    cr_expect_eq(((float *)in->y)[1], 0.2f);
    svi_instance_free(in);
    svi_dataset_close(d);
}

/* Ten times 0.1 add up to less than 1: such a column must not be divided by its rounding error. */
Test(data_instance, a_column_that_is_constant_in_training_is_only_centred)
{
    char text[400] = "";
    for (int i = 0; i < 10; i++) sprintf(text + strlen(text), "0.1,%d,%g\n", i, i + 0.5);
    svi_data_spec spec = {
        .set = SVI_SET_CSV, .is_standardized = true, .keep_constant = true, .split = {.train = 1}};
    svi_dataset *d = must_open(text, spec);
    svi_instance *in = make(d, 0, 0, SVK_PRECISION_FP64);
    for (uint64_t i = 0; i < in->n_rows; i++)
        cr_expect_lt(fabs(((double *)in->x)[i * (size_t)in->ld]), 1e-15);
    svi_instance_free(in);
    svi_dataset_close(d);
}

static void expect_overflow(const char *text, bool is_standardized, int precision,
                            const char *fragment)
{
    svi_data_spec spec = {
        .set = SVI_SET_CSV, .is_standardized = is_standardized, .split = {.train = 1}};
    svi_dataset *d = must_open(text, spec);
    svi_instance *in;
    sv_error error = {0};
    cr_expect_eq(svi_instance_make(d, (svi_instance_seeds){0}, precision, &in, &error),
                 SV_ERR_DATA);
    cr_expect_null(in);
    cr_expect_not_null(strstr(error.message, fragment), "%s", error.message);
    svi_dataset_close(d);
}

Test(data_instance, values_that_leave_the_precision_are_refused)
{
    expect_overflow("1,2,a\n2,1e39,b\n", false, SVK_PRECISION_FP32,
                    "row 1 (from 0), feature 1 (from 0)");
    expect_overflow("1,1.5\n2,1e39\n", false, SVK_PRECISION_FP32, "the target");
    expect_overflow("1,1e308,a\n2,1.5e308,b\n", true, SVK_PRECISION_FP64, "feature 1");
}

Test(data_instance, digest_follows_the_values)
{
    svi_data_spec spec = {.set = SVI_SET_CSV, .split = {.train = 1}};
    const char *texts[] = {"1,a\n2,b\n", "x,y\n1.0,a\n2,b\n", "1,a\n3,b\n", "1,b\n2,a\n"};
    svi_dataset *d[4];
    for (int k = 0; k < 4; k++) d[k] = must_open(texts[k], spec);
    cr_expect_str_eq(d[0]->digest, d[1]->digest);
    cr_expect_str_neq(d[0]->digest, d[2]->digest);
    cr_expect_str_neq(d[0]->digest, d[3]->digest);
    cr_expect_eq(strlen(d[0]->digest), 32);
    for (int k = 0; k < 4; k++) svi_dataset_close(d[k]);
}

Test(data_instance, no_data_is_no_dataset)
{
    svi_dataset *d = (svi_dataset *)1;
    svi_data_spec spec = {.set = SVI_SET_NONE};
    cr_expect_eq(svi_dataset_open(&spec, &d, NULL), SV_OK);
    cr_expect_null(d);
}

enum { N_THREADS = 4, N_MADE = 20 };

typedef struct worker {
    const svi_dataset *dataset;
    const svi_instance *expected[N_MADE];
    int n_equal;
} worker;

static void *work(void *argument)
{
    worker *w = argument;
    for (uint64_t seed = 0; seed < N_MADE; seed++) {
        svi_instance *in = make(w->dataset, seed, seed, SVK_PRECISION_FP32);
        size_t size = in->n_rows * (size_t)in->ld * sizeof(float);
        w->n_equal += memcmp(in->x, w->expected[seed]->x, size) == 0;
        svi_instance_free(in);
    }
    return NULL;
}

Test(data_instance, threads_share_a_dataset)
{
    svi_dataset *d = open_spec(
        (svi_data_spec){.set = SVI_SET_DIGITS,
                        .is_standardized = true,
                        .split = {.train = 0.6, .val = 0.2, .test = 0.2, .is_stratified = true}});
    worker workers[N_THREADS] = {{.dataset = d}};
    pthread_t threads[N_THREADS];
    for (uint64_t seed = 0; seed < N_MADE; seed++) {
        workers[0].expected[seed] = make(d, seed, seed, SVK_PRECISION_FP32);
    }
    for (int t = 1; t < N_THREADS; t++) workers[t] = workers[0];
    for (int t = 0; t < N_THREADS; t++)
        cr_assert_eq(pthread_create(&threads[t], NULL, work, &workers[t]), 0);
    for (int t = 0; t < N_THREADS; t++) {
        pthread_join(threads[t], NULL);
        cr_expect_eq(workers[t].n_equal, N_MADE);
    }
    for (int k = 0; k < N_MADE; k++) svi_instance_free((svi_instance *)workers[0].expected[k]);
    svi_dataset_close(d);
}
