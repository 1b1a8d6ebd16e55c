#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "spec/yaml_tree.h"

void svi_tree_free(svi_tree *tree)
{
    while (tree->nodes != NULL) {
        svi_node *node = tree->nodes;
        tree->nodes = node->next;
        free(node->text);
        free(node->keys);
        free(node->items);
        free(node);
    }
    tree->n_nodes = 0;
}

svi_node *svi_tree_add(svi_tree *tree, svi_node_kind kind, const svi_node *like, const char *text)
{
    svi_node *node = calloc(1, sizeof *node);
    if (node == NULL) return NULL;
    if (text != NULL && (node->text = strdup(text)) == NULL) {
        free(node);
        return NULL;
    }
    node->kind = kind;
    node->origin = like != NULL ? like->origin : "default";
    node->line = like != NULL ? like->line : 0;
    node->column = like != NULL ? like->column : 0;
    node->next = tree->nodes;
    tree->nodes = node;
    tree->n_nodes++;
    return node;
}

static bool grow(svi_node ***nodes, size_t n)
{
    if ((n & (n - 1)) != 0) return true; /* n is the capacity only when it is 0 or a power of two */
    svi_node **more = realloc(*nodes, (n == 0 ? 1 : 2 * n) * sizeof **nodes);
    if (more == NULL) return false;
    *nodes = more;
    return true;
}

sv_status svi_node_append(svi_node *node, svi_node *key, svi_node *item, sv_error *error)
{
    if (!grow(&node->items, node->n) || (key != NULL && !grow(&node->keys, node->n)))
        return svi_fail_memory(error, 2 * node->n * sizeof *node->items, "a study");
    if (key != NULL) node->keys[node->n] = key;
    node->items[node->n++] = item;
    return SV_OK;
}

size_t svi_node_find(const svi_node *map, const char *key)
{
    size_t i = 0;
    while (i < map->n && strcmp(map->keys[i]->text, key) != 0) i++;
    return i;
}

static bool is_plain(const svi_node *node)
{
    return node->kind == SVI_NODE_SCALAR && !node->is_quoted;
}

bool svi_node_is_null(const svi_node *node)
{
    return is_plain(node) && (node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
                              strcmp(node->text, "null") == 0);
}

static const char *skip_digits(const char *p) { return p + strspn(p, "0123456789"); }

/* A leading zero is refused because YAML 1.1 would read octal digits after it. */
static bool has_number_form(const char *text)
{
    const char *p = text + (*text == '-' || *text == '+');
    const char *whole = p;
    p = skip_digits(p);
    size_t n_digits = (size_t)(p - whole);
    if (n_digits > 1 && *whole == '0') return false;
    if (*p == '.') {
        const char *fraction = p + 1;
        p = skip_digits(fraction);
        n_digits += (size_t)(p - fraction);
    }
    if (n_digits == 0) return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        if (skip_digits(p) == p) return false;
        p = skip_digits(p);
    }
    return *p == '\0';
}

bool svi_node_number(const svi_node *node, double *value)
{
    if (!is_plain(node) || !has_number_form(node->text)) return false;
    char *end = NULL;
    *value = strtod(node->text, &end);
    return *end == '\0';
}

bool svi_node_whole(const svi_node *node, uint64_t *value)
{
    double number = 0;
    if (!svi_node_number(node, &number)) return false;
    if (*skip_digits(node->text) == '\0') {
        errno = 0;
        *value = strtoull(node->text, NULL, 10);
        return errno == 0;
    }
    if (number < 0 || number > 9007199254740992.0 || number != floor(number)) return false;
    *value = (uint64_t)number;
    return true;
}

const char *svi_node_shown(const svi_node *node, char shown[SVI_SHOWN_BYTES])
{
    if (node->kind != SVI_NODE_SCALAR) return node->kind == SVI_NODE_LIST ? "a list" : "a map";
    size_t n = strlen(node->text), n_kept = n;
    if (n >= SVI_SHOWN_BYTES) n_kept = svi_whole_bytes(node->text, SVI_SHOWN_BYTES - 4);
    for (size_t i = 0; i < n_kept; i++) {
        unsigned char c = (unsigned char)node->text[i];
        shown[i] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    snprintf(shown + n_kept, SVI_SHOWN_BYTES - n_kept, "%s", n_kept < n ? "..." : "");
    return shown;
}

sv_status svi_fail_at(sv_error *error, const svi_node *node, const char *format, ...)
{
    char message[sizeof((sv_error *)0)->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (node->line == 0) return svi_fail(error, SV_ERR_STUDY, "%s: %s", node->origin, message);
    return svi_fail(error, SV_ERR_STUDY, "%s:%d:%d: %s", node->origin, node->line, node->column,
                    message);
}
