/* Distances as they come from the store, run by run, into a finding for every arm and numerics. */
#include "analysis/distance_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A run's distances grow until they come this near to the largest of them. */
static const double saturated_share = 0.1;
enum { GROWTH_N_MIN = 3 };

typedef struct distance_reader {
    svi_run_table *table;
    const svi_store_study *study;
    uint64_t n_runs; /* seen so far, the last one included: it is row n_runs - 1 of the table */
    uint64_t run;    /* its number */
    bool is_taken, is_different;
    size_t n; /* its checkpoints so far */
    double step[SVI_MAX_CHECKPOINTS], distance[SVI_MAX_CHECKPOINTS];
} distance_reader;

static sv_status start_group(distance_reader *reader, const svi_distance_row *row, sv_error *error)
{
    svi_run_table *table = reader->table;
    size_t n = table->n_distances + 1;
    svi_distance_group *grown = realloc(table->distances, n * sizeof *grown);
    if (grown == NULL) return svi_fail_memory(error, n * sizeof *grown, "distances");
    table->distances = grown;
    grown[table->n_distances++] =
        (svi_distance_group){.arm = row->arm,
                             .numerics = row->numerics,
                             .reference = (uint32_t)reader->study->references[row->numerics]};
    return SV_OK;
}

static sv_status start_point(svi_distance_group *group, uint64_t step, sv_error *error)
{
    size_t n = group->n_points + 1;
    svi_distance_point *grown = realloc(group->points, n * sizeof *grown);
    if (grown == NULL) return svi_fail_memory(error, n * sizeof *grown, "distances");
    group->points = grown;
    grown[group->n_points++] = (svi_distance_point){.step = step};
    return SV_OK;
}

static void add_distance(svi_distance_point *point, const svk_distance *d)
{
    uint64_t n_parameters = 0;
    for (int k = 0; k < SVK_ULP_CLASSES; k++) {
        point->ulps[k] += d->ulps[k];
        n_parameters += d->ulps[k];
    }
    for (int b = 0; b < SVK_BIT_POSITIONS; b++) point->bits[b] += d->bits[b];
    uint64_t n_different = n_parameters - d->ulps[0];
    point->n_runs++;
    point->n_different += n_different > 0;
    if (d->max_ulp > point->max_ulp) point->max_ulp = d->max_ulp;
    svi_moments_add(&point->share, (double)n_different / (double)n_parameters);
    if (isfinite(d->l2)) svi_moments_add(&point->l2, d->l2);
    if (isfinite(d->loss_difference)) svi_moments_add(&point->loss, fabs(d->loss_difference));
    if (isfinite(d->churn)) svi_moments_add(&point->churn, d->churn);
}

/* Slope of log distance on the step by least squares, from the first checkpoint that differs to the
 * first that comes near the largest distance; NaN where that are too few. */
static double growth_of(const distance_reader *reader)
{
    double largest = 0, n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < reader->n; i++)
        if (reader->distance[i] > largest) largest = reader->distance[i];
    for (size_t i = 0; i < reader->n; i++) {
        double d = reader->distance[i], step = reader->step[i];
        if (!(d > 0)) continue;
        n++;
        x += step;
        y += log(d);
        xx += step * step;
        xy += step * log(d);
        if (d >= saturated_share * largest) break;
    }
    double spread = n * xx - x * x;
    return n >= GROWTH_N_MIN && spread > 0 ? (n * xy - x * y) / spread : NAN;
}

static void end_run(distance_reader *reader)
{
    if (reader->n == 0) return;
    svi_distance_group *group = &reader->table->distances[reader->table->n_distances - 1];
    double growth = growth_of(reader);
    group->n_runs++;
    group->n_different += reader->is_different;
    if (isfinite(growth)) svi_moments_add(&group->growth, growth);
    reader->n = 0;
}

/* The reference itself is left out. */
static sv_status begin_run(distance_reader *reader, const svi_distance_row *row, sv_error *error)
{
    const svi_run_table *table = reader->table;
    const svi_distance_group *last =
        table->n_distances > 0 ? &table->distances[table->n_distances - 1] : NULL;
    end_run(reader);
    reader->run = row->run;
    reader->is_different = false;
    reader->is_taken = reader->study->references[row->numerics] != (int64_t)row->numerics ||
                       table->replicate[reader->n_runs] > 0;
    reader->n_runs++;
    if (!reader->is_taken) return SV_OK;
    if (last != NULL && last->arm == row->arm && last->numerics == row->numerics) return SV_OK;
    return start_group(reader, row, error);
}

static sv_status add_row(void *context, const svi_distance_row *row, sv_error *error)
{
    distance_reader *reader = context;
    if (reader->n_runs == 0 || row->run != reader->run) SVI_TRY(begin_run(reader, row, error));
    if (!reader->is_taken) return SV_OK;
    svi_distance_group *group = &reader->table->distances[reader->table->n_distances - 1];
    if (row->number == group->n_points) SVI_TRY(start_point(group, row->step, error));
    svi_distance_point *point = &group->points[row->number];
    uint64_t n_before = point->n_different;
    add_distance(point, &row->distance);
    if (point->n_different > n_before && !reader->is_different) {
        reader->is_different = true;
        point->n_first++;
    }
    reader->step[reader->n] = (double)row->step;
    reader->distance[reader->n++] = row->distance.l2;
    return SV_OK;
}

sv_status svi_run_table_add_distances(svi_run_table *table, svi_store *store, sv_error *error)
{
    distance_reader reader = {.table = table, .study = svi_store_study_of(store)};
    SVI_TRY(svi_store_each_distance(store, add_row, &reader, error));
    end_run(&reader);
    return SV_OK;
}
