#include "spec/study_spec.h"

static const char *const names[SVI_N_DESIGNS] = {
#define DESIGN_NAME(id, name, help) name,
    SVI_DESIGNS(DESIGN_NAME)
#undef DESIGN_NAME
};

const char *svi_design_name(svi_design_kind kind) { return names[kind]; }

static uint64_t times(uint64_t a, uint64_t b) { return a > UINT64_MAX / b ? UINT64_MAX : a * b; }

static uint64_t n_in_grid(const svi_design_spec *design)
{
    uint64_t n = 1;
    for (int s = 0; s < SVK_N_SOURCES; s++) n = times(n, design->n_levels[s]);
    return n;
}

/* The runs of one base of one-at-a-time: the base itself, and every other level of each source. */
static uint64_t n_in_base(const svi_design_spec *design)
{
    uint64_t n = 1;
    for (int s = 0; s < SVK_N_SOURCES; s++) n += design->n_levels[s] - 1;
    return n;
}

uint64_t svi_design_n_cells(const svi_design_spec *design)
{
    switch (design->kind) {
    case SVI_DESIGN_CROSSED:
    case SVI_DESIGN_NESTED: return n_in_grid(design);
    case SVI_DESIGN_ONE_AT_A_TIME: return times(n_in_base(design), design->n_bases);
    case SVI_DESIGN_PICK_FREEZE: return times(design->n_rows, design->n_varied + 2);
    default: return design->n_seeds;
    }
}

/* Levels within the outer levels: of this source and of all around it. */
static uint64_t n_nested(const svi_design_spec *design, int source)
{
    uint64_t n = 1;
    for (size_t i = 0; i < design->n_varied; i++) {
        n = times(n, design->n_levels[design->varied[i]]);
        if (design->varied[i] == source) break;
    }
    return n;
}

uint64_t svi_design_n_seeds(const svi_design_spec *design, int source)
{
    if (!design->is_varied[source]) return 1;
    switch (design->kind) {
    case SVI_DESIGN_CROSSED: return design->n_levels[source];
    case SVI_DESIGN_NESTED: return n_nested(design, source);
    case SVI_DESIGN_ONE_AT_A_TIME: return times(design->n_levels[source], design->n_bases);
    case SVI_DESIGN_PICK_FREEZE: return times(design->n_rows, 2);
    default: return design->n_seeds;
    }
}
