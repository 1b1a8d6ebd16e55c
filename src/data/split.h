/* Which rows train, validate and test: drawn from the `split` source. */
#ifndef SVI_SPLIT_H
#define SVI_SPLIT_H

#include "data/dataset.h"

typedef enum svi_role { SVI_ROLE_TRAIN, SVI_ROLE_VAL, SVI_ROLE_TEST } svi_role;

/* Of the n_rows rows, fresh test rows left out: val and test are floor(share * n_rows + 0.5), train
 * is the rest. */
typedef struct svi_split_sizes {
    uint64_t n_train, n_val, n_test;
} svi_split_sizes;

svi_split_sizes svi_split_count(const svi_dataset *dataset);

/* SV_ERR_DATA when no row is left to train on, or none of a class in a stratified split: the same
 * for every seed. */
sv_status svi_split_check(const svi_dataset *dataset, sv_error *error);

/* role: [n_rows]. The shuffle's first n_test places test, the next n_val validate, the rest train.
 * Stratified: the same in each class, whose share of n_test (of n_val) is n_test * rows of the
 * class / n_rows, what is left over going to the largest remainders, lower class first. The dataset
 * must pass svi_split_check. */
sv_status svi_split_draw(const svi_dataset *dataset, uint64_t seed_split, uint8_t *role,
                         sv_error *error);

#endif
