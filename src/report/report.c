/* sv_report and sv_report_figures. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "report/json_value.h"
#include "report/report_document.h"
#include "report/report_forms.h"

static sv_status write_json(const json_t *document, char **text, sv_error *error)
{
    return svi_json_write(json_incref((json_t *)document), "a report", text, error);
}

sv_status sv_report(const sv_findings *const *findings, size_t n, const char *atlas,
                    const char *format, char **text, sv_error *error)
{
    static const struct {
        const char *name;
        sv_status (*write)(const json_t *document, char **text, sv_error *error);
    } forms[] = {
        {"html", svi_report_page}, {"markdown", svi_report_markdown}, {"json", write_json}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(forms[i].name, format) != 0) continue;
        json_t *document;
        SVI_TRY(svi_report_document(findings, n, atlas, &document, error));
        sv_status status = forms[i].write(document, text, error);
        json_decref(document);
        return status;
    }
    return svi_fail(error, SV_ERR_USAGE, "a report is html, markdown or json, not %.40s", format);
}

/* name: "shares", with the study's in front where there are several. */
static sv_status give_figure(const json_t *study, bool has_many, const json_t *chart,
                             sv_figure_fn figure, void *context, sv_error *error)
{
    char name[200], *spec;
    snprintf(name, sizeof name, "%s%s%s",
             has_many ? json_string_value(json_object_get(study, "study")) : "",
             has_many ? "-" : "", json_string_value(json_object_get(chart, "id")));
    for (char *c = name; *c != '\0'; c++)
        if (*c == '/' || *c == '.') *c = '-';
    SVI_TRY(svi_json_write(svi_chart_standalone(chart), "a figure", &spec, error));
    sv_status status = figure(context, name, spec, error);
    free(spec);
    return status;
}

sv_status sv_report_figures(const sv_findings *const *findings, size_t n, const char *atlas,
                            sv_figure_fn figure, void *context, sv_error *error)
{
    json_t *document, *study, *chart;
    size_t i, k;
    SVI_TRY(svi_report_document(findings, n, atlas, &document, error));
    sv_status status = SV_OK;
    json_array_foreach(json_object_get(document, "studies"), i, study)
    {
        json_array_foreach(json_object_get(study, "charts"), k, chart)
        {
            if (json_object_get(chart, "spec") == NULL || status != SV_OK) continue;
            status = give_figure(study, n > 1, chart, figure, context, error);
        }
    }
    json_decref(document);
    return status;
}
