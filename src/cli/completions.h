/* What is written from the commands' tables: shell completions, the manual page, JSON. */
#ifndef COMPLETIONS_H
#define COMPLETIONS_H

void completions_print_bash(void);
void completions_print_zsh(void);
void completions_print_fish(void);
void completions_print_man(void); /* the manual page, seedvar(1) */

/* Every command with its options, as seedvar.commands/1. */
void completions_print_json(void);

/* The words that may stand somewhere, with blanks between, to be freed; NULL: anything. words: as
 * cli_option.words, "@LIST" resolved. */
char *completions_words(const char *words);

#endif
