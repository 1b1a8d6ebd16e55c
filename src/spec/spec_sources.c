#include <string.h>

#include "spec/spec_reading.h"

static bool arm_uses(const svi_arm_spec *arm, int source)
{
    const svi_model_spec *model = &arm->model;
    const svi_data_spec *data = &arm->data;
    bool is_sgd = model->kind == SVI_MODEL_MLP || model->kind == SVI_MODEL_CNN ||
                  (model->kind == SVI_MODEL_LINEAR && !model->is_closed_form);
    switch (source) {
    case SVK_SOURCE_INIT:
        return model->kind == SVI_MODEL_POLY || model->kind == SVI_MODEL_KMEANS ||
               (is_sgd && (model->init != SVK_INIT_ZERO || model->bias == SVK_BIAS_DEFAULT));
    case SVK_SOURCE_ORDER: return is_sgd;
    case SVK_SOURCE_SPLIT:
        return data->set != SVI_SET_NONE && (data->split.is_replaced || data->split.val > 0 ||
                                             (data->split.test > 0 && !data->split.is_test_fixed));
    case SVK_SOURCE_DROPOUT: return model->dropout > 0;
    case SVK_SOURCE_NOISE: return data->label_noise > 0 || data->input_noise > 0;
    case SVK_SOURCE_DATA: return data->n_points > 0;
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
    case SVK_SOURCE_DROPOUT: return "no model here has a dropout above 0";
    case SVK_SOURCE_SPLIT: return "the same rows train for every split seed, or there are no data";
    case SVK_SOURCE_DATA:
        return "no set is drawn: files and built-in sets are not, nor is every pair of "
               "modular_addition";
    case SVK_SOURCE_NOISE: return "data.label_noise and data.input_noise are 0";
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

static void vary(svi_design_spec *design, int source)
{
    design->is_varied[source] = true;
    design->varied[design->n_varied++] = source;
}

/* What varies where design.vary does not say: all sources in a sweep (those that nothing draws from
 * do no harm there), in pick-freeze all that the study draws from. */
static sv_status vary_all(const svi_reading *r, svi_study_spec *spec)
{
    bool is_sweep = spec->design.kind == SVI_DESIGN_SWEEP;
    for (int s = 0; s < SVK_N_SOURCES; s++)
        if (is_sweep || study_uses(spec, s)) vary(&spec->design, s);
    if (is_sweep || spec->design.n_varied >= 2) return SV_OK;
    return svi_reading_fail_key(r, "design",
                                "this study draws from fewer than two sources; pick-freeze tells "
                                "sources apart, for one use a sweep");
}

static sv_status read_list(svi_reading *r, const svi_key *key, const svi_node *given,
                           svi_study_spec *spec)
{
    if (given->kind != SVI_NODE_LIST)
        return svi_fail_value(r->error, key, given,
                              "where this design has a list of sources, like [init, order]");
    if (given->n == 0) return svi_fail_value(r->error, key, given, "is empty");
    for (size_t i = 0; i < given->n; i++) {
        int source;
        SVI_TRY(read_source(r, key, spec, given->items[i], &source));
        if (spec->design.is_varied[source])
            return svi_fail_at(r->error, given->items[i], "`%s` is in design.vary twice; keep one",
                               given->items[i]->text);
        vary(&spec->design, source);
    }
    return SV_OK;
}

static sv_status read_levels(svi_reading *r, const svi_key *key, const svi_node *given,
                             svi_study_spec *spec)
{
    if (given == NULL)
        return svi_reading_fail_key(
            r, "design",
            "design.vary is missing; a design of kind %s needs it, like {init: 64, order: 64}",
            svi_design_name(spec->design.kind));
    if (given->kind != SVI_NODE_MAP)
        return svi_fail_value(r->error, key, given,
                              "where this design has a map, like {init: 64, order: 64}");
    svi_key levels = *key;
    levels.type = SVI_KEY_COUNT;
    for (size_t i = 0; i < given->n; i++) {
        int source;
        SVI_TRY(read_source(r, key, spec, given->keys[i], &source));
        SVI_TRY(svi_reading_whole(r, &levels, given->items[i], &spec->design.n_levels[source]));
        vary(&spec->design, source);
    }
    return SV_OK;
}

static void sort_varied(svi_design_spec *design)
{
    design->n_varied = 0;
    for (int s = 0; s < SVK_N_SOURCES; s++)
        if (design->is_varied[s]) design->varied[design->n_varied++] = s;
}

sv_status svi_read_sources(svi_reading *reading, svi_study_spec *spec)
{
    const svi_key *key = svi_key_find("design.vary");
    const svi_node *given = svi_reading_given(reading, key->path);
    svi_design_spec *design = &spec->design;
    bool is_sweep = design->kind == SVI_DESIGN_SWEEP;
    for (int s = 0; s < SVK_N_SOURCES; s++) design->n_levels[s] = 1;
    if (!is_sweep && design->kind != SVI_DESIGN_PICK_FREEZE) {
        SVI_TRY(read_levels(reading, key, given, spec));
    } else {
        if (given == NULL) return vary_all(reading, spec);
        SVI_TRY(read_list(reading, key, given, spec));
    }
    if (!is_sweep && given->n < 2)
        return svi_fail_at(reading->error, given,
                           "%zu source in design.vary; a design of kind %s has 2 or more, for one "
                           "use a sweep",
                           given->n, svi_design_name(design->kind));
    if (design->kind != SVI_DESIGN_NESTED) sort_varied(design);
    return SV_OK;
}
