/* The rows of an instance in their order, and where they come from. */
#ifndef SVI_ROW_LIST_H
#define SVI_ROW_LIST_H

#include "data/dataset.h"

typedef struct svi_row_list {
    uint64_t n_train, n_val, n_test;
    uint32_t *row; /* train, val, test: numbers in the data set, fresh rows after its own */
} svi_row_list;

/* To be cleared whatever is returned. */
sv_status svi_row_list_make(const svi_dataset *dataset, uint64_t seed_split, svi_row_list *list,
                            sv_error *error);
void svi_row_list_clear(svi_row_list *list);

/* Rows in the data set's order: borrowed, or drawn for one seed. */
typedef struct svi_row_source {
    const double *x, *y;
    double *drawn_x, *drawn_y;
} svi_row_source;

/* To be closed whatever is returned. */
sv_status svi_row_source_open(const svi_dataset *dataset, uint64_t seed_data,
                              svi_row_source *source, sv_error *error);
void svi_row_source_close(svi_row_source *source);

#endif
