#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/store_file.h"

enum { MAX_VALUE_CHARS = 120 };

/* A value as compact JSON, cut where it is long; "nothing" where there is none. */
static void show(const json_t *value, char text[MAX_VALUE_CHARS + 4])
{
    char *json =
        value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    const char *shown = json == NULL ? "nothing" : json;
    snprintf(text, MAX_VALUE_CHARS + 4, "%.*s%s", MAX_VALUE_CHARS, shown,
             strlen(shown) > MAX_VALUE_CHARS ? "..." : "");
    free(json);
}

static void describe(const svi_text *path, const json_t *mine, const json_t *theirs, char *text,
                     size_t n)
{
    char mine_text[MAX_VALUE_CHARS + 4], their_text[MAX_VALUE_CHARS + 4];
    show(mine, mine_text);
    show(theirs, their_text);
    snprintf(text, n, "%s is %s in the store and %s in the study",
             path->n == 0 ? "the whole" : path->bytes, mine_text, their_text);
}

static bool walk(svi_text *path, const json_t *mine, const json_t *theirs, char *text, size_t n);

/* Walks into a member and takes its name off the path again. */
static bool walk_member(svi_text *path, const json_t *mine, const json_t *theirs, char *text,
                        size_t n, const char *name)
{
    size_t n_before = path->n;
    svi_text_add(path, name[0] == '[' ? "%s" : path->n == 0 ? "%s" : ".%s", name);
    bool is_different = walk(path, mine, theirs, text, n);
    if (path->bytes != NULL) path->bytes[path->n = n_before] = '\0';
    return is_different;
}

static bool walk_objects(svi_text *path, const json_t *mine, const json_t *theirs, char *text,
                         size_t n)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)mine, key, value)
    {
        if (walk_member(path, value, json_object_get(theirs, key), text, n, key)) return true;
    }
    json_object_foreach((json_t *)theirs, key, value)
    {
        if (json_object_get(mine, key) == NULL) return walk_member(path, NULL, value, text, n, key);
    }
    return false;
}

static bool walk_arrays(svi_text *path, const json_t *mine, const json_t *theirs, char *text,
                        size_t n)
{
    for (size_t i = 0; i < json_array_size(mine) || i < json_array_size(theirs); i++) {
        char name[32];
        snprintf(name, sizeof name, "[%zu]", i);
        if (walk_member(path, json_array_get(mine, i), json_array_get(theirs, i), text, n, name))
            return true;
    }
    return false;
}

static bool walk(svi_text *path, const json_t *mine, const json_t *theirs, char *text, size_t n)
{
    if (json_is_object(mine) && json_is_object(theirs))
        return walk_objects(path, mine, theirs, text, n);
    if (json_is_array(mine) && json_is_array(theirs))
        return walk_arrays(path, mine, theirs, text, n);
    if (mine != NULL && theirs != NULL && json_equal(mine, theirs)) return false;
    describe(path, mine, theirs, text, n);
    return true;
}

/* For texts that jansson cannot read (whole numbers past 2^63): the first bytes that differ. */
static void describe_bytes(const char *mine, const char *theirs, char *text, size_t n)
{
    size_t at = 0;
    while (mine[at] != '\0' && mine[at] == theirs[at]) at++;
    size_t from = at > 40 ? at - 40 : 0;
    snprintf(text, n, "its settings read \"%.80s\" in the store and \"%.80s\" in the study",
             mine + from, theirs + from);
}

bool svi_json_difference(const char *mine, const char *theirs, char *text, size_t n)
{
    if (strcmp(mine, theirs) == 0) return false;
    json_t *a = json_loads(mine, JSON_DECODE_ANY, NULL),
           *b = json_loads(theirs, JSON_DECODE_ANY, NULL);
    bool is_different = true;
    if (a != NULL && b != NULL) {
        svi_text path = {0};
        is_different = walk(&path, a, b, text, n);
        svi_text_clear(&path);
    } else {
        describe_bytes(mine, theirs, text, n);
    }
    json_decref(a);
    json_decref(b);
    return is_different;
}
