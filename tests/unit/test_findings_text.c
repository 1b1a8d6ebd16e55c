/* The text report of small studies, word for word. A change here is a change of what people read.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/findings.h"

static void expect_text(const char *csv, const char *expected)
{
    char path[] = "/tmp/svi-gold-XXXXXX", *text = NULL;
    sv_findings *findings = NULL;
    sv_error error = {0};
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv, strlen(csv)) == (ssize_t)strlen(csv));
    close(fd);
    cr_assert_eq(sv_analyze_csv(path, NULL, &findings, &error), SV_OK, "%s", error.message);
    unlink(path);
    strcpy(findings->study, "planted");
    cr_assert_eq(sv_findings_text(findings, &text, NULL), SV_OK);
    cr_expect_str_eq(text, expected);
    sv_free(text);
    sv_findings_close(findings);
}

static const char sweep_csv[] = "arm,seed,test_accuracy,test_loss\n"
                                "base,0,0.91,0.30\n"
                                "base,1,0.93,0.28\n"
                                "base,2,0.90,0.33\n"
                                "base,42,0.95,0.22\n"
                                "base,1337,0.92,0.27\n"
                                "base,5,0.94,0.26\n"
                                "new,0,0.93,0.29\n"
                                "new,1,0.94,0.26\n"
                                "new,2,0.92,0.30\n"
                                "new,42,0.95,0.21\n"
                                "new,1337,0.95,0.25\n"
                                "new,5,0.96,0.25\n";

static const char sweep_text[] =
    "planted: 12 runs, sweep of 6 seeds\n"
    "\n"
    "new beats base in test_accuracy by 1.7 [0.6, 2.8] points (6 pairs of runs). A 3-seed study "
    "would\n"
    "reach the opposite sign in under 1% [0, 28] of cases and another verdict in 56% [29, 94].\n"
    "\n"
    "Arms compared on test_accuracy (percent)\n"
    "  arm  against      difference       p   P(>)  verdict\n"
    "  new  base     1.7 [0.6, 2.8]  0.0108  0.764  better\n"
    "\n"
    "Chance in percent that a study with so many seeds concludes otherwise\n"
    "  arm  against  seeds:           1    2    3   5   10  20  50\n"
    "  new  base     opposite sign  8.3  1.4  0.2   0    0   0   0\n"
    "  new  base     other verdict    -   69   56  22  0.1   0   0\n"
    "\n"
    "Seeds an arm that find this difference in test_accuracy with power 0.8, were it the true one\n"
    "  arm  against  difference         SDs  Welch  paired t  rank sum\n"
    "  new  base           1.67  1.47, 1.87     18         6        19\n"
    "\n"
    "Summary of test_accuracy (percent)\n"
    "  arm   values               mean                 SD   min  median   max\n"
    "  base       6  92.5 [90.5, 94.5]  1.87 [1.17, 4.59]  90.0    92.5  95.0\n"
    "  new        6  94.2 [92.6, 95.7]  1.47 [0.92, 3.61]  92.0    94.5  96.0\n"
    "\n"
    "Do good seeds stay good in test_accuracy? (1: the same ranking, 0: no relation)\n"
    "  arm  seeds of  over           Kendall's tau\n"
    "  new  seed      arm base  0.69 [-0.07, 0.94]\n"
    "\n"
    "Are famous seeds (0, 1, 2, ...) special in test_accuracy?\n"
    "  arm   famous  of seeds  P(above)       p  would be seen  best (rank)  last (rank)\n"
    "  base       5         6     0.200  0.5582           none       42 (1)        2 (6)\n"
    "  new        5         6     0.000  0.2348           none       42 (2)        2 (6)\n"
    "\n"
    "Other metrics (accuracies in percent)\n"
    "  metric     arm   values                  mean       SD\n"
    "  test_loss  base       6  0.277 [0.238, 0.316]  0.03724\n"
    "  test_loss  new        6  0.260 [0.226, 0.294]  0.03225\n"
    "\n"
    "No split of the variance: one run per seed gives no way to tell causes apart; design: {kind:\n"
    "crossed} does.\n"
    "\n"
    "Checks: nothing to report.\n"
    "Brackets hold 95% intervals.\n";

Test(findings_text, two_arms_of_a_sweep) { expect_text(sweep_csv, sweep_text); }

/* Runs that end in one of two minima. */
static const char minima_csv[] = "seed,inertia\n"
                                 "0,7.5\n1,7.5\n2,8\n3,7.5\n4,8\n5,7.5\n";

static const char minima_text[] =
    "planted: 6 runs, sweep of 6 seeds\n"
    "\n"
    "inertia is 7.67 [7.40, 7.94] on average over 6 runs and has an SD of 0.258 [0.161, 0.633]\n"
    "between them.\n"
    "\n"
    "Summary of inertia\n"
    "  values               mean                    SD   min  median   max\n"
    "       6  7.67 [7.40, 7.94]  0.258 [0.161, 0.633]  7.50    7.50  8.00\n"
    "\n"
    "Minima of inertia: runs that end in the same one have the same value\n"
    "  values  different  at the best  their share %\n"
    "       6          2            4    67 [22, 96]\n"
    "\n"
    "Are famous seeds (0, 1, 2, ...) special in inertia?\n"
    "  famous  of seeds  P(above)       p  would be seen  best (rank)  last (rank)\n"
    "       4         6     0.375  0.7799           none        0 (2)        2 (6)\n"
    "\n"
    "No split of the variance: one run per seed gives no way to tell causes apart; design: {kind:\n"
    "crossed} does.\n"
    "\n"
    "Checks: nothing to report.\n"
    "Brackets hold 95% intervals.\n";

Test(findings_text, runs_that_end_in_two_minima) { expect_text(minima_csv, minima_text); }

static const char grid_csv[] = "numerics,seed_init,seed_order,r2\n"
                               "serial fp32,0,0,0.5\n"
                               "serial fp32,0,1,0.52\n"
                               "serial fp32,0,2,0.54\n"
                               "serial fp32,1,0,0.55\n"
                               "serial fp32,1,1,0.54\n"
                               "serial fp32,1,2,0.59\n"
                               "serial fp32,2,0,0.55\n"
                               "serial fp32,2,1,0.57\n"
                               "serial fp32,2,2,0.61\n"
                               "serial fp32,3,0,0.61\n"
                               "serial fp32,3,1,0.6\n"
                               "serial fp32,3,2,0.65\n";

static const char grid_text[] =
    "planted: 12 runs, crossed of 4 init x 3 order seeds\n"
    "\n"
    "init explains 71% [6, 97] of the variance of r2, order 25% [2, 93], their interaction 4%\n"
    "[0, 19].\n"
    "\n"
    "Where the variance of r2 comes from\n"
    "  source              share %                       variance\n"
    "  init             71 [6, 97]        0.0017 [0.0005, 0.0238]\n"
    "  order            25 [2, 93]     0.00058 [0.00012, 0.02393]\n"
    "  init:order  4.2 [0.2, 18.7]  0.000100 [0.000042, 0.000485]\n"
    "\n"
    "Summary of r2\n"
    "  values                  mean                    SD    min  median    max\n"
    "      12  0.569 [0.504, 0.634]  0.049 [0.034, 0.214]  0.500   0.560  0.650\n"
    "\n"
    "Checks: nothing to report.\n"
    "Brackets hold 95% intervals.\n";

Test(findings_text, one_arm_of_a_grid) { expect_text(grid_csv, grid_text); }
