#include "spec/spec_example.h"

#include <string.h>

#include "spec/yaml_tree.h"

static json_t *node_json(const svi_node *node);

static json_t *scalar_json(const svi_node *node)
{
    double number;
    uint64_t whole;
    if (node->is_quoted) return json_string(node->text);
    if (strcmp(node->text, "true") == 0) return json_true();
    if (strcmp(node->text, "false") == 0) return json_false();
    if (!svi_node_number(node, &number)) return json_string(node->text);
    return svi_node_whole(node, &whole) && whole <= INT64_MAX ? json_integer((json_int_t)whole)
                                                              : json_real(number);
}

static json_t *list_json(const svi_node *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->n; i++) json_array_append_new(array, node_json(list->items[i]));
    return array;
}

static json_t *map_json(const svi_node *map)
{
    json_t *object = json_object();
    for (size_t i = 0; i < map->n; i++)
        json_object_set_new(object, map->keys[i]->text, node_json(map->items[i]));
    return object;
}

static json_t *node_json(const svi_node *node)
{
    switch (node->kind) {
    case SVI_NODE_LIST: return list_json(node);
    case SVI_NODE_MAP: return map_json(node);
    default: return scalar_json(node);
    }
}

sv_status svi_key_example_json(const svi_key *key, json_t **json, sv_error *error)
{
    svi_tree tree = {0};
    svi_node *root = NULL;
    const char *text = key->example;
    sv_status status = svi_tree_parse(&tree, key->path, false, text, strlen(text), &root, error);
    if (status == SV_OK) {
        *json = node_json(root);
        if (*json == NULL) status = svi_fail_memory(error, 0, "an example");
    }
    svi_tree_free(&tree);
    return status;
}
