/* Rows of the findings' document, flattened and cut to the columns that a chart shows. */
#include <stdio.h>
#include <string.h>

#include "report/chart.h"
#include "report/json_value.h"
#include "report/verdict_text.h"

enum { MOST_LEVELS = 4 };

/* An element and the rows around it, the outermost first. */
typedef struct surroundings {
    const json_t *row[MOST_LEVELS];
    int n;
} surroundings;

static const json_t *find(const surroundings *around, const char *key)
{
    for (int i = around->n - 1; i >= 0; i--) {
        const json_t *value = json_object_get(around->row[i], key);
        if (value != NULL) return value;
    }
    return NULL;
}

void svi_write_series(const sv_findings *findings, const char *arm, const char *numerics,
                      svi_text *text)
{
    bool has_arm = findings->n_arms > 1 || findings->n_numerics == 1;
    if (has_arm) svi_text_add(text, "%s", arm);
    if (findings->n_numerics > 1) svi_text_add(text, "%s%s", has_arm ? ", " : "", numerics);
}

static json_t *series_of(const sv_findings *findings, const surroundings *around)
{
    const char *arm = json_string_value(find(around, "arm"));
    const char *numerics = json_string_value(find(around, "numerics"));
    svi_text text = {0};
    if (arm == NULL || numerics == NULL) return json_null();
    svi_write_series(findings, arm, numerics, &text);
    json_t *series = text.has_failed ? NULL : svi_json_string(text.bytes);
    svi_text_clear(&text);
    return series;
}

static double unit_of(const sv_findings *findings, const surroundings *around, char kind)
{
    const char *name = json_string_value(find(around, "metric"));
    if (kind == '%') return 100;
    for (size_t m = 0; name != NULL && m < findings->n_metrics; m++)
        if (strcmp(findings->metrics[m].name, name) == 0)
            return svi_metric_scale(&findings->metrics[m]);
    return 1;
}

/* column: "name", "new=old", either with a unit behind. */
static void add_cell(const sv_findings *findings, const surroundings *around, const char *column,
                     json_t **out)
{
    char name[64];
    snprintf(name, sizeof name, "%s", column);
    size_t n = strlen(name);
    char unit = n > 0 && (name[n - 1] == '*' || name[n - 1] == '%') ? name[n - 1] : '\0';
    if (unit != '\0') name[n - 1] = '\0';
    char *old = strchr(name, '=');
    if (old != NULL) *old++ = '\0';
    const json_t *value = find(around, old != NULL ? old : name);
    if (strcmp(name, "series") == 0)
        svi_json_set(out, name, series_of(findings, around));
    else if (unit != '\0' && json_is_number(value))
        svi_json_set(out, name,
                     svi_json_number(json_number_value(value) * unit_of(findings, around, unit)));
    else
        svi_json_set(out, name, value != NULL ? json_incref((json_t *)value) : json_null());
}

/* Whether one of the needed columns has a value; also where none is needed. */
static bool has_needed(const json_t *row, const json_t *needed)
{
    const json_t *column;
    size_t i;
    json_array_foreach((json_t *)needed, i, column)
    {
        if (!json_is_null(json_object_get(row, json_string_value(column)))) return true;
    }
    return json_array_size(needed) == 0;
}

static void add_row(const sv_findings *findings, const surroundings *around,
                    const json_t *selection, json_t **rows)
{
    const json_t *columns = json_object_get(selection, "columns");
    json_t *out = json_object();
    const json_t *column;
    size_t i;
    if (json_is_string(columns)) json_object_update(out, (json_t *)around->row[around->n - 1]);
    json_array_foreach((json_t *)columns, i, column)
        add_cell(findings, around, json_string_value(column), &out);
    if (has_needed(out, json_object_get(selection, "needs")))
        svi_json_append(rows, out);
    else
        json_decref(out);
}

/* A list without objects, as rows {place, value}. */
static json_t *as_rows(const json_t *list)
{
    json_t *rows = json_array();
    const json_t *value;
    size_t i;
    json_array_foreach((json_t *)list, i, value)
    {
        if (json_is_object(value)) {
            svi_json_append(&rows, json_incref((json_t *)value));
            continue;
        }
        json_t *row = json_object();
        svi_json_set(&row, "place", svi_json_count(i));
        svi_json_set(&row, "value", json_incref((json_t *)value));
        svi_json_append(&rows, row);
    }
    return rows;
}

/* each: "checkpoints.ulps", or "" at the innermost. */
static void add_rows(const sv_findings *findings, surroundings around, const json_t *list,
                     const char *each, const json_t *selection, json_t **rows)
{
    size_t n_key = strcspn(each, "."), i;
    char key[64];
    json_t *elements = as_rows(list);
    const json_t *element;
    snprintf(key, sizeof key, "%.*s", (int)n_key, each);
    if (elements == NULL || around.n == MOST_LEVELS) {
        json_decref(*rows);
        *rows = NULL;
    }
    json_array_foreach(elements, i, element)
    {
        if (json_is_string(json_object_get(element, "reason")) || *rows == NULL) continue;
        around.row[around.n] = element;
        surroundings inner = around;
        inner.n++;
        if (key[0] == '\0')
            add_row(findings, &inner, selection, rows);
        else
            add_rows(findings, inner, json_object_get(element, key),
                     each[n_key] == '.' ? each + n_key + 1 : "", selection, rows);
    }
    json_decref(elements);
}

/* The value at a path, "nondeterminism.distances"; where it breaks off, what is there. */
static const json_t *at_path(const json_t *value, const char *path)
{
    while (*path != '\0') {
        size_t n = strcspn(path, ".");
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)n, path);
        const json_t *next = json_object_get(value, key);
        if (next == NULL) return value;
        value = next;
        path += path[n] == '.' ? n + 1 : n;
    }
    return value;
}

static const char *reason_in(const json_t *value)
{
    const char *reason = json_string_value(json_object_get(value, "reason"));
    const json_t *row;
    size_t i;
    json_array_foreach((json_t *)value, i, row)
    {
        if (reason == NULL) reason = json_string_value(json_object_get(row, "reason"));
    }
    return reason;
}

json_t *svi_chart_rows(const svi_chart_source *source, const json_t *selection, const char **reason)
{
    const char *each = json_string_value(json_object_get(selection, "each"));
    const json_t *list =
        at_path(source->document, json_string_value(json_object_get(selection, "rows")));
    json_t *rows = json_array();
    *reason = NULL;
    add_rows(source->findings, (surroundings){0}, list, each != NULL ? each : "", selection, &rows);
    if (rows != NULL && json_array_size(rows) == 0) {
        json_decref(rows);
        rows = NULL;
        *reason = reason_in(list);
        if (*reason == NULL) *reason = json_string_value(json_object_get(selection, "else"));
        if (*reason == NULL) *reason = "the findings have no such rows";
    }
    return rows;
}
