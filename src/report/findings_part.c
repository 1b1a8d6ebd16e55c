#include <stdlib.h>
#include <string.h>

#include "report/finding_rows.h"
#include "report/findings_parts.h"
#include "report/json_value.h"
#include "report/paragraph.h"
#include "report/verdict_text.h"

/* Why comparisons that were made have no numbers of seeds: the reason is that of all. */
static void add_no_numbers(const sv_findings *findings, svi_text *text)
{
    for (size_t i = 0; i < findings->n_howmany && i < findings->n_comparisons; i++) {
        const svi_howmany_finding *finding = &findings->howmany[i];
        if (finding->subject.metric != findings->headline || finding->reason[0] == '\0') continue;
        if (findings->comparisons[i].reason[0] != '\0') continue;
        svi_text_add(text, "No numbers of seeds: %s. ", finding->reason);
        return;
    }
}

static void write_howmany(const sv_findings *findings, svi_text *text)
{
    svi_text note = {0};
    svi_write_howmany_table(findings, text);
    svi_write_rates_tables(findings, text);
    svi_add_total_failures(findings, &note);
    svi_add_not_compared(findings, &note);
    add_no_numbers(findings, &note);
    if (note.bytes != NULL) {
        svi_text_add(text, "\n");
        svi_write_paragraph(text, note.bytes);
    }
    text->has_failed = text->has_failed || note.has_failed;
    svi_text_clear(&note);
    if (text->bytes == NULL)
        svi_text_add(text, "\nToo few runs with a value of %s to say how many are needed.\n",
                     svi_headline(findings)->name);
}

static sv_status part_of_json(const sv_findings *findings, const char *part, char **text,
                              sv_error *error)
{
    char *all = NULL;
    SVI_TRY(sv_findings_json(findings, &all, error));
    json_t *root = json_loads(all, 0, NULL), *object = json_object();
    free(all);
    svi_json_set(&object, "schema", json_string("seedvar.findings-part/1"));
    svi_json_set(&object, part, json_incref(json_object_get(root, part)));
    json_decref(root);
    return svi_json_write(object, "findings as JSON", text, error);
}

sv_status sv_findings_part(const sv_findings *findings, const char *part, bool as_json, char **text,
                           sv_error *error)
{
    static const struct {
        const char *name;
        void (*write)(const sv_findings *findings, svi_text *text);
    } parts[] = {{"howmany", write_howmany}, {"paragraph", svi_write_paper_paragraph}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(parts[i].name, part) != 0) continue;
        if (as_json) return part_of_json(findings, part, text, error);
        svi_text out = {0};
        parts[i].write(findings, &out);
        return svi_text_take(&out, text, error);
    }
    return svi_fail(error, SV_ERR_USAGE,
                    "findings have no part %.40s; they have howmany, paragraph", part);
}
