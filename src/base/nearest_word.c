#include "base/nearest_word.h"

#include <string.h>

#include "seedvar.h"

enum { MAX_COMPARED = 40 };

static int least(int a, int b) { return a < b ? a : b; }

/* ASCII only, so that the answer does not depend on the locale. */
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

bool svi_is_same_word(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) a++, b++;
    return lower(*a) == lower(*b);
}

int svi_edit_distance(const char *a, const char *b)
{
    size_t n_a = strnlen(a, MAX_COMPARED), n_b = strnlen(b, MAX_COMPARED);
    int d[MAX_COMPARED + 1][MAX_COMPARED + 1];
    for (size_t i = 0; i <= n_a; i++) d[i][0] = (int)i;
    for (size_t j = 0; j <= n_b; j++) d[0][j] = (int)j;
    for (size_t i = 1; i <= n_a; i++)
        for (size_t j = 1; j <= n_b; j++) {
            int change = d[i - 1][j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
            d[i][j] = least(change, least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n_a][n_b];
}

svi_nearest svi_nearest_start(const char *word)
{
    size_t n = strnlen(word, MAX_COMPARED);
    return (svi_nearest){.word = word, .distance = n <= 3 ? 2 : 2 + (int)n / 5};
}

/* A word of three letters or more may be the beginning of what was meant. */
static bool is_beginning(const char *word, const char *candidate)
{
    size_t n = strlen(word);
    return n >= 3 && strlen(candidate) > n && strncmp(word, candidate, n) == 0;
}

void svi_nearest_try(svi_nearest *nearest, const char *candidate, const char *shown)
{
    bool is_cut = is_beginning(nearest->word, candidate);
    int distance = is_cut ? 1 : svi_edit_distance(nearest->word, candidate);
    if (distance >= nearest->distance || distance >= (int)strlen(candidate)) return;
    nearest->distance = distance;
    nearest->best = shown;
}

const char *sv_nearest_word(const char *word, const char *const *words, size_t n_words)
{
    svi_nearest nearest = svi_nearest_start(word);
    for (size_t i = 0; i < n_words; i++) svi_nearest_try(&nearest, words[i], words[i]);
    return nearest.best;
}
