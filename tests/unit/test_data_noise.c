/* Label and input noise. Expected bits come from a second implementation, in Python. */
#include "data_fixture.h"

#include <math.h>

#include "data/instance.h"

enum { N = 120 };

static svi_data_spec noisy_spec(double label_noise, double input_noise, bool is_replaced)
{
    return (svi_data_spec){
        .set = SVI_SET_CIRCLES,
        .n_points = N,
        .n_classes = 3,
        .noise = 0.1,
        .is_standardized = true,
        .label_noise = label_noise,
        .input_noise = input_noise,
        .split = {.train = 0.6, .val = 0.2, .test = 0.2, .is_replaced = is_replaced}};
}

static svi_instance *make(svi_data_spec spec, uint64_t seed_split, uint64_t seed_noise)
{
    svi_dataset *d;
    svi_instance *in;
    cr_assert_eq(svi_dataset_open(&spec, &d, NULL), SV_OK);
    svi_instance_seeds seeds = {.data = 1, .split = seed_split, .noise = seed_noise};
    cr_assert_eq(svi_instance_make(d, seeds, SVK_PRECISION_FP64, &in, NULL), SV_OK);
    svi_dataset_close(d);
    return in;
}

Test(data_noise, labels_are_those_of_the_document)
{
    /* rows 0..11 with seed 5 and probability 1/4: 0 stays, else what is added to the class */
    const int added[12] = {0, 0, 0, 0, 2, 0, 0, 0, 1, 2, 1, 2};
    svi_instance *in = make(noisy_spec(0.25, 0, false), 9, 5);
    int n_seen = 0;
    for (uint64_t i = 0; i < in->n_train && in->row[i] < 12; i++, n_seen++) {
        int expected = ((int)in->row[i] + added[in->row[i]]) % 3;
        cr_expect_eq(in->label[i], expected, "row %u: %d", in->row[i], in->label[i]);
        cr_expect_eq(((double *)in->y)[i], expected);
    }
    cr_expect_gt(n_seen, 4);
    for (uint64_t i = in->n_train; i < in->n_rows; i++)
        cr_expect_eq(in->label[i], (int)in->row[i] % 3, "only training rows are noisy");
    svi_instance_free(in);
}

Test(data_noise, a_row_has_its_noise_in_every_split_and_copy)
{
    int shift[N];
    memset(shift, -1, sizeof shift);
    for (uint64_t seed = 0; seed < 20; seed++) {
        svi_instance *in = make(noisy_spec(0.5, 0, seed % 2 == 0), seed, 5);
        for (uint64_t i = 0; i < in->n_train; i++) {
            int found = (in->label[i] - (int)in->row[i] % 3 + 3) % 3;
            if (shift[in->row[i]] >= 0) cr_expect_eq(found, shift[in->row[i]]);
            shift[in->row[i]] = found;
        }
        svi_instance_free(in);
    }
}

Test(data_noise, the_share_of_replaced_labels_is_the_probability)
{
    uint64_t n[3] = {0}, n_all = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        svi_instance *in = make(noisy_spec(0.3, 0, false), 9, seed);
        for (uint64_t i = 0; i < in->n_train; i++)
            n[(in->label[i] - (int)in->row[i] % 3 + 3) % 3]++;
        n_all += in->n_train;
        svi_instance_free(in);
    }
    /* 14,400 rows: five SD of a share of 0.15 are 0.015 */
    cr_expect_float_eq((double)n[1] / (double)n_all, 0.15, 0.015);
    cr_expect_float_eq((double)n[2] / (double)n_all, 0.15, 0.015);
    svi_instance *all = make(noisy_spec(1, 0, false), 9, 1);
    for (uint64_t i = 0; i < all->n_train; i++)
        cr_expect_neq(all->label[i], (int)all->row[i] % 3, "with probability 1 every label goes");
    svi_instance_free(all);
}

Test(data_noise, features_are_those_of_the_document)
{
    /* five features: those of row 3 begin at block 6 */
    const double z[5] = {-0x1.1531eb23c9cbbp-4, 0x1.09138b902b246p-1, 0x1.189c3e732b871p-7,
                         -0x1.5aa8a7abc8113p+0, 0x1.2730e720da01cp-3};
    const char *text = "1,2,3,4,5,a\n2,3,4,5,6,b\n3,4,5,6,7,c\n4,5,6,7,9,a\n5,6,7,8,8,b\n";
    svi_data_spec spec = csv_spec(NULL);
    spec.input_noise = 0.5;
    svi_dataset *d = must_open(text, spec);
    svi_instance *in;
    svi_instance_seeds seeds = {.noise = 5};
    cr_assert_eq(svi_instance_make(d, seeds, SVK_PRECISION_FP64, &in, NULL), SV_OK);
    for (int j = 0; j < 5; j++) {
        double expected = fma(0.5, z[j], d->x[3 * 5 + j]), found = ((double *)in->x)[3 * 8 + j];
        cr_expect_eq(found, expected, "feature %d: %a", j, found);
    }
    svi_instance_free(in);
    svi_dataset_close(d);
}

Test(data_noise, features_of_training_rows_alone_are_noisy)
{
    svi_instance *clean = make(noisy_spec(0, 0, true), 9, 5),
                 *noisy = make(noisy_spec(0, 0.5, true), 9, 5);
    double square = 0;
    for (uint64_t i = 0; i < clean->n_rows; i++)
        for (uint64_t j = 0; j < 2; j++) {
            size_t at = i * (size_t)clean->ld + j;
            double added = ((double *)noisy->x)[at] - ((double *)clean->x)[at];
            if (i >= clean->n_train) cr_expect_eq(added, 0);
            square += added * added;
        }
    cr_expect_float_eq(sqrt(square / (2.0 * (double)clean->n_train)), 0.5, 0.1);
    svi_instance_free(clean);
    svi_instance_free(noisy);
}

Test(data_noise, seeds_that_the_data_do_not_use_are_zero)
{
    const uint64_t seed[SVK_N_SOURCES] = {
        [SVK_SOURCE_DATA] = 3, [SVK_SOURCE_SPLIT] = 4, [SVK_SOURCE_NOISE] = 5};
    svi_data_spec spec = noisy_spec(0, 0.1, false), still = noisy_spec(0, 0, false);
    still.split = (svi_split_spec){.train = 1};
    svi_dataset *a, *b;
    cr_assert_eq(svi_dataset_open(&spec, &a, NULL), SV_OK);
    cr_assert_eq(svi_dataset_open(&still, &b, NULL), SV_OK);
    svi_instance_seeds used = svi_instance_seeds_of(a, seed),
                       unused = svi_instance_seeds_of(b, seed);
    cr_expect(used.data == 3 && used.split == 4 && used.noise == 5);
    cr_expect(unused.data == 3 && unused.split == 0 && unused.noise == 0);
    svi_dataset_close(a);
    svi_dataset_close(b);
}

Test(data_noise, a_regression_has_no_labels_to_replace)
{
    svi_data_spec spec = csv_spec(NULL);
    spec.label_noise = 0.1;
    const char *text = "1,0.5\n2,1.5\n";
    must_refuse(text, strlen(text), spec, " label_noise is 0.1", "no classes");
}
