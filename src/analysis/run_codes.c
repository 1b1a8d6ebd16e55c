#include "analysis/run_codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

sv_status svi_number_keys(const uint64_t *key, uint64_t n, uint32_t *number, uint64_t *n_distinct,
                          sv_error *error)
{
    if (n >= UINT32_MAX) {
        return svi_fail(error, SV_ERR_DATA, "%llu runs: an analysis takes at most 4294967294",
                        (unsigned long long)n);
    }
    uint64_t n_slots = 16;
    while (n_slots < 2 * n) n_slots *= 2;
    uint32_t *slots = calloc(n_slots, sizeof *slots); /* where a key stands first, + 1 */
    if (slots == NULL)
        return svi_fail_memory(error, n_slots * sizeof *slots, "the numbers of seeds");
    *n_distinct = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t at = mix(key[i]) & (n_slots - 1);
        while (slots[at] != 0 && key[slots[at] - 1] != key[i]) at = (at + 1) & (n_slots - 1);
        if (slots[at] == 0) {
            slots[at] = (uint32_t)i + 1;
            number[i] = (uint32_t)(*n_distinct)++;
        } else {
            number[i] = number[slots[at] - 1];
        }
    }
    free(slots);
    return SV_OK;
}

sv_status svi_number_pairs(uint32_t *number, const uint32_t *other, uint64_t n,
                           uint64_t *n_distinct, sv_error *error)
{
    uint64_t *key = malloc((n > 0 ? n : 1) * sizeof *key);
    if (key == NULL) return svi_fail_memory(error, n * sizeof *key, "pairs of numbers");
    for (uint64_t i = 0; i < n; i++) key[i] = (uint64_t)number[i] << 32 | other[i];
    sv_status status = svi_number_keys(key, n, number, n_distinct, error);
    free(key);
    return status;
}

static sv_status make_numbers(uint64_t n, uint32_t **number, sv_error *error)
{
    *number = calloc(n > 0 ? n : 1, sizeof **number);
    return *number != NULL ? SV_OK
                           : svi_fail_memory(error, n * sizeof **number, "the numbers of runs");
}

static void name_factors(const svi_run_table *table, svi_run_codes *codes,
                         const int factor_of[SVK_N_SOURCES])
{
    static const char *const names[SVK_N_SOURCES] = {
#define SOURCE_NAME(id, number, name, help) name,
        SVK_SOURCES(SOURCE_NAME)
#undef SOURCE_NAME
    };
    int n_sources[SVK_N_SOURCES] = {0};
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        if (!table->is_varied[s]) continue;
        char *name = codes->factors[factor_of[s]].name;
        size_t n = strlen(name), size = sizeof codes->factors->name;
        snprintf(name + n, size - n, "%s%s", n > 0 ? "+" : "", names[s]);
        if (++n_sources[factor_of[s]] > 3) snprintf(name, size, "seed");
    }
}

static int first_with_column(const svi_run_table *table, int source)
{
    int first = 0;
    while (table->seed[first] != table->seed[source]) first++;
    return first;
}

/* Two sources are one factor when their levels, numbered by first appearance, agree in every run.
 */
static sv_status find_factors(const svi_run_table *table, svi_run_codes *codes, sv_error *error)
{
    int factor_of[SVK_N_SOURCES] = {0};
    uint64_t n = table->n_runs, n_levels;
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        if (!table->is_varied[s]) continue;
        int twin = first_with_column(table, s); /* a plain seed is one column for many sources */
        if (twin < s) {
            factor_of[s] = factor_of[twin];
            continue;
        }
        svi_factor *new = &codes->factors[codes->n_factors];
        SVI_TRY(make_numbers(n, &new->level, error));
        SVI_TRY(svi_number_keys(table->seed[s], n, new->level, &n_levels, error));
        new->source = s;
        new->n_levels = n_levels;
        size_t f = 0;
        while (memcmp(codes->factors[f].level, new->level, n * sizeof *new->level) != 0) f++;
        factor_of[s] = (int)f;
        if (f == codes->n_factors) {
            codes->n_factors++;
        } else {
            free(new->level);
            *new = (svi_factor){0};
        }
    }
    name_factors(table, codes, factor_of);
    return SV_OK;
}

static sv_status find_units(const svi_run_table *table, svi_run_codes *codes, sv_error *error)
{
    uint64_t n = table->n_runs, n_distinct;
    codes->n_cells = 1;
    SVI_TRY(make_numbers(n, &codes->cell, error));
    for (size_t f = 0; f < codes->n_factors; f++) {
        SVI_TRY(svi_number_pairs(codes->cell, codes->factors[f].level, n, &codes->n_cells, error));
    }
    SVI_TRY(make_numbers(n, &codes->unit, error));
    SVI_TRY(svi_number_keys(table->replicate, n, codes->unit, &n_distinct, error));
    return svi_number_pairs(codes->unit, codes->cell, n, &codes->n_units, error);
}

static sv_status find_blocks(const svi_run_table *table, svi_run_codes *codes, sv_error *error)
{
    size_t n_blocks = table->n_arms * table->n_numerics;
    codes->blocks = calloc(n_blocks, sizeof *codes->blocks);
    codes->rows = malloc((table->n_runs > 0 ? table->n_runs : 1) * sizeof *codes->rows);
    if (codes->blocks == NULL || codes->rows == NULL) {
        return svi_fail_memory(error, table->n_runs * sizeof *codes->rows, "rows by arm");
    }
    codes->n_blocks = n_blocks;
    for (uint64_t i = 0; i < table->n_runs; i++) {
        codes->blocks[table->arm[i] * table->n_numerics + table->numerics[i]].n++;
    }
    uint64_t start = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        codes->blocks[b].arm = (uint32_t)(b / table->n_numerics);
        codes->blocks[b].numerics = (uint32_t)(b % table->n_numerics);
        codes->blocks[b].rows = codes->rows + start;
        start += codes->blocks[b].n;
        codes->blocks[b].n = 0;
    }
    for (uint64_t i = 0; i < table->n_runs; i++) {
        svi_block *block = &codes->blocks[table->arm[i] * table->n_numerics + table->numerics[i]];
        codes->rows[(uint64_t)(block->rows - codes->rows) + block->n++] = i;
    }
    return SV_OK;
}

sv_status svi_run_codes_make(const svi_run_table *table, svi_run_codes *codes, sv_error *error)
{
    *codes = (svi_run_codes){0};
    sv_status status = find_factors(table, codes, error);
    if (status == SV_OK) status = find_units(table, codes, error);
    if (status == SV_OK) status = find_blocks(table, codes, error);
    if (status != SV_OK) svi_run_codes_clear(codes);
    return status;
}

void svi_run_codes_clear(svi_run_codes *codes)
{
    for (int f = 0; f < SVK_N_SOURCES; f++) free(codes->factors[f].level);
    free(codes->cell);
    free(codes->unit);
    free(codes->blocks);
    free(codes->rows);
    *codes = (svi_run_codes){0};
}

static void first_repeat(const uint32_t *number, uint64_t n, uint64_t *first, uint64_t *again)
{
    uint64_t n_seen = 0;
    for (*again = 0; *again < n && number[*again] == n_seen; ++*again) n_seen++;
    for (*first = 0; number[*first] != number[*again];) ++*first;
}

sv_status svi_find_duplicate_run(const svi_run_table *table, bool *is_found, uint64_t *first,
                                 uint64_t *again, sv_error *error)
{
    svi_run_codes codes;
    uint64_t n_distinct = 0;
    SVI_TRY(svi_run_codes_make(table, &codes, error));
    sv_status status = svi_number_pairs(codes.unit, table->arm, table->n_runs, &n_distinct, error);
    if (status == SV_OK)
        status = svi_number_pairs(codes.unit, table->numerics, table->n_runs, &n_distinct, error);
    *is_found = status == SV_OK && n_distinct < table->n_runs;
    if (*is_found) first_repeat(codes.unit, table->n_runs, first, again);
    svi_run_codes_clear(&codes);
    return status;
}
