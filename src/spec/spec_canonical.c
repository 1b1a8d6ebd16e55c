#include "spec/spec_canonical.h"

#include <string.h>

#include <jansson.h>

#include "spec/spec_reading.h"

static json_t *real_list(const double *values, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(list, json_real(values[i]));
    return list;
}

static json_t *line_list(const char *lines)
{
    json_t *list = json_array();
    for (size_t n; lines != NULL && *lines != '\0'; lines += n + 1) {
        n = strcspn(lines, "\n");
        json_array_append_new(list, json_stringn(lines, n));
    }
    return list;
}

static json_t *width_list(const svi_model_spec *model)
{
    json_t *list = json_array();
    for (int i = 0; i < model->n_hidden; i++)
        json_array_append_new(list, json_integer(model->hidden[i]));
    return list;
}

static json_t *image_list(const svi_model_spec *model)
{
    json_t *list = json_array();
    for (int i = 0; i < 3 && model->image[i] > 0; i++)
        json_array_append_new(list, json_integer(model->image[i]));
    return list;
}

/* Jansson has no whole numbers above 2^63 - 1: a seed beyond is a text of its digits. */
static json_t *whole(uint64_t value)
{
    if (value <= INT64_MAX) return json_integer((json_int_t)value);
    return json_sprintf("%llu", (unsigned long long)value);
}

static json_t *base_name(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    return json_string(slash != NULL ? slash + 1 : path);
}

static const char *word_name(const svi_key *key, int value)
{
    const svi_word *w = key->words;
    while (w->name != NULL && w->value != value) w++;
    return w->name;
}

static json_t *word_of(const svi_key *key, const void *at)
{
    return json_string(
        word_name(key, key->size == sizeof(bool) ? *(const bool *)at : *(const int *)at));
}

/* Seeds of each source; where the sources are nested their order counts, so that it is a list. */
static json_t *sources_of(const svi_design_spec *design, const svi_key *key)
{
    bool is_nested = design->kind == SVI_DESIGN_NESTED;
    json_t *all = is_nested ? json_array() : json_object();
    for (size_t i = 0; i < design->n_varied; i++) {
        int source = design->varied[i];
        json_t *n_seeds = whole(svi_design_n_seeds(design, source));
        if (is_nested)
            json_array_append_new(all, json_pack("[s, o]", word_name(key, source), n_seeds));
        else
            json_object_set_new(all, word_name(key, source), n_seeds);
    }
    return all;
}

static json_t *stages_of(const svi_model_spec *model);

static json_t *checkpoints_of(const svi_checkpoint_spec *spec, const svi_key *key)
{
    if (spec->rule == SVI_CHECKPOINTS_LISTED) {
        json_t *list = json_array();
        for (size_t i = 0; i < spec->n_steps; i++)
            json_array_append_new(list, whole(spec->step[i]));
        return list;
    }
    for (const svi_word *w = svi_every_words; w->name != NULL; w++)
        if (w->value == (int)spec->rule) return json_pack("{s:o}", w->name, whole(spec->every));
    const svi_word *w = key->words;
    while (w->name != NULL && w->value != (int)spec->rule) w++;
    return json_string(w->name);
}

/* NULL: out of memory. base: the struct of the key's scope. */
static json_t *value_of(const svi_key *key, const void *base)
{
    const void *at = (const char *)base + key->offset;
    const svi_model_spec *model = &((const svi_arm_spec *)base)->model;
    switch (key->type) {
    case SVI_KEY_FILE: return base_name(*(char *const *)at);
    case SVI_KEY_COLUMN: return json_string(*(char *const *)at);
    case SVI_KEY_COLUMNS: return line_list(*(char *const *)at);
    case SVI_KEY_CHOICE: return word_of(key, at);
    case SVI_KEY_COUNT:
        return whole(key->size == sizeof(int) ? (uint64_t) * (const int *)at
                                              : *(const uint64_t *)at);
    case SVI_KEY_REAL: return json_real(*(const double *)at);
    case SVI_KEY_WIDTHS: return width_list(model);
    case SVI_KEY_IMAGE: return image_list(model);
    case SVI_KEY_STAGES: return stages_of(model);
    case SVI_KEY_POWERS: return real_list(model->coefficient, (size_t)model->degree + 1);
    case SVI_KEY_STARTS: return real_list(model->start, model->n_starts);
    case SVI_KEY_INTERVAL:
        return real_list((const double[]){model->start_low, model->start_high}, 2);
    case SVI_KEY_SOURCES: return sources_of(&((const svi_study_spec *)base)->design, key);
    case SVI_KEY_STEPS: return checkpoints_of(at, key);
    default: return NULL;
    }
}

static json_t *child(json_t *map, const char *name)
{
    json_t *there = json_object_get(map, name);
    if (there != NULL) return there;
    json_object_set_new(map, name, json_object());
    return json_object_get(map, name);
}

/* Puts a value under its path, from the part after the first n_skipped bytes. */
static bool put(json_t *map, const char *path, json_t *value)
{
    const char *dot;
    while (map != NULL && (dot = strchr(path, '.')) != NULL) {
        char part[SVI_MAX_PATH] = "";
        memcpy(part, path, (size_t)(dot - path));
        map = child(map, part);
        path = dot + 1;
    }
    return json_object_set_new(map, path, value) == 0;
}

/* Every stored key of a scope that applies; a text, so that no two studies differ by one that does
 * not. */
static bool put_scope(json_t *map, svi_scope scope, const void *base, svi_contexts context,
                      const char *prefix)
{
    for (size_t i = 0; i < svi_n_keys(); i++) {
        const svi_key *key = svi_key_at(i), *failed;
        svi_contexts group;
        if (key->scope != scope || key->size == 0 || key->type == SVI_KEY_NAME) continue;
        if (!svi_key_applies(key, context, &failed, &group)) continue;
        if (!put(map, key->path + strlen(prefix), value_of(key, base))) return false;
    }
    return true;
}

static json_t *stages_of(const svi_model_spec *model)
{
    json_t *stages = json_array();
    bool is_put = true;
    for (int i = 0; i < model->n_conv && is_put; i++) {
        json_t *stage = json_object();
        json_array_append_new(stages, stage);
        is_put = put_scope(stage, SVI_SCOPE_CONV, &model->conv[i], SVI_FOR(CNN), "model.conv.");
    }
    if (is_put) return stages;
    json_decref(stages);
    return NULL;
}

static bool put_arms(json_t *root, const svi_study_spec *spec)
{
    json_t *arms = json_array();
    json_object_set_new(root, "arms", arms);
    for (size_t i = 0; i < spec->n_arms; i++) {
        json_t *arm = json_object();
        json_array_append_new(arms, arm);
        if (!put(arm, "name", json_string(spec->arms[i].name))) return false;
        if (!put_scope(arm, SVI_SCOPE_ARM, &spec->arms[i], svi_arm_context(&spec->arms[i]), ""))
            return false;
    }
    return true;
}

static bool put_numerics(json_t *root, const svi_study_spec *spec)
{
    json_t *entries = json_array();
    json_object_set_new(root, "numerics", entries);
    for (size_t i = 0; i < spec->n_numerics; i++) {
        json_t *entry = json_object();
        json_array_append_new(entries, entry);
        if (!put_scope(entry, SVI_SCOPE_NUMERICS, &spec->numerics[i],
                       svi_numerics_context(&spec->numerics[i]), "numerics."))
            return false;
    }
    return true;
}

sv_status svi_spec_canonical(const svi_study_spec *spec, char **json, sv_error *error)
{
    json_t *root = json_object();
    bool is_put = put_scope(root, SVI_SCOPE_STUDY, spec, svi_design_context(&spec->design), "") &&
                  put_arms(root, spec) && put_numerics(root, spec);
    *json = is_put ? json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    json_decref(root);
    return *json != NULL ? SV_OK : svi_fail_memory(error, 0, "the study's canonical JSON");
}
