/* A vote among runs drawn without replacement, from their counts alone. */
#include <math.h>

#include "stats/class_counts.h"

/* Ways to draw j of count runs, in units that keep n_runs^j in range: C(count, j) / n_runs^j. */
static void draw_ways(uint64_t count, uint64_t n_runs, size_t size, double *ways)
{
    ways[0] = 1;
    for (size_t j = 1; j <= size; j++) {
        double left = (double)count - (double)(j - 1);
        ways[j] = left > 0 ? ways[j - 1] * left / ((double)j * (double)n_runs) : 0;
    }
}

/* ways[t][x]: draws of x runs from the classes taken in so far, t of which have as many votes as
 * the label. */
typedef double vote_ways[SVI_VOTE_SIZE_MAX + 1][SVI_VOTE_SIZE_MAX + 1];

/* Takes in one more class that may have up to n_label votes, at most n_left of all. */
static void add_class(vote_ways ways, const double *of_class, size_t n_label, size_t n_left)
{
    size_t n_ties = n_left / n_label;
    for (size_t t = n_ties + 1; t-- > 0;) {
        for (size_t x = n_left + 1; x-- > 0;) {
            double sum = 0;
            size_t n_most = x < n_label - 1 ? x : n_label - 1;
            for (size_t j = 0; j <= n_most; j++) sum += of_class[j] * ways[t][x - j];
            if (t > 0 && x >= n_label) sum += of_class[n_label] * ways[t - 1][x - n_label];
            ways[t][x] = sum;
        }
    }
}

/* Draws in which the label has n_label votes and no class has more, a tie of m classes counting
 * 1/m. */
static double winning_ways(const uint64_t *count, size_t n_classes, size_t label, uint64_t n_runs,
                           size_t size, size_t n_label)
{
    vote_ways ways;
    double of_class[SVI_VOTE_SIZE_MAX + 1], sum = 0;
    size_t n_left = size - n_label, n_ties = n_left / n_label;
    for (size_t t = 0; t <= n_ties; t++)
        for (size_t x = 0; x <= n_left; x++) ways[t][x] = t == 0 && x == 0;
    for (size_t c = 0; c < n_classes; c++) {
        if (c == label || count[c] == 0) continue;
        draw_ways(count[c], n_runs, size, of_class);
        add_class(ways, of_class, n_label, n_left);
    }
    for (size_t t = 0; t <= n_ties; t++) sum += ways[t][n_left] / (double)(t + 1);
    return sum;
}

double svi_vote_accuracy(const uint64_t *count, size_t n_classes, size_t label, uint64_t n_runs,
                         size_t size)
{
    double of_label[SVI_VOTE_SIZE_MAX + 1], of_all[SVI_VOTE_SIZE_MAX + 1], sum = 0;
    if (count[label] == 0) return 0;
    if (count[label] == n_runs) return 1;
    draw_ways(count[label], n_runs, size, of_label);
    draw_ways(n_runs, n_runs, size, of_all);
    for (size_t n = 1; n <= size; n++) {
        if (of_label[n] > 0)
            sum += of_label[n] * winning_ways(count, n_classes, label, n_runs, size, n);
    }
    return sum / of_all[size];
}
