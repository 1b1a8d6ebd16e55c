#include "spec/study_spec.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "spec/spec_canonical.h"
#include "spec/spec_reading.h"
#include "spec/tree_merge.h"

static sv_status read_all(const char *path, FILE *file, svi_text *text, sv_error *error)
{
    char bytes[4096];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
        svi_text_add_bytes(text, bytes, n);
        if (text->n > SVI_MAX_TEXT_BYTES)
            return svi_fail(error, SV_ERR_STUDY,
                            "%s:1:1: larger than 1 MiB; a study file is smaller", path);
    }
    if (ferror(file))
        return svi_fail(error, SV_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    return SV_OK;
}

/* Given by mistake. */
static bool is_store(const svi_text *text)
{
    static const char magic[] = "SQLite format 3"; /* and a zero byte */
    return text->n >= sizeof magic && memcmp(text->bytes, magic, sizeof magic) == 0;
}

static bool is_table(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    return strstr(name, ".csv") != NULL || strstr(name, ".tsv") != NULL;
}

static sv_status read_file(const char *path, char **bytes, size_t *n, sv_error *error)
{
    svi_text text = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return svi_fail(error, SV_ERR_IO,
                        "%s: cannot be read: %s; check the name (seedvar init DATA.csv writes a "
                        "first study)",
                        path, strerror(errno));
    sv_status status = read_all(path, file, &text, error);
    fclose(file);
    *n = text.n;
    if (is_store(&text))
        status = svi_fail(error, SV_ERR_STUDY,
                          "%s: this is a store, not a study; seedvar analyze says what its runs "
                          "say",
                          path);
    if (status == SV_OK) return svi_text_take(&text, bytes, error);
    svi_text_clear(&text);
    return status;
}

/* The file's name without folder and extension, made fit for a name: file names are bytes, names
 * are UTF-8. */
static void name_after_file(const char *path, char name[128])
{
    const char *slash = strrchr(path, '/'), *from = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(from, '.');
    size_t n = dot != NULL && dot > from ? (size_t)(dot - from) : strlen(from);
    n = svi_whole_bytes(from, n < 127 ? n : 127);
    snprintf(name, 128, "%.*s", n > 0 ? (int)n : 5, n > 0 ? from : "study");
    json_t *as_json = json_string(name);
    for (char *p = name; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && as_json == NULL)) *p = '_';
    }
    json_decref(as_json);
}

static sv_status parse(svi_tree *tree, const char *path, const char *text, size_t n,
                       svi_node **root, sv_error *error)
{
    svi_node top = {.origin = path, .line = 1, .column = 1};
    char shown[SVI_SHOWN_BYTES];
    SVI_TRY(svi_tree_parse(tree, path, true, text, n, root, error));
    if (*root == NULL || svi_node_is_null(*root))
        return svi_fail_at(error, &top,
                           "the file holds no study; it needs at least model and design");
    if ((*root)->kind != SVI_NODE_MAP && is_table(path))
        return svi_fail_at(error, *root,
                           "a table, where a study is needed; seedvar init makes one of it");
    if ((*root)->kind != SVI_NODE_MAP)
        return svi_fail_at(
            error, *root,
            "%s where a study is a map of keys (study, data, model, train, design, ...)",
            svi_node_shown(*root, shown));
    return svi_tree_expand_arms(tree, *root, error);
}

static sv_status fill(svi_tree *tree, const char *path, svi_node *root, svi_study_spec *spec,
                      sv_error *error)
{
    name_after_file(path, spec->name);
    SVI_TRY(svi_read_arms(tree, path, root, spec, error));
    SVI_TRY(svi_read_design(tree, path, root, spec, error));
    return svi_spec_canonical(spec, &spec->canonical, error);
}

/* What a study is read from. text: NULL to read the file. */
typedef struct study_origin {
    const char *path, *text;
    json_t *overrides; /* texts; NULL: out of memory */
} study_origin;

static sv_status apply_overrides(svi_tree *tree, const study_origin *from, svi_node **root,
                                 svi_study_spec *spec, sv_error *error)
{
    for (size_t i = 0; i < json_array_size(from->overrides); i++) {
        const char *one = json_string_value(json_array_get(from->overrides, i));
        SVI_TRY(svi_tree_override(tree, one, root, error));
    }
    spec->overrides = json_dumps(from->overrides, JSON_COMPACT);
    return spec->overrides != NULL ? SV_OK : svi_fail_memory(error, 0, "what replaces keys");
}

static sv_status read_study(svi_tree *tree, const study_origin *from, svi_study_spec *spec,
                            sv_error *error)
{
    size_t n = 0;
    svi_node *root;
    if (from->text == NULL) {
        SVI_TRY(read_file(from->path, &spec->text, &n, error));
    } else {
        n = strlen(from->text);
        spec->text = strdup(from->text);
        if (spec->text == NULL) return svi_fail_memory(error, n, "the text of a study");
    }
    SVI_TRY(parse(tree, from->path, spec->text, n, &root, error));
    SVI_TRY(apply_overrides(tree, from, &root, spec, error));
    return fill(tree, from->path, root, spec, error);
}

static sv_status read_from(const study_origin *from, svi_study_spec **spec, sv_error *error)
{
    svi_tree tree = {0};
    svi_study_spec *new_spec = calloc(1, sizeof *new_spec);
    /* A program with another locale would read 0.5 as 0 and write it as 0,5. */
    locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (new_spec == NULL || plain == (locale_t)0) {
        free(new_spec);
        if (plain != (locale_t)0) freelocale(plain);
        return svi_fail_memory(error, sizeof *new_spec, "a study");
    }
    locale_t before = uselocale(plain);
    sv_status status = read_study(&tree, from, new_spec, error);
    uselocale(before);
    freelocale(plain);
    svi_tree_free(&tree);
    if (status != SV_OK) {
        svi_study_spec_free(new_spec);
        new_spec = NULL;
    }
    *spec = new_spec;
    return status;
}

sv_status svi_study_spec_read(const char *path, const char *const *overrides, size_t n_overrides,
                              svi_study_spec **spec, sv_error *error)
{
    study_origin from = {.path = path, .overrides = json_array()};
    sv_status status = SV_OK;
    for (size_t i = 0; status == SV_OK && i < n_overrides; i++)
        if (json_array_append_new(from.overrides, json_string(overrides[i])) != 0)
            status = svi_fail(error, SV_ERR_STUDY, "--set %s: this is not UTF-8", overrides[i]);
    if (status == SV_OK) status = read_from(&from, spec, error);
    json_decref(from.overrides);
    return status;
}

sv_status svi_study_spec_read_again(const char *path, const char *text, const char *overrides,
                                    svi_study_spec **spec, sv_error *error)
{
    study_origin from = {.path = path, .text = text, .overrides = json_loads(overrides, 0, NULL)};
    sv_status status =
        json_is_array(from.overrides)
            ? read_from(&from, spec, error)
            : svi_fail(error, SV_ERR_STUDY, "%s: what replaces its keys is not a list", path);
    json_decref(from.overrides);
    return status;
}

void svi_study_spec_free(svi_study_spec *spec)
{
    if (spec == NULL) return;
    for (size_t i = 0; i < spec->n_arms; i++) {
        free(spec->arms[i].data.file);
        free(spec->arms[i].data.target_file);
        free(spec->arms[i].data.target);
        free(spec->arms[i].data.drop);
        free(spec->arms[i].model.start);
    }
    free(spec->arms);
    free(spec->numerics);
    free(spec->text);
    free(spec->overrides);
    free(spec->canonical);
    free(spec);
}
