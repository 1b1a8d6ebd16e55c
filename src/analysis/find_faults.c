#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/accuracy_checks.h"
#include "analysis/analysis.h"
#include "net.h"

/* Excess kurtosis of a Laplace distribution: beyond it the chi-square interval of an SD is far too
 * short. */
static const double heavy_kurtosis = 3;
enum { HEAVY_TAIL_N_MIN = 20 };

/* group[i]: number of the digest, 0..n_groups-1. */
static sv_status number_digests(const svi_run_table *table, uint32_t *group, uint64_t *n_groups,
                                sv_error *error)
{
    uint64_t n = table->n_runs, *key = malloc((n > 0 ? n : 1) * sizeof *key);
    uint32_t *half = malloc((n > 0 ? n : 1) * sizeof *half);
    sv_status status =
        key != NULL && half != NULL ? SV_OK : svi_fail_memory(error, n * sizeof *key, "digests");
    for (int h = 0; h < 2 && status == SV_OK; h++) {
        for (uint64_t i = 0; i < n; i++) {
            key[i] = (uint64_t)table->digest[i][2 * h] << 32 | table->digest[i][2 * h + 1];
        }
        status = svi_number_keys(key, n, h == 0 ? group : half, n_groups, error);
    }
    if (status == SV_OK) status = svi_number_pairs(group, half, n, n_groups, error);
    free(key);
    free(half);
    return status;
}

/* "init 3, order 2, replicate 0" */
static void name_seeds(const svi_analysis *analysis, uint64_t row, char *text, size_t size)
{
    const svi_run_table *table = analysis->table;
    text[0] = '\0';
    for (size_t f = 0; f < analysis->codes.n_factors; f++) {
        const svi_factor *factor = &analysis->codes.factors[f];
        size_t n = strlen(text);
        snprintf(text + n, size - n, "%s %" PRIu64 ", ", factor->name,
                 table->seed[factor->source][row]);
    }
    size_t n = strlen(text);
    snprintf(text + n, size - n, "replicate %" PRIu64, table->replicate[row]);
}

static void name_run(const svi_analysis *analysis, uint64_t row, char *text, size_t size)
{
    const svi_run_table *table = analysis->table;
    snprintf(text, size, "arm %s, %s, ", table->arm_names[table->arm[row]],
             table->numerics_names[table->numerics[row]]);
    size_t n = strlen(text);
    name_seeds(analysis, row, text + n, size - n);
}

static void give_example(const svi_analysis *analysis, uint64_t first, uint64_t row,
                         svi_digest_check *check)
{
    char one[110], other[110];
    name_run(analysis, first, one, sizeof one);
    name_run(analysis, row, other, sizeof other);
    snprintf(check->example, sizeof check->example, "%s; and %s", one, other);
}

/* Within each group, runs whose tag differs from that of the group's first run. is_in: rows that
 * take part. */
static sv_status count_mixed(const svi_analysis *analysis, const uint32_t *group, uint64_t n_groups,
                             const uint32_t *tag, const bool *is_in, svi_digest_check *check,
                             sv_error *error)
{
    uint64_t *first = malloc((n_groups > 0 ? n_groups : 1) * sizeof *first);
    bool *is_mixed = calloc(n_groups > 0 ? n_groups : 1, sizeof *is_mixed);
    bool has_memory = first != NULL && is_mixed != NULL;
    if (has_memory) {
        for (uint64_t g = 0; g < n_groups; g++) first[g] = UINT64_MAX;
        for (uint64_t i = 0; i < analysis->table->n_runs; i++) {
            uint32_t g = group[i];
            if (!is_in[i]) continue;
            if (first[g] == UINT64_MAX) first[g] = i;
            if (tag[i] == tag[first[g]]) continue;
            if (check->n_groups == 0) give_example(analysis, first[g], i, check);
            check->n_groups += !is_mixed[g];
            is_mixed[g] = true;
            check->n_runs++;
        }
    }
    free(first);
    free(is_mixed);
    check->is_checked = has_memory;
    return has_memory ? SV_OK : svi_fail_memory(error, n_groups * sizeof *first, "digests");
}

/* Equal bits of one arm from other seeds: one minimum, seeds without effect, or copies. Diverged
 * runs are left out, as their parameters may all be NaN, and those that were not trained. */
static sv_status check_equal(svi_analysis *analysis, const uint32_t *digest, uint32_t *group,
                             bool *is_in, sv_error *error)
{
    const svi_run_table *table = analysis->table;
    uint64_t n_groups;
    memcpy(group, digest, table->n_runs * sizeof *group);
    for (uint64_t i = 0; i < table->n_runs; i++)
        is_in[i] = table->status[i] != SVK_RUN_DIVERGED && table->status[i] != SVK_RUN_UNSUPPORTED;
    SVI_TRY(svi_number_pairs(group, table->arm, table->n_runs, &n_groups, error));
    return count_mixed(analysis, group, n_groups, analysis->codes.cell, is_in,
                       &analysis->findings->checks.equal_digests, error);
}

/* Replicates on a deterministic path must agree bit for bit. */
static sv_status check_unequal(svi_analysis *analysis, const uint32_t *digest, uint32_t *group,
                               bool *is_in, sv_error *error)
{
    const svi_run_table *table = analysis->table;
    uint64_t n_groups;
    memcpy(group, analysis->codes.cell, table->n_runs * sizeof *group);
    for (uint64_t i = 0; i < table->n_runs; i++)
        is_in[i] = table->is_deterministic[table->numerics[i]];
    SVI_TRY(svi_number_pairs(group, table->arm, table->n_runs, &n_groups, error));
    SVI_TRY(svi_number_pairs(group, table->numerics, table->n_runs, &n_groups, error));
    return count_mixed(analysis, group, n_groups, digest, is_in,
                       &analysis->findings->checks.unequal_digests, error);
}

static sv_status check_digests(svi_analysis *analysis, sv_error *error)
{
    uint64_t n = analysis->table->n_runs, n_digests;
    if (analysis->table->digest == NULL) return SV_OK;
    uint32_t *digest = malloc((n > 0 ? n : 1) * sizeof *digest),
             *group = malloc((n > 0 ? n : 1) * sizeof *group);
    bool *is_in = malloc((n > 0 ? n : 1) * sizeof *is_in);
    bool has_memory = digest != NULL && group != NULL && is_in != NULL;
    sv_status status = has_memory ? SV_OK : svi_fail_memory(error, n * sizeof *digest, "digests");
    if (status == SV_OK) status = number_digests(analysis->table, digest, &n_digests, error);
    if (status == SV_OK) status = check_equal(analysis, digest, group, is_in, error);
    if (status == SV_OK) status = check_unequal(analysis, digest, group, is_in, error);
    free(digest);
    free(group);
    free(is_in);
    return status;
}

static double median_of(const svi_summary *values)
{
    size_t q = 0;
    while (values->quantiles[q].probability != 0.5) q++;
    return values->quantiles[q].value;
}

static void name_farthest(const svi_analysis *analysis, const svi_summary *values,
                          svi_heavy_tail *tail)
{
    size_t b = tail->subject.arm * analysis->table->n_numerics + tail->subject.numerics;
    const svi_block *block = &analysis->codes.blocks[b];
    const double *value = analysis->columns[tail->subject.metric]->value;
    double median = median_of(values), farthest = -1;
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i];
        double distance = fabs(value[row] - median);
        if (!(distance > farthest)) continue;
        farthest = distance;
        tail->farthest_value = value[row];
        name_seeds(analysis, row, tail->farthest_run, sizeof tail->farthest_run);
    }
}

static sv_status find_heavy_tails(const svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    svi_checks *checks = &findings->checks;
    checks->heavy_tails = malloc((findings->n_summaries + 1) * sizeof *checks->heavy_tails);
    if (checks->heavy_tails == NULL) return svi_fail_memory(error, 0, "heavy tails");
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        bool is_heavy = summary->values.n >= HEAVY_TAIL_N_MIN &&
                        summary->values.excess_kurtosis > heavy_kurtosis;
        if (!is_heavy) continue;
        svi_heavy_tail *tail = &checks->heavy_tails[checks->n_heavy_tails++];
        *tail = (svi_heavy_tail){.subject = summary->subject,
                                 .excess_kurtosis = summary->values.excess_kurtosis};
        name_farthest(analysis, &summary->values, tail);
    }
    return SV_OK;
}

static sv_status find_unsupported(svi_analysis *analysis, sv_error *error)
{
    svi_checks *checks = &analysis->findings->checks;
    checks->unsupported = malloc((analysis->codes.n_blocks + 1) * sizeof *checks->unsupported);
    if (checks->unsupported == NULL) return svi_fail_memory(error, 0, "unsupported numerics");
    for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
        const svi_block *block = &analysis->codes.blocks[b];
        svi_unsupported found = {.arm = block->arm, .numerics = block->numerics};
        for (uint64_t i = 0; i < block->n; i++)
            found.n_runs += analysis->table->status[block->rows[i]] == SVK_RUN_UNSUPPORTED;
        if (found.n_runs > 0) checks->unsupported[checks->n_unsupported++] = found;
    }
    return SV_OK;
}

static sv_status find_mixed_units(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    svi_checks *checks = &findings->checks;
    checks->mixed_units = malloc((findings->n_metrics + 1) * sizeof *checks->mixed_units);
    if (checks->mixed_units == NULL) return svi_fail_memory(error, 0, "mixed units");
    for (size_t m = 0; m < findings->n_metrics; m++) {
        svi_mixed_unit *found = &checks->mixed_units[checks->n_mixed_units];
        checks->n_mixed_units +=
            svi_check_unit(analysis->columns[m], analysis->table->n_runs, found);
    }
    return SV_OK;
}

sv_status svi_find_faults(svi_analysis *analysis, sv_error *error)
{
    const svi_run_table *table = analysis->table;
    svi_checks *checks = &analysis->findings->checks;
    checks->n_runs = table->n_runs;
    checks->n_planned = table->n_runs_planned;
    checks->n_missing = checks->n_planned > checks->n_runs ? checks->n_planned - checks->n_runs : 0;
    for (uint64_t i = 0; i < table->n_runs; i++) {
        checks->n_diverged += table->status[i] == SVK_RUN_DIVERGED;
        checks->n_saturated += table->status[i] == SVK_RUN_SATURATED;
    }
    memcpy(checks->ignored_columns, table->ignored, sizeof checks->ignored_columns);
    SVI_TRY(check_digests(analysis, error));
    SVI_TRY(find_unsupported(analysis, error));
    SVI_TRY(find_mixed_units(analysis, error));
    if (strcmp(table->design, "imported") == 0) /* a store's error rates are its accuracies */
        SVI_TRY(svi_check_predictions(table, &checks->predictions, error));
    return find_heavy_tails(analysis, error);
}
