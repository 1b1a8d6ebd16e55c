#include "fingerprint/sum_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

typedef struct tree_maker {
    const int *lost;
    int n_terms;
    svi_text text;
    bool is_consistent;
} tree_maker;

static int lost_of(const tree_maker *t, int i, int j) { return t->lost[i * t->n_terms + j]; }

/* Moves the terms within `most` of set[0] to the front, order kept; returns how many they are. */
static int split_first(const tree_maker *t, int *set, int n, int most)
{
    int rest[SVI_SUM_TREE_MOST], n_rest = 0, n_first = 0, first = set[0];
    for (int k = 0; k < n; k++) {
        if (set[k] == first || lost_of(t, first, set[k]) <= most)
            set[n_first++] = set[k];
        else
            rest[n_rest++] = set[k];
    }
    memcpy(set + n_first, rest, (size_t)n_rest * sizeof *rest);
    return n_first;
}

/* Cuts set[0..n-1] into parts, part p from begin[p] on; returns how many. Below a sum that loses
 * (first == 0) terms of different parts are n away, those of one part less. Below one that loses
 * nothing, they are as far apart as both parts have terms; the first part has `first` terms. */
static int split_all(const tree_maker *t, int *set, int n, int first, int *begin)
{
    int n_parts = 0, size;
    for (int at = 0; at < n; at += size, n_parts++) {
        int most = first == 0 ? n - 1 : at == 0 ? first : lost_of(t, set[0], set[at]) - first;
        begin[n_parts] = at;
        size = split_first(t, set + at, n - at, most);
        if (first > 0 && size != most) return 0;
    }
    begin[n_parts] = n;
    return n_parts;
}

/* Whether every two terms of different parts are as far apart as such a node makes them. */
static bool explains(const tree_maker *t, const int *set, const int *begin, int n_parts,
                     bool is_lossy)
{
    for (int a = 0; a < n_parts; a++)
        for (int b = a + 1; b < n_parts; b++) {
            int size =
                is_lossy ? begin[n_parts] : begin[a + 1] - begin[a] + begin[b + 1] - begin[b];
            for (int i = begin[a]; i < begin[a + 1]; i++)
                for (int j = begin[b]; j < begin[b + 1]; j++)
                    if (lost_of(t, set[i], set[j]) != size) return false;
        }
    return n_parts > 1;
}

static int ascending(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* The parts of the node over set[0..n-1]; 0: no node explains what was found. */
static int find_parts(const tree_maker *t, int *set, int n, bool *is_lossy, int *begin)
{
    for (int first = n; first-- > 0;) {
        int kind = (first + 1) % n; /* the sum that loses, then parts from the largest on */
        int n_parts = split_all(t, set, n, kind, begin);
        *is_lossy = kind == 0;
        if (explains(t, set, begin, n_parts, *is_lossy)) return n_parts;
        qsort(set, (size_t)n, sizeof *set, ascending);
    }
    return 0;
}

/* Appends the node over set[0..n-1], ascending; the order of set is changed. */
static void add_node(tree_maker *t, int *set, int n)
{
    int begin[SVI_SUM_TREE_MOST + 1];
    bool is_lossy = true;
    if (n == 1) {
        svi_text_add(&t->text, "%d", set[0]);
        return;
    }
    int n_parts = find_parts(t, set, n, &is_lossy, begin);
    t->is_consistent = n_parts > 0;
    if (!t->is_consistent) return;
    svi_text_add(&t->text, is_lossy ? "(" : "[");
    for (int p = 0; p < n_parts && t->is_consistent; p++) {
        if (p > 0) svi_text_add(&t->text, " ");
        add_node(t, set + begin[p], begin[p + 1] - begin[p]);
    }
    svi_text_add(&t->text, is_lossy ? ")" : "]");
}

sv_status svi_sum_tree_text(const int *lost, int n_terms, char **text, sv_error *error)
{
    tree_maker t = {.lost = lost, .n_terms = n_terms, .is_consistent = true};
    int set[SVI_SUM_TREE_MOST];
    for (int i = 0; i < n_terms; i++) set[i] = i;
    add_node(&t, set, n_terms);
    if (!t.is_consistent) {
        svi_text_clear(&t.text);
        svi_text_add(&t.text, "none");
    }
    return svi_text_take(&t.text, text, error);
}

/* Column by column a pair i < j: M at i, -M at j, 1 elsewhere. */
static void fill_masks(double *term, int n_terms, size_t n_columns, double large)
{
    for (size_t k = 0; k < (size_t)n_terms * n_columns; k++) term[k] = 1;
    size_t c = 0;
    for (int i = 0; i < n_terms; i++)
        for (int j = i + 1; j < n_terms; j++, c++) {
            term[(size_t)i * n_columns + c] = large;
            term[(size_t)j * n_columns + c] = -large;
        }
}

/* A result that is no whole number of 0..n_terms-2 counts as 0 lost, which no tree explains. */
static void read_lost(const double *sum, int n_terms, int *lost)
{
    size_t c = 0;
    for (int i = 0; i < n_terms; i++)
        for (int j = i + 1; j < n_terms; j++, c++) {
            bool is_count = sum[c] >= 0 && sum[c] <= n_terms - 2 && sum[c] == (int)sum[c];
            int n_lost = is_count ? n_terms - (int)sum[c] : 0;
            lost[i * n_terms + j] = lost[j * n_terms + i] = n_lost;
        }
}

sv_status svi_sum_tree_reveal(svi_sum_fn sum, void *context, int n_terms, double large, char **text,
                              sv_error *error)
{
    size_t n = (size_t)n_terms, n_columns = n * (n - 1) / 2;
    double *term = malloc((n + 1) * n_columns * sizeof *term);
    int *lost = calloc(n * n, sizeof *lost);
    sv_status status = SV_OK;
    if (term == NULL || lost == NULL) {
        status = svi_fail_memory(error, (n + 1) * n_columns * sizeof *term, "the masks of a sum");
    } else {
        double *sums = term + n * n_columns;
        fill_masks(term, n_terms, n_columns, large);
        status = sum(context, term, n_terms, n_columns, sums, error);
        if (status == SV_OK) read_lost(sums, n_terms, lost);
        if (status == SV_OK) status = svi_sum_tree_text(lost, n_terms, text, error);
    }
    free(term);
    free(lost);
    return status;
}
