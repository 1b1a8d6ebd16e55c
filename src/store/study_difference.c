#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/store_file.h"

/* Every number with 15 digits comes back as it was typed; 17 tell any two apart. */
enum { MAX_VALUE_CHARS = 120, TYPED_DIGITS = 15, ALL_DIGITS = 17 };

/* Where the difference is described, and how the two sides are called. */
typedef struct description {
    const char *mine, *theirs;
    char *text;
    size_t n;
} description;

/* A value as compact JSON, cut where it is long; "nothing" where there is none. */
static void show(const json_t *value, size_t n_digits, char text[MAX_VALUE_CHARS + 4])
{
    size_t form = JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_REAL_PRECISION(n_digits);
    char *json = value == NULL ? NULL : json_dumps(value, form);
    const char *shown = json == NULL ? "nothing" : json;
    snprintf(text, MAX_VALUE_CHARS + 4, "%.*s%s", MAX_VALUE_CHARS, shown,
             strlen(shown) > MAX_VALUE_CHARS ? "..." : "");
    free(json);
}

static void describe(const svi_text *path, const json_t *mine, const json_t *theirs,
                     const description *to)
{
    char mine_text[MAX_VALUE_CHARS + 4], their_text[MAX_VALUE_CHARS + 4];
    show(mine, TYPED_DIGITS, mine_text);
    show(theirs, TYPED_DIGITS, their_text);
    if (strcmp(mine_text, their_text) == 0) {
        show(mine, ALL_DIGITS, mine_text);
        show(theirs, ALL_DIGITS, their_text);
    }
    snprintf(to->text, to->n, "%s is %s in %s and %s in %s",
             path->n == 0 ? "the whole" : path->bytes, mine_text, to->mine, their_text, to->theirs);
}

static bool walk(svi_text *path, const json_t *mine, const json_t *theirs, const description *to);

/* Walks into a member and takes its name off the path again. */
static bool walk_member(svi_text *path, const json_t *mine, const json_t *theirs,
                        const description *to, const char *name)
{
    size_t n_before = path->n;
    svi_text_add(path, name[0] == '[' ? "%s" : path->n == 0 ? "%s" : ".%s", name);
    bool is_different = walk(path, mine, theirs, to);
    if (path->bytes != NULL) path->bytes[path->n = n_before] = '\0';
    return is_different;
}

static bool walk_objects(svi_text *path, const json_t *mine, const json_t *theirs,
                         const description *to)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)mine, key, value)
    {
        if (walk_member(path, value, json_object_get(theirs, key), to, key)) return true;
    }
    json_object_foreach((json_t *)theirs, key, value)
    {
        if (json_object_get(mine, key) == NULL) return walk_member(path, NULL, value, to, key);
    }
    return false;
}

static bool walk_arrays(svi_text *path, const json_t *mine, const json_t *theirs,
                        const description *to)
{
    for (size_t i = 0; i < json_array_size(mine) || i < json_array_size(theirs); i++) {
        char name[32];
        snprintf(name, sizeof name, "[%zu]", i);
        if (walk_member(path, json_array_get(mine, i), json_array_get(theirs, i), to, name))
            return true;
    }
    return false;
}

static bool walk(svi_text *path, const json_t *mine, const json_t *theirs, const description *to)
{
    if (json_is_object(mine) && json_is_object(theirs)) return walk_objects(path, mine, theirs, to);
    if (json_is_array(mine) && json_is_array(theirs)) return walk_arrays(path, mine, theirs, to);
    if (mine != NULL && theirs != NULL && json_equal(mine, theirs)) return false;
    describe(path, mine, theirs, to);
    return true;
}

char *svi_json_without_numerics(const char *canonical)
{
    json_t *root = json_loads(canonical, 0, NULL), *entry;
    json_t *entries = json_object_get(root, "numerics");
    size_t i;
    if (root == NULL) return strdup(canonical);
    json_array_foreach(entries, i, entry)
    {
        json_t *replicates = json_incref(json_object_get(entry, "replicates"));
        json_object_clear(entry);
        json_object_set_new(entry, "replicates", replicates);
    }
    char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(root);
    return text;
}

/* For texts that jansson cannot read (whole numbers past 2^63): the first bytes that differ. */
static void describe_bytes(const char *mine, const char *theirs, const description *to)
{
    size_t at = 0;
    while (mine[at] != '\0' && mine[at] == theirs[at]) at++;
    size_t from = at > 40 ? at - 40 : 0;
    snprintf(to->text, to->n, "its settings read \"%.80s\" in %s and \"%.80s\" in %s", mine + from,
             to->mine, theirs + from, to->theirs);
}

bool svi_json_difference(const char *mine, const char *theirs, const char *mine_name,
                         const char *their_name, char *text, size_t n)
{
    const description to = {mine_name, their_name, text, n};
    if (strcmp(mine, theirs) == 0) return false;
    json_t *a = json_loads(mine, JSON_DECODE_ANY, NULL),
           *b = json_loads(theirs, JSON_DECODE_ANY, NULL);
    bool is_different = true;
    if (a != NULL && b != NULL) {
        svi_text path = {0};
        is_different = walk(&path, a, b, &to);
        svi_text_clear(&path);
    } else {
        describe_bytes(mine, theirs, &to);
    }
    json_decref(a);
    json_decref(b);
    return is_different;
}
