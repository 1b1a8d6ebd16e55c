#include <string.h>

#include "spec/spec_reading.h"

const svi_word svi_every_words[] = {
    {"every", SVI_CHECKPOINTS_EVERY}, {"every_epochs", SVI_CHECKPOINTS_EVERY_EPOCHS}, {NULL, 0}};

static sv_status read_word(svi_reading *r, const svi_key *key, const svi_node *node,
                           svi_checkpoint_spec *out)
{
    const svi_word *word = key->words;
    if (svi_node_is_null(node)) return svi_fail_value(r->error, key, node, "");
    while (word->name != NULL && strcmp(word->name, node->text) != 0) word++;
    if (word->name == NULL) return svi_fail_unknown_word(r->error, key, node);
    out->rule = (svi_checkpoint_rule)word->value;
    return SV_OK;
}

static sv_status read_list(svi_reading *r, const svi_key *key, const svi_node *node,
                           svi_checkpoint_spec *out)
{
    if (node->n < key->n_low) return svi_fail_value(r->error, key, node, "is empty");
    if (node->n > key->n_high) return svi_fail_value(r->error, key, node, "is too long");
    out->rule = SVI_CHECKPOINTS_LISTED;
    for (size_t i = 0; i < node->n; i++) {
        SVI_TRY(svi_reading_whole(r, key, node->items[i], &out->step[i]));
        if (i > 0 && out->step[i] <= out->step[i - 1])
            return svi_fail_at(r->error, node->items[i],
                               "step %llu after step %llu; the steps of record.checkpoints ascend",
                               (unsigned long long)out->step[i],
                               (unsigned long long)out->step[i - 1]);
        out->n_steps++;
    }
    return SV_OK;
}

static sv_status read_every(svi_reading *r, const svi_key *key, const svi_node *node,
                            svi_checkpoint_spec *out)
{
    const svi_word *word = svi_every_words;
    svi_key count = *key;
    char shown[SVI_SHOWN_BYTES];
    if (node->n != 1)
        return svi_fail_value(r->error, key, node, "with another number of keys than one");
    while (word->name != NULL && strcmp(word->name, node->keys[0]->text) != 0) word++;
    if (word->name == NULL)
        return svi_fail_at(r->error, node->keys[0],
                           "unknown key `%s` in record.checkpoints; known here: every, "
                           "every_epochs",
                           svi_node_shown(node->keys[0], shown));
    count.type = SVI_KEY_COUNT;
    count.low = 1;
    out->rule = (svi_checkpoint_rule)word->value;
    return svi_reading_whole(r, &count, node->items[0], &out->every);
}

static sv_status check_models(const svi_reading *r, const svi_study_spec *spec)
{
    svi_checkpoint_rule rule = spec->checkpoints.rule;
    for (size_t i = 0; i < spec->n_arms && rule != SVI_CHECKPOINTS_NONE; i++) {
        svi_model_kind kind = spec->arms[i].model.kind;
        if (kind == SVI_MODEL_KMEANS)
            return svi_reading_fail_key(r, "record.checkpoints",
                                        "model.kind kmeans takes no optimizer steps and has no "
                                        "checkpoints (arm `%s`); take record.checkpoints out",
                                        spec->arms[i].name);
        if (kind == SVI_MODEL_POLY && rule == SVI_CHECKPOINTS_EVERY_EPOCHS)
            return svi_reading_fail_key(r, "record.checkpoints",
                                        "record.checkpoints has every_epochs, but model.kind poly "
                                        "has steps only (arm `%s`); use every",
                                        spec->arms[i].name);
    }
    return SV_OK;
}

static sv_status check_engines(const svi_reading *r, const svi_study_spec *spec)
{
    if (spec->checkpoints.rule == SVI_CHECKPOINTS_NONE) return SV_OK;
    bool is_given = svi_reading_given(r, "record.checkpoints") != NULL;
    for (size_t i = 0; i < spec->n_numerics; i++)
        if (spec->numerics[i].engine == SVK_ENGINE_CUBLAS)
            return svi_reading_fail_key(r, is_given ? "record.checkpoints" : "record.curves",
                                        "engine cublas measures runs at their end only (numerics "
                                        "%s); take record.checkpoints and record.curves out, or "
                                        "use engine: native",
                                        spec->numerics[i].name);
    return SV_OK;
}

static sv_status finish_curves(const svi_reading *r, svi_study_spec *spec)
{
    const svi_node *given = svi_reading_given(r, "record.curves");
    bool has_checkpoints = spec->checkpoints.rule != SVI_CHECKPOINTS_NONE;
    if (given == NULL) spec->curves = has_checkpoints ? SVI_CURVES_SUMMARY : SVI_CURVES_NONE;
    if (has_checkpoints == (spec->curves != SVI_CURVES_NONE)) return SV_OK;
    if (has_checkpoints && spec->record_distances) return SV_OK;
    if (has_checkpoints)
        return svi_reading_fail(r, given,
                                "record.curves is none, so nothing would be kept at the "
                                "checkpoints; take record.checkpoints out, or set summary or full");
    return svi_reading_fail(r, given,
                            "record.curves is %s, but record.checkpoints is none; set it to log2, "
                            "for example",
                            given->text);
}

sv_status svi_read_checkpoints(svi_reading *reading, svi_study_spec *spec)
{
    const svi_key *key = svi_key_find("record.checkpoints");
    const svi_node *given = svi_reading_given(reading, key->path);
    svi_checkpoint_spec *out = &spec->checkpoints;
    if (given == NULL && (spec->curves != SVI_CURVES_NONE || spec->record_distances))
        out->rule = SVI_CHECKPOINTS_LOG2;
    if (given != NULL && given->kind == SVI_NODE_SCALAR)
        SVI_TRY(read_word(reading, key, given, out));
    if (given != NULL && given->kind == SVI_NODE_LIST) SVI_TRY(read_list(reading, key, given, out));
    if (given != NULL && given->kind == SVI_NODE_MAP) SVI_TRY(read_every(reading, key, given, out));
    SVI_TRY(check_models(reading, spec));
    SVI_TRY(check_engines(reading, spec));
    return finish_curves(reading, spec);
}
