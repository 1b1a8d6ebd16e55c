/* Numerics against a reference: for the same seeds, replicate 0 of the first entry that is
 * deterministic. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"

/* Of one arm: the row of each seed vector's reference run, UINT64_MAX where there is none. */
typedef struct reference_rows {
    uint32_t numerics;
    uint64_t *row; /* [n_cells] */
} reference_rows;

static sv_status find_reference(const svi_analysis *analysis, uint32_t arm, reference_rows *out,
                                bool *is_found, sv_error *error)
{
    const svi_run_table *table = analysis->table;
    const svi_run_codes *codes = &analysis->codes;
    const svi_block *block = NULL;
    for (uint32_t k = 0; k < table->n_numerics && block == NULL; k++) {
        const svi_block *other = &codes->blocks[arm * table->n_numerics + k];
        if (table->is_deterministic[k] && !table->has_probe[k] && other->n > 0) block = other;
    }
    *is_found = block != NULL;
    if (block == NULL) return SV_OK;
    *out = (reference_rows){block->numerics, malloc(codes->n_cells * sizeof *out->row)};
    if (out->row == NULL)
        return svi_fail_memory(error, codes->n_cells * sizeof *out->row, "reference runs");
    for (uint64_t c = 0; c < codes->n_cells; c++) out->row[c] = UINT64_MAX;
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i], *at = &out->row[codes->cell[row]];
        if (*at == UINT64_MAX || table->replicate[row] < table->replicate[*at]) *at = row;
    }
    return SV_OK;
}

/* ---- bits ---- */

static sv_status compare_bits(const svi_analysis *analysis, const svi_block *block,
                              const reference_rows *reference, bool is_independent,
                              svi_numerics_finding *finding, sv_error *error)
{
    const svi_run_table *table = analysis->table;
    enum { UNSEEN, EQUAL, DIFFERENT };
    uint8_t *state = calloc(analysis->codes.n_cells, 1);
    if (state == NULL) return svi_fail_memory(error, analysis->codes.n_cells, "digests");
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i];
        uint32_t cell = analysis->codes.cell[row];
        uint64_t other = reference->row[cell];
        if (other == UINT64_MAX || table->status[row] == SVK_RUN_UNSUPPORTED) continue;
        bool is_equal =
            memcmp(table->digest[row], table->digest[other], sizeof *table->digest) == 0;
        finding->n_runs++;
        finding->n_equal_runs += is_equal;
        if (state[cell] == UNSEEN) state[cell] = EQUAL;
        if (!is_equal) state[cell] = DIFFERENT;
    }
    for (uint64_t c = 0; c < analysis->codes.n_cells; c++) {
        finding->n_seeds += state[c] != UNSEEN;
        finding->n_equal_seeds += state[c] == EQUAL;
    }
    free(state);
    finding->equal_interval = (svi_interval){NAN, NAN};
    if (!is_independent || finding->n_seeds == 0) return SV_OK;
    return svi_rate_interval(finding->n_equal_seeds, finding->n_seeds, analysis->findings->level,
                             &finding->equal_interval, error);
}

/* ---- metrics ---- */

/* Of one seed vector: its runs less its reference run. */
typedef struct seed_gap {
    double sum;
    uint64_t n;
} seed_gap;

/* Run by run, so that equal runs are exactly 0 apart; largest: of all runs. */
static sv_status add_gaps(const svi_analysis *analysis, const svi_block *block,
                          const reference_rows *reference, const svi_metric_column *column,
                          seed_gap **gaps, double *largest, sv_error *error)
{
    size_t n_cells = analysis->codes.n_cells;
    *gaps = calloc(n_cells, sizeof **gaps);
    if (*gaps == NULL) return svi_fail_memory(error, n_cells * sizeof **gaps, "gaps");
    *largest = 0;
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i], cell = analysis->codes.cell[row];
        if (reference->row[cell] == UINT64_MAX) continue;
        double gap = column->value[row] - column->value[reference->row[cell]];
        if (!isfinite(gap)) continue;
        (*gaps)[cell].sum += gap;
        (*gaps)[cell].n++;
        *largest = fmax(*largest, fabs(gap));
    }
    return SV_OK;
}

static sv_status measure_gap(const svi_analysis *analysis, const svi_block *block,
                             const reference_rows *reference, bool is_independent,
                             svi_metric_gap *gap, sv_error *error)
{
    svi_moments moments = {0}, absolute = {0};
    seed_gap *of_seed;
    SVI_TRY(add_gaps(analysis, block, reference, analysis->columns[gap->metric], &of_seed,
                     &gap->largest, error));
    for (uint64_t c = 0; c < analysis->codes.n_cells; c++) {
        if (of_seed[c].n == 0) continue;
        double mean = of_seed[c].sum / (double)of_seed[c].n;
        svi_moments_add(&moments, mean);
        svi_moments_add(&absolute, fabs(mean));
    }
    free(of_seed);
    gap->n = moments.n;
    gap->mean = (svi_estimate){moments.n > 0 ? moments.mean : NAN, {NAN, NAN}};
    gap->mean_absolute = moments.n > 0 ? absolute.mean : NAN;
    if (moments.n == 0) gap->largest = NAN;
    if (!is_independent || moments.n < 2) return SV_OK;
    return svi_mean_interval(&moments, analysis->findings->level, &gap->mean.interval, error);
}

static sv_status measure_gaps(const svi_analysis *analysis, const svi_block *block,
                              const reference_rows *reference, bool is_independent,
                              svi_numerics_finding *finding, sv_error *error)
{
    size_t n = analysis->findings->n_metrics;
    finding->gaps = calloc(n, sizeof *finding->gaps);
    if (finding->gaps == NULL) return svi_fail_memory(error, n * sizeof *finding->gaps, "gaps");
    for (uint32_t m = 0; m < n; m++) {
        if (!svi_block_has_metric(analysis, block, m)) continue;
        svi_metric_gap *gap = &finding->gaps[finding->n_gaps++];
        gap->metric = m;
        SVI_TRY(measure_gap(analysis, block, reference, is_independent, gap, error));
    }
    return SV_OK;
}

/* ---- */

static void compare_times(const svi_run_table *table, svi_numerics_finding *finding)
{
    const double *seconds = table->seconds_per_run;
    size_t first = finding->subject.arm * table->n_numerics;
    finding->seconds_per_run = finding->time_ratio = NAN;
    if (seconds == NULL) return;
    finding->seconds_per_run = seconds[first + finding->subject.numerics];
    finding->time_ratio = finding->seconds_per_run / seconds[first + finding->reference];
}

static sv_status compare_arm(svi_analysis *analysis, uint32_t arm, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n_numerics = analysis->table->n_numerics;
    reference_rows reference = {0};
    bool is_found;
    sv_status status = find_reference(analysis, arm, &reference, &is_found, error);
    for (size_t k = 0; status == SV_OK && is_found && k < n_numerics; k++) {
        size_t b = arm * n_numerics + k;
        const svi_block *block = &analysis->codes.blocks[b];
        bool is_independent = analysis->designs[b].n_factors < 2;
        if (k == reference.numerics || block->n == 0) continue;
        svi_numerics_finding *finding =
            &findings->numerics_findings[findings->n_numerics_findings++];
        finding->subject = svi_block_subject(block, findings->headline);
        finding->reference = reference.numerics;
        compare_times(analysis->table, finding);
        status = compare_bits(analysis, block, &reference, is_independent, finding, error);
        if (status == SV_OK)
            status = measure_gaps(analysis, block, &reference, is_independent, finding, error);
    }
    free(reference.row);
    return status;
}

sv_status svi_find_numerics(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = analysis->codes.n_blocks;
    if (analysis->table->digest == NULL) return SV_OK;
    findings->numerics_findings = calloc(n, sizeof *findings->numerics_findings);
    if (findings->numerics_findings == NULL)
        return svi_fail_memory(error, n * sizeof *findings->numerics_findings, "numerics");
    for (uint32_t arm = 0; arm < analysis->table->n_arms; arm++)
        SVI_TRY(compare_arm(analysis, arm, error));
    return SV_OK;
}
