/* What figures need beyond the findings that analyze writes: histograms, grids, single runs. */
#include <stdio.h>

#include "report/chart.h"
#include "report/finding_rows.h"
#include "report/json_value.h"
#include "report/verdict_text.h"

static void set(json_t **object, const char *key, double value)
{
    svi_json_set(object, key, svi_json_number(value));
}

/* Counts up to 2^53 are exact where the page reads them; longer seeds stay whole as text. */
static json_t *seed_json(uint64_t seed)
{
    char digits[24];
    if (seed <= (uint64_t)1 << 53) return svi_json_count(seed);
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)seed);
    return svi_json_string(digits);
}

static json_t *bin_json(const svi_histogram_finding *finding, size_t i)
{
    json_t *row = json_object();
    set(&row, "low", finding->bins.low + (double)i * finding->bins.width);
    set(&row, "high", finding->bins.low + (double)(i + 1) * finding->bins.width);
    svi_json_set(&row, "runs", svi_json_count(finding->counts[i]));
    set(&row, "share", (double)finding->counts[i] / (double)finding->n);
    return row;
}

static json_t *histograms_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t h = 0; h < findings->n_histograms; h++) {
        const svi_histogram_finding *finding = &findings->histograms[h];
        json_t *row = svi_json_subject(findings, finding->subject), *bins = json_array();
        for (size_t i = 0; i < finding->bins.n_bins; i++)
            svi_json_append(&bins, bin_json(finding, i));
        svi_json_set(&row, "bins", bins);
        svi_json_set(&row, "n_below", svi_json_count(finding->n_below));
        svi_json_set(&row, "n_above", svi_json_count(finding->n_above));
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *cell_json(const svi_grid_finding *grid, size_t i, size_t j)
{
    json_t *row = json_object();
    svi_json_set(&row, "down", svi_json_count(i));
    svi_json_set(&row, "across", svi_json_count(j));
    svi_json_set(&row, grid->names[0], seed_json(grid->seeds[0][i]));
    svi_json_set(&row, grid->names[1], seed_json(grid->seeds[1][j]));
    set(&row, "value", grid->values[i * grid->n_shown[1] + j]);
    return row;
}

static json_t *grids_json(const sv_findings *findings)
{
    if (findings->n_grids == 0)
        return svi_json_reason("it needs a full grid of two sources: design: {kind: crossed}");
    json_t *rows = json_array();
    for (size_t g = 0; g < findings->n_grids; g++) {
        const svi_grid_finding *grid = &findings->grids[g];
        json_t *row = svi_json_subject(findings, grid->subject), *cells = json_array();
        for (size_t i = 0; i < grid->n_shown[0] * grid->n_shown[1]; i++)
            svi_json_append(&cells, cell_json(grid, i / grid->n_shown[1], i % grid->n_shown[1]));
        svi_json_set(&row, "cells", cells);
        svi_json_append(&rows, row);
    }
    return rows;
}

static json_t *run_json(const sv_findings *findings, const svi_shown_run *run)
{
    json_t *row = json_object();
    svi_text series = {0};
    svi_write_series(findings, findings->arm_names[run->arm],
                     findings->numerics_names[run->numerics], &series);
    svi_json_set(&row, "series", series.bytes != NULL ? svi_json_string(series.bytes) : NULL);
    svi_text_clear(&series);
    for (size_t f = 0; f < findings->n_factors; f++)
        svi_json_set(&row, findings->factors[f].name, seed_json(run->seeds[f]));
    svi_json_set(&row, "replicate", svi_json_count(run->replicate));
    for (size_t m = 0; m < findings->n_metrics; m++)
        set(&row, findings->metrics[m].name,
            run->values[m] * svi_metric_scale(&findings->metrics[m]));
    return row;
}

static json_t *runs_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < findings->n_shown_runs; i++)
        svi_json_append(&rows, run_json(findings, &findings->shown_runs[i]));
    return rows;
}

/* Whether a value lies in the bins of its metric, which are the same for all arms. */
static bool is_in_picture(const sv_findings *findings, uint32_t metric, double value)
{
    for (size_t h = 0; h < findings->n_histograms; h++) {
        const svi_bins *bins = &findings->histograms[h].bins;
        if (findings->histograms[h].subject.metric != metric) continue;
        return bins->low <= value && value <= bins->low + (double)bins->n_bins * bins->width;
    }
    return false;
}

/* In a sweep a famous seed is a run, and has a place among the runs; one that lies outside of the
 * picture would squeeze them all together. */
static json_t *famous_runs_json(const sv_findings *findings)
{
    json_t *rows = json_array();
    if (findings->n_factors != 1) return rows;
    for (size_t i = 0; i < findings->n_famous; i++) {
        const svi_famous_finding *finding = &findings->famous[i];
        json_t *row = svi_json_famous(findings, finding), *seeds = json_object_get(row, "seeds");
        for (size_t k = finding->n_famous; k-- > 0;)
            if (!is_in_picture(findings, finding->subject.metric, finding->famous[k].value))
                json_array_remove(seeds, k);
        svi_json_append(&rows, row);
    }
    return rows;
}

void svi_json_add_pictures(const sv_findings *findings, json_t **document)
{
    svi_json_set(document, "histograms", histograms_json(findings));
    svi_json_set(document, "grids", grids_json(findings));
    svi_json_set(document, "runs", runs_json(findings));
    svi_json_set(document, "famous_runs", famous_runs_json(findings));
}
