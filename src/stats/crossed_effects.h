/* Components of variance of a balanced design of random factors with replicates. Crossed:
 *   y = mean + sum over the non-empty sets S of factors of effect_S + replicate error.
 * Nested, where each factor has levels of its own within every level of the factor before:
 *   y = mean + effect_0 + effect_1(0) + effect_2(1(0)) + ... + replicate error;
 * the set of an effect holds its factor and all those around it. Mean squares of the analysis of
 * variance, components by equating them to their expectations (so an estimate may be negative: it
 * is reported so), and three intervals for each component. No cell may be missing.
 *
 * Use: svi_crossed_plan_make once per design, then svi_crossed_analyze for every metric, then
 * svi_crossed_plan_free. */
#ifndef SVI_CROSSED_EFFECTS_H
#define SVI_CROSSED_EFFECTS_H

#include "stats/sample.h"
#include "vocabulary.h"

enum {
    SVI_MAX_FACTORS = SVK_N_SOURCES,
    SVI_MAX_COMPONENTS = 1 << SVI_MAX_FACTORS,
    SVI_CROSSED_N_DRAWS = 20000, /* pivots of the generalized intervals; the default of a design */
    SVI_CROSSED_N_RESAMPLES = 2000
};

typedef struct svi_crossed_design {
    size_t n_factors;               /* 1..SVI_MAX_FACTORS */
    size_t levels[SVI_MAX_FACTORS]; /* each >= 2 */
    size_t n_replicates;            /* per cell, >= 1 */
    bool is_deterministic; /* read for one replicate only: the replicate error is 0 by contract */
    double level;          /* of the intervals */
    size_t n_draws;        /* 0: SVI_CROSSED_N_DRAWS, else >= 1000 */
    size_t n_resamples;    /* 0: SVI_CROSSED_N_RESAMPLES, else >= 100 */
    bool is_nested;        /* factor 0 is the outermost; levels[f]: within one level of f - 1 */
} svi_crossed_design;

/* How the main interval of a component was found. */
typedef enum svi_crossed_method {
    SVI_CROSSED_EXACT,       /* the component is one mean square: chi-square */
    SVI_CROSSED_GENERALIZED, /* chi-square pivots */
    SVI_CROSSED_HENDERSON    /* there is none: unbalanced_effects.h */
} svi_crossed_method;

typedef struct svi_component {
    uint32_t factors;   /* bit f set: factor f takes part; 0 for the pure replicate stratum */
    bool has_replicate; /* the replicate error is (r > 1) or is mixed into (r = 1) this component */
    bool is_nested;     /* the highest of the factors within the others */
    double df, mean_square;
    double variance; /* untruncated */
    svi_crossed_method method;
    svi_interval interval;       /* the main one, by method */
    svi_interval generalized;    /* chi-square pivots, Philox draws */
    svi_interval large_sample;   /* modified large sample; the exact one where there is one */
    svi_interval bootstrap;      /* percentiles of resampled whole levels (nested: outermost ones):
                                    covers too little */
    double share;                /* of the sum of all components; NaN where that sum is 0 */
    svi_interval share_interval; /* generalized; NaN where the share is */
} svi_component;

typedef struct svi_crossed_result {
    double mean, total_variance; /* total: the sum of all components, the variance of one run */
    svi_interval total_interval; /* generalized */
    size_t n_components;
    /* Single factors first, then pairs, ..., the pure replicate stratum last (only with r > 1). */
    svi_component components[SVI_MAX_COMPONENTS];
} svi_crossed_result;

typedef struct svi_crossed_plan svi_crossed_plan;

sv_status svi_crossed_plan_make(const svi_crossed_design *design, svi_crossed_plan **plan,
                                sv_error *error);
void svi_crossed_plan_free(svi_crossed_plan *plan);

/* values: cells in row-major order (factor 0 slowest), the replicates of a cell next to each other:
 * values[((i0 * levels[1] + i1) * ... ) * n_replicates + replicate]; n_values must be their
 * product. */
sv_status svi_crossed_analyze(const svi_crossed_plan *plan, const double *values, size_t n_values,
                              svi_crossed_result *result, sv_error *error);

/* "init", "init:order", "init:order + replicate", "replicate"; "init(data)" where nested. names: of
 * the factors, in the design's order. Cut to size like snprintf. */
void svi_component_label(const svi_component *component, const char *const *names, char *label,
                         size_t size);
/* "chi-square (exact)", "generalized (chi-square pivots)", "Henderson 1, no interval" */
const char *svi_crossed_method_name(svi_crossed_method method);

#endif
