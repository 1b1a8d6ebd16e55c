#include "stats/exact_sum.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* An addition changes a digit by less than 2^35: so many of them stay below 2^63. */
enum { MAX_PENDING = 1 << 27 };

static const uint64_t low_half = 0xffffffffu;

/* Adds or subtracts bits * 2^exponent. */
static void add_bits(svi_exact_sum *sum, uint64_t bits, int exponent, int64_t sign)
{
    unsigned place = (unsigned)(exponent - SVI_SUM_UNIT), shift = place & 31u;
    int64_t *digit = &sum->digit[place >> 5];
    uint64_t low = (bits & low_half) << shift, high = (bits >> 32) << shift;
    digit[0] += sign * (int64_t)(low & low_half);
    digit[1] += sign * (int64_t)((low >> 32) + (high & low_half));
    digit[2] += sign * (int64_t)(high >> 32);
}

/* |value| = *bits * 2^exponent with less than 53 bits. */
static int take_apart(double value, uint64_t *bits)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    int exponent = (int)(word >> 52 & 0x7ff);
    *bits = word & ((UINT64_C(1) << 52) - 1);
    if (exponent == 0) return -1074;
    *bits |= UINT64_C(1) << 52;
    return exponent - 1075;
}

static void note_addition(svi_exact_sum *sum)
{
    if (++sum->n_pending == MAX_PENDING) svi_sum_settle(sum);
}

void svi_sum_add(svi_exact_sum *sum, double value)
{
    uint64_t bits;
    int exponent = take_apart(value, &bits);
    add_bits(sum, bits, exponent, value < 0 ? -1 : 1);
    note_addition(sum);
}

/* (high * 2^27 + low)^2, each product in less than 64 bits. */
void svi_sum_add_square(svi_exact_sum *sum, double value)
{
    uint64_t bits;
    int exponent = 2 * take_apart(value, &bits);
    uint64_t low = bits & ((1u << 27) - 1), high = bits >> 27;
    add_bits(sum, low * low, exponent, 1);
    add_bits(sum, 2 * low * high, exponent + 27, 1);
    add_bits(sum, high * high, exponent + 54, 1);
    note_addition(sum);
}

void svi_sum_settle(svi_exact_sum *sum)
{
    int64_t carry = 0;
    for (int i = 0; i + 1 < SVI_SUM_DIGITS; i++) {
        int64_t digit = sum->digit[i] + carry;
        int64_t rest = (int64_t)((uint64_t)digit & low_half);
        carry = (digit - rest) / ((int64_t)1 << 32);
        sum->digit[i] = rest;
    }
    sum->digit[SVI_SUM_DIGITS - 1] += carry;
    sum->n_pending = 0;
}

void svi_sum_negate(svi_exact_sum *sum)
{
    for (int i = 0; i < SVI_SUM_DIGITS; i++) sum->digit[i] = -sum->digit[i];
    svi_sum_settle(sum);
}

void svi_sum_merge(svi_exact_sum *sum, const svi_exact_sum *other)
{
    svi_exact_sum settled = *other;
    svi_sum_settle(&settled);
    svi_sum_settle(sum);
    for (int i = 0; i < SVI_SUM_DIGITS; i++) sum->digit[i] += settled.digit[i];
    svi_sum_settle(sum);
}

/* ---- natural numbers of many digits, for the two results ---- */

enum { N_WIDE = 2 * SVI_SUM_DIGITS };

typedef struct wide {
    uint32_t digit[N_WIDE];
} wide;

static wide wide_of(const svi_exact_sum *settled)
{
    wide w = {{0}};
    for (int i = 0; i < SVI_SUM_DIGITS; i++) w.digit[i] = (uint32_t)settled->digit[i];
    return w;
}

/* *to += a * factor * 2^(32 shift); what lies beyond N_WIDE digits is zero by the size of sums. */
static void add_multiple(wide *to, const wide *a, uint32_t factor, int shift)
{
    uint64_t carry = 0;
    for (int i = 0; i + shift < N_WIDE; i++) {
        uint64_t digit = (uint64_t)a->digit[i] * factor + to->digit[i + shift] + carry;
        to->digit[i + shift] = (uint32_t)digit;
        carry = digit >> 32;
    }
}

static void subtract(wide *from, const wide *a)
{
    uint64_t borrow = 0;
    for (int i = 0; i < N_WIDE; i++) {
        uint64_t digit = (uint64_t)from->digit[i] - a->digit[i] - borrow;
        from->digit[i] = (uint32_t)digit;
        borrow = digit >> 63;
    }
}

static unsigned digit_at(const wide *a, int i) { return i >= 0 ? a->digit[i] : 0; }

/* a = result * 2^exponent, rounded to nearest; result is 0 or in [2^63, 2^64]. */
static double wide_scale(const wide *a, int *exponent)
{
    int top = N_WIDE - 1, shift = 0;
    while (top > 0 && a->digit[top] == 0) top--;
    *exponent = 0;
    if (a->digit[top] == 0) return 0;
    while (a->digit[top] << shift >> 31 == 0) shift++;
    uint64_t low = (uint64_t)digit_at(a, top - 2) << shift;
    uint64_t bits = ((uint64_t)a->digit[top] << 32 | digit_at(a, top - 1)) << shift | low >> 32;
    bool has_rest = (low & low_half) != 0;
    for (int i = top - 3; i >= 0; i--) has_rest = has_rest || a->digit[i] != 0;
    *exponent = 32 * (top - 1) - shift;
    /* the last bit is far below the rounding: it stands for all that were cut off */
    return (double)(bits | has_rest);
}

double svi_sum_mean(svi_exact_sum *sum, uint64_t n)
{
    svi_sum_settle(sum);
    svi_exact_sum magnitude = *sum;
    bool is_negative = sum->digit[SVI_SUM_DIGITS - 1] < 0;
    if (is_negative) svi_sum_negate(&magnitude);
    wide w = wide_of(&magnitude);
    int exponent;
    double scaled = wide_scale(&w, &exponent) / (double)n;
    double mean = ldexp(scaled, exponent + SVI_SUM_UNIT);
    return is_negative ? -mean : mean;
}

/* n squares - sum^2 >= 0, in units of 2^(2 SVI_SUM_UNIT). */
static wide spread(svi_exact_sum *sum, svi_exact_sum *squares, uint64_t n)
{
    const int unit_digits = -SVI_SUM_UNIT / 32;
    wide difference = {{0}}, square = {{0}};
    svi_sum_settle(squares);
    svi_sum_settle(sum);
    svi_exact_sum magnitude = *sum;
    if (sum->digit[SVI_SUM_DIGITS - 1] < 0) svi_sum_negate(&magnitude);
    wide s = wide_of(&magnitude), q = wide_of(squares);
    add_multiple(&difference, &q, (uint32_t)n, unit_digits);
    add_multiple(&difference, &q, (uint32_t)(n >> 32), unit_digits + 1);
    for (int i = 0; i < SVI_SUM_DIGITS; i++)
        if (s.digit[i] != 0) add_multiple(&square, &s, s.digit[i], i);
    subtract(&difference, &square);
    return difference;
}

double svi_sum_sd(svi_exact_sum *sum, svi_exact_sum *squares, uint64_t n)
{
    int exponent;
    wide difference = spread(sum, squares, n);
    double scaled = wide_scale(&difference, &exponent) / ((double)n * (double)(n - 1));
    exponent += 2 * SVI_SUM_UNIT;
    if (exponent % 2 != 0) {
        scaled *= 2;
        exponent--;
    }
    return ldexp(sqrt(scaled), exponent / 2);
}
