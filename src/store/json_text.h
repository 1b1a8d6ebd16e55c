#ifndef SVI_JSON_TEXT_H
#define SVI_JSON_TEXT_H

#include <jansson.h>

#include "base/error.h"

/* A JSON string. In a text that is not UTF-8 every byte but printable ASCII becomes '?'. NULL: out
 * of memory. */
json_t *svi_json_text(const char *text);
/* The indented text of json, whose reference it takes; json may be NULL (out of memory). */
sv_status svi_json_take(json_t *json, char **text, sv_error *error);

#endif
