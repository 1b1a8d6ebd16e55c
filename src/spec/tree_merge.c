#include "spec/tree_merge.h"

#include <stdio.h>
#include <string.h>

#include "spec/spec_keys.h"

static sv_status add_map(svi_tree *tree, const svi_node *like, svi_node **map, sv_error *error)
{
    *map = svi_tree_add(tree, SVI_NODE_MAP, like, NULL);
    return *map != NULL ? SV_OK : svi_fail_memory(error, sizeof **map, "a study");
}

static sv_status add_word(svi_tree *tree, const svi_node *like, const char *text, svi_node **word,
                          sv_error *error)
{
    *word = svi_tree_add(tree, SVI_NODE_SCALAR, like, text);
    return *word != NULL ? SV_OK : svi_fail_memory(error, strlen(text), "a study");
}

sv_status svi_tree_nest(svi_tree *tree, const svi_node *key, svi_node *value, svi_node **nested,
                        sv_error *error)
{
    char *parts;
    svi_node *word;
    size_t n_parts = 1;
    SVI_TRY(add_word(tree, key, key->text, &word, error));
    parts = word->text;
    *nested = value;
    for (;;) {
        char *dot = strrchr(parts, '.');
        svi_node *name, *map;
        if (n_parts++ > SVI_MAX_DEPTH)
            return svi_fail_at(error, key, "a key of more than %d parts; a study needs 3",
                               SVI_MAX_DEPTH);
        SVI_TRY(add_word(tree, key, dot != NULL ? dot + 1 : parts, &name, error));
        if (name->text[0] == '\0')
            return svi_fail_at(
                error, key,
                "a key with an empty part; write names with single dots between them, like "
                "train.optimizer.lr");
        SVI_TRY(add_map(tree, key, &map, error));
        SVI_TRY(svi_node_append(map, name, *nested, error));
        *nested = map;
        if (dot == NULL) return SV_OK;
        *dot = '\0';
    }
}

static sv_status copy_map(svi_tree *tree, const svi_node *from, svi_node **copy, sv_error *error)
{
    SVI_TRY(add_map(tree, from, copy, error));
    for (size_t i = 0; i < from->n; i++)
        SVI_TRY(svi_node_append(*copy, from->keys[i], from->items[i], error));
    return SV_OK;
}

static void take_away(svi_node *map, const char *name)
{
    size_t i = svi_node_find(map, name);
    if (i == map->n) return;
    map->n--;
    memmove(map->keys + i, map->keys + i + 1, (map->n - i) * sizeof *map->keys);
    memmove(map->items + i, map->items + i + 1, (map->n - i) * sizeof *map->items);
}

static sv_status put(svi_node *map, svi_node *key, svi_node *item, sv_error *error)
{
    size_t i = svi_node_find(map, key->text);
    if (i == map->n) return svi_node_append(map, key, item, error);
    map->keys[i] = key;
    map->items[i] = item;
    return SV_OK;
}

/* An arm's overrides stand where the study's top stands. */
static void child_path(char child[SVI_MAX_PATH], const char *path, const char *name)
{
    if (strcmp(path, "arms") == 0)
        child[0] = '\0';
    else
        svi_path_join(child, path, name);
}

static sv_status merge_entry(svi_tree *tree, const char *path, svi_node *map, const svi_node *over,
                             size_t i, sv_error *error)
{
    char child[SVI_MAX_PATH];
    svi_node *key = over->keys[i], *item = over->items[i];
    child_path(child, path, key->text);
    const svi_key *row = svi_key_find(child);
    if (svi_node_is_null(item) && row != NULL) {
        take_away(map, key->text);
        return SV_OK;
    }
    size_t at = svi_node_find(map, key->text);
    SVI_TRY(svi_tree_merge(tree, child, at < map->n ? map->items[at] : NULL, item, &item, error));
    if (row != NULL && row->rival != NULL) {
        const char *rival = svi_key_name(svi_key_find(row->rival));
        if (svi_node_find(over, rival) == over->n) take_away(map, rival);
    }
    return put(map, key, item, error);
}

static sv_status start_merge(svi_tree *tree, const char *path, svi_node *base, svi_node *over,
                             svi_node **map, sv_error *error)
{
    const svi_key *row = svi_key_find(path);
    if (base != NULL && base->kind == SVI_NODE_MAP) return copy_map(tree, base, map, error);
    bool is_word = base != NULL && base->kind == SVI_NODE_SCALAR;
    SVI_TRY(add_map(tree, is_word ? base : over, map, error));
    if (!is_word || row == NULL || row->shorthand == NULL) return SV_OK;
    svi_node *word;
    SVI_TRY(add_word(tree, base, row->shorthand, &word, error));
    return svi_node_append(*map, word, base, error);
}

sv_status svi_tree_merge(svi_tree *tree, const char *path, svi_node *base, svi_node *over,
                         svi_node **merged, sv_error *error)
{
    svi_node *map;
    *merged = over;
    if (over->kind != SVI_NODE_MAP) return SV_OK;
    SVI_TRY(start_merge(tree, path, base, over, &map, error));
    for (size_t i = 0; i < over->n; i++) SVI_TRY(merge_entry(tree, path, map, over, i, error));
    *merged = map;
    return SV_OK;
}

static sv_status join(svi_tree *tree, const svi_node *base, const svi_node *over, svi_node **joined,
                      sv_error *error)
{
    svi_node *map;
    SVI_TRY(copy_map(tree, base, &map, error));
    for (size_t i = 0; i < over->n; i++) {
        svi_node *key = over->keys[i], *item = over->items[i];
        size_t at = svi_node_find(map, key->text);
        if (at < map->n) {
            const svi_node *there = map->items[at];
            if (there->kind != SVI_NODE_MAP || item->kind != SVI_NODE_MAP)
                return svi_fail_at(
                    error, key, "`%s` is overridden twice in this arm, first on line %d; keep one",
                    key->text, map->keys[at]->line);
            SVI_TRY(join(tree, there, item, &item, error));
        }
        SVI_TRY(put(map, key, item, error));
    }
    *joined = map;
    return SV_OK;
}

static sv_status expand(svi_tree *tree, const svi_node *map, svi_node **expanded, sv_error *error)
{
    SVI_TRY(add_map(tree, map, expanded, error));
    if (map->n > SVI_MAX_KEYS)
        return svi_fail_at(error, map, "%zu overrides in one arm; there are fewer keys than that",
                           map->n);
    for (size_t i = 0; i < map->n; i++) {
        svi_node *nested;
        SVI_TRY(svi_tree_nest(tree, map->keys[i], map->items[i], &nested, error));
        SVI_TRY(join(tree, *expanded, nested, expanded, error));
    }
    return SV_OK;
}

sv_status svi_tree_expand_arms(svi_tree *tree, svi_node *root, sv_error *error)
{
    size_t at = svi_node_find(root, "arms");
    svi_node *arms = at < root->n ? root->items[at] : NULL;
    if (arms == NULL || arms->kind != SVI_NODE_MAP) return SV_OK;
    for (size_t i = 0; i < arms->n; i++)
        if (arms->items[i]->kind == SVI_NODE_MAP)
            SVI_TRY(expand(tree, arms->items[i], &arms->items[i], error));
    return SV_OK;
}

/* arms.NAME.key: a name may hold dots, so the longest arm that fits is taken. */
static size_t arm_name_length(const svi_node *root, const char *rest)
{
    size_t at = svi_node_find(root, "arms"), n_best = 0;
    const svi_node *arms = at < root->n ? root->items[at] : NULL;
    for (size_t i = 0; arms != NULL && arms->kind == SVI_NODE_MAP && i < arms->n; i++) {
        const char *name = arms->keys[i]->text;
        size_t n = strlen(name);
        if (n > n_best && strncmp(rest, name, n) == 0 && (rest[n] == '.' || rest[n] == '\0'))
            n_best = n;
    }
    return n_best > 0 ? n_best : strcspn(rest, ".");
}

static sv_status nest_in_arm(svi_tree *tree, const svi_node *root, const svi_node *key,
                             svi_node *value, svi_node **nested, sv_error *error)
{
    const char *rest = key->text + strlen("arms.");
    size_t n = arm_name_length(root, rest);
    svi_node *name, *inner, *arms;
    SVI_TRY(add_word(tree, key, rest, &name, error));
    name->text[n] = '\0';
    if (rest[n] == '.') {
        SVI_TRY(add_word(tree, key, rest + n + 1, &inner, error));
        SVI_TRY(svi_tree_nest(tree, inner, value, &value, error));
    }
    SVI_TRY(add_map(tree, key, &arms, error));
    SVI_TRY(svi_node_append(arms, name, value, error));
    SVI_TRY(add_word(tree, key, "arms", &name, error));
    SVI_TRY(add_map(tree, key, nested, error));
    return svi_node_append(*nested, name, arms, error);
}

/* A place whose messages start with the override itself, shortened. */
static sv_status name_override(svi_tree *tree, const char *override, svi_node *place,
                               sv_error *error)
{
    char shown[SVI_SHOWN_BYTES], name[SVI_SHOWN_BYTES + sizeof "--set "];
    svi_node *word;
    *place = (svi_node){.kind = SVI_NODE_SCALAR};
    SVI_TRY(add_word(tree, place, override, &word, error));
    snprintf(name, sizeof name, "--set %s", svi_node_shown(word, shown));
    SVI_TRY(add_word(tree, place, name, &word, error));
    place->origin = word->text;
    return SV_OK;
}

sv_status svi_tree_override(svi_tree *tree, const char *override, svi_node **root, sv_error *error)
{
    const char *equals = strchr(override, '=');
    svi_node place, *key, *value, *nested;
    SVI_TRY(name_override(tree, override, &place, error));
    if (equals == NULL) return svi_fail_at(error, &place, "no `=`; write --set key.path=value");
    SVI_TRY(add_word(tree, &place, override, &key, error));
    key->text[equals - override] = '\0';
    SVI_TRY(
        svi_tree_parse(tree, place.origin, false, equals + 1, strlen(equals + 1), &value, error));
    if (value == NULL)
        return svi_fail_at(error, &place,
                           "no value; write --set key.path=value, or =null to take a key away");
    if (strncmp(key->text, "arms.", 5) == 0)
        SVI_TRY(nest_in_arm(tree, *root, key, value, &nested, error));
    else
        SVI_TRY(svi_tree_nest(tree, key, value, &nested, error));
    SVI_TRY(svi_tree_expand_arms(tree, nested, error));
    return svi_tree_merge(tree, "", *root, nested, root, error);
}
