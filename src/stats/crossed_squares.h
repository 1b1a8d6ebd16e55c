/* The arithmetic of a balanced design: mean squares and what they expect. A set of factors is a bit
 * mask; set 0 stands for the replicate stratum. Arrays "by set" have 1 << n_factors entries; those
 * of sets without an effect of their own (in a nested design all but the prefixes) are 0. For
 * crossed_effects.c and its parts. */
#ifndef SVI_CROSSED_SQUARES_H
#define SVI_CROSSED_SQUARES_H

#include "stats/crossed_effects.h"

/* Cells in row-major order. */
typedef struct svi_crossed_cells {
    double *mean;   /* [n_cells]: of the cell's replicates, less the grand mean */
    double *within; /* [n_cells]: sum of squares about the cell's mean */
    double grand_mean;
} svi_crossed_cells;

size_t svi_crossed_n_cells(const svi_crossed_design *design);
uint32_t svi_crossed_n_sets(const svi_crossed_design *design);
/* Whether the design has an effect for a set of factors. */
bool svi_crossed_has_effect(const svi_crossed_design *design, uint32_t set);
double svi_crossed_df(const svi_crossed_design *design, uint32_t set);

/* cells->mean and cells->within have room for every cell. */
void svi_crossed_reduce(const svi_crossed_design *design, const double *values,
                        svi_crossed_cells *cells);

/* mean_squares: by set; the one of set 0 is 0 for one replicate. cell_means is overwritten; space
 * has room for as many numbers as there are cells; sum_within is the sum of cells->within. */
void svi_crossed_mean_squares(const svi_crossed_design *design, double *cell_means,
                              double sum_within, double *space, double *mean_squares);

/* The component of set is the sum of weights[s] * mean_squares[s]: mean squares equated to their
 * expectations (Searle, Casella and McCulloch 1992, chapter 4). weights: by set. */
void svi_component_weights(const svi_crossed_design *design, uint32_t set, double *weights);

#endif
