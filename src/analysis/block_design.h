/* How the seeds of one block are combined, and its values laid out for the analysis that fits. */
#ifndef SVI_BLOCK_DESIGN_H
#define SVI_BLOCK_DESIGN_H

#include "analysis/run_codes.h"

enum { SVI_DESIGN_REASON_BYTES = 240 };

/* Name of the design. The values' places are those of svi_crossed_analyze (crossed, nested), of
 * svi_one_at_a_time and of svi_pick_freeze. */
#define SVI_LAYOUTS(X)                                                                             \
    X(IRREGULAR, "irregular")                                                                      \
    X(GRID, "crossed")                                                                             \
    X(NESTED, "nested")                                                                            \
    X(ONE_AT_A_TIME, "one-at-a-time")                                                              \
    X(PICK_FREEZE, "pick-freeze")

typedef enum svi_layout {
#define SVI_LAYOUT_ID(id, name) SVI_LAYOUT_##id,
    SVI_LAYOUTS(SVI_LAYOUT_ID)
#undef SVI_LAYOUT_ID
        SVI_N_LAYOUTS
} svi_layout;

typedef struct svi_block_design {
    svi_layout layout;
    size_t n_factors; /* that vary within the block; nested: outermost first */
    const char *names[SVK_N_SOURCES];
    size_t levels[SVK_N_SOURCES]; /* nested: within a level of the factor before; one at a time: of
                                     a base */
    size_t n_groups;     /* runs of different groups share no seed; bases, rows; else not set */
    size_t n_cells;      /* different seed vectors */
    size_t n_replicates; /* of every cell; 0 where irregular */
    uint64_t *slot;      /* [block.n]: place of a row's value, replicates next to each other; of an
                            irregular one that has gaps: the row's cell */
    bool has_gaps;       /* irregular, but at least half of the cells of a grid are filled */
    char reason[SVI_DESIGN_REASON_BYTES]; /* why it is irregular; else "" */
} svi_block_design;

/* names point into codes. design: of the study, as svi_run_table has it: only this one is looked
 * for, since the runs of an unfinished study may look like another; where it is "imported", any. */
sv_status svi_block_design_make(const svi_run_codes *codes, const svi_block *block,
                                const char *design, svi_block_design *out, sv_error *error);
/* Whether svi_crossed_analyze can split its variance. */
bool svi_block_has_components(const svi_block_design *design);
/* Why so few factors and replicates tell no causes apart; NULL where they do. */
const char *svi_why_not_split(size_t n_factors, uint64_t n_replicates);
/* Whether it gives indices of the sources. */
bool svi_block_has_indices(const svi_block_design *design);
/* Whether several runs share a seed, so that they are not independent. */
bool svi_block_shares_seeds(const svi_block_design *design);
void svi_block_design_clear(svi_block_design *design);

const char *svi_layout_name(svi_layout layout);

#endif
