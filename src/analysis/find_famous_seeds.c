/* Is a seed that many people type anything special? In a sweep a seed is one run, drawn like all;
 * in a grid it is a level of one source, ranked by its mean over the others. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"

static const uint64_t famous_seeds[] = {
    0,    1,    2,    3,    7,    10,   13,    21,    42,    69,     99,     100,    101,
    111,  123,  420,  666,  777,  1000, 1024,  1111,  1234,  1337,   2020,   2021,   2022,
    2023, 2024, 2025, 2026, 3407, 4242, 12345, 31337, 54321, 123456, 271828, 314159, 8675309};

enum { N_FAMOUS_SEEDS = sizeof famous_seeds / sizeof *famous_seeds };

enum { NOT_THERE = -1 };

/* The means of a factor's levels, packed without those that have none, and where the famous ones
 * stand. */
typedef struct pool {
    size_t n;
    double *value; /* scratch of the analysis: at least as many runs as levels */
    double *rank;
    int64_t at[N_FAMOUS_SEEDS];
} pool;

static void find_levels(const svi_block *block, const svi_factor *factor, const uint64_t *seeds,
                        pool *p)
{
    for (size_t f = 0; f < N_FAMOUS_SEEDS; f++) p->at[f] = NOT_THERE;
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i];
        for (size_t f = 0; f < N_FAMOUS_SEEDS; f++)
            if (seeds[row] == famous_seeds[f]) p->at[f] = factor->level[row];
    }
}

/* count: runs of each level. */
static void add_up(const svi_block *block, const svi_metric_column *column,
                   const svi_factor *factor, double *value, double *count)
{
    for (uint64_t i = 0; i < block->n; i++) {
        uint64_t row = block->rows[i];
        if (!isfinite(column->value[row])) continue;
        value[factor->level[row]] += column->value[row];
        count[factor->level[row]]++;
    }
}

static void pack(pool *p, size_t n_levels, const double *count)
{
    int64_t at[N_FAMOUS_SEEDS];
    for (size_t f = 0; f < N_FAMOUS_SEEDS; f++) at[f] = NOT_THERE;
    for (size_t c = 0; c < n_levels; c++) {
        if (count[c] == 0) continue;
        for (size_t f = 0; f < N_FAMOUS_SEEDS; f++)
            if (p->at[f] == (int64_t)c) at[f] = (int64_t)p->n;
        p->value[p->n++] = p->value[c] / count[c];
    }
    memcpy(p->at, at, sizeof at);
}

static sv_status pool_make(const svi_analysis *analysis, const svi_block *block,
                           const svi_metric_column *column, const svi_factor *factor, pool *p,
                           sv_error *error)
{
    size_t n_levels = factor->n_levels;
    p->value = analysis->values;
    p->rank = calloc(n_levels, sizeof *p->rank);
    if (p->rank == NULL) return svi_fail_memory(error, n_levels * sizeof *p->rank, "ranks");
    for (size_t c = 0; c < n_levels; c++) p->value[c] = 0;
    find_levels(block, factor, analysis->table->seed[factor->source], p);
    add_up(block, column, factor, p->value, p->rank); /* counts, until the ranks are known */
    pack(p, n_levels, p->rank);
    return svi_midranks(p->value, p->n, p->rank, error);
}

static sv_status rank_famous(const pool *p, int better, svi_famous_finding *finding,
                             sv_error *error)
{
    size_t members[N_FAMOUS_SEEDS], at, n = 0;
    finding->famous = calloc(N_FAMOUS_SEEDS, sizeof *finding->famous);
    if (finding->famous == NULL)
        return svi_fail_memory(error, sizeof *finding->famous, "famous seeds");
    for (size_t i = 0; i < N_FAMOUS_SEEDS; i++) {
        if (p->at[i] == NOT_THERE) continue;
        at = (size_t)p->at[i];
        double rank = p->rank[at], count = (double)p->n;
        members[n] = at;
        finding->famous[n++] = (svi_famous_seed){.seed = famous_seeds[i],
                                                 .rank = better < 0 ? rank : count + 1 - rank,
                                                 .value = p->value[at],
                                                 .percentile = 100 * (rank - 0.5) / count};
    }
    finding->n_famous = n;
    finding->n_seeds = p->n;
    if (n > 0 && n < p->n)
        return svi_rank_sum_test(p->rank, p->n, members, n, &finding->test, error);
    snprintf(finding->reason, sizeof finding->reason, "%s",
             n == 0 ? "none of the famous seeds is among these"
                    : "all seeds here are famous; none is left to compare with");
    return SV_OK;
}

static sv_status find_in_block(const svi_analysis *analysis, const svi_block *block,
                               const svi_factor *factor, svi_famous_finding *finding,
                               sv_error *error)
{
    const svi_metric_column *column = analysis->columns[finding->subject.metric];
    pool p = {0};
    snprintf(finding->source, sizeof finding->source, "%s", factor->name);
    sv_status status = pool_make(analysis, block, column, factor, &p, error);
    if (status == SV_OK) status = rank_famous(&p, column->better, finding, error);
    free(p.rank);
    return status;
}

/* A sweep, or a grid in which every level meets the same others. */
static bool can_rank(const svi_analysis *analysis, size_t b)
{
    return analysis->codes.n_factors == 1 || analysis->designs[b].layout == SVI_LAYOUT_GRID;
}

static sv_status rank_metric(svi_analysis *analysis, uint32_t metric, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
        const svi_block *block = &analysis->codes.blocks[b];
        if (!svi_block_has_metric(analysis, block, metric) || !can_rank(analysis, b)) continue;
        for (size_t f = 0; f < analysis->codes.n_factors; f++) {
            svi_famous_finding *finding = &findings->famous[findings->n_famous++];
            finding->subject = svi_block_subject(block, metric);
            SVI_TRY(find_in_block(analysis, block, &analysis->codes.factors[f], finding, error));
        }
    }
    return SV_OK;
}

sv_status svi_find_famous_seeds(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = findings->n_metrics * analysis->codes.n_blocks * analysis->codes.n_factors;
    findings->famous = calloc(n + 1, sizeof *findings->famous);
    if (findings->famous == NULL)
        return svi_fail_memory(error, n * sizeof *findings->famous, "famous seeds");
    for (uint32_t m = 0; m < findings->n_metrics; m++) SVI_TRY(rank_metric(analysis, m, error));
    return SV_OK;
}
