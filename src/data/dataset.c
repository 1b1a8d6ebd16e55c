#include "data/dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "data/embedded.h"
#include "data/split.h"
#include "data/table.h"
#include "data_kernels.h"

typedef struct built_in {
    svi_set set;
    const char *name;
    const unsigned char *bytes;
    const size_t *size;
    svi_header header;
} built_in;

static const built_in built_ins[] = {
    {SVI_SET_DIGITS, "digits", svi_embedded_digits, &svi_embedded_digits_size, SVI_HEADER_NO},
    {SVI_SET_IRIS, "iris", svi_embedded_iris, &svi_embedded_iris_size, SVI_HEADER_YES},
};

static const built_in *find_built_in(svi_set set)
{
    for (size_t i = 0; i < sizeof built_ins / sizeof *built_ins; i++) {
        if (built_ins[i].set == set) return &built_ins[i];
    }
    return NULL;
}

static sv_status read_source(svi_byte_source *source, const svi_data_spec *spec, svi_table *table,
                             sv_error *error)
{
    sv_status status = svi_csv_read(source, spec, table, error);
    svi_byte_source_close(source);
    return status;
}

static sv_status read_built_in(const built_in *b, svi_task task, svi_table *table, sv_error *error)
{
    svi_byte_source source;
    svi_data_spec spec = {.set = b->set, .header = b->header, .task = task};
    SVI_TRY(svi_byte_source_open_array(&source, b->name, b->bytes, *b->size, error));
    return read_source(&source, &spec, table, error);
}

static sv_status read_csv_file(const svi_data_spec *spec, svi_table *table, sv_error *error)
{
    svi_byte_source source;
    SVI_TRY(svi_byte_source_open_file(&source, spec->file, error));
    return read_source(&source, spec, table, error);
}

static sv_status read_table(const svi_data_spec *spec, svi_table *table, sv_error *error)
{
    const built_in *b = find_built_in(spec->set);
    if (b != NULL)
        SVI_TRY(read_built_in(b, spec->task, table, error));
    else if (spec->set == SVI_SET_CSV)
        SVI_TRY(read_csv_file(spec, table, error));
    else if (spec->set == SVI_SET_NPY)
        SVI_TRY(svi_npy_read(spec, table, error));
    else
        SVI_TRY(svi_idx_read(spec, table, error));
    return svi_table_check(table, spec->keep_constant || spec->set == SVI_SET_DIGITS, error);
}

static void hash_double(svi_hash *hash, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    svi_hash_u64(hash, bits);
}

static void hash_generator(svi_hash *hash, const svi_dataset *d)
{
    const svk_generator *g = &d->generator;
    svi_hash_text(hash, d->name);
    svi_hash_u64(hash, g->n_relevant);
    svi_hash_u64(hash, g->size);
    hash_double(hash, g->noise);
    hash_double(hash, g->turns);
    hash_double(hash, g->distortion);
}

static void make_digest(svi_dataset *d)
{
    svi_hash hash = svi_hash_start();
    svi_hash_u64(&hash, d->n_rows);
    svi_hash_u64(&hash, d->n_fresh);
    svi_hash_u64(&hash, (uint64_t)d->n_features);
    svi_hash_u64(&hash, (uint64_t)d->n_classes);
    if (d->is_generated) {
        hash_generator(&hash, d);
    } else {
        size_t n_values = d->n_rows * (size_t)d->n_features;
        for (size_t k = 0; k < n_values; k++) hash_double(&hash, d->x[k]);
        for (uint64_t i = 0; i < d->n_rows; i++) hash_double(&hash, d->y[i]);
    }
    svi_hash_hex(hash, d->digest);
}

static void set_file_name(svi_dataset *d)
{
    const built_in *b = find_built_in(d->spec.set);
    const char *slash = b == NULL ? strrchr(d->spec.file, '/') : NULL;
    snprintf(d->name, sizeof d->name, "%s",
             b != NULL       ? b->name
             : slash != NULL ? slash + 1
                             : d->spec.file);
}

/* Moves the table's arrays into the dataset. */
static sv_status take_table(svi_dataset *d, svi_table *table, sv_error *error)
{
    d->n_rows = table->n_rows;
    d->n_rows_dropped = table->n_rows_dropped;
    d->n_features = table->n_features;
    d->x = table->x;
    d->y = table->y;
    table->x = NULL;
    table->y = NULL;
    return svi_target_finish(&table->target, d->y, d->n_rows, &d->n_classes, &d->class_names,
                             error);
}

static sv_status load(svi_dataset *d, sv_error *error)
{
    svi_table table = {0};
    set_file_name(d);
    sv_status status = read_table(&d->spec, &table, error);
    if (status == SV_OK) status = take_table(d, &table, error);
    svi_table_clear(&table);
    return status;
}

static sv_status check_drawn_size(const svi_dataset *d, sv_error *error)
{
    bool is_small = d->n_rows <= SVI_ROWS_MAX && d->n_fresh <= SVI_ROWS_MAX - d->n_rows;
    if (is_small && d->n_rows > 0) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s: %" PRIu64 " rows and %" PRIu64 " fresh ones; 1 to %" PRIu64
                    " together can be drawn",
                    d->name, d->n_rows, d->n_fresh, SVI_ROWS_MAX);
}

/* Every pair of modular addition, the same for every seed. */
static sv_status list_pairs(svi_dataset *d, sv_error *error)
{
    d->is_generated = false;
    d->n_rows = (uint64_t)d->n_classes * (uint64_t)d->n_classes;
    size_t size = d->n_rows * (size_t)d->n_features * sizeof *d->x;
    d->x = malloc(size);
    d->y = malloc(d->n_rows * sizeof *d->y);
    if (d->x == NULL || d->y == NULL) return svi_fail_memory(error, size, "every pair");
    svi_dataset_draw(d, 0, d->x, d->y);
    return SV_OK;
}

static sv_status prepare_generator(svi_dataset *d, sv_error *error)
{
    d->generator = svi_generator_of(&d->spec);
    snprintf(d->name, sizeof d->name, "%s", svi_generator_name(&d->generator));
    d->is_generated = true;
    d->n_rows = d->spec.n_points;
    d->n_fresh = d->spec.n_test_points;
    d->n_features = (int)d->generator.n_features;
    d->n_classes = (int)d->generator.n_classes;
    if (d->spec.set == SVI_SET_MODULAR_ADDITION && d->n_rows == 0) return list_pairs(d, error);
    return check_drawn_size(d, error);
}

static sv_status check_noise(const svi_dataset *d, sv_error *error)
{
    if (!(d->spec.label_noise > 0) || d->n_classes > 0) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s: label_noise is %g, but the target is a number and has no classes; set it "
                    "to 0, or say `task: classification` if the targets are classes",
                    d->name, d->spec.label_noise);
}

static sv_status prepare(svi_dataset *d, sv_error *error)
{
    SVI_TRY(svi_is_generator(d->spec.set) ? prepare_generator(d, error) : load(d, error));
    SVI_TRY(check_noise(d, error));
    SVI_TRY(svi_split_check(d, error));
    make_digest(d);
    return SV_OK;
}

sv_status svi_dataset_open(const svi_data_spec *spec, svi_dataset **dataset, sv_error *error)
{
    *dataset = NULL;
    if (spec->set == SVI_SET_NONE) return SV_OK;
    svi_dataset *d = calloc(1, sizeof *d);
    if (d == NULL) return svi_fail_memory(error, sizeof *d, "a data set");
    d->spec = *spec;
    sv_status status = prepare(d, error);
    if (status == SV_OK)
        *dataset = d;
    else
        svi_dataset_close(d);
    return status;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool svi_dataset_is_same_source(const svi_data_spec *a, const svi_data_spec *b)
{
    return a->set == b->set && is_same_text(a->file, b->file) &&
           is_same_text(a->target_file, b->target_file) && is_same_text(a->target, b->target) &&
           is_same_text(a->drop, b->drop) && a->is_text_encoded == b->is_text_encoded &&
           a->is_gap_dropped == b->is_gap_dropped && a->header == b->header && a->task == b->task &&
           a->keep_constant == b->keep_constant && a->n_points == b->n_points &&
           a->n_test_points == b->n_test_points && a->n_features == b->n_features &&
           a->n_classes == b->n_classes && a->n_relevant == b->n_relevant &&
           a->modulus == b->modulus && a->image_size == b->image_size && a->turns == b->turns &&
           a->distortion == b->distortion && a->noise == b->noise;
}

sv_status svi_dataset_share(const svi_dataset *from, const svi_data_spec *spec,
                            svi_dataset **dataset, sv_error *error)
{
    svi_dataset *d = malloc(sizeof *d);
    if (d == NULL) return svi_fail_memory(error, sizeof *d, "a data set");
    *d = *from;
    d->spec = *spec;
    d->is_borrowed = true;
    sv_status status = check_noise(d, error);
    if (status == SV_OK) status = svi_split_check(d, error);
    *dataset = status == SV_OK ? d : NULL;
    if (status != SV_OK) svi_dataset_close(d);
    return status;
}

static void free_rows(svi_dataset *dataset)
{
    for (int c = 0; dataset->class_names != NULL && c < dataset->n_classes; c++)
        free(dataset->class_names[c]);
    free(dataset->class_names);
    free(dataset->x);
    free(dataset->y);
}

void svi_dataset_close(svi_dataset *dataset)
{
    if (dataset == NULL) return;
    if (!dataset->is_borrowed) free_rows(dataset);
    free(dataset);
}

void svi_dataset_draw(const svi_dataset *dataset, uint64_t seed_data, double *x, double *y)
{
    const svk_data_kernels *kernels = svk_data_kernels_best();
    kernels->draw(&dataset->generator, seed_data, SVK_PART_ROWS, dataset->n_rows, x, y);
    x += dataset->n_rows * (uint64_t)dataset->n_features;
    kernels->draw(&dataset->generator, seed_data, SVK_PART_FRESH, dataset->n_fresh, x,
                  y + dataset->n_rows);
}
