/* The report before it has a form. */
#ifndef SVI_REPORT_DOCUMENT_H
#define SVI_REPORT_DOCUMENT_H

#include <jansson.h>

#include "analysis/findings.h"

/* {schema, version, level, studies: [{study, title, answer, first (id of the chart that shows the
 * answer, or null), charts, checks, paragraph}]}. atlas: text of sv_compare_all as JSON, or NULL;
 * its chart is in the last study. NULL where memory ran out. */
sv_status svi_report_document(const sv_findings *const *findings, size_t n, const char *atlas,
                              json_t **document, sv_error *error);

/* Colours of the light scheme in the place of their names; with the look of all charts and a width,
 * so that the specification stands by itself. */
json_t *svi_chart_standalone(const json_t *chart);

#endif
