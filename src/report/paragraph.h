/* Running text, broken into lines. */
#ifndef SVI_PARAGRAPH_H
#define SVI_PARAGRAPH_H

#include "base/text.h"

/* Adds a paragraph and a line end; breaks it between words. */
void svi_write_paragraph(svi_text *text, const char *paragraph);

#endif
