#include "analysis/prediction_import.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/accuracy_checks.h"
#include "analysis/prediction_table.h"
#include "data/npy_file.h"

enum { N_CLASSES_MAX = 65536 };
static const uint64_t max_counts = UINT64_C(1) << 27; /* 1 GiB */

typedef struct predictions {
    svi_run_table *table;
    const char *file;
    size_t n_points, n_classes;
    int32_t *label;  /* [n_points] */
    uint32_t *row;   /* [n_points] */
    uint64_t *count; /* [arm][numerics][n_points][n_classes] */
} predictions;

/* line, column: from 1. */
static sv_status next_class(svi_npy *f, uint64_t line, uint64_t column, int32_t *class,
                            sv_error *error)
{
    double value;
    SVI_TRY(svi_npy_next(f, &value, error));
    if (value >= 0 && value < N_CLASSES_MAX && value == floor(value)) {
        *class = (int32_t)value;
        return SV_OK;
    }
    return svi_fail(error, SV_ERR_DATA,
                    "%s:%" PRIu64 ":%" PRIu64
                    ": found %g; classes are whole numbers from 0 to %d (take argmax of scores)",
                    f->file, line, column, value, N_CLASSES_MAX - 1);
}

static void note_class(predictions *in, int32_t class)
{
    if ((size_t) class + 1 > in->n_classes) in->n_classes = (size_t) class + 1;
}

static sv_status fill_labels(predictions *in, svi_npy *f, sv_error *error)
{
    if (f->n_columns != 1 || f->n_rows < 2) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s: the shape is (%" PRIu64 ", %" PRIu64
                        "); labels have the shape (points,), two points at least",
                        f->file, f->n_rows, f->n_columns);
    }
    in->n_points = f->n_rows;
    in->label = malloc(in->n_points * sizeof *in->label);
    in->row = malloc(in->n_points * sizeof *in->row);
    if (in->label == NULL || in->row == NULL)
        return svi_fail_memory(error, in->n_points * sizeof *in->label, "labels");
    for (size_t i = 0; i < in->n_points; i++) {
        SVI_TRY(next_class(f, i + 1, 1, &in->label[i], error));
        in->row[i] = (uint32_t)i;
        note_class(in, in->label[i]);
    }
    return SV_OK;
}

static sv_status read_labels(predictions *in, const char *file, sv_error *error)
{
    svi_npy f;
    sv_status status = svi_npy_open(&f, file, error);
    if (status == SV_OK) status = fill_labels(in, &f, error);
    svi_npy_close(&f);
    return status;
}

static sv_status check_shape(const predictions *in, const svi_npy *f, sv_error *error)
{
    if (f->n_rows != in->table->n_runs || f->n_columns != in->n_points) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s: the shape is (%" PRIu64 ", %" PRIu64 "), but %s has %" PRIu64
                        " runs and there are %zu labels; one row a run, one column a label",
                        f->file, f->n_rows, f->n_columns, in->table->origin, in->table->n_runs,
                        in->n_points);
    }
    if (f->is_fortran)
        return svi_npy_fail(f, error,
                            "column by column; save numpy.ascontiguousarray(predictions)");
    return SV_OK;
}

/* First to learn the number of classes (count is NULL), then to count. */
static sv_status pass(predictions *in, svi_npy *f, sv_error *error)
{
    svi_run_table *table = in->table;
    for (uint64_t r = 0; r < table->n_runs; r++) {
        size_t block = table->arm[r] * table->n_numerics + table->numerics[r], n_wrong = 0;
        for (size_t i = 0; i < in->n_points; i++) {
            int32_t class = 0;
            SVI_TRY(next_class(f, r + 1, i + 1, &class, error));
            if (in->count == NULL) {
                note_class(in, class);
                continue;
            }
            in->count[(block * in->n_points + i) * in->n_classes + (size_t) class]++;
            n_wrong += class != in->label[i];
        }
        if (in->count != NULL) table->error_rate[r] = (double)n_wrong / (double)in->n_points;
    }
    return SV_OK;
}

static sv_status read_once(predictions *in, sv_error *error)
{
    svi_npy f;
    sv_status status = svi_npy_open(&f, in->file, error);
    if (status == SV_OK) status = check_shape(in, &f, error);
    if (status == SV_OK) status = pass(in, &f, error);
    svi_npy_close(&f);
    return status;
}

static sv_status make_room(predictions *in, sv_error *error)
{
    svi_run_table *table = in->table;
    uint64_t n = table->n_arms * table->n_numerics * in->n_points;
    if (n > max_counts / in->n_classes) {
        return svi_fail(error, SV_ERR_DATA,
                        "%s: %zu arms and numerics, %zu points and %zu classes make too many "
                        "counts; import the arms one by one",
                        in->file, table->n_arms * table->n_numerics, in->n_points, in->n_classes);
    }
    in->count = calloc(n * in->n_classes, sizeof *in->count);
    table->error_rate = malloc((table->n_runs + 1) * sizeof *table->error_rate);
    if (in->count == NULL || table->error_rate == NULL)
        return svi_fail_memory(error, n * in->n_classes * sizeof *in->count, "class counts");
    return SV_OK;
}

static sv_status add_sets(const predictions *in, sv_error *error)
{
    svi_run_table *table = in->table;
    size_t n_cells = in->n_points * in->n_classes;
    for (size_t b = 0; b < table->n_arms * table->n_numerics; b++) {
        svi_prediction_sums sums = {.arm = (uint32_t)(b / table->n_numerics),
                                    .numerics = (uint32_t)(b % table->n_numerics),
                                    .n_points = in->n_points,
                                    .n_classes = in->n_classes,
                                    .row = in->row,
                                    .label = in->label,
                                    .count = in->count + b * n_cells};
        for (size_t c = 0; c < in->n_classes; c++) sums.n_runs += sums.count[c];
        SVI_TRY(svi_run_table_add_set(table, &sums, error));
    }
    return SV_OK;
}

static sv_status refuse_other_order(const predictions *in, sv_error *error)
{
    svi_prediction_check check;
    SVI_TRY(svi_check_predictions(in->table, &check, error));
    if (!check.is_other_order) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s: %" PRIu64 " of %" PRIu64 " rows have another accuracy than %s in %s, but "
                    "sorted they are the same: save the rows in the order of the CSV",
                    in->file, check.n_different, check.n_compared, check.metric, in->table->origin);
}

sv_status svi_run_table_import_predictions(svi_run_table *table, const char *predictions_file,
                                           const char *labels, sv_error *error)
{
    predictions in = {.table = table, .file = predictions_file};
    sv_status status = read_labels(&in, labels, error);
    if (status == SV_OK) status = read_once(&in, error);
    if (status == SV_OK) status = make_room(&in, error);
    if (status == SV_OK) status = read_once(&in, error);
    if (status == SV_OK) status = refuse_other_order(&in, error);
    if (status == SV_OK) status = add_sets(&in, error);
    free(in.label);
    free(in.row);
    free(in.count);
    return status;
}
