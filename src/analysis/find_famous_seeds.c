/* Is a seed that many people type anything special? Only a sweep can say: there a seed is one run,
 * drawn like all. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/analysis.h"

static const uint64_t famous_seeds[] = {
    0,    1,    2,    3,    7,    10,   13,    21,    42,    69,     99,     100,    101,
    111,  123,  420,  666,  777,  1000, 1024,  1111,  1234,  1337,   2020,   2021,   2022,
    2023, 2024, 2025, 2026, 3407, 4242, 12345, 31337, 54321, 123456, 271828, 314159, 8675309};

enum { N_FAMOUS_SEEDS = sizeof famous_seeds / sizeof *famous_seeds };

/* The seeds of a sweep with their values: cell means packed without the missing ones. */
typedef struct pool {
    size_t n;
    double *value, *rank;
    uint64_t *seed;
} pool;

static void pool_clear(pool *p)
{
    free(p->value);
    free(p->rank);
    free(p->seed);
}

static sv_status pool_make(const svi_analysis *analysis, const svi_block *block,
                           const svi_metric_column *column, pool *p, sv_error *error)
{
    const svi_run_codes *codes = &analysis->codes;
    const uint64_t *seeds = analysis->table->seed[codes->factors[0].source];
    size_t n_cells = codes->n_cells;
    SVI_TRY(svi_block_cell_means(codes, block, column, &p->value, error));
    p->rank = malloc(n_cells * sizeof *p->rank);
    p->seed = malloc(n_cells * sizeof *p->seed);
    if (p->rank == NULL || p->seed == NULL)
        return svi_fail_memory(error, n_cells * sizeof *p->seed, "ranks");
    for (uint64_t i = 0; i < block->n; i++)
        p->seed[codes->cell[block->rows[i]]] = seeds[block->rows[i]];
    for (size_t c = 0; c < n_cells; c++) {
        if (isnan(p->value[c])) continue;
        p->value[p->n] = p->value[c];
        p->seed[p->n++] = p->seed[c];
    }
    return svi_midranks(p->value, p->n, p->rank, error);
}

static bool find_seed(const pool *p, uint64_t seed, size_t *at)
{
    for (*at = 0; *at < p->n; ++*at) {
        if (p->seed[*at] == seed) return true;
    }
    return false;
}

static sv_status rank_famous(const pool *p, int better, svi_famous_finding *finding,
                             sv_error *error)
{
    size_t members[N_FAMOUS_SEEDS], at, n = 0;
    finding->famous = calloc(N_FAMOUS_SEEDS, sizeof *finding->famous);
    if (finding->famous == NULL)
        return svi_fail_memory(error, sizeof *finding->famous, "famous seeds");
    for (size_t i = 0; i < N_FAMOUS_SEEDS; i++) {
        if (!find_seed(p, famous_seeds[i], &at)) continue;
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
                               svi_famous_finding *finding, sv_error *error)
{
    const svi_metric_column *column = analysis->columns[finding->subject.metric];
    pool p = {0};
    sv_status status = pool_make(analysis, block, column, &p, error);
    if (status == SV_OK) status = rank_famous(&p, column->better, finding, error);
    pool_clear(&p);
    return status;
}

sv_status svi_find_famous_seeds(svi_analysis *analysis, sv_error *error)
{
    sv_findings *findings = analysis->findings;
    size_t n = findings->n_metrics * analysis->codes.n_blocks;
    if (analysis->codes.n_factors != 1) return SV_OK;
    findings->famous = calloc(n, sizeof *findings->famous);
    if (findings->famous == NULL)
        return svi_fail_memory(error, n * sizeof *findings->famous, "famous seeds");
    for (uint32_t m = 0; m < findings->n_metrics; m++) {
        for (size_t b = 0; b < analysis->codes.n_blocks; b++) {
            const svi_block *block = &analysis->codes.blocks[b];
            if (!svi_block_has_metric(analysis, block, m)) continue;
            svi_famous_finding *finding = &findings->famous[findings->n_famous++];
            finding->subject = svi_block_subject(block, m);
            SVI_TRY(find_in_block(analysis, block, finding, error));
        }
    }
    return SV_OK;
}
