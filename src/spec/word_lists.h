/* The lists of words that a person may look up, from the tables that the parser uses. */
#ifndef SVI_WORD_LISTS_H
#define SVI_WORD_LISTS_H

#include "base/error.h"

typedef struct svi_word_list {
    const char *topic; /* "models" */
    const char *key;   /* the key of the study file that takes the words; or NULL */
    const char *const *names, *const *helps; /* where there is no key: ends with NULL */
    const char *help;                        /* where there is no key: of the list */
} svi_word_list;

typedef struct svi_listed_word {
    const char *name, *help; /* help: NULL where only the key's own help tells */
} svi_listed_word;

size_t svi_n_word_lists(void);
const svi_word_list *svi_word_list_at(size_t i);
const char *svi_word_list_help(const svi_word_list *list);
/* Word number i of a list; false past the end. */
bool svi_word_list_get(const svi_word_list *list, size_t i, svi_listed_word *word);

#endif
