/* Random splits of the same rows, one a lane. */
#ifndef SVK_SPLIT_LANES_H
#define SVK_SPLIT_LANES_H

#include "lanes.h"
#include "shuffle.h"

/* Places of a shuffle that are looked up side by side, so that one's latency hides in another's. */
enum { SPLIT_BLOCK = 32 };

/* svk_shuffle of LANES seeds. */
typedef struct split_keys {
    uint32_t multiplier[SVK_FEISTEL_ROUNDS][LANES], addend[SVK_FEISTEL_ROUNDS][LANES];
    uint32_t swap[LANES];
    uint32_t n, low_bits, high_bits;
} split_keys;

static void draw_words(const uint64_t *SVK_RESTRICT seed, uint64_t block,
                       uint32_t (*SVK_RESTRICT word)[LANES])
{
    FOR_LANES(l)
    {
        svk_block b = svk_draw_block(seed[l], SVK_STREAM_SPLIT, 0, block);
        word[0][l] = b.word[0];
        word[1][l] = b.word[1];
        word[2][l] = b.word[2];
        word[3][l] = b.word[3];
    }
}

static void draw_keys(const uint64_t *seed, uint32_t n, split_keys *k)
{
    uint32_t word[4][LANES];
    svk_shuffle shape = svk_shuffle_make(0, SVK_STREAM_SPLIT, 0, n);
    k->n = n;
    k->low_bits = shape.low_bits;
    k->high_bits = shape.high_bits;
    for (uint64_t r = 0; r < SVK_FEISTEL_ROUNDS; r++) {
        if (r % 2 == 0) draw_words(seed, r / 2, word);
        FOR_LANES(l) k->multiplier[r][l] = word[r % 2 * 2][l] | 1u;
        FOR_LANES(l) k->addend[r][l] = word[r % 2 * 2 + 1][l];
    }
    draw_words(seed, SVK_FEISTEL_ROUNDS / 2, word);
    FOR_LANES(l) k->swap[l] = word[0][l] >> 31;
}

/* svk_shuffle_pass of the values that are not below `from`. */
SVK_PASS void pass_lanes(const split_keys *SVK_RESTRICT k, uint32_t from,
                         uint32_t *SVK_RESTRICT value)
{
    uint32_t low_mask = (1u << k->low_bits) - 1u;
    FOR_LANES(l)
    {
        uint32_t high = value[l] >> k->low_bits, low = value[l] & low_mask;
        for (int r = 0; r < SVK_FEISTEL_ROUNDS; r += 2) {
            high ^= svk_feistel(k->multiplier[r][l], k->addend[r][l], low, k->high_bits);
            low ^= svk_feistel(k->multiplier[r + 1][l], k->addend[r + 1][l], high, k->low_bits);
        }
        value[l] = value[l] >= from ? high << k->low_bits | low : value[l];
    }
}

SVK_PASS uint32_t is_any_outside(const uint32_t *value, uint32_t n)
{
    uint32_t n_outside = 0;
    FOR_LANES(l) n_outside += value[l] >= n;
    return n_outside > 0;
}

/* Where places first .. first + n_places - 1 of each lane's shuffle point to: rounds over all that
 * are not there yet, so that nothing waits for one place's last step. row: [SPLIT_BLOCK]. */
static void shuffle_block(const split_keys *k, uint32_t first, uint32_t n_places,
                          uint32_t (*row)[LANES])
{
    uint32_t left[SPLIT_BLOCK], n_left = n_places;
    for (uint32_t p = 0; p < SPLIT_BLOCK; p++) {
        FOR_LANES(l) row[p][l] = first + p;
        left[p] = p;
    }
    for (uint32_t from = 0; n_left > 0; from = k->n) {
        uint32_t n_outside = 0;
        for (uint32_t i = 0; i < n_left; i++) pass_lanes(k, from, row[left[i]]);
        for (uint32_t i = 0; i < n_left; i++) {
            uint32_t p = left[i];
            left[n_outside] = p;
            n_outside += is_any_outside(row[p], k->n);
        }
        n_left = n_outside;
    }
    for (uint32_t p = 0; p < n_places; p++)
        FOR_LANES(l) row[p][l] = row[p][l] < 2 ? row[p][l] ^ k->swap[l] : row[p][l];
}

/* Part of a row: 0, 1, 2 for train, val, test. */
static uint32_t part_of_place(uint32_t place, uint32_t n_val, uint32_t n_test)
{
    return place < n_test ? 2 : place < n_test + n_val ? 1 : 0;
}

static void deal_large(const uint64_t *seed, uint32_t n, uint32_t n_val, uint32_t n_test,
                       uint32_t *part)
{
    split_keys keys;
    draw_keys(seed, n, &keys);
    for (uint32_t first = 0; first < n_test + n_val; first += SPLIT_BLOCK) {
        uint32_t row[SPLIT_BLOCK][LANES], left = n_test + n_val - first;
        uint32_t n_places = left < SPLIT_BLOCK ? left : SPLIT_BLOCK;
        shuffle_block(&keys, first, n_places, row);
        for (uint32_t p = 0; p < n_places; p++) {
            uint32_t number = part_of_place(first + p, n_val, n_test);
            for (uint32_t l = 0; l < LANES; l++) part[row[p][l] * LANES + l] = number;
        }
    }
}

static void deal_small(const uint64_t *seed, uint32_t n, uint32_t n_val, uint32_t n_test,
                       uint32_t *part)
{
    uint8_t row[SVK_FISHER_YATES_MAX];
    for (size_t l = 0; l < LANES; l++) {
        svk_fisher_yates(seed[l], SVK_STREAM_SPLIT, 0, 0, n, row);
        for (uint32_t p = 0; p < n_test + n_val; p++)
            part[(size_t)row[p] * LANES + l] = part_of_place(p, n_val, n_test);
    }
}

/* From the part of each row to its slot: p * LANES + l where it is number p of lane l's rows, when
 * those that train come first, then those that validate, then those that test, each ascending. */
SVK_PASS void number_rows(uint32_t n, uint32_t n_val, uint32_t n_test, uint32_t *SVK_RESTRICT slot)
{
    uint32_t train[LANES], val[LANES], test[LANES];
    FOR_LANES(l) train[l] = (uint32_t)l;
    FOR_LANES(l) val[l] = (n - n_test - n_val) * LANES + (uint32_t)l;
    FOR_LANES(l) test[l] = (n - n_test) * LANES + (uint32_t)l;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *row = slot + (size_t)i * LANES;
        FOR_LANES(l)
        {
            /* all ones where the row has that part: the compiler makes branches of conditions */
            uint32_t is_train = 0u - (row[l] == 0), is_val = 0u - (row[l] == 1);
            uint32_t is_test = 0u - (row[l] == 2);
            row[l] = (train[l] & is_train) | (val[l] & is_val) | (test[l] & is_test);
            train[l] += LANES & is_train;
            val[l] += LANES & is_val;
            test[l] += LANES & is_test;
        }
    }
}

/* Splits n rows. slot: [n][LANES]. */
static void split_slots(const uint64_t *seed, uint32_t n, uint32_t n_val, uint32_t n_test,
                        uint32_t *slot)
{
    memset(slot, 0, (size_t)n * LANES * sizeof *slot);
    if (n > SVK_FISHER_YATES_MAX)
        deal_large(seed, n, n_val, n_test, slot);
    else
        deal_small(seed, n, n_val, n_test, slot);
    number_rows(n, n_val, n_test, slot);
}

#endif
