#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest_word.h"
#include "spec/spec_reading.h"

/* Gives the text, whatever became of it, to a message at the node. */
static sv_status fail_with(sv_error *error, const svi_node *node, svi_text *text)
{
    char *message = NULL;
    SVI_TRY(svi_text_take(text, &message, error));
    sv_status status = svi_fail_at(error, node, "%s", message);
    free(message);
    return status;
}

static void add_found(svi_text *text, const svi_node *node)
{
    char shown[SVI_SHOWN_BYTES];
    if (node->kind != SVI_NODE_SCALAR)
        svi_text_add(text, "%s", svi_node_shown(node, shown));
    else if (svi_node_is_null(node))
        svi_text_add(text, "no value");
    else
        svi_text_add(text, node->is_quoted ? "text `%s`" : "`%s`", svi_node_shown(node, shown));
}

sv_status svi_fail_value(sv_error *error, const svi_key *key, const svi_node *node,
                         const char *reason)
{
    svi_text text = {0};
    add_found(&text, node);
    svi_text_add(&text, "%s%s; %s is ", *reason != '\0' ? " " : "", reason, key->path);
    svi_key_allowed(key, &text);
    if (svi_node_is_null(node) && !key->is_required)
        svi_text_add(&text, "; take the key out for its default");
    return fail_with(error, node, &text);
}

static bool is_truth_word(const char *text)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (svi_edit_distance(text, words[i]) == 0) return true;
    return false;
}

static bool has_word(const svi_key *key, const char *name)
{
    for (const svi_word *w = key->words; w->name != NULL; w++)
        if (strcmp(w->name, name) == 0) return true;
    return false;
}

sv_status svi_fail_unknown_word(sv_error *error, const svi_key *key, const svi_node *node)
{
    svi_text text = {0};
    svi_nearest nearest = svi_nearest_start(node->text);
    for (const svi_word *w = key->words; w->name != NULL; w++)
        svi_nearest_try(&nearest, w->name, w->name);
    add_found(&text, node);
    svi_text_add(&text, " for %s; it is ", key->path);
    if (key->type == SVI_KEY_CHOICE || key->type == SVI_KEY_STEPS) {
        svi_key_allowed(key, &text);
    } else {
        for (const svi_word *w = key->words; w->name != NULL; w++)
            svi_text_add(&text, "%s%s", w == key->words ? "one of " : ", ", w->name);
    }
    if (has_word(key, "false") && is_truth_word(node->text))
        svi_text_add(&text,
                     "; a switch is written true or false, in small letters and without quotes");
    else if (nearest.best != NULL)
        svi_text_add(&text, "; did you mean `%s`?", nearest.best);
    return fail_with(error, node, &text);
}

/* Nearest among the keys below path; if none is near, a key of that name anywhere. */
static const char *nearest_key(const char *name, const char *path)
{
    svi_nearest near = svi_nearest_start(name), far = {.word = name, .distance = 2};
    for (size_t i = 0; i < svi_n_keys(); i++) {
        const svi_key *k = svi_key_at(i);
        if (svi_key_is_child(k, path))
            svi_nearest_try(&near, svi_key_name(k), svi_key_name(k));
        else
            svi_nearest_try(&far, svi_key_name(k), k->path);
    }
    return near.best != NULL ? near.best : far.best;
}

sv_status svi_fail_unknown_key(sv_error *error, const svi_node *key, const char *path)
{
    svi_text text = {0};
    char shown[SVI_SHOWN_BYTES];
    const char *nearest = nearest_key(key->text, path), *comma = "";
    svi_text_add(&text, "unknown key `%s`%s%s; known here: ", svi_node_shown(key, shown),
                 *path != '\0' ? " in " : "", path);
    for (size_t i = 0; i < svi_n_keys(); i++) {
        if (!svi_key_is_child(svi_key_at(i), path)) continue;
        svi_text_add(&text, "%s%s", comma, svi_key_name(svi_key_at(i)));
        comma = ", ";
    }
    if (nearest != NULL) svi_text_add(&text, "; did you mean `%s`?", nearest);
    return fail_with(error, key, &text);
}

static bool holds(const svi_node *tree, const svi_node *node)
{
    if (tree == node) return true;
    for (size_t i = 0; i < tree->n; i++)
        if (holds(tree->items[i], node) || (tree->keys != NULL && tree->keys[i] == node))
            return true;
    return false;
}

static sv_status fail_together(const svi_reading *r, const svi_node *node, const char *format,
                               va_list args)
{
    char message[700], shown[SVI_SHOWN_BYTES], line[40] = "";
    vsnprintf(message, sizeof message, format, args);
    if (r->arm_name == NULL || r->arm_overrides->n == 0)
        return svi_fail_at(r->error, node, "%s", message);
    const svi_node *place = holds(r->arm_overrides, node) ? node : r->arm_name;
    if (place != node && node != r->root && node->line > 0)
        snprintf(line, sizeof line, " (line %d)", node->line);
    return svi_fail_at(r->error, place, "in arm `%s`: %s%s", svi_node_shown(r->arm_name, shown),
                       message, line);
}

sv_status svi_reading_fail(const svi_reading *reading, const svi_node *node, const char *format,
                           ...)
{
    va_list args;
    va_start(args, format);
    sv_status status = fail_together(reading, node, format, args);
    va_end(args);
    return status;
}

static const svi_node *place_of(const svi_reading *r, const char *path)
{
    for (const svi_key *k = svi_key_find(path); k != NULL; k = svi_key_parent(k))
        if (r->value[svi_key_index(k)] != NULL) return r->value[svi_key_index(k)];
    return r->root;
}

sv_status svi_reading_fail_key(const svi_reading *reading, const char *path, const char *format,
                               ...)
{
    va_list args;
    va_start(args, format);
    sv_status status = fail_together(reading, place_of(reading, path), format, args);
    va_end(args);
    return status;
}
