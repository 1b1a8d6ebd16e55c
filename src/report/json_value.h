/* jansson values of what findings are made of. */
#ifndef SVI_JSON_VALUE_H
#define SVI_JSON_VALUE_H

#include <jansson.h>

#include "stats/sample.h"

/* A number that is not finite is null: JSON has no other word for it. */
json_t *svi_json_number(double value);
json_t *svi_json_count(uint64_t value);

/* A text; one that is not UTF-8 (a file's name, a text cut to size) has its bytes over 127 replaced
 * by '?'. */
json_t *svi_json_string(const char *text);

/* null where there is no text: NULL or "". */
json_t *svi_json_text_or_null(const char *text);

/* Both take value over. Where memory ran out, *object becomes NULL, and so in turn what it is put
 * into: a document is whole or NULL. */
void svi_json_set(json_t **object, const char *key, json_t *value);
void svi_json_append(json_t **array, json_t *value);

/* Sets key_low and key_high. */
void svi_json_set_interval(json_t **object, const char *key, svi_interval interval);

/* Adds "reason" and all of values, which it takes over. reason "": null, values as they are. Else
 * values could not be had, yet every key is there: numbers and texts are null, lists empty. */
void svi_json_set_values(json_t **object, const char *reason, json_t *values);

/* {"reason": text} */
json_t *svi_json_reason(const char *text);

/* Every text inside value that `other` knows another text for becomes that; NULL: stays. */
void svi_json_replace_texts(json_t *value,
                            const char *(*other)(const void *context, const char *text),
                            const void *context);

/* Writes a document and takes it over. Numbers have 12 significant digits: the last of binary64's
 * 17 depend on the machine's libm, and no finding is known to so many. what: names it in the
 * message where memory ran out. */
sv_status svi_json_write(json_t *root, const char *what, char **text, sv_error *error);

#endif
