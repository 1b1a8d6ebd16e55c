/* What the answer's words mean, for those who meet them first. */
#include <string.h>

#include "report/findings_parts.h"
#include "vocabulary.h"

static const char *meaning_of(const char *source)
{
    static const struct {
        const char *name, *meaning;
    } sources[] = {
#define SOURCE_MEANING(id, number, name, help) {name, help},
        SVK_SOURCES(SOURCE_MEANING)
#undef SOURCE_MEANING
    };
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (strcmp(sources[i].name, source) == 0) return sources[i].meaning;
    return NULL;
}

/* "init: initial weights, or the starting point; order: ..." */
static void add_sources(const sv_findings *findings, svi_text *text)
{
    size_t n = 0;
    for (size_t f = 0; f < findings->n_factors; f++) {
        const char *name = findings->factors[f].name, *meaning = meaning_of(name);
        if (meaning != NULL) svi_text_add(text, "%s%s: %s", n++ > 0 ? "; " : " ", name, meaning);
    }
    if (n > 0) svi_text_add(text, ".");
}

static bool has_comparison(const sv_findings *findings)
{
    for (size_t i = 0; i < findings->n_comparisons; i++)
        if (findings->comparisons[i].reason[0] == '\0') return true;
    return false;
}

void svi_write_key(const sv_findings *findings, svi_text *text)
{
    svi_text_add(text, "Brackets hold %g%% intervals.", 100 * findings->level);
    if (findings->n_components + findings->n_indices > 0) add_sources(findings, text);
    if (has_comparison(findings))
        svi_text_add(text, " Another verdict: the small study's test decides otherwise than all "
                           "runs together do.");
}
