#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest_word.h"
#include "spec/spec_reading.h"

static bool is_text(const svi_node *node)
{
    double number;
    return node->kind == SVI_NODE_SCALAR && !svi_node_is_null(node) &&
           !svi_node_number(node, &number) &&
           (node->is_quoted ||
            (strcmp(node->text, "true") != 0 && strcmp(node->text, "false") != 0));
}

static sv_status check_text(svi_reading *r, const svi_key *key, const svi_node *node)
{
    if (!is_text(node)) {
        bool is_scalar = node->kind == SVI_NODE_SCALAR && !svi_node_is_null(node);
        return svi_fail_value(r->error, key, node,
                              is_scalar ? "is no text here; write it in quotes" : "");
    }
    for (const char *p = node->text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return svi_fail_value(r->error, key, node, "holds a control character");
    return *node->text != '\0' ? SV_OK : svi_fail_value(r->error, key, node, "is empty");
}

static bool is_not_finite(const char *text)
{
    static const char *const words[] = {"nan", "inf", "infinity"};
    text += *text == '-' || *text == '+';
    text += *text == '.';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (svi_is_same_word(text, words[i])) return true;
    return false;
}

static sv_status check_number(svi_reading *r, const svi_key *key, const svi_node *node,
                              double *value)
{
    if (node->kind != SVI_NODE_SCALAR || svi_node_is_null(node))
        return svi_fail_value(r->error, key, node, "");
    if (node->is_quoted)
        return svi_fail_value(r->error, key, node, "is in quotes; write the number without");
    if (is_not_finite(node->text))
        return svi_fail_value(r->error, key, node, "is not a finite number");
    if (!svi_node_number(node, value))
        return svi_fail_value(r->error, key, node, "is not a number");
    if (!isfinite(*value)) return svi_fail_value(r->error, key, node, "is too large for a number");
    if (*value < key->low || (key->is_above_low && *value == key->low))
        return svi_fail_value(r->error, key, node, "is too small");
    if (*value > key->high || (key->is_below_high && *value == key->high))
        return svi_fail_value(r->error, key, node, "is too large");
    return SV_OK;
}

sv_status svi_reading_whole(svi_reading *r, const svi_key *key, const svi_node *node,
                            uint64_t *value)
{
    double number;
    SVI_TRY(check_number(r, key, node, &number));
    if (svi_node_whole(node, value)) return SV_OK;
    return svi_fail_value(r->error, key, node,
                          number == floor(number) ? "is too large; write out every digit"
                                                  : "is not a whole number");
}

static sv_status copy_text(svi_reading *r, const char *text, char **at)
{
    free(*at);
    *at = strdup(text);
    return *at != NULL ? SV_OK : svi_fail_memory(r->error, strlen(text) + 1, "a study");
}

static sv_status store_name(svi_reading *r, const svi_key *key, const svi_node *node, char *at)
{
    SVI_TRY(check_text(r, key, node));
    if (strlen(node->text) > key->n_high) return svi_fail_value(r->error, key, node, "is too long");
    memcpy(at, node->text, strlen(node->text) + 1);
    return SV_OK;
}

static sv_status store_file(svi_reading *r, const svi_key *key, const svi_node *node, char **at)
{
    svi_text path = {0};
    const char *slash = strrchr(r->file, '/');
    SVI_TRY(check_text(r, key, node));
    if (node->text[0] == '/' || slash == NULL) return copy_text(r, node->text, at);
    svi_text_add_bytes(&path, r->file, (size_t)(slash - r->file) + 1);
    svi_text_add(&path, "%s", node->text);
    free(*at);
    *at = NULL;
    return svi_text_take(&path, at, r->error);
}

static sv_status check_column(svi_reading *r, const svi_key *key, const svi_node *node)
{
    double number;
    if (!svi_node_number(node, &number)) return check_text(r, key, node);
    SVI_TRY(check_number(r, key, node, &number));
    return number == floor(number) ? SV_OK
                                   : svi_fail_value(r->error, key, node, "is not a whole number");
}

static sv_status store_column(svi_reading *r, const svi_key *key, const svi_node *node, char **at)
{
    SVI_TRY(check_column(r, key, node));
    return copy_text(r, node->text, at);
}

static sv_status check_list(svi_reading *r, const svi_key *key, const svi_node *node)
{
    if (node->kind != SVI_NODE_LIST) return svi_fail_value(r->error, key, node, "");
    if (node->n < key->n_low) return svi_fail_value(r->error, key, node, "is too short");
    if (node->n > key->n_high) return svi_fail_value(r->error, key, node, "is too long");
    return SV_OK;
}

/* One a line: a name holds no control character. */
static sv_status store_columns(svi_reading *r, const svi_key *key, const svi_node *node, char **at)
{
    svi_text lines = {0};
    sv_status status = check_list(r, key, node);
    for (size_t i = 0; status == SV_OK && i < node->n; i++) {
        status = check_column(r, key, node->items[i]);
        if (status == SV_OK) svi_text_add(&lines, "%s\n", node->items[i]->text);
    }
    if (status != SV_OK || node->n == 0) {
        svi_text_clear(&lines);
        return status;
    }
    free(*at);
    *at = NULL;
    return svi_text_take(&lines, at, r->error);
}

/* true and false are words here, but not in quotes: in JSON and in the schema they are no text. */
static const svi_word *find_word(const svi_key *key, const svi_node *node)
{
    bool is_truth = strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0;
    if (is_truth && node->is_quoted) return NULL;
    for (const svi_word *w = key->words; w->name != NULL; w++)
        if (strcmp(w->name, node->text) == 0) return w;
    return NULL;
}

static sv_status store_choice(svi_reading *r, const svi_key *key, const svi_node *node, void *at)
{
    if (node->kind != SVI_NODE_SCALAR || svi_node_is_null(node))
        return svi_fail_value(r->error, key, node, "");
    const svi_word *word = find_word(key, node);
    if (word == NULL) return svi_fail_unknown_word(r->error, key, node);
    if (key->size == sizeof(bool)) *(bool *)at = word->value != 0;
    if (key->size == sizeof(int)) memcpy(at, &word->value, sizeof(int));
    return SV_OK;
}

static sv_status store_count(svi_reading *r, const svi_key *key, const svi_node *node, void *at)
{
    uint64_t value;
    SVI_TRY(svi_reading_whole(r, key, node, &value));
    if (key->size == sizeof(uint64_t)) *(uint64_t *)at = value;
    if (key->size == sizeof(int)) *(int *)at = (int)value;
    return SV_OK;
}

static sv_status store_real(svi_reading *r, const svi_key *key, const svi_node *node, double *at)
{
    double value;
    SVI_TRY(check_number(r, key, node, &value));
    *at = value;
    return SV_OK;
}

/* A list of numbers; whole ones when the key asks for them. *values: [node->n], to be freed. */
static sv_status read_numbers(svi_reading *r, const svi_key *key, const svi_node *node,
                              double **values)
{
    sv_status status = SV_OK;
    SVI_TRY(check_list(r, key, node));
    *values = calloc(node->n + 1, sizeof **values);
    if (*values == NULL)
        return svi_fail_memory(r->error, node->n * sizeof **values, "a list of numbers");
    for (size_t i = 0; i < node->n && status == SV_OK; i++) {
        uint64_t whole;
        status = check_number(r, key, node->items[i], &(*values)[i]);
        if (status == SV_OK && (key->type == SVI_KEY_WIDTHS || key->type == SVI_KEY_IMAGE))
            status = svi_reading_whole(r, key, node->items[i], &whole);
    }
    if (status != SV_OK) {
        free(*values);
        *values = NULL;
    }
    return status;
}

static sv_status store_numbers(svi_reading *r, const svi_key *key, const svi_node *node)
{
    svi_model_spec *model = &((svi_arm_spec *)r->base[SVI_SCOPE_ARM])->model;
    double *values = NULL;
    SVI_TRY(read_numbers(r, key, node, &values));
    if (key->type == SVI_KEY_STARTS) {
        free(model->start);
        model->start = values;
        model->n_starts = node->n;
        return SV_OK;
    }
    if (key->type == SVI_KEY_WIDTHS) {
        model->n_hidden = (int)node->n;
        for (size_t i = 0; i < node->n; i++) model->hidden[i] = (int)values[i];
    } else if (key->type == SVI_KEY_IMAGE) {
        for (int i = 0; i < 3; i++) model->image[i] = (int)values[i];
    } else if (key->type == SVI_KEY_POWERS) {
        model->degree = (int)node->n - 1;
        memcpy(model->coefficient, values, node->n * sizeof *values);
    } else {
        model->start_low = values[0];
        model->start_high = values[1];
    }
    free(values);
    return SV_OK;
}

sv_status svi_reading_store(svi_reading *reading, const svi_key *key, const svi_node *value)
{
    char *at = (char *)reading->base[key->scope] + key->offset;
    switch (key->type) {
    case SVI_KEY_NAME: return store_name(reading, key, value, at);
    case SVI_KEY_FILE: return store_file(reading, key, value, (char **)at);
    case SVI_KEY_COLUMN: return store_column(reading, key, value, (char **)at);
    case SVI_KEY_COLUMNS: return store_columns(reading, key, value, (char **)at);
    case SVI_KEY_CHOICE: return store_choice(reading, key, value, at);
    case SVI_KEY_COUNT: return store_count(reading, key, value, at);
    case SVI_KEY_REAL: return store_real(reading, key, value, (double *)at);
    case SVI_KEY_WIDTHS:
    case SVI_KEY_IMAGE:
    case SVI_KEY_POWERS:
    case SVI_KEY_STARTS:
    case SVI_KEY_INTERVAL: return store_numbers(reading, key, value);
    case SVI_KEY_STAGES: return svi_read_stages(reading, key, value);
    case SVI_KEY_MAP:     /* its keys are read one by one */
    case SVI_KEY_SOURCES: /* read once design.kind is known */
    case SVI_KEY_STEPS:   /* read with what else is recorded */
    case SVI_KEY_ENTRIES:
    case SVI_KEY_ARMS: break;
    }
    return SV_OK;
}
