/* Which runs of a wave train on the same rows, and those rows in device memory. */
#ifndef SVI_CUDA_TABLES_H
#define SVI_CUDA_TABLES_H

#include "backend/backend.h"
#include "backend/cuda_check.h"
#include "cuda_kernels.h"
#include "data/instance.h"

typedef struct svi_cuda_splits {
    const svi_dataset *dataset;
    int precision;             /* SVK_PRECISION_FP32 or SVK_PRECISION_FP64: of the tables */
    uint64_t n;                /* distinct tables so far */
    svi_instance_seeds *seeds; /* [n_most] */
    uint32_t *n_test;          /* [n_most]: rows to test on, once the tables are sent */
    uint64_t n_most;
    uint64_t *slot; /* [n_slots]: 1 + number of a table; 0: empty. n_slots is a power of two. */
    uint64_t n_slots;
} svi_cuda_splits;

/* Room for n_most tables. */
sv_status svi_cuda_splits_make(const svi_dataset *dataset, int precision, uint64_t n_most,
                               svi_cuda_splits *splits, sv_error *error);
void svi_cuda_splits_free(svi_cuda_splits *splits);
void svi_cuda_splits_clear(svi_cuda_splits *splits);
/* The number of the run's table; a new one gets the next. */
uint64_t svi_cuda_splits_find(svi_cuda_splits *splits, const svi_run *run);

/* The shape of a table with so many rows of length ld; base is left alone. */
void svi_cuda_tables_shape(uint64_t n_rows, uint32_t ld, int precision, svk_cuda_tables *tables);
/* Makes the rows of every table, rounded to the precision, and sends them to base (device memory
 * for n tables). */
sv_status svi_cuda_tables_send(svi_cuda_device *device, svi_cuda_splits *splits,
                               const svk_cuda_tables *tables, unsigned char *base, sv_error *error);

#endif
