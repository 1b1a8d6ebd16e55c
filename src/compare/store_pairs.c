#include "compare/store_pairs.h"

#include <stdlib.h>
#include <string.h>

typedef struct pair_reader {
    svi_store_pairs *pairs;
    size_t next;      /* pair from which on the other store's runs are looked for */
    uint64_t n_added; /* pairs that have both */
} pair_reader;

static sv_status take_first(void *context, const svi_run *run, const svi_run_result *result,
                            sv_error *error)
{
    svi_store_pairs *pairs = context;
    (void)error;
    pairs->pair[pairs->n++] = (svi_run_pair){.run = *run, .a = *result};
    return SV_OK;
}

/* Metrics that a run does not have are zero in both. */
static bool are_different(const svi_run_result *a, const svi_run_result *b)
{
    return a->status != b->status || a->present != b->present ||
           memcmp(a->digest, b->digest, sizeof a->digest) != 0 ||
           memcmp(a->metric, b->metric, sizeof a->metric) != 0;
}

/* Both stores give their runs in ascending order; pairs move down over those that are in A alone.
 */
static sv_status take_second(void *context, const svi_run *run, const svi_run_result *result,
                             sv_error *error)
{
    pair_reader *r = context;
    svi_run_pair *pair = r->pairs->pair;
    while (r->next < r->pairs->n && pair[r->next].run.run < run->run) r->next++;
    if (r->next == r->pairs->n || pair[r->next].run.run != run->run) return SV_OK;
    svi_run_pair *both = &pair[r->n_added];
    *both = pair[r->next];
    if (memcmp(both->run.seed, run->seed, sizeof run->seed) != 0 ||
        both->run.replicate != run->replicate)
        return svi_fail(error, SV_ERR_STORE,
                        "run %llu has other seeds in one store than in the other, though both "
                        "hold one study: they were made by versions that plan differently",
                        (unsigned long long)run->run);
    both->b = *result;
    both->is_untrained =
        (both->a.status == SVK_RUN_UNSUPPORTED) != (both->b.status == SVK_RUN_UNSUPPORTED);
    both->is_different = !both->is_untrained && are_different(&both->a, &both->b);
    r->n_added++;
    r->next++;
    return SV_OK;
}

static sv_status read_runs(svi_store *a, svi_store *b, svi_store_pairs *pairs, sv_error *error)
{
    pair_reader reader = {.pairs = pairs};
    SVI_TRY(svi_store_n_done(a, &pairs->n_in_a, error));
    SVI_TRY(svi_store_n_done(b, &pairs->n_in_b, error));
    pairs->pair = malloc((pairs->n_in_a + 1) * sizeof *pairs->pair);
    if (pairs->pair == NULL)
        return svi_fail_memory(error, (pairs->n_in_a + 1) * sizeof *pairs->pair,
                               "the runs of two stores");
    SVI_TRY(svi_store_each_run(a, take_first, pairs, error));
    SVI_TRY(svi_store_each_run(b, take_second, &reader, error));
    pairs->n = reader.n_added;
    return SV_OK;
}

/* ---- curves: those of the runs that differ ---- */

typedef struct curve_pairs {
    svi_store_pairs *pairs;
    size_t n_different, next;  /* next: different pair at which the reading stands */
    size_t *different;         /* [n_different]: their places in pairs */
    const svi_checkpoints *of; /* [n_arms] */
    uint32_t (*digest)[SVI_MAX_CHECKPOINTS][4]; /* [n_different]: of A */
} curve_pairs;

/* The different pair of a run, or NULL; runs come ascending. */
static svi_run_pair *find_pair(curve_pairs *c, uint64_t run)
{
    svi_run_pair *pair = c->pairs->pair;
    while (c->next < c->n_different && pair[c->different[c->next]].run.run < run) c->next++;
    if (c->next == c->n_different || pair[c->different[c->next]].run.run != run) return NULL;
    return &pair[c->different[c->next]];
}

static sv_status take_first_curve(void *context, uint64_t run, size_t number,
                                  const svi_run_result *result, sv_error *error)
{
    curve_pairs *c = context;
    (void)error;
    if (find_pair(c, run) != NULL)
        memcpy(c->digest[c->next][number], result->digest, sizeof result->digest);
    return SV_OK;
}

static sv_status take_second_curve(void *context, uint64_t run, size_t number,
                                   const svi_run_result *result, sv_error *error)
{
    curve_pairs *c = context;
    svi_run_pair *pair = find_pair(c, run);
    (void)error;
    if (pair == NULL || pair->parts_on_the_way) return SV_OK;
    if (memcmp(c->digest[c->next][number], result->digest, sizeof result->digest) == 0)
        return SV_OK;
    pair->parts_on_the_way = true;
    pair->first_step = c->of[pair->run.arm].step[number];
    return SV_OK;
}

static sv_status compare_curves(curve_pairs *c, svi_store *a, svi_store *b, sv_error *error)
{
    for (size_t i = 0; i < c->pairs->n; i++)
        if (c->pairs->pair[i].is_different) c->different[c->n_different++] = i;
    size_t size = (c->n_different + 1) * sizeof *c->digest;
    c->digest = calloc(1, size);
    if (c->digest == NULL) return svi_fail_memory(error, size, "the curves of two stores");
    SVI_TRY(svi_store_each_curve_run(a, take_first_curve, c, error));
    c->next = 0;
    return svi_store_each_curve_run(b, take_second_curve, c, error);
}

static sv_status read_curves(svi_store *a, svi_store *b, svi_store_pairs *pairs, sv_error *error)
{
    curve_pairs c = {.pairs = pairs, .of = svi_store_study_of(a)->checkpoints};
    c.different = malloc((pairs->n + 1) * sizeof *c.different);
    if (c.different == NULL)
        return svi_fail_memory(error, (pairs->n + 1) * sizeof *c.different, "two stores");
    sv_status status = compare_curves(&c, a, b, error);
    free(c.different);
    free(c.digest);
    return status;
}

sv_status svi_store_pairs_read(svi_store *a, svi_store *b, svi_store_pairs *pairs, sv_error *error)
{
    *pairs = (svi_store_pairs){.has_curves = svi_store_study_of(a)->curves == SVI_CURVES_FULL &&
                                             svi_store_study_of(b)->curves == SVI_CURVES_FULL};
    sv_status status = read_runs(a, b, pairs, error);
    if (status == SV_OK && pairs->has_curves) status = read_curves(a, b, pairs, error);
    if (status != SV_OK) svi_store_pairs_clear(pairs);
    return status;
}

void svi_store_pairs_clear(svi_store_pairs *pairs)
{
    free(pairs->pair);
    *pairs = (svi_store_pairs){0};
}

size_t svi_store_pairs_block_end(const svi_store_pairs *pairs, size_t from)
{
    const svi_run *first = &pairs->pair[from].run;
    size_t at = from + 1;
    while (at < pairs->n && pairs->pair[at].run.arm == first->arm &&
           pairs->pair[at].run.numerics == first->numerics)
        at++;
    return at;
}
