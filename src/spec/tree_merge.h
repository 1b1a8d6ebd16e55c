/* Overrides: trees laid over trees. Nodes are shared, never changed. */
#ifndef SVI_TREE_MERGE_H
#define SVI_TREE_MERGE_H

#include "spec/yaml_tree.h"

/* {a: {b: value}} for the dotted name a.b in key's text. SV_ERR_STUDY: an empty part, too many
 * parts. */
sv_status svi_tree_nest(svi_tree *tree, const svi_node *key, svi_node *value, svi_node **nested,
                        sv_error *error);

/* base with over on top: maps are merged, everything else is replaced, null takes a key away, and a
 * key takes its rival away. path is where both stand in a study ("" is the top). base may be NULL.
 */
sv_status svi_tree_merge(svi_tree *tree, const char *path, svi_node *base, svi_node *over,
                         svi_node **merged, sv_error *error);

/* Writes the dotted keys of a study's arms as maps. SV_ERR_STUDY: an arm gives a key twice. */
sv_status svi_tree_expand_arms(svi_tree *tree, svi_node *root, sv_error *error);

/* Applies one "key.path=value" to a study's root. */
sv_status svi_tree_override(svi_tree *tree, const char *override, svi_node **root, sv_error *error);

#endif
