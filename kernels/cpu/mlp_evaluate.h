/* Passes over whole sets of rows, without learning from them. */
#ifndef SVK_MLP_EVALUATE_H
#define SVK_MLP_EVALUATE_H

#include "mlp_passes.h"
#include "mlp_rows.h"
#include "mlp_tally.h"

/* Metrics of part 0, 1 or 2 of the rows: train, val, test. results: [LANES]. */
static void evaluate_part(state *s, int part, svk_result *results)
{
    uint32_t n_rows = tally_n_rows(s, part);
    tally_begin(s, part);
    for (uint32_t first = 0; first < n_rows; first += s->chunk) {
        uint32_t n = n_rows - first < s->chunk ? n_rows - first : s->chunk;
        int n_tiles = (int)((n + 3) / 4), block = (int)s->block;
        for (int begin = 0; begin < n_tiles; begin += block) {
            int end = begin + block < n_tiles ? begin + block : n_tiles;
            load_consecutive(s, tally_first_row(s, part) + first, 4 * (uint32_t)begin,
                             4 * (uint32_t)end, n);
            forward(s, begin, end, 0, v_mask_all());
            if (part == 0) mark_alive(s, begin, end);
        }
        tally_rows(s, part, first, n);
    }
    tally_end(s, part, results);
}

/* Everything that is measured of a run. */
static void evaluate(state *s, svk_result *results)
{
    memset(results, 0, LANES * sizeof *results);
    memset(s->alive, 0, sizeof s->alive);
    for (int part = 0; part < 3; part++) evaluate_part(s, part, results);
    state_finish(s, results);
}

#endif
