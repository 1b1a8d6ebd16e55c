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
    size_t n_dropped, n_text_columns; /* features that the study leaves out, that it encodes */
    bool has_gaps;                    /* in columns that stay */
    bool has_constant;
} svi_draft;

/* target: a column's name or index; NULL: guessed. SV_ERR_USAGE: there is no such column.
 * SV_ERR_DATA: no table, a table of results where no target is named, or a target that nothing can
 * be learnt of. *draft needs the clearing whatever is returned. */
sv_status svi_draft_make(const char *path, const char *target, svi_draft *draft, sv_error *error);
void svi_draft_clear(svi_draft *draft);

/* Why the study leaves feature j out; NULL: it stays. */
const char *svi_draft_why_dropped(const svi_draft *draft, size_t j);

/* seedvar.init/1, without the study. */
json_t *svi_draft_json(const svi_draft *draft);

/* The study file. data_path: how the file is named in it. */
void svi_draft_write(const svi_draft *draft, const char *data_path, svi_text *out);

#endif
