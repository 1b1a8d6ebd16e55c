/* How seeds become factors, cells and grids. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/block_design.h"

static svi_run_table *import(const char *csv)
{
    char path[] = "/tmp/svi-design-XXXXXX";
    svi_run_table *table = NULL;
    sv_error error = {0};
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv, strlen(csv)) == (ssize_t)strlen(csv));
    close(fd);
    cr_assert_eq(svi_run_table_from_csv(path, &table, &error), SV_OK, "%s", error.message);
    unlink(path);
    return table;
}

typedef struct coded {
    svi_run_table *table;
    svi_run_codes codes;
    svi_block_design design; /* of the first block */
} coded;

static coded code(const char *csv)
{
    coded c = {.table = import(csv)};
    cr_assert_eq(svi_run_codes_make(c.table, &c.codes, NULL), SV_OK);
    cr_assert_eq(
        svi_block_design_make(&c.codes, &c.codes.blocks[0], c.table->design, &c.design, NULL),
        SV_OK);
    return c;
}

static void done(coded *c)
{
    svi_block_design_clear(&c->design);
    svi_run_codes_clear(&c->codes);
    svi_run_table_free(c->table);
}

Test(analysis_design, seeds_that_move_together_are_one_factor)
{
    coded c = code("seed_init,seed_order,y\n100,7,1\n101,8,2\n102,9,3\n");
    cr_assert_eq(c.codes.n_factors, 1);
    cr_expect_str_eq(c.codes.factors[0].name, "init+order");
    cr_expect_eq(c.codes.factors[0].n_levels, 3);
    cr_expect_eq(c.design.layout, SVI_LAYOUT_GRID);
    cr_expect_eq(c.design.n_replicates, 1);
    cr_expect_not(svi_block_shares_seeds(&c.design));
    done(&c);
}

Test(analysis_design, a_plain_seed_is_named_so)
{
    coded c = code("seed,y\n5,1\n3,2\n");
    cr_assert_eq(c.codes.n_factors, 1);
    cr_expect_str_eq(c.codes.factors[0].name, "seed");
    done(&c);
}

Test(analysis_design, a_shuffled_grid_with_replicates_is_laid_out_cell_by_cell)
{
    coded c = code(
        "seed_init,seed_order,replicate,y\n1,1,0,0\n0,0,1,0\n0,1,0,0\n1,0,1,0\n0,0,0,0\n1,1,1,0\n"
        "0,1,1,0\n1,0,0,0\n");
    static const uint64_t first_of_cell[] = {
        0, 2, 4, 6}; /* levels by first appearance: init 1, 0; order 1, 0 */
    cr_assert_eq(c.design.layout, SVI_LAYOUT_GRID);
    cr_expect_eq(c.design.n_factors, 2);
    cr_expect_eq(c.design.n_replicates, 2);
    for (uint64_t i = 0; i < 8; i++) {
        uint64_t cell =
            2 * (1 - c.table->seed[SVK_SOURCE_INIT][i]) + (1 - c.table->seed[SVK_SOURCE_ORDER][i]);
        cr_expect_eq(c.design.slot[i] / 2 * 2, first_of_cell[cell], "row %zu", (size_t)i);
        for (uint64_t k = 0; k < i; k++) cr_expect_neq(c.design.slot[i], c.design.slot[k]);
    }
    cr_expect(svi_block_shares_seeds(&c.design));
    done(&c);
}

Test(analysis_design, a_missing_cell_is_named)
{
    coded c = code("seed_init,seed_order,y\n0,0,1\n0,1,2\n0,2,3\n1,0,4\n1,1,5\n");
    cr_expect_eq(c.design.layout, SVI_LAYOUT_IRREGULAR);
    cr_expect_str_eq(
        c.design.reason,
        "5 runs do not fill a grid of 2 init x 3 order evenly: some combinations of seeds "
        "have no run");
    done(&c);
}

Test(analysis_design, uneven_replicates_are_named)
{
    coded c =
        code("seed_init,seed_order,replicate,y\n0,0,0,1\n0,1,0,2\n1,0,0,3\n1,0,1,3\n1,1,0,4\n");
    cr_expect_eq(c.design.layout, SVI_LAYOUT_IRREGULAR);
    cr_expect(strstr(c.design.reason, "more runs than others") != NULL, "%s", c.design.reason);
    done(&c);
}

Test(analysis_design, blocks_hold_their_rows_in_order)
{
    coded c = code("arm,seed,y\nb,1,0\na,1,0\nb,2,0\na,2,0\n");
    cr_assert_eq(c.codes.n_blocks, 2);
    cr_expect_eq(c.codes.blocks[0].n, 2);
    cr_expect_eq(c.codes.blocks[0].rows[1], 2);
    cr_expect_eq(c.codes.blocks[1].rows[0], 1);
    cr_expect_eq(c.codes.unit[0], c.codes.unit[1]);
    cr_expect_neq(c.codes.unit[0], c.codes.unit[2]);
    done(&c);
}

Test(analysis_design, keys_are_numbered_by_first_appearance)
{
    const uint64_t key[] = {9, UINT64_MAX, 9, 0, UINT64_MAX, 9 + (UINT64_C(1) << 32)};
    static const uint32_t expected[] = {0, 1, 0, 2, 1, 3};
    uint32_t number[6];
    uint64_t n;
    cr_assert_eq(svi_number_keys(key, 6, number, &n, NULL), SV_OK);
    cr_expect_eq(n, 4);
    cr_expect_arr_eq(number, expected, sizeof expected);
}
