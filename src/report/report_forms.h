/* A report's document (report_document.h) as a page and as Markdown. */
#ifndef SVI_REPORT_FORMS_H
#define SVI_REPORT_FORMS_H

#include <jansson.h>

#include "base/text.h"

sv_status svi_report_page(const json_t *document, char **html, sv_error *error);
sv_status svi_report_markdown(const json_t *document, char **markdown, sv_error *error);

#endif
