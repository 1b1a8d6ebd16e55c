/* The orders in which the parts of a gradient arrived (path arrival), as bits.
 *
 * Step by step all S parts, empty ones too, in the order of their tickets; each as the number of
 * lower parts that have not arrived yet. Where m parts are left that takes the fewest bits that
 * tell m numbers apart. Bits fill 32-bit words from the lowest on, one after the other, across the
 * steps; the last word is filled up with zeros. */
#ifndef SVK_ARRIVAL_H
#define SVK_ARRIVAL_H

#include "net.h"

SVK_FN int32_t svk_bits_to_tell_apart(int32_t m)
{
    int32_t n_bits = 0;
    while ((1 << n_bits) < m) n_bits++;
    return n_bits;
}

/* 32-bit words that a run of n_steps steps takes. */
SVK_FN uint64_t svk_arrival_n_words(int32_t n_parts, uint64_t n_steps)
{
    uint64_t n_bits = 0;
    for (int32_t m = 2; m <= n_parts; m++) n_bits += (uint64_t)svk_bits_to_tell_apart(m);
    return (n_bits * n_steps + 31) / 32;
}

/* Bits on their way into words, or out of them. */
typedef struct svk_bit_stream {
    uint32_t *word; /* the next one; only read from where orders are taken */
    uint64_t held;
    int32_t n_held;
} svk_bit_stream;

SVK_FN void svk_bits_put(svk_bit_stream *s, uint32_t value, int32_t n_bits)
{
    s->held |= (uint64_t)value << s->n_held;
    s->n_held += n_bits;
    if (s->n_held < 32) return;
    *s->word++ = (uint32_t)s->held;
    s->held >>= 32;
    s->n_held -= 32;
}

SVK_FN uint32_t svk_bits_take(svk_bit_stream *s, int32_t n_bits)
{
    if (s->n_held < n_bits) {
        s->held |= (uint64_t)*s->word++ << s->n_held;
        s->n_held += 32;
    }
    uint32_t value = (uint32_t)s->held & ((1u << n_bits) - 1u);
    s->held >>= n_bits;
    s->n_held -= n_bits;
    return value;
}

/* The order of one step: part order[0] came first. */
SVK_FN void svk_arrival_put(svk_bit_stream *s, const uint32_t *order, int32_t n_parts)
{
    uint32_t has_arrived = 0;
    for (int32_t i = 0; i < n_parts; i++) {
        uint32_t number = 0;
        for (uint32_t p = 0; p < order[i]; p++) number += (has_arrived >> p & 1u) == 0;
        has_arrived |= 1u << order[i];
        svk_bits_put(s, number, svk_bits_to_tell_apart(n_parts - i));
    }
}

/* Of bits that no order gives (a damaged log) some order is made all the same. */
SVK_FN void svk_arrival_take(svk_bit_stream *s, uint8_t *order, int32_t n_parts)
{
    uint32_t has_arrived = 0;
    for (int32_t i = 0; i < n_parts; i++) {
        uint32_t number = svk_bits_take(s, svk_bits_to_tell_apart(n_parts - i));
        int32_t part = 0;
        for (int32_t p = 0; p < n_parts; p++) {
            if ((has_arrived >> p & 1u) != 0) continue;
            part = p;
            if (number-- == 0) break;
        }
        has_arrived |= 1u << part;
        order[i] = (uint8_t)part;
    }
}

/* What is held goes into the last word. */
SVK_FN void svk_bits_end(svk_bit_stream *s)
{
    if (s->n_held > 0) *s->word++ = (uint32_t)s->held;
    s->n_held = 0;
    s->held = 0;
}

#endif
