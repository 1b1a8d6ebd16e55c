/* The rank tests of two arms, with exact null distributions where there are no ties. */
#ifndef SVI_RANK_TESTS_H
#define SVI_RANK_TESTS_H

#include "stats/sample.h"

enum { SVI_EXACT_RANKS_N_MAX = 50 }; /* seeds an arm up to which exact distributions are used */

/* Null distributions for n seeds an arm: cumulative[u] = P(statistic <= u). */
typedef struct svi_rank_tables {
    size_t n;
    double *u; /* [n * n + 1]: Mann and Whitney's U */
    double *w; /* [n (n + 1) / 2 + 1]: Wilcoxon's sum of positive signed ranks */
} svi_rank_tables;

/* 1 <= n <= SVI_EXACT_RANKS_N_MAX. */
sv_status svi_rank_tables_make(size_t n, svi_rank_tables *tables, sv_error *error);
void svi_rank_tables_clear(svi_rank_tables *tables);

/* Two-sided p of Mann and Whitney's (1947) test that neither of a and b tends to be larger. Exact
 * with tables for n_a = n_b = tables->n where no value of a equals one of b; else the normal
 * approximation with the corrections for ties and continuity. tables may be NULL. n_a, n_b >= 1,
 * n_a + n_b <= SVI_RANK_TEST_N_MAX. */
sv_status svi_mann_whitney(const double *a, size_t n_a, const double *b, size_t n_b,
                           const svi_rank_tables *tables, double *p, sv_error *error);

/* Two-sided p of Wilcoxon's (1945) signed-rank test that the differences are symmetric about 0.
 * Zeros are left out. Exact with tables for n = tables->n where no two |differences| are equal and
 * none is 0; else the normal approximation with the corrections for ties and continuity. 1 when all
 * are 0. n <= SVI_RANK_TEST_N_MAX. */
sv_status svi_signed_rank(const double *differences, size_t n, const svi_rank_tables *tables,
                          double *p, sv_error *error);

enum { SVI_RANK_TEST_N_MAX = 4096 };

#endif
