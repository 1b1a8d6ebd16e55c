/* Text features as numbers: a feature of 0 and 1 for each word. */
#ifndef SVI_ONE_HOT_H
#define SVI_ONE_HOT_H

#include "data/table.h"

/* words: [table->n_features]; where words[j] is not NULL, x[i][j] holds the number that
 * svi_target_add_text gave to row i's word, and the feature becomes one for each word, in ascending
 * order of bytes, named "feature=word"; the others move on. SV_ERR_DATA: more features than fit. */
sv_status svi_one_hot_expand(svi_table *table, svi_target *const *words, sv_error *error);

#endif
