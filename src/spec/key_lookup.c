#include <stdio.h>
#include <string.h>

#include "spec/spec_keys.h"

static const struct {
    const char *group, *value;
} contexts[SVI_N_CONTEXTS] = {
#define CONTEXT_ROW(id, group, value) {group, value},
    SVI_CONTEXTS(CONTEXT_ROW)
#undef CONTEXT_ROW
};

static size_t parent_length(const svi_key *key)
{
    const char *dot = strrchr(key->path, '.');
    return dot == NULL ? 0 : (size_t)(dot - key->path);
}

const char *svi_key_name(const svi_key *key)
{
    size_t n = parent_length(key);
    return n == 0 ? key->path : key->path + n + 1;
}

const svi_key *svi_key_parent(const svi_key *key)
{
    char path[SVI_MAX_PATH];
    snprintf(path, sizeof path, "%.*s", (int)parent_length(key), key->path);
    return svi_key_find(path);
}

bool svi_key_is_child(const svi_key *key, const char *path)
{
    size_t n = parent_length(key);
    return strlen(path) == n && strncmp(key->path, path, n) == 0;
}

void svi_path_join(char path[SVI_MAX_PATH], const char *parent, const char *name)
{
    char joined[SVI_MAX_PATH];
    snprintf(joined, sizeof joined, "%s%s%s", parent, *parent != '\0' ? "." : "", name);
    memcpy(path, joined, sizeof joined);
}

const char *svi_context_group(int bit) { return contexts[bit].group; }

const char *svi_context_value(int bit) { return contexts[bit].value; }

svi_contexts svi_context_group_mask(const char *group)
{
    svi_contexts mask = 0;
    for (int bit = 0; bit < SVI_N_CONTEXTS; bit++)
        if (strcmp(contexts[bit].group, group) == 0) mask |= UINT64_C(1) << bit;
    return mask;
}

static bool applies_itself(const svi_key *key, svi_contexts context, svi_contexts *group)
{
    for (int bit = 0; bit < SVI_N_CONTEXTS; bit++) {
        if ((key->contexts & UINT64_C(1) << bit) == 0) continue;
        *group = svi_context_group_mask(contexts[bit].group);
        if ((key->contexts & *group & context) == 0) return false;
    }
    return true;
}

bool svi_key_applies(const svi_key *key, svi_contexts context, const svi_key **failed,
                     svi_contexts *group)
{
    const svi_key *parent = svi_key_parent(key);
    if (parent != NULL && !svi_key_applies(parent, context, failed, group)) return false;
    *failed = key;
    return applies_itself(key, context, group);
}

const char *svi_key_default(const svi_key *key, svi_contexts context)
{
    for (size_t i = 0; i < sizeof key->defaults / sizeof key->defaults[0]; i++) {
        const svi_default *d = &key->defaults[i];
        if (d->text != NULL && (d->when == 0 || (d->when & context) != 0)) return d->text;
    }
    return NULL;
}

static void add_words(const svi_key *key, svi_text *text)
{
    for (const svi_word *w = key->words; w->name != NULL; w++)
        svi_text_add(text, "%s%s", w == key->words ? "" : ", ", w->name);
}

static void add_number(const svi_key *key, svi_text *text, const char *what)
{
    if (key->high >= 18446744073709551615.0 && key->type == SVI_KEY_COUNT)
        svi_text_add(text, "%s from 0 to 2^64 - 1", what);
    else if (!key->is_above_low && !key->is_below_high)
        svi_text_add(text, "%s from %.10g to %.10g", what, key->low, key->high);
    else
        svi_text_add(text,
                     key->is_above_low ? "%s above %.10g, %s %.10g" : "%s from %.10g, %s %.10g",
                     what, key->low, key->is_below_high ? "below" : "at most", key->high);
}

static void add_list(const svi_key *key, svi_text *text, const char *of)
{
    if (key->n_low == key->n_high)
        svi_text_add(text, "a list of %zu", key->n_low);
    else
        svi_text_add(text, "a list of %zu to %zu", key->n_low, key->n_high);
    svi_text_add(text, " ");
    add_number(key, text, of);
}

void svi_key_allowed(const svi_key *key, svi_text *text)
{
    switch (key->type) {
    case SVI_KEY_MAP:
        svi_text_add(text, key->shorthand != NULL ? "a name or a map of keys" : "a map of keys");
        break;
    case SVI_KEY_NAME:
        svi_text_add(text, "text of %zu to %zu bytes", key->n_low, key->n_high);
        break;
    case SVI_KEY_FILE: svi_text_add(text, "a file's path"); break;
    case SVI_KEY_COLUMN:
        svi_text_add(text, "a column's name or index from %.0f on", key->low);
        break;
    case SVI_KEY_COLUMNS:
        svi_text_add(text, "a list of at most %zu columns, each a name or an index from %.0f on",
                     key->n_high, key->low);
        break;
    case SVI_KEY_CHOICE:
        svi_text_add(text, "one of ");
        add_words(key, text);
        break;
    case SVI_KEY_COUNT: add_number(key, text, "a whole number"); break;
    case SVI_KEY_REAL: add_number(key, text, "a number"); break;
    case SVI_KEY_WIDTHS:
    case SVI_KEY_IMAGE: add_list(key, text, "whole numbers"); break;
    case SVI_KEY_POWERS:
    case SVI_KEY_STARTS:
    case SVI_KEY_INTERVAL: add_list(key, text, "numbers"); break;
    case SVI_KEY_SOURCES:
        svi_text_add(text,
                     "a list of sources (sweep, pick-freeze) or a map of source: levels (crossed, "
                     "nested, one-at-a-time); sources: ");
        add_words(key, text);
        break;
    case SVI_KEY_STEPS:
        add_words(key, text);
        svi_text_add(text, ", {every: steps}, {every_epochs: epochs} or ");
        add_list(key, text, "whole numbers");
        break;
    case SVI_KEY_STAGES:
    case SVI_KEY_ENTRIES:
        svi_text_add(text, "a list of %zu to %zu maps", key->n_low, key->n_high);
        break;
    case SVI_KEY_ARMS:
        svi_text_add(text, "a map of %zu to %zu arms", key->n_low, key->n_high);
        break;
    }
}
