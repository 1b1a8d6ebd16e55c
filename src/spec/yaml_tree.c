#include "spec/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

typedef struct builder {
    svi_tree *tree;
    svi_node here; /* origin and place of the event at hand */
    bool has_lines;
    size_t n_nodes;
    yaml_parser_t parser;
    const char *text;
    size_t n;
    sv_error *error;
} builder;

static sv_status build(builder *b, const yaml_event_t *event, int depth, svi_node **out);

static void set_place(builder *b, yaml_mark_t mark)
{
    b->here.line = b->has_lines ? (int)mark.line + 1 : 0;
    b->here.column = (int)mark.column + 1;
}

static bool is_continuation(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

/* The reader stops before it can count lines: only the byte is known. */
static yaml_mark_t mark_of_byte(const builder *b, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < b->n; i++) {
        if (b->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (!is_continuation(b->text[i])) {
            mark.column++;
        }
    }
    return mark;
}

/* libyaml points at the byte that does not go on with a character; the mend is where the character
 * starts. */
static sv_status fail_encoding(builder *b)
{
    size_t at = b->parser.problem_offset;
    if (strstr(b->parser.problem, "trailing") != NULL) do
            at--;
        while (at > 0 && is_continuation(b->text[at]));
    set_place(b, mark_of_byte(b, at));
    return svi_fail_at(b->error, &b->here, "not UTF-8 text: %s (0x%02x); save the study as UTF-8",
                       b->parser.problem, (unsigned)b->parser.problem_value);
}

static sv_status fail_syntax(builder *b)
{
    const yaml_parser_t *p = &b->parser;
    size_t at = p->problem_mark.index;
    char since[64] = "";
    const char *hint = "";
    set_place(b, p->problem_mark);
    if (p->context != NULL && b->has_lines)
        snprintf(since, sizeof since, " since line %zu", p->context_mark.line + 1);
    if (at < b->n && b->text[at] == '\t') hint = "; indent with spaces, not tabs";
    return svi_fail_at(b->error, &b->here, "not valid YAML: %s%s%s%s%s%s", p->problem,
                       p->context != NULL ? " (" : "", p->context != NULL ? p->context : "", since,
                       p->context != NULL ? ")" : "", hint);
}

static sv_status next_event(builder *b, yaml_event_t *event)
{
    if (!yaml_parser_parse(&b->parser, event)) {
        if (b->parser.error == YAML_MEMORY_ERROR)
            return svi_fail_memory(b->error, b->n, "the YAML parser");
        return b->parser.error == YAML_READER_ERROR ? fail_encoding(b) : fail_syntax(b);
    }
    set_place(b, event->start_mark);
    return SV_OK;
}

static sv_status add_here(builder *b, svi_node_kind kind, const char *text, svi_node **out)
{
    if (++b->n_nodes > SVI_MAX_NODES)
        return svi_fail_at(b->error, &b->here,
                           "more than %d values; a study may hold at most that many",
                           SVI_MAX_NODES);
    *out = svi_tree_add(b->tree, kind, &b->here, text);
    return *out != NULL ? SV_OK : svi_fail_memory(b->error, sizeof **out, "a study");
}

static sv_status refuse_property(builder *b, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL)
        return svi_fail_at(b->error, &b->here,
                           "anchor `&%.40s`; a study has no anchors and aliases: write the "
                           "value where it is used",
                           (const char *)anchor);
    if (tag != NULL)
        return svi_fail_at(b->error, &b->here,
                           "tag `%.40s`; a study has no tags: write the plain value",
                           (const char *)tag);
    return SV_OK;
}

static sv_status build_scalar(builder *b, const yaml_event_t *event, svi_node **out)
{
    const char *text = (const char *)event->data.scalar.value;
    SVI_TRY(refuse_property(b, event->data.scalar.anchor, event->data.scalar.tag));
    if (strlen(text) != event->data.scalar.length)
        return svi_fail_at(b->error, &b->here, "a NUL character inside a text; take it out");
    SVI_TRY(add_here(b, SVI_NODE_SCALAR, text, out));
    (*out)->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return SV_OK;
}

static sv_status check_key(builder *b, const svi_node *map, const svi_node *key)
{
    char shown[SVI_SHOWN_BYTES];
    if (key->kind != SVI_NODE_SCALAR)
        return svi_fail_at(b->error, key, "%s as a key; a key is a plain word",
                           svi_node_shown(key, shown));
    size_t i = svi_node_find(map, key->text);
    if (i < map->n)
        return svi_fail_at(b->error, key,
                           "duplicate key `%s`, first given on line %d; keep one of them",
                           svi_node_shown(key, shown), map->keys[i]->line);
    if (map->n >= SVI_MAX_MAP_KEYS)
        return svi_fail_at(b->error, key, "more than %d keys in one map", SVI_MAX_MAP_KEYS);
    return SV_OK;
}

/* The next event as a node; *out stays NULL at the end of the list or map. */
static sv_status build_next(builder *b, yaml_event_type_t end, int depth, svi_node **out)
{
    yaml_event_t event;
    SVI_TRY(next_event(b, &event));
    sv_status status = event.type == end ? SV_OK : build(b, &event, depth, out);
    yaml_event_delete(&event);
    return status;
}

static sv_status build_children(builder *b, svi_node *node, int depth)
{
    bool is_map = node->kind == SVI_NODE_MAP;
    yaml_event_type_t end = is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    for (;;) {
        svi_node *key = NULL, *item = NULL;
        if (is_map) {
            SVI_TRY(build_next(b, end, depth, &key));
            if (key == NULL) return SV_OK;
            SVI_TRY(check_key(b, node, key));
        }
        SVI_TRY(build_next(b, end, depth, &item));
        if (item == NULL) return SV_OK;
        SVI_TRY(svi_node_append(node, key, item, b->error));
    }
}

static sv_status build_collection(builder *b, svi_node_kind kind, int depth, svi_node **out)
{
    if (depth >= SVI_MAX_DEPTH)
        return svi_fail_at(b->error, &b->here, "nested more than %d deep; a study needs 5",
                           SVI_MAX_DEPTH);
    SVI_TRY(add_here(b, kind, NULL, out));
    return build_children(b, *out, depth + 1);
}

static sv_status build(builder *b, const yaml_event_t *event, int depth, svi_node **out)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT: return build_scalar(b, event, out);
    case YAML_SEQUENCE_START_EVENT:
        SVI_TRY(
            refuse_property(b, event->data.sequence_start.anchor, event->data.sequence_start.tag));
        return build_collection(b, SVI_NODE_LIST, depth, out);
    case YAML_MAPPING_START_EVENT:
        SVI_TRY(
            refuse_property(b, event->data.mapping_start.anchor, event->data.mapping_start.tag));
        return build_collection(b, SVI_NODE_MAP, depth, out);
    default:
        return svi_fail_at(b->error, &b->here,
                           "alias `*%.40s`; a study has no anchors and aliases: write the "
                           "value where it is used",
                           (const char *)event->data.alias.anchor);
    }
}

static sv_status build_stream(builder *b, svi_node **root)
{
    for (;;) {
        yaml_event_t event;
        SVI_TRY(next_event(b, &event));
        yaml_event_type_t type = event.type;
        bool is_mark = type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT ||
                       type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT;
        sv_status status = SV_OK;
        if (type == YAML_DOCUMENT_START_EVENT && *root != NULL)
            status = svi_fail_at(b->error, &b->here, "a second document; a study is one document");
        else if (!is_mark)
            status = build(b, &event, 0, root);
        yaml_event_delete(&event);
        if (status != SV_OK || type == YAML_STREAM_END_EVENT) return status;
    }
}

sv_status svi_tree_parse(svi_tree *tree, const char *origin, bool has_lines, const char *text,
                         size_t n, svi_node **root, sv_error *error)
{
    builder b = {.tree = tree,
                 .here.origin = origin,
                 .has_lines = has_lines,
                 .text = text,
                 .n = n,
                 .error = error};
    *root = NULL;
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        b.text += 3;
        b.n -= 3;
    }
    if (!yaml_parser_initialize(&b.parser)) return svi_fail_memory(error, n, "the YAML parser");
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)b.text, b.n);
    sv_status status = build_stream(&b, root);
    yaml_parser_delete(&b.parser);
    return status;
}
