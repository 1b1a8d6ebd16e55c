/* The generator against Random123's known answers, and how a word is addressed. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "philox.h"

enum { N_KNOWN_ANSWERS = 3 };

/* The next line that is not a comment; false at the end. */
static bool read_line(FILE *file, char *line, int size)
{
    while (fgets(line, size, file) != NULL)
        if (line[0] != '#') return true;
    return false;
}

Test(philox, known_answers)
{
    char line[256];
    int n = 0;
    FILE *file = fopen(SVI_SOURCE_DIR "/tests/kat/philox4x32_10.txt", "r");
    cr_assert_not_null(file);
    while (read_line(file, line, sizeof line)) {
        uint32_t c[4], key[2], right[4];
        int n_words = sscanf(line,
                             "%" SCNx32 "%" SCNx32 "%" SCNx32 "%" SCNx32 "%" SCNx32 "%" SCNx32
                             "%" SCNx32 "%" SCNx32 "%" SCNx32 "%" SCNx32,
                             &c[0], &c[1], &c[2], &c[3], &key[0], &key[1], &right[0], &right[1],
                             &right[2], &right[3]);
        cr_assert_eq(n_words, 10, "%s", line);
        svk_block b = svk_philox(key[0], key[1], c[0], c[1], c[2], c[3]);
        for (int i = 0; i < 4; i++) cr_expect_eq(b.word[i], right[i], "word %d of %s", i, line);
        n++;
    }
    fclose(file);
    cr_expect_eq(n, N_KNOWN_ANSWERS);
}

/* The third known answer: seed, stream, part and block stand for key and counter. */
Test(philox, address_of_a_block)
{
    const uint32_t right[] = {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    svk_block b = svk_draw_block(UINT64_C(0x299f31d0a4093822), 0x03707344, 0x13198a2e,
                                 UINT64_C(0x85a308d3243f6a88));
    for (int i = 0; i < 4; i++) cr_expect_eq(b.word[i], right[i]);
}

Test(philox, address_of_a_word)
{
    uint64_t seed = UINT64_C(0x299f31d0a4093822), block = UINT64_C(0x05a308d3243f6a88);
    svk_block b = svk_draw_block(seed, 2, 5, block);
    for (uint32_t i = 0; i < 4; i++) cr_expect_eq(svk_draw(seed, 2, 5, 4 * block + i), b.word[i]);
}

Test(philox, uniforms)
{
    cr_expect_eq(svk_uniform(0), 0.0f);
    cr_expect_eq(svk_uniform(0xff), 0.0f);
    cr_expect_eq(svk_uniform(0x100), 0x1p-24f);
    cr_expect_eq(svk_uniform(0xffffffff), 1.0f - 0x1p-24f);
}

Test(philox, whole_numbers_below)
{
    cr_expect_eq(svk_below(0, 7), 0);
    cr_expect_eq(svk_below(0xffffffff, 7), 6);
    cr_expect_eq(svk_below(0xffffffff, 1), 0);
    cr_expect_eq(svk_below(0x7fffffff, 2), 0);
    cr_expect_eq(svk_below(0x80000000, 2), 1);
}
