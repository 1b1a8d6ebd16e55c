#include <stdlib.h>
#include <string.h>

#include "report/chart.h"
#include "report/embedded_page.h"
#include "report/json_value.h"

static const struct chart_kind {
    const char *id;
    const unsigned char *template;
    const size_t *n_bytes;
    svi_caption_fn caption;
} kinds[] = {
#define CHART_KIND(id)                                                                             \
    {#id, svi_embedded_chart_##id, &svi_embedded_chart_##id##_size, svi_caption_##id},
    SVI_CHARTS(CHART_KIND)
#undef CHART_KIND
};

/* ---- what a template leaves open ---- */

/* The name that "$grid_rows", "$grid_columns" stand for, or NULL. */
static const char *name_of(const void *context, const char *word)
{
    const sv_findings *findings = context;
    if (findings->n_grids == 0) return NULL;
    if (strcmp(word, "$grid_rows") == 0) return findings->grids[0].names[0];
    if (strcmp(word, "$grid_columns") == 0) return findings->grids[0].names[1];
    return NULL;
}

/* Whether all rows have the same value of a field. */
static bool is_alike(const json_t *rows, const char *field)
{
    const json_t *row, *first = json_object_get(json_array_get(rows, 0), field);
    size_t i;
    json_array_foreach((json_t *)rows, i, row)
    {
        if (!json_equal(first, json_object_get(row, field))) return false;
    }
    return first != NULL;
}

/* Colours that tell one series from no other need no legend. */
static void hide_lone_legends(const json_t *rows, json_t *spec)
{
    json_t *color = json_object_get(json_object_get(spec, "encoding"), "color"), *layer;
    const char *field = json_string_value(json_object_get(color, "field"));
    size_t i;
    if (field != NULL && is_alike(rows, field)) json_object_set_new(color, "legend", json_null());
    json_array_foreach(json_object_get(spec, "layer"), i, layer) hide_lone_legends(rows, layer);
}

static void add_parameter(json_t **parameters, const char *name, json_t *value)
{
    json_t *parameter = json_object();
    svi_json_set(&parameter, "name", svi_json_string(name));
    svi_json_set(&parameter, "value", value);
    svi_json_append(parameters, parameter);
}

static json_t *percentages_json(const sv_findings *findings)
{
    json_t *names = json_array();
    for (size_t m = 0; m < findings->n_metrics; m++)
        if (findings->metrics[m].is_percentage)
            svi_json_append(&names, svi_json_string(findings->metrics[m].name));
    return names;
}

/* Before those of the template, which may refer to them. */
static void add_parameters(const sv_findings *findings, const json_t *rows, json_t **spec)
{
    json_t *parameters = json_array(), *own = json_object_get(*spec, "params"), *parameter;
    const json_t *first = json_object_get(json_array_get(rows, 0), "series");
    size_t i;
    add_parameter(&parameters, "metric",
                  svi_json_string(findings->metrics[findings->headline].name));
    add_parameter(&parameters, "headline",
                  svi_json_string(findings->metrics[findings->headline].name));
    add_parameter(&parameters, "series", svi_json_string("all"));
    add_parameter(&parameters, "first_series",
                  first != NULL ? json_incref((json_t *)first) : json_null());
    add_parameter(&parameters, "percentages", percentages_json(findings));
    json_array_foreach(own, i, parameter) { svi_json_append(&parameters, json_incref(parameter)); }
    svi_json_set(spec, "params", parameters);
}

/* ---- charts ---- */

/* The data sets of the chart; false, with the reason, where the first has no rows. */
static bool fill_data(const svi_chart_source *source, const json_t *template, json_t **sets,
                      const json_t **first, const char **reason)
{
    const char *name, *why;
    json_t *selection;
    *first = NULL;
    json_object_foreach(json_object_get(template, "data"), name, selection)
    {
        json_t *rows = svi_chart_rows(source, selection, &why);
        if (rows == NULL && why == NULL) return false;
        if (rows == NULL && *first == NULL) {
            *reason = why;
            return false;
        }
        svi_json_set(sets, name, rows != NULL ? rows : json_array());
        if (*first == NULL) *first = rows;
    }
    return true;
}

/* Whether one of the rows is about the headline, or none about any metric. */
static bool has_headline(const sv_findings *findings, const json_t *rows)
{
    const json_t *row;
    size_t i;
    json_array_foreach((json_t *)rows, i, row)
    {
        const char *metric = json_string_value(json_object_get(row, "metric"));
        if (metric == NULL || strcmp(metric, findings->metrics[findings->headline].name) == 0)
            return true;
    }
    return false;
}

static void add_drawing(const svi_chart_source *source, const struct chart_kind *kind,
                        const json_t *template, json_t *sets, const json_t *rows, json_t **chart)
{
    svi_text caption = {0};
    json_t *spec = json_deep_copy(json_object_get(template, "spec"));
    kind->caption(source, rows, &caption);
    svi_json_set(chart, "caption",
                 caption.has_failed ? NULL
                                    : svi_json_string(caption.bytes != NULL ? caption.bytes : ""));
    svi_text_clear(&caption);
    hide_lone_legends(rows, spec);
    add_parameters(source->findings, rows, &spec);
    svi_json_set(&spec, "datasets", sets);
    svi_json_set(chart, "spec", spec);
}

json_t *svi_json_chart(const svi_chart_source *source, svi_chart_id id)
{
    const struct chart_kind *kind = &kinds[id];
    const char *reason = NULL;
    const json_t *rows;
    json_t *chart = json_object(), *sets = json_object();
    json_t *template = json_loadb((const char *)kind->template, *kind->n_bytes, 0, NULL);
    svi_json_replace_texts(template, name_of, source->findings);
    svi_json_set(&chart, "id", svi_json_string(kind->id));
    svi_json_set(&chart, "title", json_incref(json_object_get(template, "title")));
    bool has_rows = fill_data(source, template, &sets, &rows, &reason);
    if (has_rows && !has_headline(source->findings, rows)) {
        has_rows = false;
        reason = "there is no such finding about this metric; --metric chooses another";
    }
    if (has_rows) {
        add_drawing(source, kind, template, sets, rows, &chart);
    } else {
        json_decref(sets);
        svi_json_set(&chart, "reason", reason != NULL ? svi_json_string(reason) : NULL);
    }
    json_decref(template);
    return chart;
}
