/* What one run trains and is tested on: rows split, standardized, in the precision of the run. */
#ifndef SVI_INSTANCE_H
#define SVI_INSTANCE_H

#include "data/dataset.h"

/* Rows stand in the order train, val, test; inside each in ascending number of the data set's row,
 * one drawn twice twice. x and y hold n_rows rows of float or double (the precision asked for); a
 * row of x is ld values long (svk_row_length): features, the target once more, zeros. Label and
 * input noise are in the training rows alone. */
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

/* The seeds that an instance depends on; 0 for a source that the data do not draw from. Equal
 * seeds, equal instances. */
typedef struct svi_instance_seeds {
    uint64_t data, split, noise;
} svi_instance_seeds;

/* seed: of a run. */
svi_instance_seeds svi_instance_seeds_of(const svi_dataset *dataset,
                                         const uint64_t seed[SVK_N_SOURCES]);
bool svi_instance_seeds_are_equal(svi_instance_seeds a, svi_instance_seeds b);

/* The sizes alone: the same for every seed of a data set, but for n_test where the training rows
 * are drawn with replacement: there it is the most that a seed can have. */
void svi_instance_sizes(const svi_dataset *dataset, uint64_t *n_train, uint64_t *n_val,
                        uint64_t *n_test);
/* Bytes of an instance in memory, about. */
size_t svi_instance_size_bytes(const svi_dataset *dataset, int precision);

/* Draws the split (and, for a generator, the data), standardizes with the training rows alone, adds
 * noise to these, rounds to the precision. docs/numerics.md states each step. The same arguments
 * give the same bits. Any number of threads may share a dataset. SV_ERR_DATA: a value that the
 * precision cannot hold. */
sv_status svi_instance_make(const svi_dataset *dataset, svi_instance_seeds seeds, int precision,
                            svi_instance **instance, sv_error *error);
/* Whether the instances of one data seed hold the same rows and differ in their order alone, by one
 * plain shuffle. A kernel can then draw the split of svi_instance_unsplit's rows by itself. */
bool svi_instance_is_only_shuffled(const svi_dataset *dataset);
/* The data set with all rows for training, in its order, but for the fresh test rows. It borrows
 * everything: do not close it. */
svi_dataset svi_instance_unsplit(const svi_dataset *dataset);
void svi_instance_free(svi_instance *instance);

/* The test rows of an instance and their classes, without making it. row and label have room for as
 * many as svi_instance_sizes says; classification only. */
sv_status svi_instance_test_rows(const svi_dataset *dataset, svi_instance_seeds seeds,
                                 uint64_t *n_test, uint32_t *row, int32_t *label, sv_error *error);

#endif
