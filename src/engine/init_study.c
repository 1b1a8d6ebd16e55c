/* sv_init: a study file for a data file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/study_draft.h"
#include "report/json_value.h"

/* A study in another folder names the file by its whole path. */
static char *path_in_study(const char *data_path, const char *study_path)
{
    bool is_here = study_path == NULL || strchr(study_path, '/') == NULL;
    char *whole = is_here ? NULL : realpath(data_path, NULL);
    return whole != NULL ? whole : strdup(data_path);
}

static sv_status write_new(const char *path, const char *text, sv_error *error)
{
    FILE *file = fopen(path, "wx");
    if (file == NULL && errno == EEXIST)
        return svi_fail(error, SV_ERR_USAGE,
                        "%s is there already; remove it, or name another file with -o", path);
    bool is_written = file != NULL && fputs(text, file) >= 0;
    if (file != NULL) is_written &= fclose(file) == 0;
    if (is_written) return SV_OK;
    return svi_fail(error, SV_ERR_IO, "%s cannot be written: %s; check the folder and the disk",
                    path, strerror(errno));
}

static sv_status describe(const svi_draft *draft, const char *study_path, const char *study,
                          bool as_json, char **text, sv_error *error)
{
    svi_text out = {0};
    const svi_csv_survey *s = &draft->survey;
    if (as_json) {
        json_t *root = svi_draft_json(draft);
        svi_json_set(&root, "study_file",
                     study_path != NULL ? svi_json_string(study_path) : json_null());
        svi_json_set(&root, "study", svi_json_string(study));
        return svi_json_write(root, "a draft", text, error);
    }
    if (study_path == NULL) {
        svi_text_add(&out, "%s", study);
        return svi_text_take(&out, text, error);
    }
    svi_text_add(&out, "%s: %llu rows, %zu columns; the target is column %zu, %s: %s\n",
                 draft->path, (unsigned long long)s->n_rows, s->n_columns, draft->target,
                 draft->why_target, draft->is_classes ? "classification" : "regression");
    if (draft->n_dropped > 0)
        svi_text_add(&out, "%zu column%s left out (%s says why)\n", draft->n_dropped,
                     draft->n_dropped == 1 ? "" : "s", study_path);
    if (draft->has_gaps) svi_text_add(&out, "rows that lack a value are left out\n");
    svi_text_add(&out, "wrote %s; next: seedvar plan %s\n", study_path, study_path);
    return svi_text_take(&out, text, error);
}

static sv_status draft_study(const char *data_path, const sv_init_options *options, bool as_json,
                             svi_draft *draft, char **text, sv_error *error)
{
    svi_text out = {0};
    char *study = NULL, *name = NULL;
    const char *study_path = options != NULL ? options->study_path : NULL;
    SVI_TRY(svi_draft_make(data_path, options != NULL ? options->target : NULL, draft, error));
    name = path_in_study(data_path, study_path);
    if (name == NULL) return svi_fail_memory(error, strlen(data_path), "a file's name");
    svi_draft_write(draft, name, &out);
    free(name);
    SVI_TRY(svi_text_take(&out, &study, error));
    sv_status status = study_path != NULL ? write_new(study_path, study, error) : SV_OK;
    if (status == SV_OK) status = describe(draft, study_path, study, as_json, text, error);
    free(study);
    return status;
}

sv_status sv_init(const char *data_path, const sv_init_options *options, bool as_json, char **text,
                  sv_error *error)
{
    svi_draft draft;
    sv_status status = draft_study(data_path, options, as_json, &draft, text, error);
    svi_draft_clear(&draft);
    return status;
}
