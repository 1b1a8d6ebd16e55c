/* The seeds of a run table as small numbers, and its rows by arm and numerics. */
#ifndef SVI_RUN_CODES_H
#define SVI_RUN_CODES_H

#include "analysis/run_table.h"

/* Sources whose seeds always change together: one factor of the design. */
typedef struct svi_factor {
    char name[64];   /* "init", "init+order", "seed" for more than three */
    int source;      /* one of them: its seeds tell the levels apart */
    size_t n_levels; /* >= 2 */
    uint32_t *level; /* [n_runs] */
} svi_factor;

/* Rows of one arm and numerics. */
typedef struct svi_block {
    uint32_t arm, numerics;
    uint64_t n;
    const uint64_t *rows; /* [n], ascending */
} svi_block;

typedef struct svi_run_codes {
    size_t n_factors;
    svi_factor factors[SVK_N_SOURCES];
    uint64_t n_cells, n_units;
    uint32_t *cell; /* [n_runs]: the seed vector, 0..n_cells-1, in the order of first appearance */
    uint32_t *unit; /* [n_runs]: seed vector and replicate, 0..n_units-1 */
    size_t n_blocks;
    svi_block *blocks; /* arm by arm; block of (arm, numerics) at arm * n_numerics + numerics */
    uint64_t *rows;
} svi_run_codes;

/* table: finished (svi_run_table_finish). */
sv_status svi_run_codes_make(const svi_run_table *table, svi_run_codes *codes, sv_error *error);
void svi_run_codes_clear(svi_run_codes *codes);

/* Numbers the distinct keys in the order of their first appearance. n < 2^32. */
sv_status svi_number_keys(const uint64_t *key, uint64_t n, uint32_t *number, uint64_t *n_distinct,
                          sv_error *error);

/* number[i] becomes the number of the pair (number[i], other[i]). */
sv_status svi_number_pairs(uint32_t *number, const uint32_t *other, uint64_t n,
                           uint64_t *n_distinct, sv_error *error);

/* The first row that repeats the arm, numerics, seeds and replicate of an earlier one. table:
 * finished. */
sv_status svi_find_duplicate_run(const svi_run_table *table, bool *is_found, uint64_t *first,
                                 uint64_t *again, sv_error *error);

#endif
