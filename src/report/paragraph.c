#include "report/paragraph.h"

#include <stdbool.h>
#include <string.h>

enum { LINE_CHARACTERS_MAX = 96 };

/* Bytes up to the next space outside brackets: an interval stays on one line. */
static size_t word_length(const char *word)
{
    bool is_inside = false;
    size_t n = 0;
    for (; word[n] != '\0' && (word[n] != ' ' || is_inside); n++) {
        is_inside = word[n] == '[' || (is_inside && word[n] != ']');
    }
    return n;
}

void svi_write_paragraph(svi_text *text, const char *paragraph)
{
    size_t width = 0;
    for (const char *word = paragraph; *word != '\0';) {
        size_t n = word_length(word);
        if (width > 0 && width + 1 + n > LINE_CHARACTERS_MAX) {
            svi_text_add(text, "\n");
            width = 0;
        }
        svi_text_add(text, "%s%.*s", width > 0 ? " " : "", (int)n, word);
        width += n + (width > 0 ? 1 : 0);
        word += n;
        word += strspn(word, " ");
    }
    svi_text_add(text, "\n");
}
