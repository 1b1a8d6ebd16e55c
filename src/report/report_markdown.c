/* The report as Markdown: the answer, and each chart as its caption and its numbers. */
#include <stdio.h>
#include <string.h>

#include "report/report_forms.h"

enum { MOST_ROWS = 24 };

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void add_value(const json_t *value, svi_text *text)
{
    if (json_is_real(value))
        svi_text_add(text, " %.5g |", json_real_value(value));
    else if (json_is_integer(value))
        svi_text_add(text, " %lld |", (long long)json_integer_value(value));
    else
        svi_text_add(text, " %s |", json_is_string(value) ? json_string_value(value) : "-");
}

static void add_head(json_t *row, svi_text *text)
{
    const char *key;
    json_t *value;
    svi_text_add(text, "\n|");
    json_object_foreach(row, key, value) svi_text_add(text, " %s |", key);
    svi_text_add(text, "\n|");
    json_object_foreach(row, key, value)
        svi_text_add(text, json_is_number(value) ? " ---: |" : " --- |");
    svi_text_add(text, "\n");
}

static bool is_about(const json_t *row, const char *headline)
{
    const char *metric = json_string_value(json_object_get(row, "metric"));
    return metric == NULL || strcmp(metric, headline) == 0;
}

/* The rows about the headline; long tables are cut. */
static void add_table(const json_t *rows, const char *headline, svi_text *text)
{
    json_t *row, *value;
    const char *key;
    size_t i, n = 0;
    json_array_foreach((json_t *)rows, i, row)
    {
        if (!is_about(row, headline) || ++n > MOST_ROWS) continue;
        if (n == 1) add_head(row, text);
        svi_text_add(text, "|");
        json_object_foreach(row, key, value) add_value(value, text);
        svi_text_add(text, "\n");
    }
    if (n > MOST_ROWS)
        svi_text_add(text, "\n%zu more rows: `seedvar report --json`.\n", n - MOST_ROWS);
}

static void add_chart(const json_t *chart, const char *headline, svi_text *text)
{
    json_t *sets = json_object_get(json_object_get(chart, "spec"), "datasets");
    if (sets == NULL) return;
    svi_text_add(text, "\n### %s\n\n%s\n", text_of(chart, "title"), text_of(chart, "caption"));
    add_table(json_object_iter_value(json_object_iter(sets)), headline, text);
}

/* Charts with one reason share a line. */
static void add_missing(const json_t *charts, svi_text *text)
{
    const json_t *chart, *other;
    size_t i, k;
    json_array_foreach((json_t *)charts, i, chart)
    {
        const char *reason = text_of(chart, "reason");
        bool is_told = reason[0] == '\0';
        for (k = 0; k < i && !is_told; k++)
            is_told = strcmp(text_of(json_array_get(charts, k), "reason"), reason) == 0;
        if (is_told) continue;
        svi_text_add(text, "- %s", text_of(chart, "title"));
        json_array_foreach((json_t *)charts, k, other)
        {
            if (k > i && strcmp(text_of(other, "reason"), reason) == 0)
                svi_text_add(text, "; %s", text_of(other, "title"));
        }
        svi_text_add(text, ": %s.\n", reason);
    }
}

static void add_study(const json_t *study, svi_text *text)
{
    const json_t *chart;
    size_t i;
    svi_text_add(text, "# %s\n\n%s.\n\n**%s**\n\n%s\n", text_of(study, "study"),
                 text_of(study, "runs"), text_of(study, "answer"), text_of(study, "key"));
    json_array_foreach(json_object_get(study, "charts"), i, chart)
        add_chart(chart, text_of(study, "headline"), text);
    svi_text_add(text, "\n### Not shown\n\n");
    add_missing(json_object_get(study, "charts"), text);
    svi_text_add(text, "\n### Checks\n\n```\n%s\n```\n\n### For a paper\n\n%s\n",
                 text_of(study, "checks"), text_of(study, "paragraph"));
}

sv_status svi_report_markdown(const json_t *document, char **markdown, sv_error *error)
{
    svi_text text = {0};
    const json_t *study;
    size_t i;
    json_array_foreach(json_object_get(document, "studies"), i, study)
    {
        if (i > 0) svi_text_add(&text, "\n");
        add_study(study, &text);
    }
    return svi_text_take(&text, markdown, error);
}
