#include "data/instance.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/split.h"

enum { ALIGNMENT_BYTES = 64 };

/* The rows that an instance is made from, in the data set's order: borrowed, or drawn for one seed.
 */
typedef struct source_rows {
    const double *x, *y;
    double *drawn_x, *drawn_y;
} source_rows;

void svi_instance_sizes(const svi_dataset *dataset, uint64_t *n_train, uint64_t *n_val,
                        uint64_t *n_test)
{
    svi_split_sizes sizes = svi_split_count(dataset);
    *n_train = sizes.n_train;
    *n_val = sizes.n_val;
    *n_test = sizes.n_test + dataset->n_fresh;
}

/* Zeroed, and a multiple of the alignment long. */
static sv_status allocate(void **out, size_t n, size_t item_bytes, sv_error *error)
{
    size_t size = n * item_bytes;
    size = (size + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
    *out = aligned_alloc(ALIGNMENT_BYTES, size);
    if (*out == NULL) return svi_fail_memory(error, size, "the rows of a run");
    memset(*out, 0, size);
    return SV_OK;
}

static sv_status allocate_rows(svi_instance *in, sv_error *error)
{
    size_t n = in->n_rows;
    size_t value_bytes = in->precision == SVK_PRECISION_FP64 ? sizeof(double) : sizeof(float);
    void *label = NULL, *target = NULL, *row = NULL;
    SVI_TRY(allocate(&in->x, n * (size_t)in->ld, value_bytes, error));
    SVI_TRY(allocate(&in->y, n, value_bytes, error));
    SVI_TRY(allocate(&row, n, sizeof *in->row, error));
    in->row = row;
    bool is_class = in->n_classes > 0;
    SVI_TRY(is_class ? allocate(&label, n, sizeof *in->label, error)
                     : allocate(&target, n, sizeof *in->target, error));
    in->label = label;
    in->target = target;
    return SV_OK;
}

static sv_status open_rows(const svi_dataset *dataset, uint64_t seed_data, source_rows *rows,
                           sv_error *error)
{
    *rows = (source_rows){.x = dataset->x, .y = dataset->y};
    if (!dataset->is_generated) return SV_OK;
    size_t n = dataset->n_rows + dataset->n_fresh;
    rows->drawn_x = malloc(n * (size_t)dataset->n_features * sizeof *rows->drawn_x);
    rows->drawn_y = malloc(n * sizeof *rows->drawn_y);
    if (rows->drawn_x == NULL || rows->drawn_y == NULL)
        return svi_fail_memory(error, n, "drawn rows");
    svi_dataset_draw(dataset, seed_data, rows->drawn_x, rows->drawn_y);
    rows->x = rows->drawn_x;
    rows->y = rows->drawn_y;
    return SV_OK;
}

static void close_rows(source_rows *rows)
{
    free(rows->drawn_x);
    free(rows->drawn_y);
}

/* Lists the rows of each role, ascending; fresh rows follow those of the split. */
static sv_status list_rows(const svi_dataset *dataset, uint64_t seed_split, svi_instance *in,
                           sv_error *error)
{
    uint8_t *role = malloc(dataset->n_rows);
    if (role == NULL) return svi_fail_memory(error, dataset->n_rows, "the split");
    sv_status status = svi_split_draw(dataset, seed_split, role, error);
    uint64_t next[] = {[SVI_ROLE_TRAIN] = 0,
                       [SVI_ROLE_VAL] = in->n_train,
                       [SVI_ROLE_TEST] = in->n_train + in->n_val};
    if (status == SV_OK) {
        for (uint64_t i = 0; i < dataset->n_rows; i++) in->row[next[role[i]]++] = (uint32_t)i;
        uint64_t at = next[SVI_ROLE_TEST];
        for (uint64_t i = 0; i < dataset->n_fresh; i++)
            in->row[at + i] = (uint32_t)(dataset->n_rows + i);
    }
    free(role);
    return status;
}

/* Column j becomes (x - mean[j]) / divisor[j]. */
typedef struct column_scale {
    double *mean, *divisor;
} column_scale;

/* A column that does not vary has no SD to divide by, whatever its mean was rounded to. */
static bool varies(const svi_instance *in, const double *x, size_t j)
{
    size_t d = (size_t)in->n_features;
    for (uint64_t i = 1; i < in->n_train; i++) {
        if (x[in->row[i] * d + j] != x[in->row[0] * d + j]) return true;
    }
    return false;
}

/* Mean and SD (divisor n) over the training rows. The inner loops run over columns: each column
 * keeps its own chain. */
static void measure_columns(const svi_instance *in, const double *x, column_scale *scale)
{
    size_t d = (size_t)in->n_features;
    double n = (double)in->n_train, *mean = scale->mean, *square = scale->divisor;
    for (uint64_t i = 0; i < in->n_train; i++) {
        const double *value = x + in->row[i] * d;
        for (size_t j = 0; j < d; j++) mean[j] += value[j];
    }
    for (size_t j = 0; j < d; j++) mean[j] /= n;
    for (uint64_t i = 0; i < in->n_train; i++) {
        const double *value = x + in->row[i] * d;
        for (size_t j = 0; j < d; j++) {
            double difference = value[j] - mean[j];
            square[j] = fma(difference, difference, square[j]);
        }
    }
    for (size_t j = 0; j < d; j++) {
        double sd = sqrt(square[j] / n);
        scale->divisor[j] = sd > 0.0 && varies(in, x, j) ? sd : 1.0;
    }
}

static void round_row(const double *z, size_t n, int precision, void *values, size_t at)
{
    if (precision == SVK_PRECISION_FP64) {
        memcpy((double *)values + at, z, n * sizeof *z);
    } else {
        float *out = (float *)values + at;
        for (size_t j = 0; j < n; j++) out[j] = (float)z[j];
    }
}

/* The first of n values that the precision cannot hold; n if there is none. */
static size_t find_overflow(const double *z, size_t n, int precision)
{
    double limit = precision == SVK_PRECISION_FP64 ? DBL_MAX : FLT_MAX;
    size_t n_bad = 0, j = 0;
    for (size_t k = 0; k < n; k++) n_bad += !(fabs(z[k]) <= limit);
    if (n_bad == 0) return n;
    while (fabs(z[j]) <= limit) j++;
    return j;
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

static sv_status fill_features(const svi_dataset *dataset, const double *x,
                               const column_scale *scale, svi_instance *in, double *z,
                               sv_error *error)
{
    size_t d = (size_t)in->n_features;
    for (uint64_t i = 0; i < in->n_rows; i++) {
        const double *value = x + in->row[i] * d;
        for (size_t j = 0; j < d; j++) z[j] = (value[j] - scale->mean[j]) / scale->divisor[j];
        size_t bad = find_overflow(z, d, in->precision);
        if (bad < d) {
            char what[48];
            snprintf(what, sizeof what, "feature %zu (from 0)", bad);
            return fail_overflow(dataset, in, i, what, z[bad], error);
        }
        round_row(z, d, in->precision, in->x, i * (size_t)in->ld);
    }
    return SV_OK;
}

static sv_status scale_features(const svi_dataset *dataset, const double *x, svi_instance *in,
                                sv_error *error)
{
    size_t d = (size_t)in->n_features;
    double *work = calloc(3 * d, sizeof *work);
    if (work == NULL)
        return svi_fail_memory(error, 3 * d * sizeof *work, "the scale of the columns");
    column_scale scale = {work, work + d};
    for (size_t j = 0; !dataset->spec.is_standardized && j < d; j++) scale.divisor[j] = 1.0;
    if (dataset->spec.is_standardized) measure_columns(in, x, &scale);
    sv_status status = fill_features(dataset, x, &scale, in, work + 2 * d, error);
    free(work);
    return status;
}

static sv_status fill_targets(const svi_dataset *dataset, const double *y, svi_instance *in,
                              sv_error *error)
{
    for (uint64_t i = 0; i < in->n_rows; i++) {
        const double *value = &y[in->row[i]];
        if (find_overflow(value, 1, in->precision) == 0) {
            return fail_overflow(dataset, in, i, "the target", *value, error);
        }
        round_row(value, 1, in->precision, in->y, i);
        if (in->label != NULL)
            in->label[i] = (int32_t)*value;
        else
            in->target[i] = *value;
    }
    return SV_OK;
}

static sv_status fill(const svi_dataset *dataset, uint64_t seed_data, uint64_t seed_split,
                      svi_instance *in, sv_error *error)
{
    source_rows rows;
    SVI_TRY(allocate_rows(in, error));
    SVI_TRY(list_rows(dataset, seed_split, in, error));
    sv_status status = open_rows(dataset, seed_data, &rows, error);
    if (status == SV_OK) status = scale_features(dataset, rows.x, in, error);
    if (status == SV_OK) status = fill_targets(dataset, rows.y, in, error);
    close_rows(&rows);
    return status;
}

sv_status svi_instance_make(const svi_dataset *dataset, uint64_t seed_data, uint64_t seed_split,
                            int precision, svi_instance **instance, sv_error *error)
{
    *instance = NULL;
    svi_instance *in = calloc(1, sizeof *in);
    if (in == NULL) return svi_fail_memory(error, sizeof *in, "the rows of a run");
    svi_instance_sizes(dataset, &in->n_train, &in->n_val, &in->n_test);
    in->n_rows = in->n_train + in->n_val + in->n_test;
    in->n_features = dataset->n_features;
    in->ld = (dataset->n_features + 3) / 4 * 4;
    in->n_classes = dataset->n_classes;
    in->precision = precision;
    sv_status status = fill(dataset, seed_data, seed_split, in, error);
    if (status == SV_OK)
        *instance = in;
    else
        svi_instance_free(in);
    return status;
}

bool svi_instance_is_only_shuffled(const svi_dataset *dataset)
{
    return !dataset->spec.is_standardized && !dataset->spec.split.is_stratified;
}

sv_status svi_instance_make_unsplit(const svi_dataset *dataset, uint64_t seed_data, int precision,
                                    svi_instance **instance, sv_error *error)
{
    svi_dataset unsplit = *dataset;
    unsplit.spec.split = (svi_split_spec){.train = 1};
    return svi_instance_make(&unsplit, seed_data, 0, precision, instance, error);
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
