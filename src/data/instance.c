#include "data/instance.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/row_list.h"
#include "data/split.h"
#include "data_kernels.h"
#include "net.h"

enum { ALIGNMENT_BYTES = 64 };

svi_instance_seeds svi_instance_seeds_of(const svi_dataset *dataset,
                                         const uint64_t seed[SVK_N_SOURCES])
{
    bool is_noisy = dataset->spec.label_noise > 0 || dataset->spec.input_noise > 0;
    return (svi_instance_seeds){
        .data = dataset->is_generated ? seed[SVK_SOURCE_DATA] : 0,
        .split = svi_split_is_drawn(dataset) ? seed[SVK_SOURCE_SPLIT] : 0,
        .noise = is_noisy ? seed[SVK_SOURCE_NOISE] : 0,
    };
}

bool svi_instance_seeds_are_equal(svi_instance_seeds a, svi_instance_seeds b)
{
    return a.data == b.data && a.split == b.split && a.noise == b.noise;
}

void svi_instance_sizes(const svi_dataset *dataset, uint64_t *n_train, uint64_t *n_val,
                        uint64_t *n_test)
{
    svi_split_sizes sizes = svi_split_count(dataset);
    *n_train = sizes.n_train;
    *n_val = sizes.n_val;
    *n_test = svi_split_most_test(dataset) + dataset->n_fresh;
}

static size_t value_size(int precision)
{
    return precision == SVK_PRECISION_FP64 ? sizeof(double) : sizeof(float);
}

static int leading(const svi_dataset *dataset)
{
    return (int)svk_row_length((uint32_t)dataset->n_features);
}

size_t svi_instance_size_bytes(const svi_dataset *dataset, int precision)
{
    uint64_t n_train, n_val, n_test;
    svi_instance_sizes(dataset, &n_train, &n_val, &n_test);
    size_t row_bytes =
        ((size_t)leading(dataset) + 1) * value_size(precision) + sizeof(uint32_t) + sizeof(double);
    return (n_train + n_val + n_test) * row_bytes;
}

/* A multiple of the alignment long, zero in the bytes beyond the values. */
static sv_status allocate(void **out, size_t n, size_t item_bytes, sv_error *error)
{
    size_t used = n * item_bytes;
    size_t size = (used + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
    *out = aligned_alloc(ALIGNMENT_BYTES, size);
    if (*out == NULL) return svi_fail_memory(error, size, "the rows of a run");
    memset((char *)*out + used, 0, size - used);
    return SV_OK;
}

static sv_status allocate_rows(svi_instance *in, sv_error *error)
{
    size_t n = in->n_rows, value_bytes = value_size(in->precision);
    void *label = NULL, *target = NULL;
    SVI_TRY(allocate(&in->x, n * (size_t)in->ld, value_bytes, error));
    SVI_TRY(allocate(&in->y, n, value_bytes, error));
    bool is_class = in->n_classes > 0;
    SVI_TRY(is_class ? allocate(&label, n, sizeof *in->label, error)
                     : allocate(&target, n, sizeof *in->target, error));
    in->label = label;
    in->target = target;
    return SV_OK;
}

/* ---- features ---- */

/* A column that does not vary has no SD to divide by, whatever its mean was rounded to. */
static bool varies(const svi_instance *in, const double *x, size_t j)
{
    size_t d = (size_t)in->n_features;
    for (uint64_t i = 1; i < in->n_train; i++) {
        if (x[in->row[i] * d + j] != x[in->row[0] * d + j]) return true;
    }
    return false;
}

static void measure_columns(const svi_instance *in, const double *x, double *mean, double *divisor)
{
    size_t d = (size_t)in->n_features;
    svk_data_kernels_best()->measure(x, d, in->row, in->n_train, mean, divisor);
    for (size_t j = 0; j < d; j++)
        divisor[j] = divisor[j] > 0.0 && varies(in, x, j) ? divisor[j] : 1.0;
}

static sv_status fail_overflow(const svi_dataset *dataset, const svi_instance *in, uint64_t i,
                               const char *what, double value, sv_error *error)
{
    bool is_wide = in->precision == SVK_PRECISION_FP64;
    return svi_fail(error, SV_ERR_DATA,
                    "%s: row %" PRIu32 " (from 0), %s: %g cannot be held in %s; scale the column%s",
                    dataset->name, in->row[i], what, value, is_wide ? "fp64" : "fp32",
                    is_wide ? "" : " or use fp64");
}

static sv_status fail_feature(const svi_dataset *dataset, const svi_instance *in, uint64_t i,
                              const double *z, sv_error *error)
{
    double limit = in->precision == SVK_PRECISION_FP64 ? DBL_MAX : FLT_MAX;
    size_t j = 0;
    char what[48];
    while (fabs(z[j]) <= limit) j++;
    snprintf(what, sizeof what, "feature %zu (from 0)", j);
    return fail_overflow(dataset, in, i, what, z[j], error);
}

/* Rows first .. first + n - 1 of the instance. */
static sv_status fill_part(const svi_dataset *dataset, const svk_filling *filling, uint64_t first,
                           uint64_t n, double *z, svi_instance *in, sv_error *error)
{
    const svk_data_kernels *k = svk_data_kernels_best();
    const uint32_t *row = in->row + first;
    size_t at = first * filling->ld;
    uint64_t n_filled = in->precision == SVK_PRECISION_FP64
                            ? k->fill_f64(filling, row, n, z, (double *)in->x + at)
                            : k->fill_f32(filling, row, n, z, (float *)in->x + at);
    return n_filled == n ? SV_OK : fail_feature(dataset, in, first + n_filled, z, error);
}

static sv_status fill_features(const svi_dataset *dataset, const double *x, uint64_t seed_noise,
                               svi_instance *in, sv_error *error)
{
    size_t d = (size_t)in->n_features;
    double *columns = malloc(3 * d * sizeof *columns), *z = columns + 2 * d;
    if (columns == NULL)
        return svi_fail_memory(error, 3 * d * sizeof *columns, "the scale of the columns");
    svk_filling filling = {.x = x,
                           .n_columns = d,
                           .ld = (size_t)in->ld,
                           .seed_noise = seed_noise,
                           .noise = dataset->spec.input_noise};
    if (dataset->spec.is_standardized) {
        measure_columns(in, x, columns, columns + d);
        filling.mean = columns;
        filling.divisor = columns + d;
    }
    sv_status status = fill_part(dataset, &filling, 0, in->n_train, z, in, error);
    filling.noise = 0;
    uint64_t n_others = in->n_rows - in->n_train;
    if (status == SV_OK) status = fill_part(dataset, &filling, in->n_train, n_others, z, in, error);
    free(columns);
    return status;
}

/* ---- targets ---- */

/* Another class for a training row that the noise source picks. */
static double noisy_class(const svi_dataset *dataset, uint64_t seed_noise, uint32_t row, double y)
{
    uint32_t n_classes = (uint32_t)dataset->n_classes;
    svk_block b = svk_draw_block(seed_noise, SVK_STREAM_NOISE, SVK_PART_LABEL_NOISE, row);
    if (!((double)b.word[0] < dataset->spec.label_noise * 0x1p+32)) return y;
    return (double)(((uint32_t)y + 1 + svk_below(b.word[1], n_classes - 1)) % n_classes);
}

static sv_status fill_targets(const svi_dataset *dataset, const double *y, uint64_t seed_noise,
                              svi_instance *in, sv_error *error)
{
    bool is_wide = in->precision == SVK_PRECISION_FP64;
    for (uint64_t i = 0; i < in->n_rows; i++) {
        double value = y[in->row[i]];
        if (i < in->n_train && dataset->spec.label_noise > 0)
            value = noisy_class(dataset, seed_noise, in->row[i], value);
        if (!is_wide && fabs(value) > FLT_MAX)
            return fail_overflow(dataset, in, i, "the target", value, error);
        size_t in_row = i * (size_t)in->ld + (size_t)in->n_features;
        if (is_wide)
            ((double *)in->y)[i] = ((double *)in->x)[in_row] = value;
        else
            ((float *)in->y)[i] = ((float *)in->x)[in_row] = (float)value;
        if (in->label != NULL)
            in->label[i] = (int32_t)value;
        else
            in->target[i] = value;
    }
    return SV_OK;
}

/* ---- the whole ---- */

static sv_status fill_rows(const svi_dataset *dataset, svi_instance_seeds seeds, svi_instance *in,
                           sv_error *error)
{
    svi_row_source rows;
    sv_status status = svi_row_source_open(dataset, seeds.data, &rows, error);
    if (status == SV_OK) status = fill_features(dataset, rows.x, seeds.noise, in, error);
    if (status == SV_OK) status = fill_targets(dataset, rows.y, seeds.noise, in, error);
    svi_row_source_close(&rows);
    return status;
}

static sv_status make(const svi_dataset *dataset, svi_instance_seeds seeds, svi_instance *in,
                      sv_error *error)
{
    svi_row_list list;
    sv_status status = svi_row_list_make(dataset, seeds.split, &list, error);
    in->row = list.row;
    in->n_train = list.n_train;
    in->n_val = list.n_val;
    in->n_test = list.n_test;
    in->n_rows = list.n_train + list.n_val + list.n_test;
    if (status == SV_OK) status = allocate_rows(in, error);
    return status == SV_OK ? fill_rows(dataset, seeds, in, error) : status;
}

sv_status svi_instance_make(const svi_dataset *dataset, svi_instance_seeds seeds, int precision,
                            svi_instance **instance, sv_error *error)
{
    *instance = NULL;
    svi_instance *in = calloc(1, sizeof *in);
    if (in == NULL) return svi_fail_memory(error, sizeof *in, "the rows of a run");
    in->n_features = dataset->n_features;
    in->ld = leading(dataset);
    in->n_classes = dataset->n_classes;
    in->precision = precision;
    sv_status status = make(dataset, seeds, in, error);
    if (status == SV_OK)
        *instance = in;
    else
        svi_instance_free(in);
    return status;
}

bool svi_instance_is_only_shuffled(const svi_dataset *dataset)
{
    const svi_data_spec *spec = &dataset->spec;
    const svi_split_spec *split = &spec->split;
    bool is_plain = !split->is_stratified && !split->is_replaced && !split->is_test_fixed;
    return is_plain && !spec->is_standardized && spec->label_noise == 0 && spec->input_noise == 0;
}

svi_dataset svi_instance_unsplit(const svi_dataset *dataset)
{
    svi_dataset unsplit = *dataset;
    unsplit.spec.split = (svi_split_spec){.train = 1};
    return unsplit;
}

void svi_instance_free(svi_instance *instance)
{
    if (instance == NULL) return;
    free(instance->x);
    free(instance->y);
    free(instance->label);
    free(instance->target);
    free(instance->row);
    free(instance);
}

static void label_rows(const svi_dataset *dataset, const double *y, const uint32_t *row, uint64_t n,
                       int32_t *label)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t r = row[i];
        if (y != NULL)
            label[i] = (int32_t)y[r];
        else
            label[i] = (int32_t)svk_row_label(&dataset->generator,
                                              r < dataset->n_rows ? r : r - dataset->n_rows);
    }
}

sv_status svi_instance_test_rows(const svi_dataset *dataset, svi_instance_seeds seeds,
                                 uint64_t *n_test, uint32_t *row, int32_t *label, sv_error *error)
{
    svi_row_list list;
    svi_row_source rows = {.y = dataset->y};
    bool needs_rows = dataset->is_generated && svk_has_drawn_labels(&dataset->generator);
    sv_status status = svi_row_list_make(dataset, seeds.split, &list, error);
    if (status == SV_OK && needs_rows)
        status = svi_row_source_open(dataset, seeds.data, &rows, error);
    if (status == SV_OK) {
        *n_test = list.n_test;
        memcpy(row, list.row + list.n_train + list.n_val, list.n_test * sizeof *row);
        label_rows(dataset, rows.y, row, list.n_test, label);
    }
    svi_row_source_close(&rows);
    svi_row_list_clear(&list);
    return status;
}
