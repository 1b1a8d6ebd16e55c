/* The report as one HTML file: style, data, script and what draws the charts. */
#include <stdlib.h>
#include <string.h>

#include "report/embedded_page.h"
#include "report/palette.h"
#include "report/report_document.h"
#include "report/report_forms.h"

static void add_embedded(svi_text *page, const unsigned char *bytes, size_t n)
{
    svi_text_add_bytes(page, (const char *)bytes, n);
}

static void add_colors(svi_text *page)
{
#define LIGHT(name, light, dark) "--" #name ":" light ";"
#define DARK(name, light, dark) "--" #name ":" dark ";"
    static const char light[] = SVI_COLORS(LIGHT), dark[] = SVI_COLORS(DARK);
#undef LIGHT
#undef DARK
    svi_text_add(page,
                 ":root{color-scheme:light;%s}\n:root[data-scheme=dark]{color-scheme:dark;%s}\n",
                 light, dark);
    svi_text_add(page,
                 "@media screen and (prefers-color-scheme:dark){"
                 ":root:not([data-scheme=light]){color-scheme:dark;%s}}\n"
                 "@media print{:root,:root[data-scheme=dark]{color-scheme:light;%s}}\n",
                 dark, light);
}

static void add_escaped(svi_text *page, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '<')
            svi_text_add(page, "&lt;");
        else if (*c == '&')
            svi_text_add(page, "&amp;");
        else
            svi_text_add_bytes(page, c, 1);
    }
}

static void add_title(svi_text *page, const json_t *document)
{
    const json_t *studies = json_object_get(document, "studies"), *study;
    size_t i;
    svi_text_add(page, "<title>");
    json_array_foreach((json_t *)studies, i, study)
    {
        if (i > 0) svi_text_add(page, ", ");
        add_escaped(page, json_string_value(json_object_get(study, "study")));
    }
    svi_text_add(page, " - seedvar</title>\n");
}

/* The answers stand in the page itself, for readers without scripts. */
static void add_answers(svi_text *page, const json_t *document)
{
    const json_t *study;
    size_t i;
    svi_text_add(page, "<noscript>");
    json_array_foreach(json_object_get(document, "studies"), i, study)
    {
        svi_text_add(page, "<h1>");
        add_escaped(page, json_string_value(json_object_get(study, "runs")));
        svi_text_add(page, "</h1><p>");
        add_escaped(page, json_string_value(json_object_get(study, "answer")));
        svi_text_add(page, "</p><p>");
        add_escaped(page, json_string_value(json_object_get(study, "key")));
        svi_text_add(page, "</p><pre>");
        add_escaped(page, json_string_value(json_object_get(study, "text")));
        svi_text_add(page, "</pre>");
    }
    svi_text_add(page, "</noscript>\n");
}

/* JSON that cannot end the element it stands in: '<' as an escape is the same text. */
static void add_data(svi_text *page, const char *id, const char *json)
{
    svi_text_add(page, "<script type=\"application/json\" id=\"%s\">", id);
    for (const char *c = json; *c != '\0';) {
        size_t n = strcspn(c, "<");
        svi_text_add_bytes(page, c, n);
        c += n;
        if (*c == '<') {
            svi_text_add(page, "\\u003c");
            c++;
        }
    }
    svi_text_add(page, "</script>\n");
}

sv_status svi_report_page(const json_t *document, char **html, sv_error *error)
{
    svi_text page = {0};
    char *data = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(7));
    if (data == NULL) return svi_fail_memory(error, 0, "a report");
    svi_text_add(&page, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                        "<meta name=\"viewport\" content=\"width=device-width\">\n");
    add_title(&page, document);
    add_embedded(&page, svi_embedded_page_vega, svi_embedded_page_vega_size);
    svi_text_add(&page, "<style>\n");
    add_colors(&page);
    add_embedded(&page, svi_embedded_page_style, svi_embedded_page_style_size);
    svi_text_add(&page, "</style>\n<body>\n");
    add_answers(&page, document);
    add_data(&page, "report", data);
    free(data);
    svi_text_add(&page, "<script type=\"application/json\" id=\"look\">");
    add_embedded(&page, svi_embedded_chart_config, svi_embedded_chart_config_size);
    svi_text_add(&page, "</script>\n<script>\n");
    add_embedded(&page, svi_embedded_page_script, svi_embedded_page_script_size);
    svi_text_add(&page, "</script>\n</html>\n");
    return svi_text_take(&page, html, error);
}
