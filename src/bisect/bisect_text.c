#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "bisect/bisection.h"
#include "report/json_value.h"
#include "store/json_text.h"

static const char *const source_names[] = {
#define SOURCE_NAME(id, number, name, help) name,
    SVK_SOURCES(SOURCE_NAME)
#undef SOURCE_NAME
};

/* The epoch, from 1, that step number `step` belongs to. */
static uint64_t epoch_of(const svi_bisection *s)
{
    return s->step == 0 ? 0 : (s->step - 1) / s->a.training.n_steps_per_epoch + 1;
}

static void write_bits(const svi_parting *p, int side, char text[20])
{
    snprintf(text, 20, "%0*" PRIx64, p->n_bits / 4, p->bits[side]);
}

/* ---- text ---- */

static void add_run(svi_text *out, const char *side, const svi_bisected_run *r)
{
    svi_text_add(out, "%s  %s, run %" PRIu64 ": %s, %s, replicate %" PRIu64 "\n   seeds", side,
                 r->path, r->run.run, r->job.arm->name, r->job.numerics->name, r->run.replicate);
    for (int s = 0; s < SVK_N_SOURCES; s++)
        svi_text_add(out, "%s %s %" PRIu64, s == 0 ? "" : ",", source_names[s], r->run.seed[s]);
    svi_text_add(out, "\n");
}

void svi_bisection_add_reproduction(svi_text *out, const char *side, const svi_bisected_run *r,
                                    bool is_reproduced)
{
    if (is_reproduced) return;
    svi_text_add(out, "%s, trained again, does not come to the bits that its store holds", side);
    if (r->is_store_parted)
        svi_text_add(out,
                     ": the store has its bits up to step %" PRIu64 ", others at step %" PRIu64,
                     r->equal_step, r->different_step);
    else if (r->n_checkpoints > 0)
        svi_text_add(out, ": the store has its bits at all %zu checkpoints", r->n_checkpoints);
    else
        svi_text_add(out, ": the store keeps no digests on the way (curves full and distances do)");
    svi_text_add(out, "\n");
}

static void add_first(svi_text *out, const svi_parting *p)
{
    char bits[2][20];
    const svi_tensor_parting *t = &p->tensor[p->of_tensor];
    write_bits(p, 0, bits[0]);
    write_bits(p, 1, bits[1]);
    if (t->is_bias)
        svi_text_add(out, "The first: layer %d, bias of unit %" PRIu64, t->layer, p->out);
    else
        svi_text_add(out, "The first: layer %d, weight of unit %" PRIu64 " for input %" PRIu64,
                     t->layer, p->out, p->in);
    svi_text_add(out,
                 " (parameter %" PRIu64 "), %" PRIu64 " ULP apart:\n    A %.9g (%s)\n"
                 "    B %.9g (%s)\n",
                 p->parameter, p->ulps, p->value[0], bits[0], p->value[1], bits[1]);
}

void svi_bisection_add_parting(svi_text *out, const svi_bisection *s)
{
    const svi_parting *p = &s->parting;
    if (s->step == 0)
        svi_text_add(out, "They differ before the first of %" PRIu64 " steps.\n", s->n_steps);
    else
        svi_text_add(out,
                     "They are equal after step %" PRIu64 " and differ after step %" PRIu64
                     " of %" PRIu64 " (epoch %" PRIu64 ").\n",
                     s->step - 1, s->step, s->n_steps, epoch_of(s));
    svi_text_add(out, "Then %" PRIu64 " of %" PRIu64 " parameters differ. ", p->n_different, p->n);
    add_first(out, p);
    for (int i = 0; i < p->n_tensors; i++) {
        const svi_tensor_parting *t = &p->tensor[i];
        if (t->n_different > 0)
            svi_text_add(
                out,
                "  layer %d, %s: %" PRIu64 " of %" PRIu64 " differ, by at most %" PRIu64 " ULP\n",
                t->layer, t->is_bias ? "biases" : "weights", t->n_different, t->n, t->max_ulp);
    }
}

sv_status svi_bisection_text(const svi_bisection *s, char **text, sv_error *error)
{
    svi_text out = {0};
    if (!s->has_run) {
        svi_text_add(&out, "%s and %s have equal bits in every run that both hold\n", s->a.path,
                     s->b.path);
        return svi_text_take(&out, text, error);
    }
    add_run(&out, "A", &s->a);
    add_run(&out, "B", &s->b);
    svi_text_add(&out, "\n");
    if (s->is_equal) {
        svi_text_add(&out, "They end with equal bits.\n");
        return svi_text_take(&out, text, error);
    }
    svi_bisection_add_reproduction(&out, "A", &s->a, s->is_reproduced[0]);
    svi_bisection_add_reproduction(&out, "B", &s->b, s->is_reproduced[1]);
    if (s->is_parted)
        svi_bisection_add_parting(&out, s);
    else
        svi_text_add(&out,
                     "Trained again, they are equal after all %" PRIu64 " steps that both take.\n",
                     s->n_steps);
    return svi_text_take(&out, text, error);
}

/* ---- JSON ---- */

static json_t *run_json(const svi_bisected_run *r, bool is_trained, bool is_reproduced)
{
    json_t *row = json_object(), *seeds = json_object();
    for (int s = 0; s < SVK_N_SOURCES; s++)
        svi_json_set(&seeds, source_names[s], svi_json_count(r->run.seed[s]));
    svi_json_set(&row, "file", svi_json_string(r->path));
    svi_json_set(&row, "run", svi_json_count(r->run.run));
    svi_json_set(&row, "arm", svi_json_string(r->job.arm->name));
    svi_json_set(&row, "numerics", svi_json_string(r->job.numerics->name));
    svi_json_set(&row, "replicate", svi_json_count(r->run.replicate));
    svi_json_set(&row, "seeds", seeds);
    svi_json_set(&row, "reproduced", is_trained ? json_boolean(is_reproduced) : json_null());
    svi_json_set(&row, "store_equal_step",
                 r->is_store_parted ? svi_json_count(r->equal_step) : json_null());
    svi_json_set(&row, "store_different_step",
                 r->is_store_parted ? svi_json_count(r->different_step) : json_null());
    return row;
}

static json_t *side_json(const svi_parting *p, int side)
{
    char bits[20];
    json_t *row = json_object();
    write_bits(p, side, bits);
    svi_json_set(&row, "value", svi_json_number(p->value[side]));
    svi_json_set(&row, "bits", json_string(bits));
    return row;
}

static json_t *first_json(const svi_parting *p)
{
    const svi_tensor_parting *t = &p->tensor[p->of_tensor];
    json_t *row = json_object();
    svi_json_set(&row, "parameter", svi_json_count(p->parameter));
    svi_json_set(&row, "layer", json_integer(t->layer));
    svi_json_set(&row, "tensor", json_string(t->is_bias ? "bias" : "weight"));
    svi_json_set(&row, "out", svi_json_count(p->out));
    svi_json_set(&row, "in", t->is_bias ? json_null() : svi_json_count(p->in));
    svi_json_set(&row, "ulps", svi_json_count(p->ulps));
    svi_json_set(&row, "a", side_json(p, 0));
    svi_json_set(&row, "b", side_json(p, 1));
    return row;
}

static json_t *tensors_json(const svi_parting *p)
{
    json_t *rows = json_array();
    for (int i = 0; i < p->n_tensors; i++) {
        const svi_tensor_parting *t = &p->tensor[i];
        json_t *row = json_object();
        svi_json_set(&row, "layer", json_integer(t->layer));
        svi_json_set(&row, "tensor", json_string(t->is_bias ? "bias" : "weight"));
        svi_json_set(&row, "parameters", svi_json_count(t->n));
        svi_json_set(&row, "different", svi_json_count(t->n_different));
        svi_json_set(&row, "max_ulp", svi_json_count(t->max_ulp));
        svi_json_append(&rows, row);
    }
    return rows;
}

json_t *svi_bisection_parting_json(const svi_bisection *s)
{
    json_t *row = json_object();
    svi_json_set(&row, "step", svi_json_count(s->step));
    svi_json_set(&row, "epoch", svi_json_count(epoch_of(s)));
    svi_json_set(&row, "parameters", svi_json_count(s->parting.n));
    svi_json_set(&row, "different", svi_json_count(s->parting.n_different));
    svi_json_set(&row, "first", first_json(&s->parting));
    svi_json_set(&row, "tensors", tensors_json(&s->parting));
    return row;
}

sv_status svi_bisection_json(const svi_bisection *s, char **json, sv_error *error)
{
    json_t *root = json_object();
    bool is_trained = s->has_run && !s->is_equal;
    svi_json_set(&root, "schema", json_string("seedvar.bisect/1"));
    svi_json_set(&root, "equal", json_boolean(s->is_equal));
    svi_json_set(&root, "a",
                 s->has_run ? run_json(&s->a, is_trained, s->is_reproduced[0]) : json_null());
    svi_json_set(&root, "b",
                 s->has_run ? run_json(&s->b, is_trained, s->is_reproduced[1]) : json_null());
    svi_json_set(&root, "steps", is_trained ? svi_json_count(s->n_steps) : json_null());
    svi_json_set(&root, "trainings", svi_json_count(s->n_trainings));
    svi_json_set(&root, "parting", s->is_parted ? svi_bisection_parting_json(s) : json_null());
    return svi_json_take(root, json, error);
}
