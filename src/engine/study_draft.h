/* A first study of a data file that has been looked at. */
#ifndef SVI_STUDY_DRAFT_H
#define SVI_STUDY_DRAFT_H

#include <jansson.h>

#include "base/text.h"
#include "data/csv_survey.h"

typedef struct svi_draft {
    const char *path; /* borrowed */
    svi_csv_survey survey;
    size_t target;          /* its column */
    const char *why_target; /* "by its name" */
    bool is_classes;        /* else a regression */
    bool is_stratified;
    /* what keeps the file from being trained on as it is */
    size_t n_missing_columns, n_text_columns; /* text_columns: features */
    bool has_constant;
} svi_draft;

/* target: a column's name or index; NULL: guessed. SV_ERR_USAGE: there is no such column.
 * SV_ERR_DATA: no table, or a target that nothing can be learnt of. *draft needs the clearing
 * whatever is returned. */
sv_status svi_draft_make(const char *path, const char *target, svi_draft *draft, sv_error *error);
void svi_draft_clear(svi_draft *draft);

/* seedvar.init/1, without the study. */
json_t *svi_draft_json(const svi_draft *draft);

/* The study file. data_path: how the file is named in it. */
void svi_draft_write(const svi_draft *draft, const char *data_path, svi_text *out);

#endif
