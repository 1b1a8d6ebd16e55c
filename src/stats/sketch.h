/* A sample of any size in bounded memory: exact count, extremes, mean and SD, and quantiles to a
 * stated relative error. Sketches of parts of a sample merge into that of the whole, bit for bit
 * the same however it was cut: every part of a sketch is a count, an extreme or an exact sum. */
#ifndef SVI_SKETCH_H
#define SVI_SKETCH_H

#include "base/error.h"
#include "stats/exact_sum.h"

/* A bucket of the histogram holds the values with the same sign, exponent and first
 * SVI_SKETCH_BITS bits of the fraction: 2048 buckets between powers of two, equally wide. */
enum { SVI_SKETCH_BITS = 11, SVI_SKETCH_PAGE = 1 << SVI_SKETCH_BITS };

/* An order statistic stands at the end of its bucket that is nearer to zero, so that 0, 1, 2, ...
 * are exact: it is off by less than this share of itself (below 2^-1022 by less than 2^-1033). A
 * quantile is off by less than this share of the greater of the two that it lies between. */
#define SVI_SKETCH_ERROR 0x1p-11

/* The buckets of one sign and exponent. */
typedef struct svi_sketch_page {
    uint32_t number;
    uint64_t *count; /* [SVI_SKETCH_PAGE] */
} svi_sketch_page;

/* Zero-initialize. */
typedef struct svi_sketch {
    uint64_t n;            /* finite values */
    uint64_t n_not_finite; /* counted, and in nothing else */
    uint64_t low, high;    /* the extremes, as integers in the order of the values */
    svi_exact_sum sum, squares;
    size_t n_pages;
    svi_sketch_page *pages; /* ascending in number */
    bool has_failed;        /* of an allocation: the sketch is of no use */
} svi_sketch;

/* A failed allocation is remembered until svi_sketch_check. */
void svi_sketch_add(svi_sketch *sketch, double value);
void svi_sketch_merge(svi_sketch *sketch, const svi_sketch *other);
sv_status svi_sketch_check(const svi_sketch *sketch, sv_error *error);
void svi_sketch_clear(svi_sketch *sketch);

/* NaN without finite values. */
double svi_sketch_min(const svi_sketch *sketch);
double svi_sketch_max(const svi_sketch *sketch);
double svi_sketch_mean(svi_sketch *sketch);
/* Divisor n - 1; NaN for n < 2. */
double svi_sketch_sd(svi_sketch *sketch);
/* As svi_sorted_quantile (type 7), of values moved to the ends of their buckets but not beyond the
 * extremes. probability in [0, 1]. */
double svi_sketch_quantile(const svi_sketch *sketch, double probability);

/* The order statistic of a rank from 0 to n - 1, moved to the end of its bucket. */
double svi_sketch_at_rank(const svi_sketch *sketch, uint64_t rank);
/* The values moved to the ends of their buckets, ascending, and how many have each: *n of them,
 * released with free. The sketch has values. */
typedef struct svi_value_count {
    double value;
    uint64_t count;
} svi_value_count;
sv_status svi_sketch_values(const svi_sketch *sketch, svi_value_count **values, size_t *n,
                            sv_error *error);

/* The buckets of a page, made when it is the first; NULL where memory ran out. */
uint64_t *svi_sketch_page_counts(svi_sketch *sketch, uint32_t number);

/* The bytes of docs/store.md, a function of the values alone; released with free. */
sv_status svi_sketch_write(svi_sketch *sketch, unsigned char **bytes, size_t *n, sv_error *error);
/* Merges what svi_sketch_write wrote. SV_ERR_DATA when the bytes are anything else. */
sv_status svi_sketch_read(svi_sketch *sketch, const unsigned char *bytes, size_t n,
                          sv_error *error);

#endif
