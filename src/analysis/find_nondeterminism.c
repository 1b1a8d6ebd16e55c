/* What repeating a run with the same seeds changes: bits, metrics, predictions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"

typedef struct tagged_run {
    uint32_t cell, digest[4];
    uint64_t replicate, row;
} tagged_run;

static int compare_digests(const tagged_run *a, const tagged_run *b)
{
    return memcmp(a->digest, b->digest, sizeof a->digest);
}

static int compare_runs(const void *left, const void *right)
{
    const tagged_run *a = left, *b = right;
    if (a->cell != b->cell) return a->cell < b->cell ? -1 : 1;
    int order = compare_digests(a, b);
    return order != 0 ? order : (a->replicate > b->replicate) - (a->replicate < b->replicate);
}

/* The trained runs of a block, cell by cell and digest by digest. */
static sv_status tag_runs(const svi_analysis *analysis, const svi_block *block, tagged_run **runs,
                          size_t *n, sv_error *error)
{
    const svi_run_table *table = analysis->table;
    *n = 0;
    *runs = malloc((block->n + 1) * sizeof **runs);
    if (*runs == NULL) return svi_fail_memory(error, block->n * sizeof **runs, "digests");
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i];
        tagged_run *run = &(*runs)[*n];
        if (table->status[row] == SVK_RUN_UNSUPPORTED) continue;
        *run = (tagged_run){
            .cell = analysis->codes.cell[row], .replicate = table->replicate[row], .row = row};
        memcpy(run->digest, table->digest[row], sizeof run->digest);
        ++*n;
    }
    qsort(*runs, *n, sizeof **runs, compare_runs);
    return SV_OK;
}

static size_t cell_end(const tagged_run *runs, size_t begin, size_t n)
{
    size_t end = begin;
    while (end < n && runs[end].cell == runs[begin].cell) end++;
    return end;
}

/* ---- bits ---- */

static sv_status count_seed(svi_nondeterminism_finding *finding, uint64_t n_digests,
                            sv_error *error)
{
    size_t at = 0;
    while (at < finding->n_counts && finding->counts[at].n_digests < n_digests) at++;
    if (at < finding->n_counts && finding->counts[at].n_digests == n_digests) {
        finding->counts[at].n_seeds++;
        return SV_OK;
    }
    size_t n = finding->n_counts + 1;
    svi_digest_count *grown = realloc(finding->counts, n * sizeof *grown);
    if (grown == NULL) return svi_fail_memory(error, n * sizeof *grown, "digests");
    memmove(grown + at + 1, grown + at, (finding->n_counts - at) * sizeof *grown);
    grown[at] = (svi_digest_count){n_digests, 1};
    finding->counts = grown;
    finding->n_counts = n;
    return SV_OK;
}

/* runs: the n of one seed. Sums are kept where means will be. */
static sv_status add_seed(const tagged_run *runs, size_t n, svi_nondeterminism_finding *finding,
                          sv_error *error)
{
    const tagged_run *first = runs;
    uint64_t n_digests = 0, n_most = 0;
    for (size_t i = 0; i < n; i++)
        if (runs[i].replicate < first->replicate) first = &runs[i];
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin; end < n && compare_digests(&runs[end], &runs[begin]) == 0;) end++;
        uint64_t n_same = end - begin;
        double share = (double)n_same / (double)n;
        n_digests++;
        if (n_same > n_most) n_most = n_same;
        finding->entropy_bits -= share < 1 ? share * log2(share) : 0;
        if (compare_digests(&runs[begin], first) != 0) finding->n_different += n_same;
    }
    finding->n_seeds++;
    finding->n_runs += n;
    finding->n_repeats += n - 1;
    finding->n_mixed_seeds += n_digests > 1;
    finding->n_digests += (double)n_digests;
    finding->modal_share += (double)n_most / (double)n;
    return count_seed(finding, n_digests, error);
}

static sv_status compare_bits(const tagged_run *runs, size_t n, bool is_independent, double level,
                              svi_nondeterminism_finding *finding, sv_error *error)
{
    for (size_t begin = 0, end; begin < n; begin = end) {
        end = cell_end(runs, begin, n);
        if (end - begin > 1) SVI_TRY(add_seed(runs + begin, end - begin, finding, error));
    }
    if (finding->n_seeds == 0) return SV_OK;
    finding->n_digests /= (double)finding->n_seeds;
    finding->modal_share /= (double)finding->n_seeds;
    finding->entropy_bits /= (double)finding->n_seeds;
    finding->bound = finding->n_different == 0 ? fmin(1, 3 / (double)finding->n_repeats) : NAN;
    finding->mixed_interval = (svi_interval){NAN, NAN};
    if (!is_independent) return SV_OK;
    return svi_rate_interval(finding->n_mixed_seeds, finding->n_seeds, level,
                             &finding->mixed_interval, error);
}

/* ---- metrics ---- */

static svi_estimate share_of(const sv_findings *findings, svi_subject subject)
{
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->subject.arm != subject.arm || group->subject.numerics != subject.numerics ||
            group->subject.metric != subject.metric)
            continue;
        for (size_t c = 0; c < group->n_rows; c++)
            if (group->rows[c].factors == 0)
                return (svi_estimate){group->rows[c].share, group->rows[c].share_interval};
    }
    return (svi_estimate){NAN, {NAN, NAN}};
}

static svi_replicate_spread spread_of(const tagged_run *runs, size_t n,
                                      const svi_metric_column *column)
{
    svi_moments pooled = {.n = 1}, firsts = {0};
    for (size_t begin = 0, end; begin < n; begin = end) {
        svi_moments of_seed = {0};
        const tagged_run *first = NULL;
        end = cell_end(runs, begin, n);
        for (size_t i = begin; i < end; i++) {
            if (!isfinite(column->value[runs[i].row])) continue;
            svi_moments_add(&of_seed, column->value[runs[i].row]);
            if (first == NULL || runs[i].replicate < first->replicate) first = &runs[i];
        }
        if (of_seed.n == 0) continue;
        svi_moments_add(&firsts, column->value[first->row]);
        pooled.n += of_seed.n - 1;
        pooled.m2 += of_seed.m2;
    }
    return (svi_replicate_spread){.sd_fixed_seed = svi_moments_sd(&pooled),
                                  .sd_over_seeds = svi_moments_sd(&firsts)};
}

static sv_status compare_metrics(const svi_analysis *analysis, const svi_block *block,
                                 const tagged_run *runs, size_t n,
                                 svi_nondeterminism_finding *finding, sv_error *error)
{
    const sv_findings *findings = analysis->findings;
    finding->spreads = malloc(findings->n_metrics * sizeof *finding->spreads);
    if (finding->spreads == NULL)
        return svi_fail_memory(error, findings->n_metrics * sizeof *finding->spreads, "spreads");
    for (uint32_t m = 0; m < findings->n_metrics; m++) {
        if (!svi_block_has_metric(analysis, block, m)) continue;
        svi_replicate_spread *spread = &finding->spreads[finding->n_spreads++];
        *spread = spread_of(runs, n, analysis->columns[m]);
        spread->metric = m;
        spread->share = share_of(findings, svi_block_subject(block, m));
    }
    return SV_OK;
}

/* ---- predictions ---- */

/* Counts are kept by set of test points; they tell of single seeds where every seed has a set of
 * its own. */
static svi_estimate churn_of(const svi_analysis *analysis, size_t b)
{
    const svi_block *block = &analysis->codes.blocks[b];
    const sv_findings *findings = analysis->findings;
    for (size_t i = 0; i < findings->n_predictions; i++) {
        const svi_prediction_finding *finding = &findings->predictions[i];
        if (finding->subject.arm != block->arm || finding->subject.numerics != block->numerics)
            continue;
        return analysis->designs[b].n_factors > 0 ? finding->replicate_churn : finding->churn;
    }
    return (svi_estimate){NAN, {NAN, NAN}};
}

static sv_status compare_block(svi_analysis *analysis, size_t b, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    const svi_block *block = &analysis->codes.blocks[b];
    svi_nondeterminism_finding *finding = &findings->nondeterminism[findings->n_nondeterminism];
    tagged_run *runs;
    size_t n;
    SVI_TRY(tag_runs(analysis, block, &runs, &n, error));
    finding->subject = svi_block_subject(block, findings->headline);
    finding->is_deterministic = analysis->table->is_deterministic[block->numerics];
    sv_status status =
        compare_bits(runs, n, analysis->designs[b].n_factors < 2, findings->level, finding, error);
    if (status == SV_OK && finding->n_seeds > 0) {
        findings->n_nondeterminism++;
        finding->churn = churn_of(analysis, b);
        status = compare_metrics(analysis, block, runs, n, finding, error);
    }
    free(runs);
    return status;
}

sv_status svi_find_nondeterminism(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = analysis->codes.n_blocks;
    if (analysis->table->digest == NULL) return SV_OK;
    findings->nondeterminism = calloc(n, sizeof *findings->nondeterminism);
    if (findings->nondeterminism == NULL)
        return svi_fail_memory(error, n * sizeof *findings->nondeterminism, "replicates");
    for (size_t b = 0; b < n; b++) SVI_TRY(compare_block(analysis, b, error));
    return SV_OK;
}
