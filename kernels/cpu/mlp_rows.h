/* Which rows a step visits, and how they reach the vectors. */
#ifndef SVK_MLP_ROWS_H
#define SVK_MLP_ROWS_H

#include "mlp_state.h"
#include "shuffle_passes.h"

/* ---- the order of an epoch ---- */

/* svk_shuffle_make in every lane, a block of words of all lanes at a time. */
static void make_shuffles(state *s, uint32_t epoch)
{
    for (int l = 0; l < LANES; l++) svk_shuffle_set_size(&s->shuffle[l], s->training->n_train);
    for (int i = 0; i < SVK_SHUFFLE_BLOCKS; i++) {
        uint32_t word[4][LANES];
        FOR_LANES(l)
        {
            svk_block b =
                svk_draw_block(s->lanes[l].seed_order, SVK_STREAM_ORDER, epoch, (uint64_t)i);
            for (int w = 0; w < 4; w++) word[w][l] = b.word[w];
        }
        for (int l = 0; l < LANES; l++)
            svk_shuffle_set_keys(&s->shuffle[l], i,
                                 (svk_block){{word[0][l], word[1][l], word[2][l], word[3][l]}});
    }
}

static void begin_epoch(state *s, uint32_t epoch)
{
    const svk_training *t = s->training;
    s->window_begin = s->window_end = 0;
    if (t->sampling != SVK_SAMPLING_SHUFFLE) return;
    if (t->n_train > SVK_FISHER_YATES_MAX) {
        make_shuffles(s, epoch);
        return;
    }
    for (int l = 0; l < LANES; l++)
        svk_fisher_yates(s->lanes[l].seed_order, SVK_STREAM_ORDER, epoch, 0, t->n_train,
                         s->small_order + l * SVK_FISHER_YATES_MAX);
}

/* Those of place[0 .. n-1] that lie outside the rows, listed in walking; returns their number. */
static uint32_t list_outside(const uint32_t *place, uint32_t n, uint32_t n_rows, uint32_t *walking)
{
    uint32_t n_walking = 0;
    for (uint32_t i = 0; i < n; i++) {
        walking[n_walking] = i;
        n_walking += place[i] >= n_rows;
    }
    return n_walking;
}

/* One more pass for each place in the list, which is cut down to those still outside. */
static uint32_t walk_on(const svk_shuffle *s, uint32_t *place, uint32_t *restrict walking,
                        uint32_t *restrict value, uint32_t n_walking)
{
    uint32_t n_left = 0;
    for (uint32_t q = 0; q < n_walking; q++) value[q] = place[walking[q]];
    for (uint32_t q = 0; q < n_walking; q++) value[q] = svk_shuffle_pass(s, value[q]);
    for (uint32_t q = 0; q < n_walking; q++) {
        uint32_t i = walking[q];
        place[i] = value[q];
        walking[n_left] = i;
        n_left += value[q] >= s->n;
    }
    return n_left;
}

/* place[i] = row at place first + i of the shuffled epoch. All places pass at once; those that
 * fall outside walk on together, fewer each time. walking: [2 * n]. */
static void shuffled_places(const svk_shuffle *shuffle, uint32_t first, uint32_t n, uint32_t *place,
                            uint32_t *walking)
{
    const svk_shuffle s = *shuffle;
    uint32_t farthest = 0;
    pass_all(&s, first, n, place);
    for (uint32_t i = 0; i < n; i++) farthest = place[i] > farthest ? place[i] : farthest;
    if (farthest >= s.n)
        for (uint32_t m = list_outside(place, n, s.n, walking); m > 0;)
            m = walk_on(&s, place, walking, walking + n, m);
    for (uint32_t i = 0; i < n; i++) place[i] = svk_shuffle_swap(&s, place[i]);
}

static void lane_places(state *s, int l, uint32_t epoch, uint32_t first, uint32_t n,
                        uint32_t *place)
{
    const svk_training *t = s->training;
    if (t->sampling == SVK_SAMPLING_REPLACEMENT) {
        for (uint32_t i = 0; i < n; i++)
            place[i] = svk_below(
                svk_draw(s->lanes[l].seed_order, SVK_STREAM_ORDER, epoch, first + i), t->n_train);
    } else if (t->n_train > SVK_FISHER_YATES_MAX) {
        shuffled_places(&s->shuffle[l], first, n, place, s->walking);
    } else {
        for (uint32_t i = 0; i < n; i++)
            place[i] = s->small_order[l * SVK_FISHER_YATES_MAX + first + i];
    }
}

/* Where the rows at places first .. first + n - 1 of the epoch stand for lane 0; the next lane's
 * are place_stride further on. n is at most s->chunk. */
static const uint32_t *find_places(state *s, uint32_t epoch, uint32_t first, uint32_t n)
{
    if (first < s->window_begin || first + n > s->window_end) {
        uint32_t left = s->training->n_train - first;
        s->window_begin = first;
        s->window_end = first + (left < s->window ? left : s->window);
        for (int l = 0; l < LANES; l++)
            lane_places(s, l, epoch, first, s->window_end - first,
                        s->place + (size_t)l * place_stride(s));
    }
    return s->place + (first - s->window_begin);
}

/* ---- rows of data into vectors ---- */

/* The last features, up to three, of a row from each lane's address, and the target that follows
 * them into y. */
SVK_FN void load_row_end(state *s, uint32_t b, const real *const *row)
{
    uint32_t n_left = s->training->n_features & 3, first = s->training->n_features - n_left;
    real *h = s->h[0] + value_at(s, 0, b, 0) + first * 4 * LANES;
    vreal v[4];
    v_load_rows(row, (int)first, 4, v);
    for (uint32_t i = 0; i < n_left; i++) v_store(h + i * 4 * LANES, v[i]);
    v_store(s->y + b * LANES, v[n_left]);
}

/* A row from each lane's address: features into h[0], the target that follows them into y. */
static void load_row(state *s, uint32_t b, const real *const *row)
{
    uint32_t n_features = s->training->n_features;
    real *h = s->h[0] + value_at(s, 0, b, 0);
    vreal v[16];
    uint32_t f = 0;
    for (; f + 16 <= n_features; f += 16) {
        v_load_rows(row, (int)f, 16, v);
        for (uint32_t i = 0; i < 16; i++) v_store(h + (f + i) * 4 * LANES, v[i]);
    }
    for (; f + 4 <= n_features; f += 4) {
        v_load_rows(row, (int)f, 4, v);
        for (uint32_t i = 0; i < 4; i++) v_store(h + (f + i) * 4 * LANES, v[i]);
    }
    load_row_end(s, b, row);
}

static const real *row_address(const state *s, int l, uint32_t row)
{
    return s->x[l] + (size_t)row * s->training->ld;
}

/* Samples begin .. end - 1 of the chunk's n. end may run past n to fill a group of four: with the
 * first sample, which no sum uses. */
static void load_samples(state *s, const uint32_t *place, uint32_t begin, uint32_t end, uint32_t n)
{
    for (uint32_t b = begin; b < end; b++) {
        const uint32_t *at = place + (b < n ? b : 0);
        const real *row[LANES];
#pragma GCC unroll 16
        for (int l = 0; l < LANES; l++) row[l] = row_address(s, l, at[(size_t)l * place_stride(s)]);
        if (s->training->n_features < 4)
            load_row_end(s, b, row);
        else
            load_row(s, b, row);
    }
}

/* Samples begin .. end - 1 of the chunk's n, which are rows first .. first + n - 1 in every lane.
 */
static void load_consecutive(state *s, uint32_t first, uint32_t begin, uint32_t end, uint32_t n)
{
    for (uint32_t b = begin; b < end; b++) {
        const real *row[LANES];
        for (int l = 0; l < LANES; l++) row[l] = row_address(s, l, first + (b < n ? b : 0));
        load_row(s, b, row);
    }
}

#endif
