/* "Did you mean": the nearest of some words by edit distance. */
#ifndef SVI_NEAREST_WORD_H
#define SVI_NEAREST_WORD_H

#include <stdbool.h>
#include <stddef.h>

typedef struct svi_nearest {
    const char *word;
    const char *best; /* NULL: nothing near enough */
    int distance;     /* of best, or one more than what counts as near */
} svi_nearest;

svi_nearest svi_nearest_start(const char *word);
/* shown (borrowed) becomes best when candidate is nearer than what was tried before. A candidate
 * that begins with the word is as near as one with a letter changed. */
void svi_nearest_try(svi_nearest *nearest, const char *candidate, const char *shown);

/* Equal but for the case of letters of ASCII, whatever the locale of the calling program. */
bool svi_is_same_word(const char *a, const char *b);

/* Insertions, deletions, changes and swaps of neighbours that turn one word into the other; case
 * does not count. Words are compared up to 40 bytes. */
int svi_edit_distance(const char *a, const char *b);

#endif
