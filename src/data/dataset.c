#include "data/dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "data/embedded.h"
#include "data/generators.h"
#include "data/instance.h"
#include "data/split.h"
#include "data/table.h"

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
    else
        SVI_TRY(svi_npy_read(spec, table, error));
    return svi_table_check(table, spec->keep_constant || spec->set == SVI_SET_DIGITS, error);
}

static void hash_double(svi_hash *hash, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    svi_hash_u64(hash, bits);
}

static void make_digest(svi_dataset *d)
{
    svi_hash hash = svi_hash_start();
    svi_hash_u64(&hash, d->n_rows);
    svi_hash_u64(&hash, d->n_fresh);
    svi_hash_u64(&hash, (uint64_t)d->n_features);
    svi_hash_u64(&hash, (uint64_t)d->n_classes);
    if (d->is_generated) {
        svi_hash_text(&hash, d->name);
        hash_double(&hash, d->spec.noise);
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

static sv_status prepare_generator(svi_dataset *d, sv_error *error)
{
    bool is_moons = d->spec.set == SVI_SET_MOONS;
    snprintf(d->name, sizeof d->name, "%s", is_moons ? "moons" : "linear");
    d->is_generated = true;
    d->n_rows = d->spec.n_points;
    d->n_fresh = d->spec.n_test_points;
    d->n_features = is_moons ? 2 : (int)d->spec.n_features;
    d->n_classes = is_moons ? 2 : 0;
    bool is_small = d->n_rows <= SVI_ROWS_MAX && d->n_fresh <= SVI_ROWS_MAX - d->n_rows;
    if (is_small && d->n_rows > 0) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s: %" PRIu64 " rows and %" PRIu64 " fresh ones; 1 to %" PRIu64
                    " together can be drawn",
                    d->name, d->n_rows, d->n_fresh, SVI_ROWS_MAX);
}

static sv_status prepare(svi_dataset *d, sv_error *error)
{
    bool is_generator = d->spec.set == SVI_SET_MOONS || d->spec.set == SVI_SET_LINEAR;
    SVI_TRY(is_generator ? prepare_generator(d, error) : load(d, error));
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

void svi_dataset_close(svi_dataset *dataset)
{
    if (dataset == NULL) return;
    for (int c = 0; dataset->class_names != NULL && c < dataset->n_classes; c++)
        free(dataset->class_names[c]);
    free(dataset->class_names);
    free(dataset->x);
    free(dataset->y);
    free(dataset);
}

void svi_dataset_draw(const svi_dataset *dataset, uint64_t seed_data, double *x, double *y)
{
    const svi_data_spec *spec = &dataset->spec;
    uint64_t n_features = (uint64_t)dataset->n_features;
    uint64_t n_rows[2] = {dataset->n_rows, dataset->n_fresh};
    for (uint32_t part = SVI_PART_ROWS; part <= SVI_PART_FRESH; part++) {
        if (spec->set == SVI_SET_MOONS)
            svi_moons_draw(seed_data, part, n_rows[part], spec->noise, x, y);
        else
            svi_linear_draw(seed_data, part, n_rows[part], n_features, spec->noise, x, y);
        x += n_rows[part] * n_features;
        y += n_rows[part];
    }
}
