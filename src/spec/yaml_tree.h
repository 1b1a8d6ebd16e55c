/* A YAML text as a tree of nodes that remember where they stood. */
#ifndef SVI_YAML_TREE_H
#define SVI_YAML_TREE_H

#include "base/error.h"

enum {
    SVI_MAX_TEXT_BYTES = 1 << 20, /* of a study file or an override */
    SVI_MAX_DEPTH = 32,
    SVI_MAX_NODES = 100000,
    SVI_MAX_MAP_KEYS = 1024
};

typedef enum svi_node_kind { SVI_NODE_SCALAR, SVI_NODE_LIST, SVI_NODE_MAP } svi_node_kind;

typedef struct svi_node svi_node;
struct svi_node {
    svi_node_kind kind;
    bool is_quoted;     /* a scalar in quotes is text, whatever it looks like */
    const char *origin; /* borrowed: the file's path, or "--set key=value" */
    int line, column;   /* 1-based; line 0: the origin has no lines */
    char *text;         /* scalar: UTF-8 without NUL characters */
    size_t n;           /* list, map: number of items */
    svi_node **keys;    /* map: [n] scalars, no two with equal text */
    svi_node **items;   /* list, map: [n] */
    svi_node *next;     /* the tree's list of all nodes */
};

/* Owns every node made in it. Zero-initialize. */
typedef struct svi_tree {
    svi_node *nodes;
    size_t n_nodes;
} svi_tree;

void svi_tree_free(svi_tree *tree);

/* Parses one document. *root is NULL when the text holds none. SV_ERR_STUDY with the place for
 * anything that is not plain YAML: syntax, encoding, duplicate keys, anchors, aliases, tags, a
 * second document, too deep, too many nodes. */
sv_status svi_tree_parse(svi_tree *tree, const char *origin, bool has_lines, const char *text,
                         size_t n, svi_node **root, sv_error *error);

/* A new node at the place of `like` (may be NULL: nowhere). text: of a scalar, copied. NULL: out of
 * memory. */
svi_node *svi_tree_add(svi_tree *tree, svi_node_kind kind, const svi_node *like, const char *text);

/* Appends; key is NULL for a list. Does not look for duplicates. */
sv_status svi_node_append(svi_node *node, svi_node *key, svi_node *item, sv_error *error);

/* Index of a key in a map, or node->n. */
size_t svi_node_find(const svi_node *map, const char *key);

/* Whether the value is empty, ~ or null. */
bool svi_node_is_null(const svi_node *node);

/* Numbers as in JSON, but for a leading sign or dot: 3, -0.5, .5, 1e-3. Overflow gives an infinity.
 */
bool svi_node_number(const svi_node *node, double *value);

/* A whole number from 0 to 2^64 - 1: digits, or another way to write a number up to 2^53. */
bool svi_node_whole(const svi_node *node, uint64_t *value);

/* The scalar's text for a message: short, without control characters; "a list", "a map" for the
 * others. */
enum { SVI_SHOWN_BYTES = 80 };
const char *svi_node_shown(const svi_node *node, char shown[SVI_SHOWN_BYTES]);

/* SV_ERR_STUDY: "ORIGIN:LINE:COLUMN: ..." */
sv_status svi_fail_at(sv_error *error, const svi_node *node, const char *format, ...)
    SVI_PRINTF(3, 4);

#endif
