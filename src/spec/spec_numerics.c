#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/spec_reading.h"

static const char *const path_names[] = {
#define PATH_NAME(id, name, help) name,
    SVK_PATHS(PATH_NAME)
#undef PATH_NAME
};

static const char *const precision_names[] = {
#define PRECISION_NAME(id, name, help) name,
    SVK_PRECISIONS(PRECISION_NAME)
#undef PRECISION_NAME
};

static bool is_power_of_two(int n) { return (n & (n - 1)) == 0; }

static sv_status finish_parts(const svi_reading *r, svi_numerics_spec *n)
{
    const svi_node *given = svi_reading_given(r, "numerics.split");
    const char *path = path_names[n->path];
    const char *allowed = n->path == SVK_PATH_TREE ? "2, 4, 8, 16 or 32" : "3 to 32";
    if (n->path == SVK_PATH_SERIAL) {
        if (given != NULL && n->n_parts != 1)
            return svi_reading_fail(
                r, given, "numerics.split is %d on path serial, which has no parts; take it out",
                n->n_parts);
        n->n_parts = 1;
        return SV_OK;
    }
    if (given == NULL)
        return svi_reading_fail(r, r->root, "numerics.split is missing; path %s needs it: %s", path,
                                allowed);
    bool is_allowed =
        n->path == SVK_PATH_TREE ? n->n_parts >= 2 && is_power_of_two(n->n_parts) : n->n_parts >= 3;
    if (!is_allowed)
        return svi_reading_fail(
            r, given, "numerics.split is %d; on path %s it is %s%s", n->n_parts, path, allowed,
            n->path == SVK_PATH_DRAWN ? " (two parts give the same sum in either order)" : "");
    return SV_OK;
}

static void name_entry(svi_numerics_spec *n)
{
    const char *path = path_names[n->path], *precision = precision_names[n->precision];
    if (n->path == SVK_PATH_SERIAL)
        snprintf(n->name, sizeof n->name, "%s %s", path, precision);
    else
        snprintf(n->name, sizeof n->name, "%s/%d %s", path, n->n_parts, precision);
}

static sv_status check_models(const svi_reading *r, const svi_study_spec *spec,
                              const svi_numerics_spec *n)
{
    for (size_t i = 0; i < spec->n_arms && n->path != SVK_PATH_SERIAL; i++) {
        const svi_model_spec *model = &spec->arms[i].model;
        const char *what = model->kind == SVI_MODEL_POLY     ? "model.kind poly"
                           : model->kind == SVI_MODEL_KMEANS ? "model.kind kmeans"
                           : model->is_closed_form           ? "model.fit closed_form"
                                                             : NULL;
        if (what != NULL)
            return svi_reading_fail_key(
                r, "numerics.path",
                "path %s, but %s has no minibatch to cut into parts (arm `%s`); "
                "it has path serial only",
                path_names[n->path], what, spec->arms[i].name);
    }
    return SV_OK;
}

/* The narrow precisions round the operands of products, and k-means has none. */
static sv_status check_precision(const svi_reading *r, const svi_study_spec *spec,
                                 const svi_numerics_spec *n)
{
    if (n->precision == SVK_KEPT_PRECISION(n->precision)) return SV_OK;
    for (size_t i = 0; i < spec->n_arms; i++)
        if (spec->arms[i].model.kind == SVI_MODEL_KMEANS)
            return svi_reading_fail_key(
                r, "numerics.precision",
                "precision %s, but model.kind kmeans has fp32 and fp64 only (arm `%s`)",
                precision_names[n->precision], spec->arms[i].name);
    return SV_OK;
}

static sv_status check_unique(const svi_reading *r, const svi_study_spec *spec,
                              const svi_numerics_spec *n)
{
    for (const svi_numerics_spec *other = spec->numerics; other < n; other++)
        if (strcmp(other->name, n->name) == 0)
            return svi_reading_fail(
                r, r->root, "%s is in numerics twice; keep one, and use replicates to repeat it",
                n->name);
    return SV_OK;
}

static sv_status read_entry(const svi_reading *design, const svi_node *node, uint64_t n_replicates,
                            const svi_study_spec *spec, svi_numerics_spec *n)
{
    svi_reading r = {.tree = design->tree,
                     .file = design->file,
                     .root = node,
                     .root_path = "numerics",
                     .error = design->error};
    if (node->kind != SVI_NODE_MAP)
        return svi_fail_at(r.error, node, "an entry of numerics is a map, like {path: serial}");
    r.base[SVI_SCOPE_NUMERICS] = n;
    SVI_TRY(svi_reading_run(&r));
    SVI_TRY(finish_parts(&r, n));
    if (svi_reading_given(&r, "numerics.replicates") == NULL) n->n_replicates = n_replicates;
    name_entry(n);
    SVI_TRY(check_models(&r, spec, n));
    SVI_TRY(check_precision(&r, spec, n));
    return check_unique(&r, spec, n);
}

static sv_status check_list(const svi_reading *r, const svi_node *list)
{
    const svi_key *key = svi_key_find("numerics");
    if (list->kind != SVI_NODE_LIST) return svi_fail_value(r->error, key, list, "");
    if (list->n < key->n_low) return svi_fail_value(r->error, key, list, "is empty");
    return list->n <= key->n_high ? SV_OK : svi_fail_value(r->error, key, list, "is too long");
}

sv_status svi_read_numerics(svi_reading *reading, svi_study_spec *spec)
{
    const svi_node *list = svi_reading_given(reading, "numerics");
    const svi_node *given = svi_reading_given(reading, "design.replicates");
    const svi_node empty = {.kind = SVI_NODE_MAP, .origin = "default"};
    uint64_t n_replicates = 1;
    if (given != NULL) svi_node_whole(given, &n_replicates);
    if (list != NULL) SVI_TRY(check_list(reading, list));
    size_t n = list != NULL ? list->n : 1;
    spec->numerics = calloc(n, sizeof *spec->numerics);
    if (spec->numerics == NULL)
        return svi_fail_memory(reading->error, n * sizeof *spec->numerics, "the numerics");
    spec->n_numerics = n;
    for (size_t i = 0; i < n; i++)
        SVI_TRY(read_entry(reading, list != NULL ? list->items[i] : &empty, n_replicates, spec,
                           &spec->numerics[i]));
    return SV_OK;
}
