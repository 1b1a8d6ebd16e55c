/* A growing text. After a failed allocation it stays valid and remembers the failure until
 * svi_text_take. */
#ifndef SVI_TEXT_H
#define SVI_TEXT_H

#include "base/error.h"

typedef struct svi_text {
    char *bytes; /* NUL-terminated, or NULL while empty */
    size_t n, n_capacity;
    bool has_failed;
} svi_text;

void svi_text_add(svi_text *text, const char *format, ...) SVI_PRINTF(2, 3);
void svi_text_add_bytes(svi_text *text, const char *bytes, size_t n);
/* Gives the bytes to *out (never NULL on SV_OK) and empties text. SV_ERR_MEMORY when an addition
 * had failed. */
sv_status svi_text_take(svi_text *text, char **out, sv_error *error);
void svi_text_clear(svi_text *text);

/* How many bytes to keep of a text in UTF-8 where there is room for n_max: no character is cut. */
size_t svi_whole_bytes(const char *text, size_t n_max);

/* "an" before a vowel, else "a". */
const char *svi_article(const char *word);
/* The end of a noun: "" after 1, else "s". */
const char *svi_plural(uint64_t count);

#endif
