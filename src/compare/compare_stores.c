/* Two stores of one study: runs, curves, and what follows from them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/findings.h"
#include "base/text.h"
#include "compare/compare.h"
#include "compare/store_blocks.h"
#include "report/json_value.h"
#include "store/json_text.h"

typedef struct side {
    const char *path;
    char machine[512];
    svi_store *store;
    sv_findings *findings;
} side;

typedef struct comparison {
    side a, b;
    const svi_store_study *study, *study_b; /* the same but for their numerics */
    const char *metric;                     /* that the findings lead with */
    svi_store_pairs pairs;
    size_t n_blocks, n_forbidden, n_different; /* of these, pairs */
    svi_store_block *block;
} comparison;

static sv_status open_side(side *s, sv_error *error)
{
    SVI_TRY(svi_store_open_read(s->path, &s->store, error));
    return svi_store_machine_line(s->store, s->machine, sizeof s->machine, error);
}

static int metric_number(const char *name)
{
    static const char *const names[] = {
#define METRIC_NAME(id, metric_name, better, help) metric_name,
        SVK_METRICS(METRIC_NAME)
#undef METRIC_NAME
    };
    int m = 0;
    while (m + 1 < SVK_N_METRICS && strcmp(names[m], name) != 0) m++;
    return m;
}

/* Names tell all that an entry says. */
static bool has_other_numerics(const comparison *c, uint32_t numerics)
{
    return strcmp(c->study->numerics_names[numerics], c->study_b->numerics_names[numerics]) != 0;
}

static sv_status make_blocks(comparison *c, const sv_analysis_options *options, sv_error *error)
{
    const svi_store_pairs *pairs = &c->pairs;
    double level = c->a.findings->level;
    size_t n_most = c->study->n_arms * c->study->n_numerics;
    c->block = calloc(n_most, sizeof *c->block);
    if (c->block == NULL) return svi_fail_memory(error, n_most * sizeof *c->block, "comparisons");
    for (size_t from = 0, to; from < pairs->n; from = to) {
        svi_store_block *b = &c->block[c->n_blocks++];
        to = svi_store_pairs_block_end(pairs, from);
        SVI_TRY(svi_store_block_make(pairs, from, to,
                                     c->study->is_contract[pairs->pair[from].run.numerics],
                                     metric_number(c->metric), level, options->margin, b, error));
        if (has_other_numerics(c, b->numerics)) b->is_contract = false;
        c->n_different += b->n_different;
        if (b->is_contract) c->n_forbidden += b->n_different;
    }
    return SV_OK;
}

static sv_status read_all(comparison *c, const sv_analysis_options *options, sv_error *error)
{
    SVI_TRY(open_side(&c->a, error));
    SVI_TRY(open_side(&c->b, error));
    SVI_TRY(svi_store_compare_stores(c->a.store, c->b.store, error));
    c->study = svi_store_study_of(c->a.store);
    c->study_b = svi_store_study_of(c->b.store);
    SVI_TRY(svi_store_pairs_read(c->a.store, c->b.store, &c->pairs, error));
    if (c->pairs.n == 0)
        return svi_fail(error, SV_ERR_INCOMPLETE,
                        "%s and %s have no run in common yet (%llu and %llu runs); seedvar run "
                        "goes on with both",
                        c->a.path, c->b.path, (unsigned long long)c->pairs.n_in_a,
                        (unsigned long long)c->pairs.n_in_b);
    SVI_TRY(sv_analyze_store(c->a.path, options, &c->a.findings, error));
    SVI_TRY(sv_analyze_store(c->b.path, options, &c->b.findings, error));
    c->metric = c->a.findings->metrics[c->a.findings->headline].name;
    return make_blocks(c, options, error);
}

/* ---- conclusions: comparisons of arms by the headline ---- */

/* The same comparison in other findings, or NULL. */
static const svi_comparison_finding *find_same(const sv_findings *in, const char *metric,
                                               const svi_comparison_finding *wanted)
{
    for (size_t i = 0; i < in->n_comparisons; i++) {
        const svi_comparison_finding *f = &in->comparisons[i];
        if (f->subject.arm == wanted->subject.arm &&
            f->subject.numerics == wanted->subject.numerics && f->reference == wanted->reference &&
            strcmp(in->metrics[f->subject.metric].name, metric) == 0)
            return f;
    }
    return NULL;
}

static const char *decision_of(const svi_comparison_finding *f)
{
    return f == NULL || f->reason[0] != '\0' ? "nothing" : svi_decision_name(f->decision);
}

typedef void (*conclusion_fn)(void *context, const comparison *c, const svi_comparison_finding *f,
                              const char *in_a, const char *in_b);

static void each_conclusion(const comparison *c, conclusion_fn conclusion, void *context)
{
    const sv_findings *of = c->a.findings;
    for (size_t i = 0; i < of->n_comparisons; i++) {
        const svi_comparison_finding *f = &of->comparisons[i];
        if (f->subject.metric == of->headline)
            conclusion(context, c, f, decision_of(f),
                       decision_of(find_same(c->b.findings, c->metric, f)));
    }
}

/* ---- text ---- */

static void add_first(svi_text *out, const comparison *c, const svi_store_block *b)
{
    const svi_run_pair *first = b->first;
    svi_text_add(out, "    the first that differs: run %llu, replicate %llu, seeds",
                 (unsigned long long)first->run.run, (unsigned long long)first->run.replicate);
#define ADD_SEED(id, number, name, help)                                                           \
    svi_text_add(out, " " name " %llu", (unsigned long long)first->run.seed[SVK_SOURCE_##id]);
    SVK_SOURCES(ADD_SEED)
#undef ADD_SEED
    svi_text_add(out, "\n");
    if (b->earliest != NULL)
        svi_text_add(out, "    earliest at a checkpoint: step %llu (run %llu)\n",
                     (unsigned long long)b->earliest->first_step,
                     (unsigned long long)b->earliest->run.run);
    else if (c->pairs.has_curves)
        svi_text_add(out, "    digests are equal at all checkpoints\n");
}

static void add_block(svi_text *out, const comparison *c, const svi_store_block *b, double margin)
{
    svi_text_add(out, "\n%s, %s", c->study->arm_names[b->arm],
                 c->study->numerics_names[b->numerics]);
    if (has_other_numerics(c, b->numerics))
        svi_text_add(out, " in A, %s in B: ", c->study_b->numerics_names[b->numerics]);
    else
        svi_text_add(out, " (%s): ", b->is_contract ? "contract" : "measured");
    size_t n = b->n - b->n_untrained;
    if (b->n_different == 0 && n == 1)
        svi_text_add(out, "its run is equal");
    else if (b->n_different == 0)
        svi_text_add(out, "all %zu runs are equal", n);
    else
        svi_text_add(out, "%zu of %zu run%s differ%s", b->n_different, n, svi_plural(n),
                     b->n_different == 1 ? "s" : "");
    if (b->n_untrained > 0)
        svi_text_add(out, "; %zu were trained in one store only", b->n_untrained);
    svi_text_add(out, "\n");
    if (b->first != NULL) add_first(out, c, b);
    if (b->n_finite == 0) return;
    if (b->n_finite == 1)
        svi_text_add(out, "    %s: A %.6g, B %.6g in one run", c->metric, b->mean_a, b->mean_b);
    else
        svi_text_add(out, "    %s: A %.6g (SD %.3g), B %.6g (SD %.3g) over %zu runs", c->metric,
                     b->mean_a, b->sd_a, b->mean_b, b->sd_b, b->n_finite);
    if (b->n_different > 0 && b->has_difference)
        svi_text_add(out, "; A - B %.3g (%.3g to %.3g), at most %.3g in one run",
                     b->difference.difference, b->difference.interval.low,
                     b->difference.interval.high, b->largest);
    svi_text_add(out, "\n");
    if (margin > 0 && b->has_difference)
        svi_text_add(out, "    equivalent at %g: p = %.3g\n", margin, b->equivalence_p);
}

static void add_conclusion(void *context, const comparison *c, const svi_comparison_finding *f,
                           const char *in_a, const char *in_b)
{
    const svi_store_study *study = c->study;
    svi_text_add(context, "  %s against %s, %s: %s in A, %s in B%s\n",
                 study->arm_names[f->subject.arm], study->arm_names[f->reference],
                 study->numerics_names[f->subject.numerics], in_a, in_b,
                 strcmp(in_a, in_b) == 0 ? "" : ": the conclusions differ");
}

static sv_status write_text(const comparison *c, double margin, char **text, sv_error *error)
{
    svi_text out = {0};
    const svi_store_pairs *p = &c->pairs;
    svi_text_add(&out, "%s\nA  %s\n   %s\nB  %s\n   %s\n\n%zu run%s in both (%llu in A, %llu in B)",
                 c->study->name, c->a.path, c->a.machine, c->b.path, c->b.machine, p->n,
                 svi_plural(p->n), (unsigned long long)p->n_in_a, (unsigned long long)p->n_in_b);
    if (c->n_different == 0)
        svi_text_add(&out, ": equal, bit for bit, in digests, metrics and status\n");
    else
        svi_text_add(&out, ": %zu differ%s, %zu of them against the contract\n", c->n_different,
                     c->n_different == 1 ? "s" : "", c->n_forbidden);
    for (size_t i = 0; i < c->n_blocks; i++) add_block(&out, c, &c->block[i], margin);
    if (c->study->n_arms > 1) {
        svi_text_add(&out, "\nArms compared by %s:\n", c->metric);
        each_conclusion(c, add_conclusion, &out);
    }
    return svi_text_take(&out, text, error);
}

/* ---- JSON ---- */

static json_t *side_json(const side *s, uint64_t n_runs)
{
    json_t *object = json_object();
    svi_json_set(&object, "file", svi_json_string(s->path));
    svi_json_set(&object, "machine", svi_json_string(s->machine));
    svi_json_set(&object, "runs", svi_json_count(n_runs));
    return object;
}

static json_t *first_json(const svi_run_pair *pair)
{
    json_t *object = json_object(), *seeds = json_object();
    if (pair == NULL) {
        json_decref(object);
        json_decref(seeds);
        return json_null();
    }
#define SET_SEED(id, number, name, help)                                                           \
    svi_json_set(&seeds, name, svi_json_count(pair->run.seed[SVK_SOURCE_##id]));
    SVK_SOURCES(SET_SEED)
#undef SET_SEED
    svi_json_set(&object, "run", svi_json_count(pair->run.run));
    svi_json_set(&object, "replicate", svi_json_count(pair->run.replicate));
    svi_json_set(&object, "seeds", seeds);
    svi_json_set(&object, "checkpoint_step",
                 pair->parts_on_the_way ? svi_json_count(pair->first_step) : json_null());
    return object;
}

static const char *promise_of(const comparison *c, const svi_store_block *b)
{
    if (has_other_numerics(c, b->numerics)) return "none";
    return b->is_contract ? "contract" : "measured";
}

static json_t *block_json(const comparison *c, const svi_store_block *b)
{
    json_t *row = json_object();
    svi_json_set(&row, "arm", svi_json_string(c->study->arm_names[b->arm]));
    svi_json_set(&row, "numerics", svi_json_string(c->study->numerics_names[b->numerics]));
    svi_json_set(&row, "numerics_b", svi_json_string(c->study_b->numerics_names[b->numerics]));
    svi_json_set(&row, "promise", json_string(promise_of(c, b)));
    svi_json_set(&row, "runs", svi_json_count(b->n));
    svi_json_set(&row, "different", svi_json_count(b->n_different));
    svi_json_set(&row, "untrained", svi_json_count(b->n_untrained));
    svi_json_set(&row, "first", first_json(b->first));
    svi_json_set(&row, "earliest", first_json(b->earliest));
    svi_json_set(&row, "n", svi_json_count(b->n_finite));
    svi_json_set(&row, "mean_a", svi_json_number(b->mean_a));
    svi_json_set(&row, "mean_b", svi_json_number(b->mean_b));
    svi_json_set(&row, "sd_a", svi_json_number(b->sd_a));
    svi_json_set(&row, "sd_b", svi_json_number(b->sd_b));
    svi_json_set(&row, "largest_difference", svi_json_number(b->largest));
    if (b->has_difference) {
        svi_json_set(&row, "difference", svi_json_number(b->difference.difference));
        svi_json_set_interval(&row, "difference", b->difference.interval);
    }
    svi_json_set(&row, "equivalence_p", svi_json_number(b->equivalence_p));
    return row;
}

static void append_conclusion(void *context, const comparison *c, const svi_comparison_finding *f,
                              const char *in_a, const char *in_b)
{
    json_t *row = json_object();
    svi_json_set(&row, "arm", svi_json_string(c->study->arm_names[f->subject.arm]));
    svi_json_set(&row, "reference", svi_json_string(c->study->arm_names[f->reference]));
    svi_json_set(&row, "numerics", svi_json_string(c->study->numerics_names[f->subject.numerics]));
    svi_json_set(&row, "a", json_string(in_a));
    svi_json_set(&row, "b", json_string(in_b));
    svi_json_append(context, row);
}

static sv_status write_json(const comparison *c, char **text, sv_error *error)
{
    json_t *root = json_object(), *blocks = json_array(), *conclusions = json_array();
    for (size_t i = 0; i < c->n_blocks; i++) svi_json_append(&blocks, block_json(c, &c->block[i]));
    each_conclusion(c, append_conclusion, &conclusions);
    svi_json_set(&root, "schema", json_string("seedvar.compare/1"));
    svi_json_set(&root, "kind", json_string("stores"));
    svi_json_set(&root, "study", svi_json_string(c->study->name));
    svi_json_set(&root, "a", side_json(&c->a, c->pairs.n_in_a));
    svi_json_set(&root, "b", side_json(&c->b, c->pairs.n_in_b));
    svi_json_set(&root, "runs", svi_json_count(c->pairs.n));
    svi_json_set(&root, "different", svi_json_count(c->n_different));
    svi_json_set(&root, "forbidden", svi_json_count(c->n_forbidden));
    svi_json_set(&root, "metric", svi_json_string(c->metric));
    svi_json_set(&root, "blocks", blocks);
    svi_json_set(&root, "conclusions", conclusions);
    return svi_json_take(root, text, error);
}

static void close_side(side *s)
{
    if (s->store != NULL) svi_store_close(s->store);
    sv_findings_close(s->findings);
}

sv_status svi_compare_stores(const char *path_a, const char *path_b,
                             const sv_analysis_options *options, bool as_json, char **text,
                             sv_error *error)
{
    comparison c = {.a.path = path_a, .b.path = path_b};
    sv_status status = read_all(&c, options, error);
    if (status == SV_OK)
        status =
            as_json ? write_json(&c, text, error) : write_text(&c, options->margin, text, error);
    if (status == SV_OK && c.n_forbidden > 0)
        status = svi_fail(error, SV_DIFFERENT, "the contract fixes the bits of %zu run%s that %s",
                          c.n_forbidden, svi_plural(c.n_forbidden),
                          c.n_forbidden == 1 ? "differs" : "differ");
    svi_store_pairs_clear(&c.pairs);
    free(c.block);
    close_side(&c.a);
    close_side(&c.b);
    return status;
}
