/* A chart that stands by itself: on white, for papers. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/embedded_page.h"
#include "report/json_value.h"
#include "report/palette.h"
#include "report/report_document.h"

enum { FIGURE_WIDTH = 640 };

static const char *color_of(const void *context, const char *word)
{
    (void)context;
#define COLOR(name, light, dark)                                                                   \
    if (strcmp(word, "var(--" #name ")") == 0) return light;
    SVI_COLORS(COLOR)
#undef COLOR
    return NULL;
}

json_t *svi_chart_standalone(const json_t *chart)
{
    json_t *spec = json_deep_copy(json_object_get(chart, "spec"));
    json_t *config = json_loadb((const char *)svi_embedded_chart_config,
                                svi_embedded_chart_config_size, 0, NULL);
    svi_json_set(&config, "background", svi_json_string("var(--paper)"));
    svi_json_set(&spec, "$schema",
                 svi_json_string("https://vega.github.io/schema/vega-lite/v6.json"));
    svi_json_set(&spec, "description", json_incref(json_object_get(chart, "caption")));
    svi_json_set(&spec, "config", config);
    svi_json_set(&spec, "width", svi_json_count(FIGURE_WIDTH));
    svi_json_replace_texts(spec, color_of, NULL);
    return spec;
}
