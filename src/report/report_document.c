#include "report/report_document.h"

#include <stdlib.h>
#include <string.h>

#include "report/chart.h"
#include "report/finding_rows.h"
#include "report/findings_parts.h"
#include "report/json_value.h"

typedef void (*write_fn)(const sv_findings *findings, svi_text *text);

/* A text as one line (lines are joined), or as it is. */
static json_t *text_json(const sv_findings *findings, write_fn write, bool is_one_line)
{
    svi_text text = {0};
    write(findings, &text);
    while (text.n > 0 && text.bytes[text.n - 1] == '\n') text.bytes[--text.n] = '\0';
    for (size_t i = 0; i < text.n && is_one_line; i++)
        if (text.bytes[i] == '\n') text.bytes[i] = ' ';
    json_t *value = text.has_failed ? NULL : svi_json_string(text.n > 0 ? text.bytes : "");
    svi_text_clear(&text);
    return value;
}

static json_t *all_numbers_json(const sv_findings *findings)
{
    char *text = NULL;
    sv_error ignored = {0};
    if (sv_findings_text(findings, &text, &ignored) != SV_OK) return NULL;
    json_t *value = svi_json_string(text);
    free(text);
    return value;
}

/* The first of these that is drawn shows the answer. */
static json_t *first_json(const json_t *charts)
{
    static const svi_chart_id answers[] = {SVI_CHART_shares, SVI_CHART_indices,
                                           SVI_CHART_distribution};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const json_t *chart = json_array_get(charts, answers[i]);
        if (json_object_get(chart, "spec") != NULL)
            return json_incref(json_object_get(chart, "id"));
    }
    return json_null();
}

static json_t *charts_json(const sv_findings *findings, json_t *document)
{
    svi_chart_source source = {findings, document};
    json_t *charts = json_array();
    for (int id = 0; id < SVI_N_CHARTS && document != NULL; id++)
        svi_json_append(&charts, svi_json_chart(&source, (svi_chart_id)id));
    return charts;
}

/* Takes atlas over. */
static json_t *study_json(const sv_findings *findings, json_t *atlas)
{
    json_t *document = svi_json_findings(findings), *study = json_object();
    svi_json_add_pictures(findings, &document);
    svi_json_set(&document, "atlas", atlas);
    json_t *charts = charts_json(findings, document);
    svi_json_set(&study, "study", svi_json_string(findings->study));
    svi_json_set(&study, "origin", svi_json_string(findings->origin));
    svi_json_set(&study, "machine", svi_json_string(findings->machine));
    svi_json_set(&study, "runs", text_json(findings, svi_write_study_line, true));
    svi_json_set(&study, "answer", text_json(findings, svi_write_opening, true));
    svi_json_set(&study, "key", text_json(findings, svi_write_key, true));
    svi_json_set(&study, "headline", svi_json_string(findings->metrics[findings->headline].name));
    svi_json_set(&study, "first", first_json(charts));
    svi_json_set(&study, "charts", document != NULL ? charts : NULL);
    svi_json_set(&study, "checks", text_json(findings, svi_write_checks, false));
    svi_json_set(&study, "paragraph", svi_json_paragraph(findings));
    svi_json_set(&study, "text", all_numbers_json(findings));
    if (document == NULL) json_decref(charts);
    json_decref(document);
    return study;
}

static sv_status read_atlas(const char *text, json_t **atlas, sv_error *error)
{
    *atlas = text == NULL ? svi_json_reason("it needs a folder of fingerprints: --fingerprints DIR")
                          : json_loads(text, 0, NULL);
    if (*atlas != NULL) return SV_OK;
    return svi_fail(error, SV_ERR_DATA, "the atlas is no JSON; sv_compare_all makes one");
}

sv_status svi_report_document(const sv_findings *const *findings, size_t n, const char *atlas,
                              json_t **document, sv_error *error)
{
    json_t *studies = json_array(), *root = json_object();
    for (size_t i = 0; i < n; i++) {
        json_t *shown = NULL;
        sv_status status = read_atlas(i + 1 == n ? atlas : NULL, &shown, error);
        if (status != SV_OK) {
            json_decref(studies);
            json_decref(root);
            return status;
        }
        svi_json_append(&studies, study_json(findings[i], shown));
    }
    svi_json_set(&root, "schema", svi_json_string("seedvar.report/1"));
    svi_json_set(&root, "version", svi_json_string(sv_version()));
    svi_json_set(&root, "studies", studies);
    *document = root;
    return root != NULL ? SV_OK : svi_fail_memory(error, 0, "a report");
}
