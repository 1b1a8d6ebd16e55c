/* Data as it is read: a table of binary64 features and one target column. */
#ifndef SVI_DATASET_H
#define SVI_DATASET_H

#include "base/error.h"
#include "data/generated_set.h"
#include "spec/study_spec.h"

/* Rows are row-major. A set that depends on the data seed has no rows: they are drawn for each. */
typedef struct svi_dataset {
    char name[128];
    uint64_t n_rows;         /* without the fresh test rows of a generator */
    uint64_t n_rows_dropped; /* of the file, because they lack a value */
    uint64_t n_fresh;        /* fresh test rows of a generator */
    int n_features;
    int n_classes;      /* 0: regression */
    double *x;          /* [n_rows][n_features]; NULL if is_generated */
    double *y;          /* [n_rows]: class number or target; NULL if is_generated */
    char **class_names; /* [n_classes]; NULL when classes are just numbers */
    bool is_generated;  /* depends on the data seed */
    bool is_borrowed;   /* x, y and class_names belong to another dataset */
    svk_generator generator;
    svi_data_spec spec; /* borrowed strings */
    char digest[33];    /* of shape, x, y, or of the generator's parameters */
} svi_dataset;

/* Reads or prepares the data of one arm; SVI_SET_NONE gives NULL. SV_ERR_DATA: FILE:LINE:COLUMN
 * (COLUMN counts fields), what was found, the mend; also for a file that is not there, and for a
 * split that leaves nothing to train on. SV_ERR_IO: the file cannot be read. */
sv_status svi_dataset_open(const svi_data_spec *spec, svi_dataset **dataset, sv_error *error);
/* A dataset with the rows of `from`, which must outlive it, for a spec that reads the same rows and
 * splits or scales them in its own way: large sets are held once. */
sv_status svi_dataset_share(const svi_dataset *from, const svi_data_spec *spec,
                            svi_dataset **dataset, sv_error *error);
/* Whether two specs read the same rows. */
bool svi_dataset_is_same_source(const svi_data_spec *a, const svi_data_spec *b);
void svi_dataset_close(svi_dataset *dataset);

/* Fills n rows of a generator, and its n_fresh test rows after them, for one data seed.
 * x: [n_rows + n_fresh][n_features], y: [n_rows + n_fresh]. */
void svi_dataset_draw(const svi_dataset *dataset, uint64_t seed_data, double *x, double *y);

#endif
