#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(svi_text *text, size_t n_more)
{
    if (text->has_failed) return false;
    if (text->n + n_more + 1 <= text->n_capacity) return true;
    size_t n_capacity = (text->n + n_more + 1) * 2;
    char *bytes = realloc(text->bytes, n_capacity);
    if (bytes == NULL) {
        text->has_failed = true;
        return false;
    }
    text->bytes = bytes;
    text->n_capacity = n_capacity;
    return true;
}

void svi_text_add_bytes(svi_text *text, const char *bytes, size_t n)
{
    if (!reserve(text, n)) return;
    memcpy(text->bytes + text->n, bytes, n);
    text->n += n;
    text->bytes[text->n] = '\0';
}

void svi_text_add(svi_text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) {
        text->has_failed = true;
    } else if (reserve(text, (size_t)n)) {
        vsnprintf(text->bytes + text->n, (size_t)n + 1, format, again);
        text->n += (size_t)n;
    }
    va_end(again);
}

sv_status svi_text_take(svi_text *text, char **out, sv_error *error)
{
    if (!reserve(text, 0)) {
        svi_text_clear(text);
        return svi_fail_memory(error, 0, "a text");
    }
    text->bytes[text->n] = '\0';
    *out = text->bytes;
    *text = (svi_text){0};
    return SV_OK;
}

void svi_text_clear(svi_text *text)
{
    free(text->bytes);
    *text = (svi_text){0};
}

size_t svi_whole_bytes(const char *text, size_t n_max)
{
    size_t n = strnlen(text, n_max + 1);
    if (n <= n_max) return n;
    for (n = n_max; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;) n--;
    return n;
}

const char *svi_article(const char *word)
{
    return word[0] != '\0' && strchr("aeiouAEIOU", word[0]) != NULL ? "an" : "a";
}

const char *svi_plural(uint64_t count) { return count == 1 ? "" : "s"; }
