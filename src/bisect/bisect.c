/* Where two runs part, found by training both again and looking at them at ever closer steps. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bisect/bisection.h"
#include "compare/store_pairs.h"

static bool are_equal(const svi_run_result *a, const svi_run_result *b)
{
    return a->status == b->status && memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

/* ---- which runs ---- */

/* The first that two stores do not agree on; *run = UINT64_MAX where there is none. */
static sv_status find_different(svi_bisection *s, uint64_t *run, sv_error *error)
{
    svi_store_pairs pairs;
    SVI_TRY(svi_store_compare_stores(s->a.store, s->b.store, error));
    SVI_TRY(svi_store_pairs_read(s->a.store, s->b.store, &pairs, error));
    *run = UINT64_MAX;
    for (size_t i = 0; i < pairs.n && *run == UINT64_MAX; i++)
        if (pairs.pair[i].is_different && !are_equal(&pairs.pair[i].a, &pairs.pair[i].b))
            *run = pairs.pair[i].run.run;
    svi_store_pairs_clear(&pairs);
    return SV_OK;
}

static sv_status choose_runs(svi_bisection *s, svi_backend *backend,
                             const sv_bisect_options *options, sv_error *error)
{
    uint64_t run_a = options->run_a, run_b = options->run_b;
    bool is_one = options->store_b == NULL;
    if (is_one && (run_a == UINT64_MAX || run_b == UINT64_MAX))
        return svi_fail(error, SV_ERR_USAGE,
                        "of one store two runs are to be named (--run N --against M), or name two "
                        "stores");
    if (run_a == UINT64_MAX) SVI_TRY(find_different(s, &run_a, error));
    s->is_equal = run_a == UINT64_MAX;
    if (s->is_equal) return SV_OK;
    SVI_TRY(svi_bisected_run_choose(&s->a, backend, run_a, error));
    SVI_TRY(svi_bisected_run_choose(&s->b, backend, run_b == UINT64_MAX ? run_a : run_b, error));
    s->has_run = true;
    s->is_equal = are_equal(&s->a.stored, &s->b.stored);
    return SV_OK;
}

static bool is_fp64(const svi_bisected_run *r)
{
    return SVK_KEPT_PRECISION(r->training.precision) == SVK_PRECISION_FP64;
}

/* Parameters are compared one by one: the networks must have the same. */
static sv_status check_shapes(const svi_bisection *s, sv_error *error)
{
    const svk_net *a = &s->a.net, *b = &s->b.net;
    bool is_same = a->n_layers == b->n_layers && a->has_bias == b->has_bias &&
                   is_fp64(&s->a) == is_fp64(&s->b);
    for (int l = 0; is_same && l < a->n_layers; l++)
        is_same = a->layer[l].n_in == b->layer[l].n_in && a->layer[l].n_out == b->layer[l].n_out;
    if (is_same) return SV_OK;
    return svi_fail(error, SV_ERR_USAGE,
                    "run %" PRIu64 " of %s and run %" PRIu64 " of %s are networks of different "
                    "shapes or formats: there is no step at which they part",
                    s->a.run.run, s->a.path, s->b.run.run, s->b.path);
}

/* ---- search ---- */

/* low, ..., high, as many as a training can be looked at. */
static svi_checkpoints spread_steps(uint64_t low, uint64_t high)
{
    svi_checkpoints steps = {.n = SVI_MAX_CHECKPOINTS};
    if (high - low < steps.n) steps.n = (size_t)(high - low) + 1;
    for (size_t i = 0; i < steps.n; i++)
        steps.step[i] = steps.n == 1 ? low : low + i * (high - low) / (steps.n - 1);
    return steps;
}

/* The first of some steps after which the runs differ; steps->n: none. */
static sv_status look(svi_bisection *s, const svi_checkpoints *steps, size_t *at, sv_error *error)
{
    svi_run_result of_a[SVI_MAX_CHECKPOINTS], of_b[SVI_MAX_CHECKPOINTS];
    SVI_TRY(svi_bisected_run_train(&s->a, steps, of_a, NULL, error));
    SVI_TRY(svi_bisected_run_train(&s->b, steps, of_b, NULL, error));
    s->n_trainings++;
    for (*at = 0; *at < steps->n; ++*at)
        if (memcmp(of_a[*at].digest, of_b[*at].digest, sizeof of_a->digest) != 0) return SV_OK;
    return SV_OK;
}

static sv_status search(svi_bisection *s, sv_error *error)
{
    uint64_t low = 0, high = s->n_steps;
    for (;;) {
        size_t at;
        svi_checkpoints steps = spread_steps(low, high);
        SVI_TRY(look(s, &steps, &at, error));
        if (at == steps.n) return SV_OK;
        s->is_parted = true;
        s->step = high = steps.step[at];
        if (at > 0) low = steps.step[at - 1] + 1;
        if (at == 0 || low == high) return SV_OK;
    }
}

static sv_status part_parameters(svi_bisection *s, sv_error *error)
{
    uint64_t n = svk_net_n_parameters(&s->a.net);
    svi_run_result unused;
    svi_checkpoints step = {.n = 1, .step = {s->step}};
    double *kept = malloc(2 * n * sizeof *kept);
    if (kept == NULL) return svi_fail_memory(error, 2 * n * sizeof *kept, "two networks");
    sv_status status = svi_bisected_run_train(&s->a, &step, &unused, kept, error);
    if (status == SV_OK) status = svi_bisected_run_train(&s->b, &step, &unused, kept + n, error);
    if (status == SV_OK) svi_parting_find(&s->a.net, is_fp64(&s->a), kept, kept + n, &s->parting);
    s->n_trainings++;
    free(kept);
    return status;
}

sv_status svi_bisection_search(svi_bisection *s, sv_error *error)
{
    SVI_TRY(check_shapes(s, error));
    uint64_t n_a = s->a.training.n_steps, n_b = s->b.training.n_steps;
    s->n_steps = n_a < n_b ? n_a : n_b;
    SVI_TRY(search(s, error));
    s->is_reproduced[0] = svi_bisected_run_is_reproduced(&s->a);
    s->is_reproduced[1] = svi_bisected_run_is_reproduced(&s->b);
    if (s->is_parted) SVI_TRY(part_parameters(s, error));
    if (!s->is_reproduced[0]) SVI_TRY(svi_bisected_run_check_curve(&s->a, error));
    if (!s->is_reproduced[1]) SVI_TRY(svi_bisected_run_check_curve(&s->b, error));
    return SV_OK;
}

static sv_status run_bisection(svi_bisection *s, svi_backend *backend,
                               const sv_bisect_options *options, sv_error *error)
{
    const char *store_b = options->store_b != NULL ? options->store_b : options->store_a;
    SVI_TRY(svi_bisected_run_open(&s->a, options->store_a, options->folder, error));
    SVI_TRY(svi_bisected_run_open(&s->b, store_b, options->folder, error));
    SVI_TRY(choose_runs(s, backend, options, error));
    return s->is_equal ? SV_OK : svi_bisection_search(s, error);
}

sv_status sv_bisect(const sv_bisect_options *options, bool as_json, char **text, sv_error *error)
{
    const svi_backend_options device = {"cpu", options->simd, options->n_threads};
    svi_backend *backend;
    svi_bisection *s = calloc(1, sizeof *s);
    if (s == NULL) return svi_fail_memory(error, sizeof *s, "a bisection");
    sv_status status = svi_backend_open(&device, &backend, NULL, error);
    if (status == SV_OK) {
        status = run_bisection(s, backend, options, error);
        backend->ops->close(backend);
    }
    if (status == SV_OK)
        status = as_json ? svi_bisection_json(s, text, error) : svi_bisection_text(s, text, error);
    if (status == SV_OK && !s->is_equal) status = svi_fail(error, SV_DIFFERENT, "the runs differ");
    svi_bisected_run_close(&s->a);
    svi_bisected_run_close(&s->b);
    free(s);
    return status;
}
