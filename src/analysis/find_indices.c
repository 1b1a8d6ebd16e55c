/* How much each source matters, where the runs are one at a time or pick-freeze. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/analysis.h"

enum { PICK_FREEZE_N_ROWS_MIN = 1024 };

/* Values that one bootstrap touches: keeps a million runs within seconds. */
static const size_t max_resampled_values = 100000000;

static svi_index_design index_design_of(const svi_block_design *design, size_t n_values,
                                        double level)
{
    svi_index_design index = {.n_sources = design->n_factors,
                              .n_groups = design->n_groups,
                              .n_replicates = design->n_replicates,
                              .level = level};
    size_t n_resamples = max_resampled_values / n_values;
    for (size_t f = 0; f < design->n_factors; f++) index.levels[f] = design->levels[f];
    if (n_resamples < SVI_INDICES_N_RESAMPLES)
        index.n_resamples = n_resamples > 200 ? n_resamples : 200;
    return index;
}

static void describe_pick_freeze(svi_indices_finding *finding)
{
    finding->method = "bootstrap of rows";
    finding->estimates =
        "first order: the source by itself; total: with its interactions, so that the sum may "
        "exceed 100%";
    if (finding->n_groups < PICK_FREEZE_N_ROWS_MIN)
        snprintf(finding->note, sizeof finding->note,
                 "%zu rows are few for indices; design.rows: %d or more", finding->n_groups,
                 PICK_FREEZE_N_ROWS_MIN);
}

static void describe_one_at_a_time(svi_indices_finding *finding)
{
    finding->method = finding->n_replicates > 1 ? "modified large sample" : "chi-square (exact)";
    if (finding->n_groups > 1) {
        finding->estimates =
            "total effect: the source and its interactions, all else fixed, averaged over the "
            "bases; the sum may exceed the variance";
    } else {
        finding->estimates =
            "the variance over the source while all others stand at the seeds of one base; it "
            "holds the source's interactions, and the sum may exceed the variance";
        snprintf(finding->note, sizeof finding->note,
                 "one base: other seeds of the others may give other variances; design.bases "
                 "averages over them");
    }
}

static void describe(const svi_block_design *design, bool is_deterministic,
                     svi_indices_finding *finding)
{
    finding->design = svi_layout_name(design->layout);
    finding->n_groups = design->n_groups;
    finding->n_replicates = design->n_replicates;
    finding->n_sources = design->n_factors;
    for (size_t f = 0; f < design->n_factors; f++)
        snprintf(finding->sources[f], sizeof finding->sources[f], "%s", design->names[f]);
    if (design->layout == SVI_LAYOUT_PICK_FREEZE)
        describe_pick_freeze(finding);
    else
        describe_one_at_a_time(finding);
    if (design->n_replicates == 1 && !is_deterministic && finding->note[0] == '\0')
        snprintf(finding->note, sizeof finding->note,
                 "one replicate: each total effect holds the replicate error too");
}

static sv_status find_in_block(svi_analysis *analysis, const svi_block *block,
                               const svi_block_design *design, svi_indices_finding *finding,
                               sv_error *error)
{
    const svi_metric_column *column = analysis->columns[finding->subject.metric];
    svi_index_design index = index_design_of(design, block->n, analysis->findings->level);
    uint64_t n_missing = 0;
    describe(design, analysis->table->is_deterministic[block->numerics], finding);
    for (uint64_t i = 0; i < block->n; i++) {
        double value = column->value[block->rows[i]];
        analysis->values[design->slot[i]] = value;
        n_missing += !isfinite(value);
    }
    if (n_missing > 0) {
        snprintf(finding->reason, sizeof finding->reason,
                 "%llu of %llu runs have no finite %s; indices need a value of every run",
                 (unsigned long long)n_missing, (unsigned long long)block->n, column->name);
        return SV_OK;
    }
    return design->layout == SVI_LAYOUT_PICK_FREEZE
               ? svi_pick_freeze(&index, analysis->values, block->n, &finding->values, error)
               : svi_one_at_a_time(&index, analysis->values, block->n, &finding->values, error);
}

sv_status svi_find_indices(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = findings->n_metrics * analysis->codes.n_blocks;
    findings->indices = calloc(n, sizeof *findings->indices);
    if (findings->indices == NULL)
        return svi_fail_memory(error, n * sizeof *findings->indices, "indices");
    for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
        const svi_block *block = &analysis->codes.blocks[b];
        if (!svi_block_has_indices(&analysis->designs[b])) continue;
        for (uint32_t m = 0; m < findings->n_metrics; m++) {
            if (!svi_block_has_metric(analysis, block, m)) continue;
            svi_indices_finding *finding = &findings->indices[findings->n_indices++];
            finding->subject = svi_block_subject(block, m);
            SVI_TRY(find_in_block(analysis, block, &analysis->designs[b], finding, error));
        }
    }
    return SV_OK;
}
