/* Run numbers: dense, in the stated order, independent of launches. */
#include "plan/plan.h"
#include "spec_fixture.h"

#define BASE IRIS MLP BY_EPOCHS
#define TWO_ARMS "arms: {a: {}, b: {train.epochs: 3}}\n"
#define TWO_NUMERICS                                                                               \
    "numerics: [{path: serial, replicates: 3}, {path: drawn, split: 4, replicates: 2}]\n"

static const char *const studies[] = {
    BASE SWEEP,
    BASE "design: {kind: sweep, seeds: 7, first_seed: 1000}\n" TWO_ARMS TWO_NUMERICS,
    BASE "design: {kind: sweep, seeds: 5, vary: [order], first_seed: 3, replicates: 2}\n" TWO_ARMS,
    BASE "design: {kind: sweep, seeds: 4, vary: [init, split]}\n" TWO_NUMERICS,
    BASE "design: {kind: crossed, vary: {init: 3, order: 4}}\n",
    BASE "design: {kind: crossed, vary: {init: 2, order: 3, split: 5}, first_seed: 9}\n" TWO_ARMS
        TWO_NUMERICS,
    "data: {set: moons}\n" MLP BY_EPOCHS
    "design: {kind: crossed, vary: {order: 2, split: 3, data: 4}}\n" TWO_ARMS,
    BASE "design: {kind: crossed, vary: {schedule: 3, init: 2}}\n"
         "numerics: [{path: drawn, split: 8}]\n",
    BASE "design: {kind: nested, vary: {split: 3, order: 2, init: 4}, first_seed: 5}\n" TWO_ARMS
        TWO_NUMERICS,
    "data: {set: moons}\n" MLP BY_EPOCHS
    "design: {kind: nested, vary: {order: 2, data: 3, split: 2}}\n",
    BASE "design: {kind: one-at-a-time, vary: {order: 3, init: 5}}\n" TWO_NUMERICS,
    BASE "design: {kind: one-at-a-time, vary: {init: 2, order: 3, split: 4}, bases: 3,"
         " first_seed: 7}\n" TWO_ARMS,
    BASE "design: {kind: pick-freeze, rows: 4}\n" TWO_ARMS,
    BASE "design: {kind: pick-freeze, vary: [order, init], rows: 3, first_seed: 2,"
         " replicates: 2}\n",
    "data: {set: moons}\n" MLP BY_EPOCHS "design: {kind: pick-freeze, rows: 2}\n",
};
enum { N_STUDIES = sizeof studies / sizeof *studies };

static svi_run planned(const svi_study_spec *study, uint64_t run)
{
    svi_run out;
    memset(&out, 0xaa, sizeof out); /* so that a field that is not written shows */
    svi_plan_run(study, run, &out);
    return out;
}

/* A number of mixed radix, the last source fastest; false after the last cell. */
static bool next_cell(const svi_design_spec *design, uint64_t level[SVK_N_SOURCES])
{
    for (int s = SVK_N_SOURCES - 1; s >= 0; s--) {
        if (++level[s] < design->n_levels[s]) return true;
        level[s] = 0;
    }
    return false;
}

/* One cell: how far each source's seed is from the first. */
typedef struct cell {
    uint64_t offset[SVK_N_SOURCES];
} cell;

enum { N_CELLS_MAX = 1000 };

static size_t list_sweep(const svi_design_spec *design, cell *cells)
{
    for (uint64_t i = 0; i < design->n_seeds; i++)
        for (int s = 0; s < SVK_N_SOURCES; s++) cells[i].offset[s] = design->is_varied[s] ? i : 0;
    return design->n_seeds;
}

static size_t list_grid(const svi_design_spec *design, cell *cells)
{
    uint64_t level[SVK_N_SOURCES] = {0};
    size_t n = 0;
    do memcpy(cells[n++].offset, level, sizeof level);
    while (next_cell(design, level));
    return n;
}

/* The loops that a person would write, each source with a counter that is never set back. */
static size_t list_nested(const svi_design_spec *design, size_t depth, cell *here, cell *cells)
{
    size_t n = 0;
    if (depth == design->n_varied) {
        cells[0] = *here;
        return 1;
    }
    int source = design->varied[depth];
    for (uint64_t i = 0; i < design->n_levels[source]; i++) {
        n += list_nested(design, depth + 1, here, cells + n);
        here->offset[source]++;
    }
    return n;
}

static size_t list_one_at_a_time(const svi_design_spec *design, cell *cells)
{
    size_t n = 0;
    for (uint64_t base = 0; base < design->n_bases; base++) {
        cell at = {{0}};
        for (int s = 0; s < SVK_N_SOURCES; s++)
            at.offset[s] = design->is_varied[s] ? base * design->n_levels[s] : 0;
        cells[n++] = at;
        for (int s = 0; s < SVK_N_SOURCES; s++)
            for (uint64_t i = 1; i < design->n_levels[s]; i++) {
                cells[n] = at;
                cells[n++].offset[s] += i;
            }
    }
    return n;
}

static size_t list_pick_freeze(const svi_design_spec *design, cell *cells)
{
    size_t n = 0;
    for (uint64_t row = 0; row < design->n_rows; row++) {
        cell a = {{0}}, b = {{0}};
        for (int s = 0; s < SVK_N_SOURCES; s++) {
            if (!design->is_varied[s]) continue;
            a.offset[s] = row;
            b.offset[s] = row + design->n_rows;
        }
        cells[n++] = a;
        cells[n++] = b;
        for (int s = 0; s < SVK_N_SOURCES; s++) {
            if (!design->is_varied[s]) continue;
            cells[n] = a;
            cells[n++].offset[s] = b.offset[s];
        }
    }
    return n;
}

static size_t list_cells(const svi_design_spec *design, cell *cells)
{
    cell start = {{0}};
    switch (design->kind) {
    case SVI_DESIGN_SWEEP: return list_sweep(design, cells);
    case SVI_DESIGN_CROSSED: return list_grid(design, cells);
    case SVI_DESIGN_NESTED: return list_nested(design, 0, &start, cells);
    case SVI_DESIGN_ONE_AT_A_TIME: return list_one_at_a_time(design, cells);
    default: return list_pick_freeze(design, cells);
    }
}

static void check_run(const svi_run *found, const svi_run *expected)
{
    cr_assert_eq(found->run, expected->run);
    cr_assert_eq(found->arm, expected->arm, "arm of run %lu", (unsigned long)found->run);
    cr_assert_eq(found->numerics, expected->numerics, "numerics of run %lu",
                 (unsigned long)found->run);
    cr_assert_eq(found->replicate, expected->replicate, "replicate of run %lu",
                 (unsigned long)found->run);
    for (int s = 0; s < SVK_N_SOURCES; s++)
        cr_assert_eq(found->seed[s], expected->seed[s], "seed %d of run %lu: %lu, not %lu", s,
                     (unsigned long)found->run, (unsigned long)found->seed[s],
                     (unsigned long)expected->seed[s]);
}

/* The runs of one arm and numerics, by the loops that the header describes.
 * Returns the next number. */
static uint64_t check_block(const svi_study_spec *study, svi_run expected)
{
    static cell cells[N_CELLS_MAX];
    size_t n_cells = list_cells(&study->design, cells);
    uint64_t n_replicates = study->numerics[expected.numerics].n_replicates;
    for (size_t i = 0; i < n_cells; i++) {
        for (int s = 0; s < SVK_N_SOURCES; s++)
            expected.seed[s] = study->design.first_seed + cells[i].offset[s];
        for (expected.replicate = 0; expected.replicate < n_replicates; expected.replicate++) {
            svi_run found = planned(study, expected.run);
            check_run(&found, &expected);
            expected.run++;
        }
    }
    return expected.run;
}

Test(plan, runs_are_numbered_in_the_stated_order)
{
    for (int i = 0; i < N_STUDIES; i++) {
        svi_study_spec *study = read_text(studies[i]);
        svi_run next = {0};
        for (next.arm = 0; next.arm < study->n_arms; next.arm++)
            for (next.numerics = 0; next.numerics < study->n_numerics; next.numerics++)
                next.run = check_block(study, next);
        cr_assert_eq(svi_plan_n_runs(study), next.run, "study %d: %lu runs", i,
                     (unsigned long)svi_plan_n_runs(study));
        svi_study_spec_free(study);
    }
}

static bool is_same_run(const svi_run *a, const svi_run *b)
{
    return a->arm == b->arm && a->numerics == b->numerics && a->replicate == b->replicate &&
           memcmp(a->seed, b->seed, sizeof a->seed) == 0;
}

Test(plan, no_two_runs_are_the_same)
{
    for (int i = 0; i < N_STUDIES; i++) {
        svi_study_spec *study = read_text(studies[i]);
        for (uint64_t b = 0; b < svi_plan_n_runs(study); b++)
            for (uint64_t a = 0; a < b; a++) {
                svi_run first = planned(study, a), second = planned(study, b);
                cr_assert(!is_same_run(&first, &second), "study %d: runs %lu and %lu", i,
                          (unsigned long)a, (unsigned long)b);
            }
        svi_study_spec_free(study);
    }
}

Test(plan, a_block_ends_where_arm_or_numerics_change)
{
    for (int i = 0; i < N_STUDIES; i++) {
        svi_study_spec *study = read_text(studies[i]);
        uint64_t n_runs = svi_plan_n_runs(study), end = 0;
        for (uint64_t run = 0; run < n_runs; run++) {
            svi_run here = planned(study, run), other = here;
            for (end = run; end < n_runs; end++) {
                other = planned(study, end);
                if (other.arm != here.arm || other.numerics != here.numerics) break;
            }
            cr_assert_eq(svi_plan_block_end(study, run), end, "study %d, run %lu", i,
                         (unsigned long)run);
        }
        svi_study_spec_free(study);
    }
}

/* Runs of the arm and numerics of `run` that have its split and data seeds. */
static uint64_t count_sharers(const svi_study_spec *study, uint64_t run)
{
    svi_run here = planned(study, run);
    uint64_t n = 0;
    for (uint64_t i = 0; i < svi_plan_n_runs(study); i++) {
        svi_run other = planned(study, i);
        n += other.arm == here.arm && other.numerics == here.numerics &&
             other.seed[SVK_SOURCE_SPLIT] == here.seed[SVK_SOURCE_SPLIT] &&
             other.seed[SVK_SOURCE_DATA] == here.seed[SVK_SOURCE_DATA];
    }
    return n;
}

Test(plan, runs_per_test_set_counts_the_fewest_that_share_one)
{
    for (int i = 0; i < N_STUDIES; i++) {
        svi_study_spec *study = read_text(studies[i]);
        uint64_t fewest[4][4];
        memset(fewest, 0xff, sizeof fewest);
        for (uint64_t run = 0; run < svi_plan_n_runs(study); run++) {
            uint64_t n = count_sharers(study, run),
                     *of = &fewest[planned(study, run).arm][planned(study, run).numerics];
            if (n < *of) *of = n;
        }
        for (uint32_t arm = 0; arm < study->n_arms; arm++)
            for (uint32_t n = 0; n < study->n_numerics; n++)
                cr_expect_eq(svi_plan_runs_per_test_set(study, &study->arms[arm], n),
                             fewest[arm][n], "study %d", i);
        svi_study_spec_free(study);
    }
}

Test(plan, every_seed_of_a_source_is_used_and_none_beyond)
{
    for (int i = 0; i < N_STUDIES; i++) {
        svi_study_spec *study = read_text(studies[i]);
        for (int s = 0; s < SVK_N_SOURCES; s++) {
            uint64_t n_seeds = svi_design_n_seeds(&study->design, s), n_used = 0;
            bool is_used[N_CELLS_MAX] = {false};
            for (uint64_t run = 0; run < svi_plan_n_runs(study); run++) {
                uint64_t offset = planned(study, run).seed[s] - study->design.first_seed;
                cr_assert_lt(offset, n_seeds, "study %d, source %d", i, s);
                n_used += !is_used[offset];
                is_used[offset] = true;
            }
            cr_expect_eq(n_used, n_seeds, "study %d, source %d", i, s);
        }
        svi_study_spec_free(study);
    }
}

Test(plan, the_largest_study_is_planned_at_once)
{
    svi_study_spec *study =
        read_text(BASE "design: {kind: sweep, seeds: 1000000, replicates: 500000,"
                       " first_seed: 17446744073709551615}\n" TWO_ARMS);
    uint64_t n_cells = 1000000, n_replicates = 500000, n_arm = n_cells * n_replicates;
    cr_assert_eq(svi_plan_n_runs(study), 2 * n_arm);
    svi_run last = planned(study, 2 * n_arm - 1);
    cr_assert_eq(last.arm, 1u);
    cr_assert_eq(last.replicate, n_replicates - 1);
    cr_assert_eq(last.seed[SVK_SOURCE_INIT], UINT64_C(17446744073709551615) + n_cells - 1);
    cr_assert_eq(svi_plan_block_end(study, n_arm - 1), n_arm);
    cr_assert_eq(svi_plan_block_end(study, n_arm), 2 * n_arm);
    svi_study_spec_free(study);
}
