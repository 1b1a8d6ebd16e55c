/* Designs are recognized by their seeds alone, whatever the order of the rows, and the values are
 * laid out for their analysis. */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/block_design.h"
#include "base/text.h"
#include "plan/plan.h"
#include "spec_fixture.h"

/* The runs of a study as an import, rows stirred by step (prime to their number); the metric is
 * the number of the run. */
static svi_run_table *import(const svi_study_spec *study, uint64_t step, uint64_t n_dropped)
{
    char path[] = "/tmp/svi-layout-XXXXXX";
    uint64_t n_runs = svi_plan_n_runs(study);
    svi_text csv = {0};
    svi_run_table *table = NULL;
    sv_error error = {0};
    svi_text_add(&csv, "seed_init,seed_order,seed_split,replicate,y\n");
    for (uint64_t i = 0; i < n_runs - n_dropped; i++) {
        svi_run run;
        svi_plan_run(study, i * step % n_runs, &run);
        svi_text_add(&csv, "%llu,%llu,%llu,%llu,%llu\n",
                     (unsigned long long)run.seed[SVK_SOURCE_INIT],
                     (unsigned long long)run.seed[SVK_SOURCE_ORDER],
                     (unsigned long long)run.seed[SVK_SOURCE_SPLIT],
                     (unsigned long long)run.replicate, (unsigned long long)run.run);
    }
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv.bytes, csv.n) == (ssize_t)csv.n);
    close(fd);
    cr_assert_eq(svi_run_table_from_csv(path, &table, &error), SV_OK, "%s", error.message);
    unlink(path);
    svi_text_clear(&csv);
    return table;
}

typedef struct found {
    svi_run_table *table;
    svi_run_codes codes;
    svi_block_design design;
} found;

static found look(const char *design, uint64_t step, uint64_t n_dropped, const char *planned)
{
    char text[500];
    snprintf(text, sizeof text, IRIS MLP BY_EPOCHS "design: %s\n", design);
    svi_study_spec *study = read_text(text);
    found f = {.table = import(study, step, n_dropped)};
    svi_study_spec_free(study);
    cr_assert_eq(svi_run_codes_make(f.table, &f.codes, NULL), SV_OK);
    cr_assert_eq(svi_block_design_make(&f.codes, &f.codes.blocks[0], planned, &f.design, NULL),
                 SV_OK);
    return f;
}

static void done(found *f)
{
    svi_block_design_clear(&f->design);
    svi_run_codes_clear(&f->codes);
    svi_run_table_free(f->table);
}

static const struct {
    const char *design;
    svi_layout layout;
    size_t n_factors, levels[3], n_groups, n_replicates;
    const char *first_name;
} cases[] = {
    {"{kind: crossed, vary: {init: 3, order: 4}}", SVI_LAYOUT_GRID, 2, {3, 4}, 0, 1, "init"},
    {"{kind: nested, vary: {split: 3, order: 5, init: 2}, replicates: 2}",
     SVI_LAYOUT_NESTED,
     3,
     {3, 5, 2},
     0,
     2,
     "split"},
    {"{kind: nested, vary: {init: 2, order: 2}}", SVI_LAYOUT_NESTED, 2, {2, 2}, 0, 1, "init"},
    {"{kind: one-at-a-time, vary: {init: 4, order: 3, split: 2}, bases: 5}",
     SVI_LAYOUT_ONE_AT_A_TIME,
     3,
     {4, 3, 2},
     5,
     1,
     "init"},
    {"{kind: one-at-a-time, vary: {init: 2, order: 2}, replicates: 3}",
     SVI_LAYOUT_ONE_AT_A_TIME,
     2,
     {2, 2},
     1,
     3,
     "init"},
    {"{kind: pick-freeze, rows: 7, replicates: 2}", SVI_LAYOUT_PICK_FREEZE, 3, {0}, 7, 2, "init"},
    {"{kind: pick-freeze, rows: 9, vary: [init, order]}",
     SVI_LAYOUT_PICK_FREEZE,
     2,
     {0},
     9,
     1,
     "init"},
};
enum { N_CASES = sizeof cases / sizeof *cases };

Test(analysis_layouts, each_design_is_recognized)
{
    for (size_t c = 0; c < N_CASES; c++) {
        found f = look(cases[c].design, 1, 0, "imported");
        cr_expect_eq(f.design.layout, cases[c].layout, "%s: %s", cases[c].design,
                     svi_layout_name(f.design.layout));
        cr_expect_eq(f.design.n_factors, cases[c].n_factors);
        cr_expect_eq(f.design.n_replicates, cases[c].n_replicates, "%s", cases[c].design);
        cr_expect_str_eq(f.design.names[0], cases[c].first_name);
        for (size_t k = 0; k < cases[c].n_factors && cases[c].levels[0] > 0; k++)
            cr_expect_eq(f.design.levels[k], cases[c].levels[k], "%s: factor %zu", cases[c].design,
                         k);
        if (svi_block_has_indices(&f.design))
            cr_expect_eq(f.design.n_groups, cases[c].n_groups, "%s", cases[c].design);
        for (uint64_t i = 0; i < f.table->n_runs; i++)
            cr_expect_eq(f.design.slot[i], i, "%s: run %zu is at %zu", cases[c].design, (size_t)i,
                         (size_t)f.design.slot[i]);
        done(&f);
    }
}

/* Each place once; runs of a group together, those of a cell next to each other. */
Test(analysis_layouts, the_order_of_the_rows_does_not_matter)
{
    for (size_t c = 0; c < N_CASES; c++) {
        found f = look(cases[c].design, 37, 0, "imported");
        uint64_t n = f.table->n_runs;
        bool *is_taken = calloc(n, sizeof *is_taken);
        uint64_t *run_at = calloc(n, sizeof *run_at);
        cr_assert(is_taken != NULL && run_at != NULL);
        cr_assert_eq(f.design.layout, cases[c].layout, "%s", cases[c].design);
        for (uint64_t i = 0; i < n; i++) {
            cr_assert(f.design.slot[i] < n && !is_taken[f.design.slot[i]]);
            is_taken[f.design.slot[i]] = true;
            run_at[f.design.slot[i]] = (uint64_t)f.table->metrics[0].value[i];
        }
        uint64_t n_together = f.design.n_replicates;
        if (svi_block_has_indices(&f.design)) n_together = n / f.design.n_groups;
        for (uint64_t i = 0; i < n; i++)
            cr_expect_eq(run_at[i] / n_together, run_at[i / n_together * n_together] / n_together,
                         "%s: place %zu", cases[c].design, (size_t)i);
        free(is_taken);
        free(run_at);
        done(&f);
    }
}

Test(analysis_layouts, missing_runs_leave_it_irregular)
{
    for (size_t c = 0; c < N_CASES; c++) {
        const char *planned = svi_layout_name(cases[c].layout);
        found f = look(cases[c].design, 1, 1, planned);
        cr_expect_eq(f.design.layout, SVI_LAYOUT_IRREGULAR, "%s", cases[c].design);
        cr_expect(strstr(f.design.reason, "evenly: some") != NULL, "%s", f.design.reason);
        done(&f);
    }
}

/* The first runs of a grid look like a design of one source at a time. */
Test(analysis_layouts, an_unfinished_grid_is_not_taken_for_another_design)
{
    const char *grid = "{kind: crossed, vary: {init: 4, order: 4}}";
    found f = look(grid, 1, 11, "crossed");
    cr_expect_eq(f.design.layout, SVI_LAYOUT_IRREGULAR);
    done(&f);
    f = look(grid, 1, 11, "imported");
    cr_expect_eq(f.design.layout, SVI_LAYOUT_ONE_AT_A_TIME);
    done(&f);
}
