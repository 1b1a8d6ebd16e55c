/* In what order a sum adds, read off from its results alone: the method of FPRev (Xie, Gao, Zhang,
 * Xue, Huang, Zheng, Zhou: FPRev, revealing floating-point accumulation orders, 2024).
 *
 * Term i is M, term j is -M, the others are 1, and M is so large that M + n = M. Ones that meet M
 * before -M has cancelled it are lost: n minus the result is the number of leaves below the lowest
 * node that has both i and j. All pairs i < j together give the tree. */
#ifndef SVI_SUM_TREE_H
#define SVI_SUM_TREE_H

#include "base/error.h"

enum { SVI_SUM_TREE_MOST = 128 }; /* terms */

/* sum[c] = the sum under test over term[p][c], p = 0..n_terms-1. term: [n_terms][n_columns]. */
typedef sv_status (*svi_sum_fn)(void *context, const double *term, int n_terms, size_t n_columns,
                                double *sum, sv_error *error);

/* The tree as text: terms are numbers from 0, (A B) is a sum whose rounding loses what is small,
 * (A B C) one that adds its parts at once, [A B C] one that adds its parts without loss, in
 * whatever order. Parts stand in the order of their least term. "none" where no tree explains the
 * results. large: M, of at least n_terms times the numbers that the sum keeps apart. */
sv_status svi_sum_tree_reveal(svi_sum_fn sum, void *context, int n_terms, double large, char **text,
                              sv_error *error);

/* The tree of what was found: lost[i * n_terms + j], symmetric, leaves below the lowest node with i
 * and j. */
sv_status svi_sum_tree_text(const int *lost, int n_terms, char **text, sv_error *error);

#endif
