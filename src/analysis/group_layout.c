/* Layouts made of groups of runs that share no seed with other groups: one at a time (a base, and
 * runs with one source off it) and pick-freeze (rows of A, B and A with one source from B). */
#include <stdlib.h>
#include <string.h>

#include "analysis/block_layout.h"

typedef struct group_search {
    const svi_block_levels *levels;
    uint32_t *group; /* [n_rows] */
    size_t n_groups;
    uint32_t *first;                 /* [n_cells]: a row of the cell */
    uint32_t *place;                 /* [n_cells]: within its group */
    uint32_t *n_with[SVK_N_SOURCES]; /* [n_levels]: cells that have the level */
    uint32_t *base[SVK_N_SOURCES];   /* [n_groups]: the level that most cells have */
    uint32_t *space;                 /* [n_rows + 1] */
} group_search;

static void search_free(group_search *s)
{
    free(s->group);
    free(s->first);
    free(s->place);
    free(s->space);
    for (int f = 0; f < SVK_N_SOURCES; f++) {
        free(s->n_with[f]);
        free(s->base[f]);
    }
}

static sv_status search_make(const svi_block_levels *levels, group_search *s, sv_error *error)
{
    size_t n = levels->n_rows;
    *s = (group_search){.levels = levels,
                        .group = malloc(n * sizeof *s->group),
                        .first = malloc(levels->n_cells * sizeof *s->first),
                        .place = malloc(levels->n_cells * sizeof *s->place),
                        .space = malloc((n + 1) * sizeof *s->space)};
    bool has_memory = s->group && s->first && s->place && s->space;
    for (size_t f = 0; f < levels->n_factors; f++) {
        s->n_with[f] = calloc(levels->n_levels[f], sizeof **s->n_with);
        s->base[f] = malloc(n * sizeof **s->base);
        has_memory = has_memory && s->n_with[f] && s->base[f];
    }
    if (has_memory) return SV_OK;
    search_free(s);
    return svi_fail_memory(error, n * sizeof *s->group * 4, "groups of runs");
}

static uint32_t root_of(uint32_t *parent, uint32_t row)
{
    while (parent[row] != row) row = parent[row] = parent[parent[row]];
    return row;
}

/* Joins rows that share a level of any factor, then numbers the groups by first appearance. */
static sv_status find_groups(group_search *s, sv_error *error)
{
    const svi_block_levels *levels = s->levels;
    uint32_t *parent = s->space, *of_level = s->group;
    size_t n = levels->n_rows;
    for (uint32_t i = 0; i < n; i++) parent[i] = i;
    for (size_t f = 0; f < levels->n_factors; f++) {
        uint32_t n_seen = 0;
        for (uint32_t i = 0; i < n; i++) {
            uint32_t level = levels->level[f][i];
            if (level == n_seen) of_level[n_seen++] = i;
            parent[root_of(parent, i)] = root_of(parent, of_level[level]);
        }
    }
    uint64_t *root = malloc(n * sizeof *root), n_groups;
    if (root == NULL) return svi_fail_memory(error, n * sizeof *root, "groups of runs");
    for (uint32_t i = 0; i < n; i++) root[i] = root_of(parent, i);
    sv_status status = svi_number_keys(root, n, s->group, &n_groups, error);
    free(root);
    s->n_groups = n_groups;
    return status;
}

static void find_bases(group_search *s)
{
    const svi_block_levels *levels = s->levels;
    uint32_t n_cells = 0;
    for (uint32_t i = 0; i < levels->n_rows; i++) {
        if (levels->cell[i] != n_cells) continue;
        s->first[n_cells++] = i;
        for (size_t f = 0; f < levels->n_factors; f++) s->n_with[f][levels->level[f][i]]++;
    }
    for (size_t f = 0; f < levels->n_factors; f++) {
        memset(s->base[f], 0xff, s->n_groups * sizeof **s->base);
        for (uint32_t c = 0; c < n_cells; c++) {
            uint32_t level = levels->level[f][s->first[c]],
                     *base = &s->base[f][s->group[s->first[c]]];
            if (*base == UINT32_MAX || s->n_with[f][level] > s->n_with[f][*base]) *base = level;
        }
    }
}

/* In how many factors a cell is off its group's base; *last is the last of them. */
static size_t n_off(const group_search *s, uint32_t cell, size_t *last)
{
    uint32_t row = s->first[cell];
    size_t n = 0;
    for (size_t f = 0; f < s->levels->n_factors; f++) {
        if (s->levels->level[f][row] == s->base[f][s->group[row]]) continue;
        n++;
        *last = f;
    }
    return n;
}

/* Gives each cell its place; whether every group has each place once. n_at: [n_groups][n_factors],
 * zero, cells of a group off its base in a factor so far. */
static bool place_one_at_a_time(group_search *s, uint32_t *n_at, svi_block_design *design)
{
    size_t p = s->levels->n_factors, f = 0;
    uint32_t n_bases = 0;
    for (uint32_t c = 0; c < s->levels->n_cells; c++) {
        size_t n = n_off(s, c, &f);
        if (n > 1) return false;
        n_bases += n == 0;
        s->place[c] = n == 0 ? 0 : ++n_at[s->group[s->first[c]] * p + f];
    }
    if (n_bases != s->n_groups) return false;
    for (size_t i = 0; i < s->n_groups * p; i++)
        if (n_at[i] != n_at[i % p] || n_at[i] == 0) return false;
    uint32_t before[SVK_N_SOURCES] = {0};
    for (size_t g = 0; g < p; g++) {
        design->levels[g] = n_at[g] + 1;
        if (g + 1 < p) before[g + 1] = before[g] + n_at[g];
    }
    for (uint32_t c = 0; c < s->levels->n_cells; c++)
        if (n_off(s, c, &f) == 1) s->place[c] += before[f];
    return true;
}

static bool place_pick_freeze(group_search *s, uint32_t *n_at)
{
    size_t p = s->levels->n_factors, f = 0;
    if (s->levels->n_cells != s->n_groups * (p + 2)) return false;
    for (uint32_t c = 0; c < s->levels->n_cells; c++) {
        size_t n = n_off(s, c, &f);
        if (n > 1 && n < p) return false;
        s->place[c] = n == 0 ? 0 : n == 1 ? (uint32_t)f + 2 : 1;
        if (n_at[s->group[s->first[c]] * (p + 2) + s->place[c]]++ != 0) return false;
    }
    /* B has the seeds that the other runs took from it. */
    for (size_t factor = 0; factor < p; factor++)
        if (s->levels->n_levels[factor] != 2 * s->n_groups) return false;
    return true;
}

/* Places of cells to slots of runs; whether every cell holds as many. */
static bool place_runs(group_search *s, svi_block_design *design)
{
    size_t n_cells = s->levels->n_cells, n_in_group = n_cells / s->n_groups;
    size_t n_replicates = s->levels->n_rows / n_cells;
    if (s->levels->n_rows % n_cells != 0) return false;
    uint32_t *n_in = s->space;
    memset(n_in, 0, n_cells * sizeof *n_in);
    for (size_t i = 0; i < s->levels->n_rows; i++) {
        uint32_t cell = s->levels->cell[i];
        if (n_in[cell] == n_replicates) return false;
        size_t place = s->group[i] * n_in_group + s->place[cell];
        design->slot[i] = place * n_replicates + n_in[cell]++;
    }
    design->n_groups = s->n_groups;
    design->n_replicates = n_replicates;
    return true;
}

static sv_status find_layout(group_search *s, svi_block_design *design, sv_error *error)
{
    size_t n_at_bytes = s->n_groups * (s->levels->n_factors + 2) * sizeof(uint32_t);
    uint32_t *n_at = calloc(1, n_at_bytes);
    if (n_at == NULL) return svi_fail_memory(error, n_at_bytes, "groups of runs");
    svi_layout layout = SVI_LAYOUT_IRREGULAR;
    if (place_one_at_a_time(s, n_at, design)) layout = SVI_LAYOUT_ONE_AT_A_TIME;
    if (layout == SVI_LAYOUT_IRREGULAR) {
        memset(n_at, 0, n_at_bytes);
        if (place_pick_freeze(s, n_at)) layout = SVI_LAYOUT_PICK_FREEZE;
    }
    free(n_at);
    if (layout != SVI_LAYOUT_IRREGULAR && place_runs(s, design)) design->layout = layout;
    return SV_OK;
}

sv_status svi_layout_groups(const svi_block_levels *levels, svi_block_design *design,
                            sv_error *error)
{
    group_search s;
    if (levels->n_factors < 2) return SV_OK;
    SVI_TRY(search_make(levels, &s, error));
    sv_status status = find_groups(&s, error);
    if (status == SV_OK) {
        find_bases(&s);
        status = find_layout(&s, design, error);
    }
    search_free(&s);
    return status;
}
