/* Runs as columns: what the analysis reads, whether they come from a store or from a CSV of another
 * program. */
#ifndef SVI_RUN_TABLE_H
#define SVI_RUN_TABLE_H

#include <math.h>

#include "base/error.h"
#include "distance.h"
#include "stats/class_counts.h"
#include "stats/sample_summary.h"
#include "vocabulary.h"

/* More runs than this are not held: they would not fit into a gigabyte. Those of a store are summed
 * up as they are read, those of a file are refused. */
enum { SVI_ANALYSIS_RUNS_MOST = 2000000 };

typedef struct svi_metric_column {
    char name[64];
    int better;    /* +1 more is better, -1 less, 0 neither or unknown */
    double *value; /* [n_runs]; NaN where the run has none, infinite where it is not finite */
} svi_metric_column;

/* One metric of all runs of an arm and numerics at one checkpoint. */
typedef struct svi_curve_row {
    uint32_t arm, numerics;
    char metric[64];
    uint64_t step;
    uint64_t n_runs, n_diverged;
    uint64_t n; /* finite values; the rest is of them */
    double mean, sd, min, max;
    double quantiles[SVI_N_SUMMARY_QUANTILES]; /* at SVI_SUMMARY_QUANTILES */
} svi_curve_row;

/* One metric of every run at the checkpoints of its arm. */
typedef struct svi_run_paths {
    size_t n_checkpoints; /* of the arm with the most */
    size_t *n_in_arm;     /* [n_arms] */
    uint64_t *step;       /* [n_arms][n_checkpoints] */
    double *value;        /* [n_runs][n_checkpoints]; NaN where there is none; NULL: not kept */
} svi_run_paths;

/* The runs of an arm and numerics at one checkpoint against their references. */
typedef struct svi_distance_point {
    uint64_t step, n_runs, n_different; /* different: in some bit */
    uint64_t n_first;                   /* of them: for the first time */
    uint64_t max_ulp;
    svi_moments share, l2, loss, churn; /* of the parameters that differ; loss: magnitudes */
    uint64_t ulps[SVK_ULP_CLASSES], bits[SVK_BIT_POSITIONS]; /* of all runs, as svk_distance */
} svi_distance_point;

/* Without the references themselves. */
typedef struct svi_distance_group {
    uint32_t arm, numerics, reference;
    uint64_t n_runs, n_different; /* at some checkpoint */
    svi_moments growth;           /* of log distance a step, of the runs that tell */
    size_t n_points;
    svi_distance_point *points;
} svi_distance_group;

/* What the runs of an arm and numerics predict on one set of test points. */
typedef struct svi_prediction_set {
    uint32_t arm, numerics;
    uint64_t seed_split, seed_data; /* 0 where all runs of the arm share it */
    svi_agreement agreement;
    size_t n_classes;
    svi_class_agreement *classes; /* [n_classes] */
} svi_prediction_set;

typedef struct svi_run_table {
    char study[128];
    char origin[256];                /* file it was read from */
    uint64_t n_runs, n_runs_planned; /* planned: 0 when unknown (imports) */
    size_t n_arms, n_numerics;
    char (*arm_names)[64], (*numerics_names)[64];
    uint32_t *arm, *numerics;      /* [n_runs] */
    uint64_t *replicate;           /* [n_runs] */
    uint64_t *seed[SVK_N_SOURCES]; /* [n_runs]; NULL where the source is not recorded; sources
                                      that take a plain seed share one column */
    bool is_varied[SVK_N_SOURCES]; /* takes more than one value */
    uint8_t *status;               /* [n_runs] SVK_RUN_* (kernels/arith/net.h) */
    uint32_t (*digest)[4];         /* [n_runs]; NULL where an import has none */
    bool *has_probe;               /* [n_numerics]: a parameter is moved in training */
    bool *is_deterministic;        /* [n_numerics]: replicates must agree bit for bit */
    char design[16];               /* "sweep", "crossed", "imported" */
    size_t n_metrics;
    svi_metric_column *metrics;
    size_t n_curves;
    svi_curve_row *curves; /* by arm, numerics, step and metric */
    svi_run_paths paths;   /* of the headline of the analysis */
    size_t n_distances;
    svi_distance_group *distances; /* by arm and numerics */
    size_t n_prediction_sets;
    svi_prediction_set *prediction_sets; /* by arm, numerics, split seed and data seed */
    double *error_rate; /* [n_runs]: share of the test points that are wrong, NaN where unknown;
                           NULL without predictions */
    double *seconds_per_run; /* [n_arms][n_numerics], NaN where unknown; NULL for imports */
    char headline[64];       /* metric that the findings lead with */
    char machine[512];       /* one line on what trained; empty for imports */
    char ignored[256];       /* imports: names of the columns that hold text, "gpu, notes" */
} svi_run_table;

sv_status svi_run_table_from_store(const char *path, svi_run_table **table, sv_error *error);

/* A table of results (docs/import.md); "-" is stdin, and a pipe will do. arm: the column that names
 * the arms, "none", or NULL: found by its name. SV_ERR_DATA with FILE:LINE:COLUMN, what was found
 * and the mend. SV_ERR_USAGE: there is no column arm. */
sv_status svi_run_table_import(const char *path, const char *arm, svi_run_table **table,
                               sv_error *error);
/* The same with the arms found by name. */
sv_status svi_run_table_from_csv(const char *path, svi_run_table **table, sv_error *error);
/* A store, or a table as svi_run_table_import takes it, by the file's first bytes. */
bool svi_is_store_file(const char *path);
sv_status svi_run_table_from_file(const char *path, const char *arm, svi_run_table **table,
                                  sv_error *error);
void svi_run_table_free(svi_run_table *table);

/* What a column keeps of a result: NaN would say that there is none. */
static inline double svi_result_value(double result) { return isnan(result) ? INFINITY : result; }

/* Accuracies that are kept as shares are read in percent; those that came in percent stay as they
 * are. */
bool svi_is_percentage(const svi_metric_column *column, uint64_t n_runs);

/* ---- for those who fill a table ---- */

/* Room for n_capacity runs in every column: the fixed ones, each metric, seed[s] where has_seed[s],
 * digest where has_digest. Rows already there stay. */
sv_status svi_run_table_reserve(svi_run_table *table, uint64_t n_capacity,
                                const bool has_seed[SVK_N_SOURCES], bool has_digest,
                                sv_error *error);

/* Sets which values of the metric that is judged by are good, and of what it is chosen by on
 * validation data, as the options say. options may be NULL. SV_ERR_USAGE: both are said. */
sv_status svi_run_table_direct(svi_run_table *table, const sv_analysis_options *options,
                               sv_error *error);

/* Derives what follows from the rows: is_varied, is_deterministic, the headline; drops metrics
 * without any value. */
sv_status svi_run_table_finish(svi_run_table *table, sv_error *error);
/* The part of it that takes no rows: is_deterministic, and the headline among the metrics. */
sv_status svi_run_table_name(svi_run_table *table, sv_error *error);

#endif
