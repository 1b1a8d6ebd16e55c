/* A sketch as bytes: docs/store.md describes them. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "stats/sketch.h"

/* ---- writing ---- */

static void put_byte(svi_text *out, unsigned byte)
{
    char c = (char)(unsigned char)byte;
    svi_text_add_bytes(out, &c, 1);
}

/* Seven bits a byte, the least significant first; all but the last have the top bit set. */
static void put_number(svi_text *out, uint64_t number)
{
    for (; number >= 128; number >>= 7) put_byte(out, 128u | (unsigned)(number & 127));
    put_byte(out, (unsigned)number);
}

static void put_word(svi_text *out, uint64_t word, int n_bytes)
{
    for (int b = 0; b < n_bytes; b++) put_byte(out, (unsigned)(word >> (8 * b) & 255));
}

static void put_sum(svi_text *out, const svi_exact_sum *sum)
{
    svi_exact_sum magnitude = *sum;
    svi_sum_settle(&magnitude);
    bool is_negative = magnitude.digit[SVI_SUM_DIGITS - 1] < 0;
    if (is_negative) svi_sum_negate(&magnitude);
    int first = 0, end = SVI_SUM_DIGITS;
    while (end > 0 && magnitude.digit[end - 1] == 0) end--;
    while (first < end && magnitude.digit[first] == 0) first++;
    put_number(out, (uint64_t)first << 1 | is_negative);
    put_number(out, (uint64_t)(end - first));
    for (int i = first; i < end; i++) put_word(out, (uint64_t)magnitude.digit[i], 4);
}

static void put_buckets(svi_text *out, const svi_sketch *sketch)
{
    uint64_t next = 0;
    for (size_t p = 0; p < sketch->n_pages; p++)
        for (uint64_t i = 0; i < SVI_SKETCH_PAGE; i++) {
            uint64_t count = sketch->pages[p].count[i];
            uint64_t key = (uint64_t)sketch->pages[p].number << SVI_SKETCH_BITS | i;
            if (count == 0) continue;
            put_number(out, key - next);
            put_number(out, count);
            next = key + 1;
        }
}

sv_status svi_sketch_write(svi_sketch *sketch, unsigned char **bytes, size_t *n, sv_error *error)
{
    svi_text out = {0};
    SVI_TRY(svi_sketch_check(sketch, error));
    put_number(&out, sketch->n);
    put_number(&out, sketch->n_not_finite);
    if (sketch->n > 0) {
        put_word(&out, sketch->low, 8);
        put_word(&out, sketch->high, 8);
        put_sum(&out, &sketch->sum);
        put_sum(&out, &sketch->squares);
        put_buckets(&out, sketch);
    }
    *n = out.n;
    return svi_text_take(&out, (char **)bytes, error);
}

/* ---- reading ---- */

typedef struct source {
    const unsigned char *at, *end;
    bool is_wrong; /* ended early, or not what is written */
} source;

static uint64_t take_byte(source *from)
{
    if (from->at < from->end) return *from->at++;
    from->is_wrong = true;
    return 0;
}

static uint64_t take_number(source *from)
{
    uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint64_t byte = take_byte(from);
        number |= (byte & 127) << shift;
        if (byte < 128) return number;
    }
    from->is_wrong = true;
    return 0;
}

static uint64_t take_word(source *from, int n_bytes)
{
    uint64_t word = 0;
    for (int b = 0; b < n_bytes; b++) word |= take_byte(from) << (8 * b);
    return word;
}

static void take_sum(source *from, svi_exact_sum *sum)
{
    uint64_t first = take_number(from), n = take_number(from);
    bool is_negative = (first & 1) != 0;
    first >>= 1;
    memset(sum, 0, sizeof *sum);
    if (first > SVI_SUM_DIGITS || n > SVI_SUM_DIGITS - first) {
        from->is_wrong = true;
        return;
    }
    for (uint64_t i = 0; i < n; i++) sum->digit[first + i] = (int64_t)take_word(from, 4);
    if (is_negative) svi_sum_negate(sum);
}

static void take_buckets(source *from, uint64_t n, svi_sketch *part)
{
    const uint64_t n_keys = UINT64_C(1) << (12 + SVI_SKETCH_BITS);
    uint64_t next = 0, n_seen = 0;
    while (from->at < from->end && !from->is_wrong) {
        uint64_t gap = take_number(from), count = take_number(from);
        from->is_wrong |= gap >= n_keys - next || count == 0 || count > n - n_seen;
        if (from->is_wrong) return;
        uint64_t key = next + gap;
        uint64_t *counts = svi_sketch_page_counts(part, (uint32_t)(key >> SVI_SKETCH_BITS));
        if (counts == NULL) return;
        counts[key & (SVI_SKETCH_PAGE - 1)] = count;
        n_seen += count;
        next = key + 1;
    }
    from->is_wrong |= n_seen != n;
}

sv_status svi_sketch_read(svi_sketch *sketch, const unsigned char *bytes, size_t n, sv_error *error)
{
    source from = {bytes, bytes + n, false};
    svi_sketch part = {.n = take_number(&from)};
    part.n_not_finite = take_number(&from);
    if (part.n > 0) {
        part.low = take_word(&from, 8);
        part.high = take_word(&from, 8);
        take_sum(&from, &part.sum);
        take_sum(&from, &part.squares);
        take_buckets(&from, part.n, &part);
    }
    sv_status status = svi_sketch_check(&part, error);
    if (status == SV_OK && (from.is_wrong || from.at != from.end))
        status = svi_fail(error, SV_ERR_DATA, "%zu bytes are not those of a sketch", n);
    if (status == SV_OK) svi_sketch_merge(sketch, &part);
    svi_sketch_clear(&part);
    return status == SV_OK ? svi_sketch_check(sketch, error) : status;
}
