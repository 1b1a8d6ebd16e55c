/* Orders of arrival as bits: what is put is taken again, in as few words as are said. */
#include <criterion/criterion.h>

#include "arrival.h"
#include "shuffle.h"

enum { N_STEPS = 97 };

/* A different order at every step. */
static void draw_order(int32_t n_parts, uint64_t step, uint8_t order[SVK_MAX_PARTS])
{
    svk_fisher_yates(11, SVK_STREAM_SCHEDULE, 0, step * SVK_MAX_PARTS, (uint32_t)n_parts, order);
}

static void put_all(int32_t n_parts, svk_bit_stream *out)
{
    for (uint64_t step = 0; step < N_STEPS; step++) {
        uint8_t order[SVK_MAX_PARTS];
        uint32_t wide[SVK_MAX_PARTS];
        draw_order(n_parts, step, order);
        for (int32_t i = 0; i < n_parts; i++) wide[i] = order[i];
        svk_arrival_put(out, wide, n_parts);
    }
    svk_bits_end(out);
}

Test(arrival, orders_of_any_number_of_parts_come_back)
{
    uint32_t word[N_STEPS * 5];
    for (int32_t n_parts = 1; n_parts <= SVK_MAX_PARTS; n_parts++) {
        svk_bit_stream out = {.word = word}, in = {.word = word};
        put_all(n_parts, &out);
        cr_assert_eq((uint64_t)(out.word - word), svk_arrival_n_words(n_parts, N_STEPS));
        for (uint64_t step = 0; step < N_STEPS; step++) {
            uint8_t expected[SVK_MAX_PARTS], found[SVK_MAX_PARTS];
            draw_order(n_parts, step, expected);
            svk_arrival_take(&in, found, n_parts);
            cr_assert_arr_eq(found, expected, (size_t)n_parts, "%d parts, step %llu", n_parts,
                             (unsigned long long)step);
        }
        cr_assert_leq(in.word, out.word);
    }
}

/* 2, 1, 0, 3: two parts lower than 2 are missing, then one lower than 1, then none. */
Test(arrival, bits_are_those_of_the_document)
{
    const uint32_t order[4] = {2, 1, 0, 3};
    uint32_t word = 0xffffffff;
    svk_bit_stream out = {.word = &word};
    svk_arrival_put(&out, order, 4);
    svk_bits_end(&out);
    cr_assert_eq(word, 2u | 1u << 2 | 0u << 4);
    cr_assert_eq(svk_arrival_n_words(4, 6), 1);
    cr_assert_eq(svk_arrival_n_words(4, 7), 2);
    cr_assert_eq(svk_arrival_n_words(8, 32), 17);
}

/* A damaged log gives orders, if not the right ones. */
Test(arrival, any_bits_make_an_order)
{
    uint32_t word[5] = {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff};
    for (int32_t n_parts = 1; n_parts <= SVK_MAX_PARTS; n_parts++) {
        svk_bit_stream in = {.word = word};
        uint8_t order[SVK_MAX_PARTS];
        uint64_t seen = 0;
        svk_arrival_take(&in, order, n_parts);
        for (int32_t i = 0; i < n_parts; i++) seen |= UINT64_C(1) << order[i];
        cr_assert_eq(seen, (UINT64_C(1) << n_parts) - 1);
    }
}
