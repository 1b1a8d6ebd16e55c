/* The study that a store was begun with, as it stands in the store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

/* The study's place for its data files: folder, or that of the store. */
static void place_study(const char *store_path, const char *folder, char *path, size_t n)
{
    const char *slash = strrchr(store_path, '/');
    if (folder != NULL)
        snprintf(path, n, "%s/study", folder);
    else
        snprintf(path, n, "%.*sstudy", slash == NULL ? 0 : (int)(slash + 1 - store_path),
                 store_path);
}

static sv_status read_spec(const svi_store *store, const char *store_path, const char *folder,
                           svi_study_spec **spec, sv_error *error)
{
    char path[4096];
    sv_error why = {0};
    const svi_store_study *study = svi_store_study_of(store);
    place_study(store_path, folder, path, sizeof path);
    sv_status status = svi_study_spec_read_again(path, study->text, study->overrides, spec, &why);
    if (status != SV_OK)
        return svi_fail(error, SV_ERR_STORE,
                        "%s: this program (%s) does not read the study in the store, which %s "
                        "wrote: %s",
                        store_path, sv_version(), study->program_version, why.message);
    snprintf((*spec)->name, sizeof(*spec)->name, "%s", study->name);
    return SV_OK;
}

sv_status sv_study_open_store(const char *store_path, const char *folder, sv_study **study,
                              sv_error *error)
{
    svi_store *store;
    sv_study *s = calloc(1, sizeof *s);
    if (s == NULL) return svi_fail_memory(error, sizeof *s, "a study");
    sv_status status = svi_store_open_read(store_path, &store, error);
    if (status == SV_OK) {
        status = read_spec(store, store_path, folder, &s->spec, error);
        svi_store_close(store);
    }
    if (status == SV_OK)
        *study = s;
    else
        free(s);
    return status;
}

sv_status svi_study_check_store(sv_study *study, svi_store *store, sv_error *error)
{
    const char **digests;
    SVI_TRY(svi_study_open_data(study, error));
    SVI_TRY(svi_study_data_digests(study, &digests, error));
    sv_status status = svi_store_compare_study(store, study->spec, digests, error);
    free(digests);
    return status;
}
