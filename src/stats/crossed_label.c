#include "stats/crossed_effects.h"

#include <stdio.h>

void svi_component_label(const svi_component *component, const char *const *names, char *label,
                         size_t size)
{
    size_t used = 0;
    const char *joint = "";
    if (size > 0) label[0] = '\0';
    for (size_t f = 0; f < SVI_MAX_FACTORS && used < size; f++) {
        if ((component->factors >> f & 1) == 0) continue;
        used += (size_t)snprintf(label + used, size - used, "%s%s", joint, names[f]);
        joint = ":";
    }
    if (component->has_replicate && used < size) {
        snprintf(label + used, size - used, "%sreplicate", component->factors == 0 ? "" : " + ");
    }
}

const char *svi_crossed_method_name(svi_crossed_method method)
{
    switch (method) {
    case SVI_CROSSED_EXACT: return "chi-square (exact)";
    case SVI_CROSSED_GENERALIZED: return "generalized (chi-square pivots)";
    }
    return "";
}
