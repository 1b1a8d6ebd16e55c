/* The constants of the arithmetic stand in docs/numerics.md as the code has them. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "fixed_sum.h"
#include "rounding.h"

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    char *text = calloc(1, 1 << 20);
    cr_assert_not_null(text);
    cr_assert_gt(fread(text, 1, (1 << 20) - 1, file), 0);
    fclose(file);
    return text;
}

/* Length of the hexadecimal float that begins at s, without a suffix; 0: there is none. */
static size_t hexadecimal_float(const char *s)
{
    size_t n = 2;
    if (strncmp(s, "0x", 2) != 0) return 0;
    while (isxdigit((unsigned char)s[n]) || s[n] == '.') n++;
    if (s[n] != 'p') return 0;
    for (n += 2; isdigit((unsigned char)s[n]);) n++;
    return n;
}

enum { LONG_ENOUGH = 11 }; /* not the powers of two */

static void expect_constants(const char *source, const char *document, int n_least)
{
    char path[512], constant[64];
    int n_found = 0;
    snprintf(path, sizeof path, "%s/kernels/arith/%s", SVI_SOURCE_DIR, source);
    char *text = read_text(path);
    for (const char *at = text; (at = strstr(at, "0x")) != NULL; at += 2) {
        size_t n = hexadecimal_float(at);
        if (n < LONG_ENOUGH || n >= sizeof constant) continue;
        memcpy(constant, at, n);
        constant[n] = '\0';
        if (strstr(constant, "0x1.fffffffffffff") != NULL) continue; /* the largest number */
        cr_expect_not_null(strstr(document, constant), "%s: %s is not in docs/numerics.md", source,
                           constant);
        n_found++;
    }
    cr_expect_geq(n_found, n_least, "%s: %d", source, n_found);
    free(text);
}

Test(numerics_docs, elementary_constants)
{
    char *document = read_text(SVI_SOURCE_DIR "/docs/numerics.md");
    expect_constants("elementary.h", document, 50);
    expect_constants("activation.h", document, 1);
    free(document);
}

static void expect_phrase(const char *document, const char *format, int number)
{
    char phrase[256];
    snprintf(phrase, sizeof phrase, format, number);
    cr_expect_not_null(strstr(document, phrase), "docs/numerics.md does not say: %s", phrase);
}

Test(numerics_docs, sums_and_precisions)
{
    char *document = read_text(SVI_SOURCE_DIR "/docs/numerics.md");
    int exponent = (int)(svk_bits_f64(svk_bin_anchor(0)) >> 52);
    expect_phrase(document, "A batch has at most 2^%d samples", ilogb((double)SVK_MAX_DEPOSITS));
    expect_phrase(document, "the grain 2^(32i - %d)", 1023 + 52 - exponent);
    expect_phrase(document, "pattern (32i + %d) << 52", exponent);
    expect_phrase(document, "Bin i = 0..%d", SVK_BIN_NAN - 1);
    expect_phrase(document, "K = %d in binary32", SVK_BINS_FP32);
    expect_phrase(document, "and %d in binary64", SVK_BINS_FP64);
    expect_phrase(document, "set to 2^%d if not below", ilogb(SVK_FIXED_LIMIT));
    expect_phrase(document, "F fraction bits, 0..%d", SVK_FIXED_SCALE_MAX);
    expect_phrase(document, "by default %d. A term", SVK_FIXED_SCALE);
    expect_phrase(document, "by default %d |", SVK_LOSS_SCALE);
    expect_phrase(document, "fp16 with L = %d", SVK_LOSS_SCALE);
    free(document);
}
