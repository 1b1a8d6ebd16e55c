/* Sums of binary64 numbers and of their squares without any rounding: the same whatever the order
 * in which values are added and sums are merged. */
#ifndef SVI_EXACT_SUM_H
#define SVI_EXACT_SUM_H

#include <stdint.h>

/* Digits of 32 bits, the least significant first, in units of 2^-2176: room for the squares of the
 * smallest and of 2^64 of the largest numbers. */
enum { SVI_SUM_DIGITS = 138, SVI_SUM_UNIT = -2176 };

typedef struct svi_exact_sum {
    int64_t digit[SVI_SUM_DIGITS]; /* may hold carries, and be negative, until svi_sum_settle */
    uint32_t n_pending;            /* additions since the last carry */
} svi_exact_sum;

/* value is finite. */
void svi_sum_add(svi_exact_sum *sum, double value);
void svi_sum_add_square(svi_exact_sum *sum, double value);
void svi_sum_merge(svi_exact_sum *sum, const svi_exact_sum *other);

/* Carries: every digit is in 0 .. 2^32 - 1 but the last, which has the sign. The digits are then a
 * function of the sum's value alone. */
void svi_sum_settle(svi_exact_sum *sum);
/* Changes the sign; settles. */
void svi_sum_negate(svi_exact_sum *sum);

/* sum / n, rounded twice. Settles. n >= 1. */
double svi_sum_mean(svi_exact_sum *sum, uint64_t n);
/* sqrt((n squares - sum^2) / (n (n - 1))), the numerator exact. Settles. n >= 2. */
double svi_sum_sd(svi_exact_sum *sum, svi_exact_sum *squares, uint64_t n);

#endif
