/* What an analysis found: plain values that the report writes as text or JSON. */
#ifndef SVI_FINDINGS_H
#define SVI_FINDINGS_H

#include "analysis/run_table.h"
#include "stats/arm_compare.h"
#include "stats/best_of.h"
#include "stats/crossed_effects.h"
#include "stats/histogram.h"
#include "stats/kendall.h"
#include "stats/mislead.h"
#include "stats/rank_sum.h"
#include "stats/source_indices.h"
#include "stats/sample_summary.h"
#include "stats/test_rates.h"

enum { SVI_REASON_BYTES = 240, SVI_LABEL_BYTES = 160, SVI_MISLEAD_N_MAX = 50 };

/* Which values a finding is about: indices into the names of sv_findings. */
typedef struct svi_subject {
    uint32_t arm, numerics, metric;
} svi_subject;

typedef struct svi_metric_name {
    char name[64];
    int better;         /* +1 more is better, -1 less, 0 unknown */
    bool is_percentage; /* a share that people read in percent: the text shows it so */
} svi_metric_name;

typedef struct svi_factor_name {
    char name[64];
    size_t n_levels;
} svi_factor_name;

typedef struct svi_summary_finding {
    svi_subject subject;
    uint64_t n_runs, n_failed, n_diverged; /* failed: diverged, or without a finite value */
    uint64_t n_saturated;                  /* these have values and count like the others */
    svi_interval failure_interval;
    svi_summary values; /* of the finite values; values.n says how many */
    bool shares_seeds;  /* runs are not independent: the mean's interval and the SD, then that of a
                           run with fresh seeds, allow for it (or are NaN, and the SD is that
                           between the runs); other intervals are NaN */
    double sd_of_runs;  /* the plain SD; of runs that share seeds too small on average */
    uint64_t n_best;    /* runs at the best value; 0 where no direction is better */
    svi_interval best_interval;    /* of their share; NaN where runs share seeds */
    char reason[SVI_REASON_BYTES]; /* why values holds nothing but n and mean (NaN
                                      where n is 0: all runs failed); else "" */
} svi_summary_finding;

/* One group of values split into its sources of variance. */
typedef struct svi_components_finding {
    svi_subject subject;
    char reason[SVI_REASON_BYTES]; /* why there are no rows; else "" */
    char note[SVI_REASON_BYTES];   /* why they have no intervals: the grid has gaps; else "" */
    char (*labels)[SVI_LABEL_BYTES];
    svi_component *rows;
    size_t n_rows;
    double mean, total_variance;
    svi_interval total_interval;
} svi_components_finding;

/* The sources of a design that does not fill a grid, by their indices. */
typedef struct svi_indices_finding {
    svi_subject subject;
    char reason[SVI_REASON_BYTES]; /* why there are none; else "" */
    const char *design;            /* "one-at-a-time", "pick-freeze" */
    const char *method;            /* of the intervals, a constant */
    const char *estimates;         /* what the numbers stand for, a constant */
    char note[SVI_REASON_BYTES];   /* a warning; else "" */
    size_t n_groups, n_replicates; /* bases or rows */
    size_t n_sources;
    char sources[SVK_N_SOURCES][64];
    svi_indices values;
} svi_indices_finding;

typedef enum svi_decision {
    SVI_UNDECIDED,
    SVI_BETTER,
    SVI_WORSE,
    SVI_EQUIVALENT,
    SVI_HIGHER, /* of a metric whose better direction is not known */
    SVI_LOWER
} svi_decision;

/* Differences are arm minus reference. */
typedef struct svi_comparison_finding {
    svi_subject subject;
    uint32_t reference;            /* the arm compared with */
    char reason[SVI_REASON_BYTES]; /* why nothing follows; else "" */
    bool is_paired;
    size_t n, n_reference; /* runs used of each */
    const char *test;      /* its name, a constant */
    svi_difference difference;
    svi_superiority superiority; /* P(arm > reference); NaN interval and p where runs share seeds */
    double p_adjusted;           /* Holm, over the n_together comparisons of this metric and
                                    numerics: the one that decides */
    size_t n_together;
    double equivalence_p;    /* NaN without a margin */
    double least_detectable; /* with power 0.8 */
    double n_to_settle;      /* seeds that find the observed difference with power 0.8; NaN: not
                                estimated */
    size_t n_points;
    svi_mislead_point points[SVI_MISLEAD_N_MAX];
    svi_decision decision;
} svi_comparison_finding;

typedef struct svi_famous_seed {
    uint64_t seed;
    double
        rank; /* 1 is the best, or the largest where no direction is known; ties share the mean */
    double value;
    double percentile; /* of the values, 0..100 */
} svi_famous_seed;

typedef struct svi_famous_finding {
    svi_subject subject;
    char source[64]; /* whose seeds are ranked: in a sweep all of them, in a grid one factor by the
                        means of its levels */
    char reason[SVI_REASON_BYTES];
    size_t n_seeds; /* in the pool */
    size_t n_famous;
    svi_famous_seed *famous;
    svi_rank_sum test;
} svi_famous_finding;

/* What the best of K seeds gains: as it looks on validation data and as it is on test data. */
typedef struct svi_gain {
    uint64_t k;
    double apparent_normal, real_normal; /* SD z_K, and b SD z_K: for normal values */
    svi_best_of apparent, real;          /* of the runs themselves */
} svi_gain;

/* Of how many the best is told. */
#define SVI_BEST_SIZES 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 10000

enum { SVI_N_GAINS = 7, SVI_N_BEST_SIZES = 12, SVI_N_RATE_SIZES = 25, SVI_N_PROFILE_POINTS = 21 };

typedef struct svi_seed_choice_finding {
    svi_subject subject;           /* metric: the one of the test data */
    uint32_t chosen_by;            /* the one of the validation data */
    char reason[SVI_REASON_BYTES]; /* why there is nothing; else "" */
    bool shares_seeds;             /* runs are not independent: no intervals */
    size_t n, n_gains;
    double sd_validation;
    double slope, correlation; /* of test on validation */
    svi_interval slope_interval;
    svi_gain gains[SVI_N_GAINS];
} svi_seed_choice_finding;

/* Whether what ranks high here ranks high there. */
typedef struct svi_carry_over_finding {
    svi_subject subject;
    char source[64]; /* whose seeds are ranked */
    char over[160];  /* "other order seeds", "arm new" */
    const char *method;
    svi_kendall rank;
} svi_carry_over_finding;

/* How the seeds rank at a checkpoint against how they rank at the end. */
typedef struct svi_early_rank_finding {
    svi_subject subject; /* metric: the headline */
    uint64_t step;
    svi_kendall rank; /* interval: NaN where runs share seeds */
} svi_early_rank_finding;

typedef struct svi_expected_best_finding {
    svi_subject subject;
    char reason[SVI_REASON_BYTES];
    bool shares_seeds;
    size_t n_values, n_points;
    double steps; /* of training in a run, on average; NaN where it is not known */
    size_t sizes[SVI_N_BEST_SIZES];
    svi_best_of points[SVI_N_BEST_SIZES];
} svi_expected_best_finding;

/* Seeds that a comparison needs, if what was observed is the truth. */
typedef struct svi_howmany_finding {
    svi_subject subject;
    uint32_t reference;
    char reason[SVI_REASON_BYTES];
    bool is_paired;
    double difference, sd, sd_reference, rho; /* rho: NaN where not paired, or an SD is 0 */
    double n_welch, n_paired, n_normal, n_superiority; /* NaN: does not apply */
    svi_test_rates *rates; /* [SVI_N_RATE_SIZES]: power; NULL where they were not asked for */
} svi_howmany_finding;

/* How often tests find what is not there, in the runs of one arm. */
typedef struct svi_false_positive_finding {
    svi_subject subject;
    size_t n_pool;
    svi_test_rates rates[SVI_N_RATE_SIZES];
} svi_false_positive_finding;

/* Share of the runs above each of a series of thresholds. */
typedef struct svi_profile_finding {
    svi_subject subject;
    size_t n;
    double threshold[SVI_N_PROFILE_POINTS], share[SVI_N_PROFILE_POINTS];
    svi_interval interval[SVI_N_PROFILE_POINTS]; /* NaN where runs share seeds */
} svi_profile_finding;

/* What the runs of an arm predict, point by point, averaged over the test sets of the arm. Where
 * each set has the replicates of one seed alone, all that compares runs is NaN but for
 * replicate_churn. */
typedef struct svi_prediction_finding {
    svi_subject subject;           /* metric: not used */
    char reason[SVI_REASON_BYTES]; /* why runs are not compared; else "" */
    double churn_of_seeds;    /* churn if replicates of a seed agree in all points: what two seeds
                                 differ by at most; NaN where no two runs share their seeds */
    double pairs_of_one_seed; /* share of the pairs of runs that are replicates of one seed */
    svi_estimate replicate_churn; /* of two runs of one seed; NaN where sets hold several seeds */
    size_t n_sets;                /* test sets: one, or one for each split or data seed */
    uint64_t n_runs;              /* of all sets */
    double n_points;              /* of a set, on average */
    size_t n_classes;
    svi_estimate error, churn, gap;
    double vote_accuracy[SVI_N_VOTE_SIZES];
    const char *method;           /* of the intervals */
    svi_class_agreement *classes; /* [n_classes] */
    /* Of one run's error rate on one test set, untruncated. */
    svi_estimate variance; /* NaN where no run's error rate is known */
    svi_estimate distribution_variance;
    double independent_variance;
    const char *variance_method;
} svi_prediction_finding;

/* Seeds whose runs ended in so many different models. */
typedef struct svi_digest_count {
    uint64_t n_digests, n_seeds;
} svi_digest_count;

/* One metric of runs that only their replicate tells apart. */
typedef struct svi_replicate_spread {
    uint32_t metric;
    double sd_fixed_seed; /* within the seeds, pooled */
    double sd_over_seeds; /* of the first run of each seed */
    svi_estimate share;   /* of the variance of one run; NaN where the design does not tell */
} svi_replicate_spread;

/* What repeating a run changes. A seed is a seed vector here. */
typedef struct svi_nondeterminism_finding {
    svi_subject subject; /* metric: not used */
    bool is_deterministic;
    uint64_t n_seeds, n_runs;    /* seeds with two runs or more, and their runs */
    uint64_t n_repeats;          /* runs beside the first of each seed */
    uint64_t n_different;        /* of them: other bits than the first */
    double bound;                /* where none differ: 3 / n_repeats, 1 at most; else NaN */
    uint64_t n_mixed_seeds;      /* with two digests or more */
    svi_interval mixed_interval; /* of their share; NaN where cells share seeds */
    double n_digests, modal_share, entropy_bits; /* of a seed's runs, mean over the seeds */
    size_t n_counts;
    svi_digest_count *counts; /* ascending in n_digests */
    svi_estimate churn;       /* of two runs of one seed; NaN where predictions do not tell */
    size_t n_spreads;
    svi_replicate_spread *spreads;
} svi_nondeterminism_finding;

/* One metric of runs, less that of the reference with the same seeds. */
typedef struct svi_metric_gap {
    uint32_t metric;
    uint64_t n;                    /* seeds; each counts by the mean of its runs */
    svi_estimate mean;             /* interval: NaN where cells share seeds */
    double mean_absolute, largest; /* largest: in magnitude, of any run */
} svi_metric_gap;

/* Numerics against replicate 0 of the first deterministic entry. */
typedef struct svi_numerics_finding {
    svi_subject subject;         /* metric: not used */
    uint32_t reference;          /* the entry compared with */
    uint64_t n_seeds, n_runs;    /* in both */
    uint64_t n_equal_seeds;      /* all of whose runs have the bits of the reference */
    svi_interval equal_interval; /* of their share; NaN where cells share seeds */
    uint64_t n_equal_runs;
    size_t n_gaps;
    svi_metric_gap *gaps;
    double seconds_per_run, time_ratio; /* to the reference; NaN where not known */
} svi_numerics_finding;

/* Runs on their way apart from their references, and what that is beside another seed. */
typedef struct svi_distance_finding {
    svi_subject subject; /* metric: not used */
    bool has_probe;
    svi_distance_group group; /* points are owned */
    svi_estimate growth;      /* of log distance a step: mean over the runs; interval: NaN where
                                 runs share seeds, and so of the churn */
    double doubling_steps;
    svi_estimate churn;  /* of a run and its reference, at the last checkpoint */
    double reseed_churn; /* of two references with other seeds on the same test points; NaN where
                            they share none */
} svi_distance_finding;

/* ---- what figures show: bounded, however many runs there are ---- */

enum { SVI_MOST_SHOWN_RUNS = 2000, SVI_MOST_SHOWN_CELLS = 8192, SVI_MOST_GRIDS = 32 };

/* The values of an arm and numerics, in bins that all arms share. */
typedef struct svi_histogram_finding {
    svi_subject subject;
    svi_bins bins;
    uint64_t n, n_below, n_above; /* n counts those outside the bins too */
    uint64_t counts[SVI_N_BINS_MAX];
} svi_histogram_finding;

/* The means of the headline for pairs of seeds of two factors; rows and columns ascend by their own
 * means. */
typedef struct svi_grid_finding {
    svi_subject subject;
    char names[2][64];
    size_t n_levels[2]; /* of the factors; the grid shows n_shown of them, evenly spread by rank */
    size_t n_shown[2];
    uint64_t *seeds[2]; /* [n_shown] */
    double *values;     /* [n_shown[0] * n_shown[1]], the first factor slowest; NaN: no value */
} svi_grid_finding;

/* One run; values[n_metrics] of the metrics. */
typedef struct svi_shown_run {
    uint32_t arm, numerics;
    uint64_t replicate;
    uint64_t seeds[SVK_N_SOURCES]; /* [n_factors] of the findings */
    double *values;
} svi_shown_run;

/* n counts offending runs; the runs are rows of the table. */
typedef struct svi_digest_check {
    bool is_checked;
    uint64_t n_runs, n_groups;
    char example[SVI_REASON_BYTES]; /* the first group found; "" when there is none */
} svi_digest_check;

typedef struct svi_heavy_tail {
    svi_subject subject;
    double excess_kurtosis;
    char farthest_run[SVI_REASON_BYTES]; /* from the median: "init 3, order 2" */
    double farthest_value;
} svi_heavy_tail;

/* Runs that the device could not train, of one arm and numerics. */
typedef struct svi_unsupported {
    uint32_t arm, numerics;
    uint64_t n_runs;
} svi_unsupported;

/* An accuracy with values from 0 to 1 and larger ones: shares and percentages are mixed, it seems.
 */
typedef struct svi_mixed_unit {
    char metric[64];
    uint64_t n_shares, n_larger;
} svi_mixed_unit;

/* Accuracies of imported predictions against those that the table tells. */
typedef struct svi_prediction_check {
    char metric[64];
    uint64_t n_compared, n_different; /* runs; different: by more than rounding */
    double largest;                   /* difference, as a share */
    bool is_other_order; /* the same accuracies, but of other runs: an import refuses them */
} svi_prediction_check;

typedef struct svi_checks {
    uint64_t n_runs, n_planned, n_missing; /* n_planned 0: unknown */
    uint64_t n_diverged, n_saturated;
    svi_digest_check equal_digests;   /* in one arm, where seeds differ */
    svi_digest_check unequal_digests; /* replicates on a deterministic path */
    size_t n_heavy_tails;
    svi_heavy_tail *heavy_tails;
    size_t n_unsupported;
    svi_unsupported *unsupported;
    size_t n_mixed_units;
    svi_mixed_unit *mixed_units;
    svi_prediction_check predictions;
    char ignored_columns[256];
} svi_checks;

struct sv_findings {
    char study[128], origin[256], machine[512];
    char design[16];              /* "sweep", "replicates", or a name of SVI_LAYOUTS */
    char basis[SVI_REASON_BYTES]; /* "": the runs; else why only their sums were at hand */
    double level, margin, power;  /* power: of the numbers of seeds in howmany */
    uint32_t headline;            /* index of a metric */
    size_t n_arms, n_numerics, n_metrics, n_factors;
    char (*arm_names)[64], (*numerics_names)[64];
    svi_metric_name *metrics;
    svi_factor_name factors[SVK_N_SOURCES];
    size_t n_summaries, n_components, n_indices, n_comparisons, n_famous;
    svi_summary_finding *summaries;
    svi_components_finding *components;
    svi_indices_finding *indices;
    svi_comparison_finding *comparisons;
    svi_famous_finding *famous;
    size_t n_curves;
    svi_curve_row *curves;
    size_t n_predictions, n_seed_choices, n_carry_overs, n_expected_best, n_howmany,
        n_false_positives, n_profiles;
    svi_prediction_finding *predictions;
    svi_seed_choice_finding *seed_choices;
    svi_carry_over_finding *carry_overs;
    size_t n_early_ranks;
    svi_early_rank_finding *early_ranks; /* by arm, numerics and step */
    svi_expected_best_finding *expected_best;
    svi_howmany_finding *howmany;
    svi_false_positive_finding *false_positives; /* of the headline, where asked for */
    svi_profile_finding *profiles;               /* of the headline */
    size_t n_nondeterminism, n_numerics_findings, n_distances;
    svi_distance_finding *distances;
    svi_nondeterminism_finding *nondeterminism;
    svi_numerics_finding *numerics_findings;
    size_t n_histograms, n_grids, n_shown_runs;
    svi_histogram_finding *histograms;
    svi_grid_finding *grids;
    svi_shown_run *shown_runs; /* every k-th of the table; values are slices of shown_values */
    double *shown_values;
    svi_checks checks;
};

/* options as sv_analyze_store takes them. SV_ERR_USAGE when the metric, the level or the margin
 * cannot be used. */
sv_status svi_analyze_table(const svi_run_table *table, const sv_analysis_options *options,
                            sv_findings **findings, sv_error *error);

bool svi_is_same_subject(svi_subject a, svi_subject b);
/* Whether a summary's SD is of runs with fresh seeds, though its own share seeds. */
bool svi_has_fresh_sd(const svi_summary_finding *summary);
/* The margin is one of the headline metric; 0: none stated. */
double svi_comparison_margin(const sv_findings *findings, const svi_comparison_finding *comparison);
const char *svi_decision_name(svi_decision decision);

#endif
