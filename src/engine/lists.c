/* What may stand in a study file or after --device, for people and for programs. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/text.h"
#include "engine/engine.h"
#include "spec/word_lists.h"

static const char devices_topic[] = "devices";
static const char devices_help[] = "what can train on this machine; run --device NAME";

enum { DEVICES_MAX = 64, NAME_WIDTH = 17 };

/* One list, in both forms. */
typedef struct listing {
    svi_text text;
    json_t *items;
} listing;

static void add_item(listing *l, const char *name, const char *help)
{
    json_t *item = json_pack("{s:s}", "name", name);
    if (help != NULL) json_object_set_new(item, "help", json_string(help));
    json_array_append_new(l->items, item);
    svi_text_add(&l->text, "  %s", name);
    if (help != NULL) svi_text_add(&l->text, "%*s  %s", NAME_WIDTH - (int)strlen(name), "", help);
    svi_text_add(&l->text, "\n");
}

/* Whether the device is there; else its reason is in *error. */
static bool add_device(listing *l, const char *device, sv_error *error)
{
    const svi_backend_options options = {.device = device};
    svi_backend *backend;
    svi_device_info info;
    char help[sizeof info.model + sizeof info.detail + 2];
    if (svi_backend_open(&options, &backend, NULL, error) != SV_OK) return false;
    backend->ops->describe(backend, &info);
    backend->ops->close(backend);
    snprintf(help, sizeof help, "%s, %s", info.model, info.detail);
    add_item(l, device, help);
    return true;
}

static void add_devices(listing *l)
{
    sv_error error = {0};
    bool is_there = true;
    add_device(l, "cpu", &error);
    for (int i = 0; i < DEVICES_MAX && is_there; i++) {
        char name[16];
        snprintf(name, sizeof name, "cuda:%d", i);
        is_there = add_device(l, name, &error);
        if (!is_there && i == 0) svi_text_add(&l->text, "\n%s\n", error.message);
    }
}

static void add_topics(listing *l)
{
    for (size_t i = 0; i < svi_n_word_lists(); i++) {
        const svi_word_list *list = svi_word_list_at(i);
        add_item(l, list->topic, svi_word_list_help(list));
    }
    add_item(l, devices_topic, devices_help);
}

static void add_words(listing *l, const svi_word_list *list)
{
    svi_listed_word word;
    for (size_t i = 0; svi_word_list_get(list, i, &word); i++) add_item(l, word.name, word.help);
}

static sv_status fail_topic(const char *topic, sv_error *error)
{
    svi_text names = {0};
    for (size_t i = 0; i < svi_n_word_lists(); i++)
        svi_text_add(&names, "%s, ", svi_word_list_at(i)->topic);
    sv_status status =
        svi_fail(error, SV_ERR_USAGE, "there is no list of %.64s; the lists are %.600s%s", topic,
                 names.bytes != NULL ? names.bytes : "", devices_topic);
    svi_text_clear(&names);
    return status;
}

static sv_status take_json(listing *l, const char *topic, const char *key, const char *help,
                           char **json, sv_error *error)
{
    json_t *root = json_pack("{s:s, s:s, s:s*, s:s*, s:O}", "schema", "seedvar.list/1", "list",
                             topic, "key", key, "help", help, "items", l->items);
    char *dumped = root != NULL ? json_dumps(root, JSON_INDENT(2)) : NULL;
    svi_text out = {0};
    json_decref(root);
    if (dumped == NULL) return svi_fail_memory(error, 0, "a list");
    svi_text_add(&out, "%s\n", dumped);
    free(dumped);
    return svi_text_take(&out, json, error);
}

static const svi_word_list *find_list(const char *topic)
{
    for (size_t i = 0; i < svi_n_word_lists(); i++)
        if (strcmp(svi_word_list_at(i)->topic, topic) == 0) return svi_word_list_at(i);
    return NULL;
}

/* topic is one of the lists, the devices, or NULL. */
static sv_status write_list(const char *topic, bool as_json, char **text, sv_error *error)
{
    const svi_word_list *list = topic != NULL ? find_list(topic) : NULL;
    const char *key = list != NULL ? list->key : NULL, *help = "lists there are";
    listing l = {.items = json_array()};
    if (topic != NULL) help = list != NULL ? svi_word_list_help(list) : devices_help;
    svi_text_add(&l.text, "%s%s%s\n", key != NULL ? key : "", key != NULL ? ": " : "", help);
    if (topic == NULL)
        add_topics(&l);
    else if (list != NULL)
        add_words(&l, list);
    else
        add_devices(&l);
    sv_status status = as_json
                           ? take_json(&l, topic != NULL ? topic : "lists", key, help, text, error)
                           : svi_text_take(&l.text, text, error);
    json_decref(l.items);
    svi_text_clear(&l.text);
    return status;
}

sv_status sv_list(const char *topic, bool as_json, char **text, sv_error *error)
{
    bool is_known = topic == NULL || find_list(topic) != NULL || strcmp(topic, devices_topic) == 0;
    return is_known ? write_list(topic, as_json, text, error) : fail_topic(topic, error);
}
