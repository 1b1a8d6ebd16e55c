/* What one run trains and is tested on: rows split, standardized, in the precision of the run. */
#ifndef SVI_INSTANCE_H
#define SVI_INSTANCE_H

#include "data/dataset.h"

/* Rows stand in the order train, val, test; inside each in ascending number of the data set's row.
 * x and y hold n_rows rows of float or double (the precision asked for); a row of x is ld values
 * long, features first, then zeros (ld is n_features rounded up to a multiple of 4). */
typedef struct svi_instance {
    uint64_t n_train, n_val, n_test, n_rows; /* n_rows is their sum */
    int n_features, ld, n_classes;
    int precision;  /* SVK_PRECISION_* */
    void *x;        /* [n_rows][ld], 64-byte aligned */
    void *y;        /* [n_rows]: the target, or the class as a number */
    int32_t *label; /* [n_rows]: the class; NULL in regression */
    double *target; /* [n_rows]: the target in binary64; NULL in classification */
    uint32_t *row;  /* [n_rows]: the row's number in the data set */
} svi_instance;

/* The sizes alone: the same for every seed of a data set. */
void svi_instance_sizes(const svi_dataset *dataset, uint64_t *n_train, uint64_t *n_val,
                        uint64_t *n_test);

/* Draws the split (and, for a generator, the data), standardizes with the training rows alone,
 * rounds to the precision. docs/numerics.md states each step. The same arguments give the same
 * bits. Any number of threads may share a dataset. SV_ERR_DATA: a value that the precision cannot
 * hold. */
sv_status svi_instance_make(const svi_dataset *dataset, uint64_t seed_data, uint64_t seed_split,
                            int precision, svi_instance **instance, sv_error *error);
/* Whether the instances of one data seed hold the same rows and differ in their order alone, by one
 * plain shuffle. A kernel can then draw the split of svi_instance_make_unsplit by itself. */
bool svi_instance_is_only_shuffled(const svi_dataset *dataset);
/* All rows in the data set's order, fresh test rows last, as if all of the others trained. */
sv_status svi_instance_make_unsplit(const svi_dataset *dataset, uint64_t seed_data, int precision,
                                    svi_instance **instance, sv_error *error);
void svi_instance_free(svi_instance *instance);

#endif
