/* How the seeds of one block are crossed, and its values laid out for an analysis of variance. */
#ifndef SVI_BLOCK_DESIGN_H
#define SVI_BLOCK_DESIGN_H

#include "analysis/run_codes.h"

enum { SVI_DESIGN_REASON_BYTES = 240 };

typedef struct svi_block_design {
    size_t n_factors; /* that vary within the block */
    const char *names[SVK_N_SOURCES];
    size_t levels[SVK_N_SOURCES];
    bool is_balanced;    /* every combination of levels holds n_replicates runs */
    size_t n_replicates; /* 0 unless balanced */
    uint64_t *slot; /* balanced: [block.n], place of a row in row-major order, replicates next to
                       each other */
    char reason[SVI_DESIGN_REASON_BYTES]; /* why it is not balanced; else "" */
} svi_block_design;

/* names point into codes. */
sv_status svi_block_design_make(const svi_run_codes *codes, const svi_block *block,
                                svi_block_design *design, sv_error *error);
/* Whether several runs share a seed, so that they are not independent. */
bool svi_block_shares_seeds(const svi_block_design *design);
void svi_block_design_clear(svi_block_design *design);

#endif
