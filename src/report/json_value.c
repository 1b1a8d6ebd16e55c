#include "report/json_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *svi_json_number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

/* Seeds go up to 2^64 - 1, JSON integers here to 2^63 - 1; beyond that a text keeps every digit. */
json_t *svi_json_count(uint64_t value)
{
    if (value <= INT64_MAX) return json_integer((json_int_t)value);
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    return json_string(digits);
}

static void keep_if(json_t **value, bool is_whole)
{
    if (is_whole) return;
    json_decref(*value);
    *value = NULL;
}

void svi_json_set(json_t **object, const char *key, json_t *value)
{
    keep_if(object, json_object_set_new(*object, key, value) == 0);
}

void svi_json_append(json_t **array, json_t *value)
{
    keep_if(array, json_array_append_new(*array, value) == 0);
}

void svi_json_set_interval(json_t **object, const char *key, svi_interval interval)
{
    char name[64];
    snprintf(name, sizeof name, "%s_low", key);
    svi_json_set(object, name, svi_json_number(interval.low));
    snprintf(name, sizeof name, "%s_high", key);
    svi_json_set(object, name, svi_json_number(interval.high));
}

json_t *svi_json_string(const char *text)
{
    json_t *value = json_string(text);
    char *ascii = value == NULL ? strdup(text) : NULL;
    if (ascii == NULL) return value;
    for (char *c = ascii; *c != '\0'; c++) {
        if ((unsigned char)*c > 127) *c = '?';
    }
    value = json_string(ascii);
    free(ascii);
    return value;
}

json_t *svi_json_text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? svi_json_string(text) : json_null();
}

/* What value is where it does not exist. */
static json_t *absent(const json_t *value)
{
    const char *key;
    json_t *inner, *object;
    if (json_is_array(value)) return json_array();
    if (!json_is_object(value)) return json_null();
    object = json_object();
    json_object_foreach((json_t *)value, key, inner) svi_json_set(&object, key, absent(inner));
    return object;
}

void svi_json_set_values(json_t **object, const char *reason, json_t *values)
{
    const char *key;
    json_t *value;
    bool are_there = reason[0] == '\0';
    svi_json_set(object, "reason", svi_json_text_or_null(reason));
    keep_if(object, values != NULL);
    json_object_foreach(values, key, value)
        svi_json_set(object, key, are_there ? json_incref(value) : absent(value));
    json_decref(values);
}

json_t *svi_json_reason(const char *text)
{
    json_t *object = json_object();
    svi_json_set(&object, "reason", svi_json_string(text));
    return object;
}

void svi_json_replace_texts(json_t *value,
                            const char *(*other)(const void *context, const char *text),
                            const void *context)
{
    const char *key, *text = json_string_value(value);
    json_t *inner;
    size_t i;
    const char *replacement = text != NULL ? other(context, text) : NULL;
    if (replacement != NULL) json_string_set(value, replacement);
    json_object_foreach(value, key, inner) svi_json_replace_texts(inner, other, context);
    json_array_foreach(value, i, inner) svi_json_replace_texts(inner, other, context);
}

sv_status svi_json_write(json_t *root, const char *what, char **text, sv_error *error)
{
    *text = root != NULL ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(root);
    return *text != NULL ? SV_OK : svi_fail_memory(error, 0, what);
}
