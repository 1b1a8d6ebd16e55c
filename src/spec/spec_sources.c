#include <string.h>

#include "spec/spec_reading.h"

static bool arm_uses(const svi_arm_spec *arm, int source)
{
    const svi_model_spec *model = &arm->model;
    bool is_sgd = model->kind != SVI_MODEL_POLY && !model->is_closed_form;
    switch (source) {
    case SVK_SOURCE_INIT:
        return model->kind == SVI_MODEL_POLY ||
               (is_sgd && (model->init != SVK_INIT_ZERO || model->bias == SVK_BIAS_DEFAULT));
    case SVK_SOURCE_ORDER: return is_sgd;
    case SVK_SOURCE_SPLIT: return arm->data.set != SVI_SET_NONE && arm->data.split.train < 1;
    case SVK_SOURCE_DROPOUT: return model->dropout > 0;
    case SVK_SOURCE_DATA: return arm->data.set == SVI_SET_MOONS || arm->data.set == SVI_SET_LINEAR;
    default: return false;
    }
}

static bool study_uses(const svi_study_spec *spec, int source)
{
    for (size_t i = 0; i < spec->n_arms; i++)
        if (arm_uses(&spec->arms[i], source)) return true;
    for (size_t i = 0; i < spec->n_numerics && source == SVK_SOURCE_SCHEDULE; i++)
        if (spec->numerics[i].path == SVK_PATH_DRAWN) return true;
    return false;
}

static const char *reason_unused(int source)
{
    switch (source) {
    case SVK_SOURCE_INIT: return "a closed form and weights that start at zero draw no start";
    case SVK_SOURCE_ORDER: return "only SGD visits training rows in an order";
    case SVK_SOURCE_SPLIT: return "every row trains, or there are no data";
    case SVK_SOURCE_DROPOUT: return "no model here has a dropout above 0";
    case SVK_SOURCE_DATA: return "only the sets moons and linear are generated";
    case SVK_SOURCE_SCHEDULE: return "no entry of numerics has path drawn";
    default: return "no model here has it";
    }
}

static sv_status read_source(const svi_reading *r, const svi_key *key, const svi_study_spec *spec,
                             const svi_node *node, int *source)
{
    const svi_word *word = key->words;
    if (node->kind != SVI_NODE_SCALAR) return svi_fail_value(r->error, key, node, "as a source");
    while (word->name != NULL && strcmp(word->name, node->text) != 0) word++;
    if (word->name == NULL) return svi_fail_unknown_word(r->error, key, node);
    *source = word->value;
    if (study_uses(spec, *source)) return SV_OK;
    return svi_fail_at(r->error, node,
                       "nothing in this study draws from %s (%s); take it out of design.vary",
                       node->text, reason_unused(*source));
}

static sv_status read_sweep(svi_reading *r, const svi_key *key, const svi_node *vary,
                            svi_study_spec *spec)
{
    for (int s = 0; s < SVK_N_SOURCES; s++) spec->design.is_varied[s] = vary == NULL;
    if (vary == NULL) return SV_OK;
    if (vary->kind != SVI_NODE_LIST)
        return svi_fail_value(r->error, key, vary,
                              "where a sweep has a list of sources, like [init, order]");
    if (vary->n == 0) return svi_fail_value(r->error, key, vary, "is empty");
    for (size_t i = 0; i < vary->n; i++) {
        int source;
        SVI_TRY(read_source(r, key, spec, vary->items[i], &source));
        if (spec->design.is_varied[source])
            return svi_fail_at(r->error, vary->items[i], "`%s` is in design.vary twice; keep one",
                               vary->items[i]->text);
        spec->design.is_varied[source] = true;
    }
    return SV_OK;
}

static sv_status read_crossed(svi_reading *r, const svi_key *key, const svi_node *vary,
                              svi_study_spec *spec)
{
    if (vary == NULL)
        return svi_reading_fail_key(
            r, "design",
            "design.vary is missing; a crossed design needs it, like {init: 64, "
            "order: 64}");
    if (vary->kind != SVI_NODE_MAP)
        return svi_fail_value(r->error, key, vary,
                              "where a crossed design has a map, like {init: 64, order: 64}");
    svi_key levels = *key;
    levels.type = SVI_KEY_COUNT;
    for (size_t i = 0; i < vary->n; i++) {
        int source;
        SVI_TRY(read_source(r, key, spec, vary->keys[i], &source));
        SVI_TRY(svi_reading_whole(r, &levels, vary->items[i], &spec->design.n_levels[source]));
    }
    if (vary->n < 2)
        return svi_fail_at(
            r->error, vary,
            "%zu source in design.vary; a crossed design has 2 or more, for one use a sweep",
            vary->n);
    return SV_OK;
}

sv_status svi_read_sources(svi_reading *reading, svi_study_spec *spec)
{
    const svi_key *key = svi_key_find("design.vary");
    const svi_node *vary = svi_reading_given(reading, key->path);
    for (int s = 0; s < SVK_N_SOURCES; s++) spec->design.n_levels[s] = 1;
    return spec->design.kind == SVI_DESIGN_SWEEP ? read_sweep(reading, key, vary, spec)
                                                 : read_crossed(reading, key, vary, spec);
}
