#include "store/json_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

json_t *svi_json_text(const char *text)
{
    json_t *json = json_string(text);
    if (json != NULL) return json;
    char *ascii = strdup(text);
    if (ascii == NULL) return NULL;
    for (char *c = ascii; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~') *c = '?';
    }
    json = json_string(ascii);
    free(ascii);
    return json;
}

sv_status svi_json_take(json_t *json, char **text, sv_error *error)
{
    char *dumped = json == NULL ? NULL : json_dumps(json, JSON_INDENT(2));
    json_decref(json);
    if (dumped == NULL) return svi_fail_memory(error, 0, "a JSON text");
    svi_text out = {0};
    svi_text_add(&out, "%s\n", dumped);
    free(dumped);
    return svi_text_take(&out, text, error);
}
