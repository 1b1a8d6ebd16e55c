#include "spec/spec_reading.h"

#include <stdlib.h>
#include <string.h>

static sv_status read_map(svi_reading *r, const char *path, const svi_node *map);

static svi_contexts init_context(int init)
{
    if (init == SVK_INIT_NORMAL) return SVI_FOR(NORMAL);
    return init == SVK_INIT_UNIFORM ? SVI_FOR(UNIFORM) : SVI_FOR(OTHER);
}

_Static_assert((int)SVI_N_CONTEXTS <= 64, "contexts are bits of svi_contexts");
_Static_assert((int)SVI_BIT_IDX - (int)SVI_BIT_DIGITS == (int)SVI_SET_IDX,
               "the contexts of sets stand in the order of svi_set");

svi_contexts svi_arm_context(const svi_arm_spec *arm)
{
    svi_contexts set = arm->data.set == SVI_SET_NONE ? 0 : SVI_FOR(DIGITS) << (int)arm->data.set;
    svi_contexts step = SVI_FOR(STEP_SGD) << arm->train.optimizer;
    svi_contexts rate = SVI_FOR(RATE_CONSTANT) << arm->train.schedule;
    svi_contexts rest = set | init_context(arm->model.init) | step | rate;
    switch (arm->model.kind) {
    case SVI_MODEL_MLP: return rest | SVI_FOR(MLP);
    case SVI_MODEL_LINEAR:
        return rest | (arm->model.is_closed_form ? SVI_FOR(CLOSED) : SVI_FOR(SGD));
    case SVI_MODEL_KMEANS: return rest | SVI_FOR(KMEANS);
    case SVI_MODEL_CNN: return rest | SVI_FOR(CNN);
    default: return rest | SVI_FOR(POLY);
    }
}

svi_contexts svi_design_context(const svi_design_spec *design)
{
    return SVI_FOR(SWEEP) << (int)design->kind;
}

svi_contexts svi_numerics_context(const svi_numerics_spec *numerics)
{
    svi_contexts path = numerics->path == SVK_PATH_FIXED           ? SVI_FOR(PATH_FIXED)
                        : numerics->path == SVK_PATH_ATOMIC_GLOBAL ? SVI_FOR(PATH_GLOBAL)
                                                                   : SVI_FOR(PATH_OTHER);
    bool is_fp16 = numerics->precision == SVK_PRECISION_FP16;
    return SVI_FOR(ENGINE_NATIVE) << numerics->engine | path |
           (is_fp16 ? SVI_FOR(BITS_FP16) : SVI_FOR(BITS_OTHER));
}

static svi_contexts context_of(const svi_reading *r)
{
    const svi_study_spec *study = r->base[SVI_SCOPE_STUDY];
    const svi_arm_spec *arm = r->base[SVI_SCOPE_ARM];
    const svi_numerics_spec *numerics = r->base[SVI_SCOPE_NUMERICS];
    return (study != NULL ? svi_design_context(&study->design) : 0) |
           (arm != NULL ? svi_arm_context(arm) : 0) |
           (numerics != NULL ? svi_numerics_context(numerics) : 0) |
           (r->base[SVI_SCOPE_CONV] != NULL ? SVI_FOR(CNN) : 0);
}

const svi_node *svi_reading_given(const svi_reading *reading, const char *path)
{
    return reading->value[svi_key_index(svi_key_find(path))];
}

static sv_status read_value(svi_reading *r, const svi_key *key, const svi_node *name,
                            const svi_node *value)
{
    if (r->base[key->scope] == NULL) return SV_OK;
    r->key[svi_key_index(key)] = name;
    r->value[svi_key_index(key)] = value;
    if (key->type != SVI_KEY_MAP) return svi_reading_store(r, key, value);
    if (value->kind == SVI_NODE_MAP) return read_map(r, key->path, value);
    if (key->shorthand == NULL || value->kind == SVI_NODE_LIST || svi_node_is_null(value))
        return svi_fail_value(r->error, key, value, "");
    char path[SVI_MAX_PATH];
    svi_path_join(path, key->path, key->shorthand);
    return read_value(r, svi_key_find(path), name, value);
}

static sv_status read_map(svi_reading *r, const char *path, const svi_node *map)
{
    for (size_t i = 0; i < map->n; i++) {
        char child[SVI_MAX_PATH];
        svi_path_join(child, path, map->keys[i]->text);
        const svi_key *key = svi_key_find(child);
        if (key == NULL || !svi_key_is_child(key, path))
            return svi_fail_unknown_key(r->error, map->keys[i], path);
        SVI_TRY(read_value(r, key, map->keys[i], map->items[i]));
    }
    return SV_OK;
}

static void add_contexts(svi_text *text, svi_contexts mask)
{
    const char *comma = "";
    for (int bit = 0; bit < SVI_N_CONTEXTS; bit++) {
        if ((mask & UINT64_C(1) << bit) == 0) continue;
        svi_text_add(text, "%s%s", comma, svi_context_value(bit));
        comma = ", ";
    }
}

static sv_status fail_applies(const svi_reading *r, const svi_key *key, const svi_key *failed,
                              svi_contexts group)
{
    svi_text text = {0};
    char *message = NULL;
    int bit = 0;
    while ((group & UINT64_C(1) << bit) == 0) bit++;
    svi_text_add(&text, "%s does not apply: %s is ", key->path, svi_context_group(bit));
    add_contexts(&text, context_of(r) & group);
    svi_text_add(&text, " here, and this key is for ");
    add_contexts(&text, failed->contexts & group);
    svi_text_add(&text, "; take it out");
    if (r->arm_name != NULL) svi_text_add(&text, " (in an arm: `%s: null`)", key->path);
    SVI_TRY(svi_text_take(&text, &message, r->error));
    sv_status status = svi_reading_fail(r, r->key[svi_key_index(key)], "%s", message);
    free(message);
    return status;
}

static sv_status fail_missing(const svi_reading *r, const svi_key *key, const svi_key *rival)
{
    if (rival != NULL)
        return svi_reading_fail_key(r, key->path, "%s or %s is missing; give one of them: %s",
                                    key->path, rival->path, key->help);
    return svi_reading_fail_key(r, key->path, "%s is missing: %s", key->path, key->help);
}

/* In an optional map that is not there nothing is missing. */
static bool is_wanted(const svi_reading *r, const svi_key *key)
{
    const svi_key *map = svi_key_parent(key);
    return key->is_required &&
           (map == NULL || map->is_required || r->value[svi_key_index(map)] != NULL);
}

static sv_status finish_missing(svi_reading *r, const svi_key *key, svi_contexts context)
{
    const svi_key *rival = key->rival != NULL ? svi_key_find(key->rival) : NULL, *failed;
    const char *text = svi_key_default(key, context);
    svi_contexts group;
    if (rival != NULL && r->value[svi_key_index(rival)] != NULL) return SV_OK;
    if (rival != NULL && !svi_key_applies(rival, context, &failed, &group)) rival = NULL;
    if (text == NULL) return is_wanted(r, key) ? fail_missing(r, key, rival) : SV_OK;
    const svi_node *node = svi_tree_add(r->tree, SVI_NODE_SCALAR, NULL, text);
    return node != NULL ? svi_reading_store(r, key, node)
                        : svi_fail_memory(r->error, sizeof *node, "a study");
}

static sv_status finish_key(svi_reading *r, const svi_key *key)
{
    svi_contexts context = context_of(r), group = 0;
    const svi_key *failed = NULL;
    const svi_node *given = r->key[svi_key_index(key)];
    bool applies = svi_key_applies(key, context, &failed, &group);
    if (given == NULL) return applies ? finish_missing(r, key, context) : SV_OK;
    if (!applies) return fail_applies(r, key, failed, group);
    if (key->rival != NULL && svi_reading_given(r, key->rival) != NULL)
        return svi_reading_fail(r, given, "%s and %s are both given; keep one of them", key->path,
                                key->rival);
    return SV_OK;
}

sv_status svi_reading_run(svi_reading *reading)
{
    SVI_TRY(read_map(reading, reading->root_path, reading->root));
    for (size_t i = 0; i < svi_n_keys(); i++)
        if (reading->base[svi_key_at(i)->scope] != NULL)
            SVI_TRY(finish_key(reading, svi_key_at(i)));
    return SV_OK;
}
