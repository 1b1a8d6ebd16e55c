/* Which rows train, validate and test: drawn from the `split` source. */
#ifndef SVI_SPLIT_H
#define SVI_SPLIT_H

#include "data/dataset.h"

/* NONE: neither drawn nor needed, in a split with replacement. */
typedef enum svi_role { SVI_ROLE_TRAIN, SVI_ROLE_VAL, SVI_ROLE_TEST, SVI_ROLE_NONE } svi_role;

/* Of the n_rows rows, fresh test rows left out: val and test are floor(share * n_rows + 0.5), train
 * is the rest. */
typedef struct svi_split_sizes {
    uint64_t n_train, n_val, n_test;
} svi_split_sizes;

svi_split_sizes svi_split_count(const svi_dataset *dataset);

/* The most test rows that a seed can leave: more than the count where the training rows are drawn
 * with replacement, for then every row that was not drawn tests. */
uint64_t svi_split_most_test(const svi_dataset *dataset);

/* The seed that draws the test rows where `test_fixed` asks for the same ones in every split. */
enum { SVI_SEED_OF_FIXED_TEST = 0 };

/* Whether the split depends on its seed. */
bool svi_split_is_drawn(const svi_dataset *dataset);

/* SV_ERR_DATA when no row is left to train on, or none of a class in a stratified split: the same
 * for every seed. */
sv_status svi_split_check(const svi_dataset *dataset, sv_error *error);

/* role: [n_rows]; n_times: [n_rows], how often a row trains, 1 for any other. docs/numerics.md
 * states how they are drawn. The dataset must pass svi_split_check. */
sv_status svi_split_draw(const svi_dataset *dataset, uint64_t seed_split, uint8_t *role,
                         uint32_t *n_times, sv_error *error);

#endif
