#include "compare/compare.h"

#include <stdio.h>
#include <string.h>

#include "base/place.h"

/* By the first bytes of the file. */
static sv_status look_at(const char *path, bool *is_store, sv_error *error)
{
    static const char magic[] = "SQLite format 3";
    char head[sizeof magic] = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) return svi_fail_file(error, path);
    size_t n = fread(head, 1, sizeof head, file);
    bool has_failed = ferror(file) != 0;
    fclose(file);
    if (has_failed)
        return svi_fail(error, SV_ERR_DATA, "%s: it cannot be read: is it a folder?", path);
    *is_store = n == sizeof head && memcmp(head, magic, sizeof head) == 0;
    return SV_OK;
}

sv_status sv_compare(const char *path_a, const char *path_b, const sv_analysis_options *options,
                     bool as_json, char **text, sv_error *error)
{
    static const sv_analysis_options defaults;
    bool is_store_a = false, is_store_b = false;
    SVI_TRY(look_at(path_a, &is_store_a, error));
    SVI_TRY(look_at(path_b, &is_store_b, error));
    if (is_store_a != is_store_b)
        return svi_fail(error, SV_ERR_USAGE,
                        "%s is a store and %s is none; compare two stores, or two fingerprints",
                        is_store_a ? path_a : path_b, is_store_a ? path_b : path_a);
    return is_store_a ? svi_compare_stores(path_a, path_b, options == NULL ? &defaults : options,
                                           as_json, text, error)
                      : svi_compare_fingerprints(path_a, path_b, as_json, text, error);
}
