#include <string.h>

#include <jansson.h>

#include "spec/spec_example.h"
#include "spec/spec_reading.h"

/* In an arm null takes a key away. */
typedef enum place { IN_STUDY, IN_ARM } place;

static json_t *schema_of(const svi_key *key, place where);

static json_t *bound(double value, bool is_whole)
{
    return is_whole && value < 9007199254740992.0 ? json_integer((json_int_t)value)
                                                  : json_real(value);
}

static json_t *number_schema(const svi_key *key, bool is_whole)
{
    json_t *schema = json_pack("{s:s}", "type", is_whole ? "integer" : "number");
    json_object_set_new(schema, key->is_above_low ? "exclusiveMinimum" : "minimum",
                        bound(key->low, is_whole));
    json_object_set_new(schema, key->is_below_high ? "exclusiveMaximum" : "maximum",
                        bound(key->high, is_whole));
    return schema;
}

static json_t *list_schema(const svi_key *key, json_t *items)
{
    return json_pack("{s:s, s:o, s:I, s:I}", "type", "array", "items", items, "minItems",
                     (json_int_t)key->n_low, "maxItems", (json_int_t)key->n_high);
}

static json_t *word_value(const char *name)
{
    if (strcmp(name, "true") == 0) return json_true();
    return strcmp(name, "false") == 0 ? json_false() : json_string(name);
}

static json_t *words_schema(const svi_key *key)
{
    json_t *names = json_array();
    for (const svi_word *w = key->words; w->name != NULL; w++)
        json_array_append_new(names, word_value(w->name));
    return json_pack("{s:o}", "enum", names);
}

/* The keys below path. */
static json_t *map_schema(const char *path, place where)
{
    json_t *properties = json_object(), *required = json_array();
    for (size_t i = 0; i < svi_n_keys(); i++) {
        const svi_key *key = svi_key_at(i);
        if (!svi_key_is_child(key, path)) continue;
        json_object_set_new(properties, svi_key_name(key), schema_of(key, where));
        /* What belongs to an arm may be given by every arm instead. */
        bool is_required = key->is_required && key->contexts == 0 && key->scope != SVI_SCOPE_ARM;
        if (is_required) json_array_append_new(required, json_string(svi_key_name(key)));
    }
    json_t *schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                               "additionalProperties", 0);
    if (json_array_size(required) > 0) json_object_set(schema, "required", required);
    json_decref(required);
    return schema;
}

static json_t *shorthand_schema(const svi_key *key, json_t *map)
{
    char path[SVI_MAX_PATH];
    svi_path_join(path, key->path, key->shorthand);
    return json_pack("{s:[o, o]}", "anyOf", words_schema(svi_key_find(path)), map);
}

static json_t *sources_schema(const svi_key *key)
{
    json_t *levels = json_object();
    for (const svi_word *w = key->words; w->name != NULL; w++)
        json_object_set_new(levels, w->name, number_schema(key, true));
    json_t *list = list_schema(key, words_schema(key));
    json_object_set_new(list, "uniqueItems", json_true());
    return json_pack("{s:[o, {s:s, s:o, s:b, s:i}]}", "anyOf", list, "type", "object", "properties",
                     levels, "additionalProperties", 0, "minProperties", 2);
}

static json_t *steps_schema(const svi_key *key)
{
    json_t *list = list_schema(key, number_schema(key, true)), *forms = json_array();
    json_object_set_new(list, "uniqueItems", json_true());
    json_array_append_new(forms, words_schema(key));
    json_array_append_new(forms, list);
    for (size_t i = 0; svi_every_words[i].name != NULL; i++) {
        json_t *count = json_pack("{s:s, s:i}", "type", "integer", "minimum", 1);
        json_array_append_new(forms,
                              json_pack("{s:s, s:{s:o}, s:[s], s:b}", "type", "object",
                                        "properties", svi_every_words[i].name, count, "required",
                                        svi_every_words[i].name, "additionalProperties", 0));
    }
    return json_pack("{s:o}", "anyOf", forms);
}

/* Overrides of an arm: maps as in the study, and dotted keys. */
static json_t *arms_schema(const svi_key *key)
{
    json_t *properties = json_object();
    for (size_t i = 0; i < svi_n_keys(); i++) {
        const svi_key *k = svi_key_at(i);
        if (k->scope == SVI_SCOPE_ARM)
            json_object_set_new(properties, k->path, schema_of(k, IN_ARM));
    }
    json_t *arm = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                            "additionalProperties", 0);
    return json_pack("{s:s, s:{s:s}, s:o, s:I, s:I}", "type", "object", "propertyNames", "pattern",
                     "^[A-Za-z0-9._-]{1,63}$", "additionalProperties", arm, "minProperties",
                     (json_int_t)key->n_low, "maxProperties", (json_int_t)key->n_high);
}

static json_t *column_schema(const svi_key *key)
{
    return json_pack("{s:[{s:s, s:i}, o]}", "anyOf", "type", "string", "minLength", 1,
                     number_schema(key, true));
}

static json_t *typed_schema(const svi_key *key, place where)
{
    switch (key->type) {
    case SVI_KEY_MAP: {
        json_t *map = map_schema(key->path, where);
        return key->shorthand != NULL ? shorthand_schema(key, map) : map;
    }
    case SVI_KEY_NAME:
        return json_pack("{s:s, s:I, s:I}", "type", "string", "minLength", (json_int_t)key->n_low,
                         "maxLength", (json_int_t)key->n_high);
    case SVI_KEY_FILE: return json_pack("{s:s, s:i}", "type", "string", "minLength", 1);
    case SVI_KEY_COLUMN: return column_schema(key);
    case SVI_KEY_COLUMNS: return list_schema(key, column_schema(key));
    case SVI_KEY_CHOICE: return words_schema(key);
    case SVI_KEY_COUNT:
    case SVI_KEY_REAL: return number_schema(key, key->type == SVI_KEY_COUNT);
    case SVI_KEY_WIDTHS:
    case SVI_KEY_IMAGE: return list_schema(key, number_schema(key, true));
    case SVI_KEY_POWERS:
    case SVI_KEY_STARTS:
    case SVI_KEY_INTERVAL: return list_schema(key, number_schema(key, false));
    case SVI_KEY_SOURCES: return sources_schema(key);
    case SVI_KEY_STEPS: return steps_schema(key);
    case SVI_KEY_STAGES:
    case SVI_KEY_ENTRIES: return list_schema(key, map_schema(key->path, where));
    case SVI_KEY_ARMS: return arms_schema(key);
    }
    return NULL;
}

static json_t *schema_of(const svi_key *key, place where)
{
    json_t *schema = typed_schema(key, where);
    if (where == IN_ARM) return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null");
    json_object_set_new(schema, "description", json_string(key->help));
    json_t *example = NULL;
    if (key->example != NULL && svi_key_example_json(key, &example, NULL) == SV_OK)
        json_object_set_new(schema, "examples", json_pack("[o]", example));
    return schema;
}

sv_status svi_study_schema_json(char **json, sv_error *error)
{
    json_t *schema = map_schema("", IN_STUDY);
    json_object_set_new(schema, "$schema",
                        json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(schema, "title", json_string("seedvar study"));
    *json = json_dumps(schema, JSON_INDENT(2) | JSON_SORT_KEYS);
    json_decref(schema);
    return *json != NULL ? SV_OK : svi_fail_memory(error, 0, "the schema of a study");
}
