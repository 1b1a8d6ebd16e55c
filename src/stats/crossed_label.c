#include <stdio.h>

#include "base/text.h"
#include "stats/crossed_effects.h"

/* "init:order" */
static void add_crossed(svi_text *text, uint32_t factors, const char *const *names)
{
    const char *joint = "";
    for (size_t f = 0; f < SVI_MAX_FACTORS; f++) {
        if ((factors >> f & 1) == 0) continue;
        svi_text_add(text, "%s%s", joint, names[f]);
        joint = ":";
    }
}

/* "order(init(data))": the innermost factor first. */
static void add_nested(svi_text *text, uint32_t factors, const char *const *names)
{
    size_t n = 0;
    while ((factors >> n & 1) != 0) n++;
    for (size_t f = n; f-- > 0;) svi_text_add(text, "%s%s", names[f], f > 0 ? "(" : "");
    for (size_t f = 1; f < n; f++) svi_text_add(text, ")");
}

void svi_component_label(const svi_component *component, const char *const *names, char *label,
                         size_t size)
{
    svi_text text = {0};
    if (component->is_nested)
        add_nested(&text, component->factors, names);
    else
        add_crossed(&text, component->factors, names);
    if (component->has_replicate)
        svi_text_add(&text, "%sreplicate", component->factors == 0 ? "" : " + ");
    snprintf(label, size, "%s", text.bytes != NULL ? text.bytes : "");
    svi_text_clear(&text);
}

const char *svi_crossed_method_name(svi_crossed_method method)
{
    switch (method) {
    case SVI_CROSSED_EXACT: return "chi-square (exact)";
    case SVI_CROSSED_GENERALIZED: return "generalized (chi-square pivots)";
    case SVI_CROSSED_HENDERSON: return "Henderson 1, no interval";
    }
    return "";
}
