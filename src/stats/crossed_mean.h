/* How well a design whose runs share seeds knows its mean: s / sqrt(n) is too small there. */
#ifndef SVI_CROSSED_MEAN_H
#define SVI_CROSSED_MEAN_H

#include "stats/arm_compare.h"
#include "stats/crossed_effects.h"

typedef struct svi_mean_error {
    double mean, variance; /* of the mean */
    double df;             /* Satterthwaite */
} svi_mean_error;

/* Variance of the grand mean of n_values values: the alternating sum of the mean squares, (MS_A +
 * MS_B - MS_AB) / N for two factors; nested: the outermost mean square over N. Where that is below
 * the largest mean square of a single factor over N, the latter stands, so that the interval is
 * never too short for a bad draw of the interaction. */
svi_mean_error svi_crossed_mean_error(const svi_component *components, size_t n_components,
                                      double mean, size_t n_values);

/* Of n_groups >= 2 groups of n_in_group values each that share no seed with one another: from the
 * means of the groups. */
svi_mean_error svi_grouped_mean_error(const double *values, size_t n_groups, size_t n_in_group);

/* Of values that share seeds without filling a grid evenly: the variance clustered by each factor
 * and, by inclusion and exclusion, by their combinations (Cameron, Gelbach and Miller 2011), with
 * the floor of svi_crossed_mean_error. Takes a component for each combination of factors.
 *
 * cluster[n]: below n_clusters >= 2, numbered without gaps: the seeds of `factors`. */
sv_status svi_cluster_component(const double *values, size_t n, const uint32_t *cluster,
                                size_t n_clusters, uint32_t factors, svi_component *out,
                                sv_error *error);
svi_mean_error svi_clustered_mean_error(const svi_component *components, size_t n_components,
                                        const double *values, size_t n);

svi_interval svi_mean_error_interval(const svi_mean_error *mean, double level);

/* t test and interval of a difference of means with the given variance and degrees of freedom; sd
 * and correlation of *out are NaN. */
void svi_difference_from(double difference, double variance, double df, double level,
                         svi_difference *out);

#endif
