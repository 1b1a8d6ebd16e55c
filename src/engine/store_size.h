/* How large a store becomes, before it is made. The tests hold it to a factor of 1.5. */
#ifndef SVI_STORE_SIZE_H
#define SVI_STORE_SIZE_H

#include "engine/engine.h"

/* Of a store without runs: a page for each table, and the schema. */
enum { SVI_STORE_EMPTY_BYTES = 80 << 10 };

/* What the runs of one arm and numerics take in a store that keeps their rows. */
typedef struct svi_block_size {
    double run_bytes;      /* of a run, with its curve and distances */
    double test_set_bytes; /* of the class counts of a launch on one test set; 0: none are kept */
    uint64_t n_together;   /* runs one after the other on one test set */
    uint64_t n_test_sets;
} svi_block_size;

/* first: the first run of the block, which has n_runs. */
svi_block_size svi_block_size_of(const sv_study *study, const svi_job *job, const svi_run *first,
                                 uint64_t n_runs);
/* Bytes of a launch of n runs. */
double svi_launch_store_bytes(const svi_block_size *size, uint64_t n);

#endif
