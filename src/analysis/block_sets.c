#include "analysis/block_sets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

svi_block_sets svi_block_sets_of(const svi_run_table *table, const svi_block *block)
{
    svi_block_sets found = {0};
    for (size_t i = 0; i < table->n_prediction_sets; i++) {
        const svi_prediction_set *set = &table->prediction_sets[i];
        if (set->arm != block->arm || set->numerics != block->numerics) continue;
        if (found.n == 0) found.sets = set;
        found.is_by_split = found.is_by_split || set->seed_split != found.sets->seed_split;
        found.is_by_data = found.is_by_data || set->seed_data != found.sets->seed_data;
        found.n++;
    }
    return found;
}

static int compare_seeds(const void *key, const void *element)
{
    const svi_prediction_set *a = key, *b = element;
    int order = (a->seed_split > b->seed_split) - (a->seed_split < b->seed_split);
    return order != 0 ? order : (a->seed_data > b->seed_data) - (a->seed_data < b->seed_data);
}

const svi_prediction_set *svi_set_of_run(const svi_run_table *table, const svi_block_sets *sets,
                                         uint64_t row)
{
    const uint64_t *split = table->seed[SVK_SOURCE_SPLIT], *data = table->seed[SVK_SOURCE_DATA];
    svi_prediction_set key = {.seed_split = sets->sets[0].seed_split,
                              .seed_data = sets->sets[0].seed_data};
    if (sets->is_by_split) key.seed_split = split[row];
    if (sets->is_by_data) key.seed_data = data[row];
    return bsearch(&key, sets->sets, sets->n, sizeof key, compare_seeds);
}

/* ---- replicates ---- */

typedef struct set_run {
    size_t set;
    uint32_t cell;
} set_run;

static int compare_set_runs(const void *a, const void *b)
{
    const set_run *x = a, *y = b;
    int order = (x->set > y->set) - (x->set < y->set);
    return order != 0 ? order : (x->cell > y->cell) - (x->cell < y->cell);
}

/* pairs[s]: those of the runs of set s that have the same seeds. */
static sv_status count_pairs_of_one_seed(const svi_analysis *analysis, const svi_block *block,
                                         const svi_block_sets *sets, double *pairs, sv_error *error)
{
    set_run *runs = malloc((block->n + 1) * sizeof *runs);
    size_t n = 0;
    if (runs == NULL) return svi_fail_memory(error, block->n * sizeof *runs, "runs by test set");
    for (uint64_t i = 0; i < block->n; i++) {
        const svi_prediction_set *set = svi_set_of_run(analysis->table, sets, block->rows[i]);
        if (set == NULL) continue;
        runs[n++] = (set_run){(size_t)(set - sets->sets), analysis->codes.cell[block->rows[i]]};
    }
    qsort(runs, n, sizeof *runs, compare_set_runs);
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin; end < n && compare_set_runs(&runs[end], &runs[begin]) == 0;) end++;
        double n_runs = (double)(end - begin);
        pairs[runs[begin].set] += n_runs * (n_runs - 1) / 2;
    }
    free(runs);
    return SV_OK;
}

static void forget_pairs_of_runs(svi_prediction_finding *finding)
{
    const svi_estimate none = {NAN, {NAN, NAN}};
    snprintf(finding->reason, sizeof finding->reason,
             "the runs with the same test points are replicates of one seed: they say nothing "
             "about how seeds differ");
    finding->replicate_churn = finding->churn;
    finding->churn = finding->gap = finding->variance = finding->distribution_variance = none;
    finding->independent_variance = NAN;
    finding->variance_method = "the runs of a test set have one seed";
    for (size_t s = 0; s < SVI_N_VOTE_SIZES; s++) finding->vote_accuracy[s] = NAN;
    for (size_t c = 0; c < finding->n_classes; c++)
        finding->classes[c].churn = finding->classes[c].independent_sd = NAN;
}

/* Replicates of a seed are among the pairs of runs whose differences are counted; where they agree,
 * the others differ by so much more. */
sv_status svi_allow_for_replicates(const svi_analysis *analysis, size_t b,
                                   const svi_block_sets *sets, svi_prediction_finding *finding,
                                   sv_error *error)
{
    double *pairs = calloc(sets->n, sizeof *pairs);
    finding->churn_of_seeds = 0;
    finding->replicate_churn = (svi_estimate){NAN, {NAN, NAN}};
    if (pairs == NULL) return svi_fail_memory(error, sets->n * sizeof *pairs, "pairs of runs");
    sv_status status =
        count_pairs_of_one_seed(analysis, &analysis->codes.blocks[b], sets, pairs, error);
    for (size_t i = 0; i < sets->n && status == SV_OK; i++) {
        const svi_agreement *set = &sets->sets[i].agreement;
        double n = (double)set->n_runs, share = pairs[i] / (n * (n - 1) / 2);
        finding->pairs_of_one_seed += share / (double)sets->n;
        finding->churn_of_seeds += set->churn.value / (1 - share) / (double)sets->n;
    }
    free(pairs);
    if (analysis->designs[b].n_factors == 0) finding->pairs_of_one_seed = 0; /* reruns are asked */
    if (finding->pairs_of_one_seed > 1 - 1e-9) forget_pairs_of_runs(finding);
    if (finding->pairs_of_one_seed == 0 || !isfinite(finding->churn_of_seeds))
        finding->churn_of_seeds = NAN;
    return status;
}
