/* Terms and orders for the tests of sums: magnitudes that provoke rounding, cancellation and the
 * ends of the range. */
#ifndef SUM_TERMS_H
#define SUM_TERMS_H

#include "philox.h"
#include "shuffle.h"

enum { N_TERMS = 101, N_ORDERS = 1000 };

/* How the exponents of the terms are spread. */
enum { TERMS_ALIKE, TERMS_WIDE, TERMS_CANCELLING, TERMS_TINY, TERMS_HUGE, N_TERM_KINDS };

static inline double draw_term(uint32_t kind, uint64_t i, int lowest, int highest)
{
    svk_block b = svk_draw_block(11, kind, 0, i);
    int n_exponents = kind == TERMS_ALIKE ? 3 : kind == TERMS_WIDE ? highest - lowest : 40;
    int first = kind == TERMS_WIDE || kind == TERMS_TINY ? lowest
                : kind == TERMS_HUGE                     ? highest - 40
                                                         : -20;
    double fraction = 1.0 + (double)b.word[0] * 0x1p-32 + (double)(b.word[1] >> 12) * 0x1p-52;
    double size = ldexp(fraction, first + (int)svk_below(b.word[2], (uint32_t)n_exponents));
    return (b.word[3] & 1u) != 0 ? -size : size;
}

/* Exponents from lowest (of the smallest subnormal) to highest - 1. The cancelling terms come in
 * pairs that sum to the last term, which is much smaller. */
static inline void draw_terms(double *term, uint32_t kind, int lowest, int highest)
{
    for (int i = 0; i < N_TERMS; i++) {
        term[i] = draw_term(kind, (uint64_t)i, lowest, highest);
        if (kind == TERMS_CANCELLING && i % 2 == 1) term[i] = -term[i - 1];
    }
    if (kind == TERMS_CANCELLING) term[N_TERMS - 1] = 0x1.234568p-60;
}

static inline void draw_order(uint32_t *order, uint32_t number)
{
    svk_shuffle s = svk_shuffle_make(12, SVK_STREAM_SCHEDULE, number, N_TERMS);
    for (uint32_t i = 0; i < N_TERMS; i++) order[i] = svk_shuffle_at(&s, i);
}

#endif
