/* Runs against their references as JSON and as a table. */
#include <math.h>

#include "report/finding_cells.h"
#include "report/finding_rows.h"
#include "report/findings_parts.h"
#include "report/json_value.h"
#include "report/verdict_text.h"

static const svi_interval no_interval = {NAN, NAN};

static void set(json_t **object, const char *key, double value)
{
    svi_json_set(object, key, svi_json_number(value));
}

static void set_count(json_t **object, const char *key, uint64_t value)
{
    svi_json_set(object, key, svi_json_count(value));
}

static void set_estimate(json_t **row, const char *key, svi_estimate estimate)
{
    set(row, key, estimate.value);
    svi_json_set_interval(row, key, estimate.interval);
}

static double mean_of(const svi_moments *moments) { return moments->n > 0 ? moments->mean : NAN; }

/* Without the zeros at the end. */
static json_t *counts_json(const uint64_t *counts, size_t n)
{
    json_t *list = json_array();
    while (n > 0 && counts[n - 1] == 0) n--;
    for (size_t i = 0; i < n; i++) svi_json_append(&list, svi_json_count(counts[i]));
    return list;
}

static json_t *points_json(const svi_distance_group *group)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < group->n_points; i++) {
        const svi_distance_point *point = &group->points[i];
        json_t *row = json_object();
        set_count(&row, "step", point->step);
        set_count(&row, "n_runs", point->n_runs);
        set_count(&row, "n_different", point->n_different);
        set_count(&row, "n_first_different", point->n_first);
        set(&row, "parameter_share", mean_of(&point->share));
        set(&row, "distance", mean_of(&point->l2));
        set(&row, "distance_max", point->l2.n > 0 ? point->l2.max : NAN);
        set(&row, "loss_difference", mean_of(&point->loss));
        set(&row, "churn", mean_of(&point->churn));
        set_count(&row, "max_ulp", point->max_ulp);
        svi_json_set(&row, "ulps", counts_json(point->ulps, SVK_ULP_CLASSES));
        svi_json_set(&row, "bits", counts_json(point->bits, SVK_BIT_POSITIONS));
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *start_row(const sv_findings *findings, const svi_distance_finding *finding)
{
    json_t *row = json_object();
    svi_subject subject = finding->subject;
    svi_json_set(&row, "arm", svi_json_string(findings->arm_names[subject.arm]));
    svi_json_set(&row, "numerics", svi_json_string(findings->numerics_names[subject.numerics]));
    svi_json_set(&row, "reference",
                 svi_json_string(findings->numerics_names[finding->group.reference]));
    set_count(&row, "n_runs", finding->group.n_runs);
    return row;
}

json_t *svi_json_distances(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_distances; i++) {
        const svi_distance_finding *finding = &findings->distances[i];
        json_t *row = start_row(findings, finding);
        set_count(&row, "n_different", finding->group.n_different);
        set_estimate(&row, "growth_per_step", finding->growth);
        set_count(&row, "n_growing", finding->group.growth.n);
        set(&row, "doubling_steps", finding->doubling_steps);
        set_estimate(&row, "churn", finding->churn);
        svi_json_set(&row, "checkpoints", points_json(&finding->group));
        svi_json_append(&rows, row);
    }
    return rows;
}

json_t *svi_json_probes(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_distances; i++) {
        const svi_distance_finding *finding = &findings->distances[i];
        if (!finding->has_probe) continue;
        json_t *row = start_row(findings, finding);
        set_count(&row, "n_different", finding->group.n_different);
        set_estimate(&row, "churn", finding->churn);
        set(&row, "reseed_churn", finding->reseed_churn);
        set(&row, "churn_ratio", finding->churn.value / finding->reseed_churn);
        svi_json_append(&rows, row);
    }
    return rows;
}

/* ---- the table ---- */

/* The earliest checkpoint at which a run differs. */
static void first_cell(svi_text_table *table, const svi_distance_group *group)
{
    size_t i = 0;
    while (i < group->n_points && group->points[i].n_first == 0) i++;
    if (i < group->n_points)
        svi_count_cell(table, group->points[i].step);
    else
        svi_table_cell(table, "-");
}

static void short_cell(svi_text_table *table, double value)
{
    isnan(value) ? svi_table_cell(table, "-") : svi_table_cell(table, "%.3g", value);
}

void svi_write_distance_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'l', "against");
    svi_table_column(&table, 'r', "runs");
    svi_table_column(&table, 'r', "that differ");
    svi_table_column(&table, 'r', "first at step");
    svi_table_column(&table, 'r', "doubles in steps");
    svi_table_column(&table, 'r', "distance");
    svi_table_column(&table, 'r', "parameters %");
    svi_table_column(&table, 'r', "churn %");
    svi_table_column(&table, 'r', "of another seed %");
    for (size_t i = 0; i < findings->n_distances; i++) {
        const svi_distance_finding *finding = &findings->distances[i];
        const svi_distance_group *group = &finding->group;
        const svi_distance_point *last = &group->points[group->n_points - 1];
        svi_subject_cells(findings, &table, finding->subject);
        svi_name_cell(&table, findings->numerics_names[group->reference]);
        svi_count_cell(&table, group->n_runs);
        svi_count_cell(&table, group->n_different);
        first_cell(&table, group);
        short_cell(&table, finding->doubling_steps);
        short_cell(&table, mean_of(&last->l2));
        short_cell(&table, 100 * mean_of(&last->share));
        svi_estimate_cell(&table, finding->churn.value, finding->churn.interval, 100);
        svi_estimate_cell(&table, finding->reseed_churn, no_interval, 100);
    }
    svi_table_write(&table, "Runs against the reference with the same seeds, at the end", text);
}
