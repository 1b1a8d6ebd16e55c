/* The parts of the page and the templates of charts inside the program, byte for byte;
 * cmake/embed.cmake writes the arrays. */
#ifndef SVI_EMBEDDED_PAGE_H
#define SVI_EMBEDDED_PAGE_H

#include <stddef.h>

#include "report/chart.h"

#define SVI_EMBEDDED(name)                                                                         \
    extern const unsigned char svi_embedded_##name[];                                              \
    extern const size_t svi_embedded_##name##_size;

#define SVI_EMBEDDED_CHART(id) SVI_EMBEDDED(chart_##id)
SVI_CHARTS(SVI_EMBEDDED_CHART)
#undef SVI_EMBEDDED_CHART

SVI_EMBEDDED(chart_config) /* charts/config.json: the look of all charts */
SVI_EMBEDDED(page_style)   /* page/style.css */
SVI_EMBEDDED(page_script)  /* page/page.js */
SVI_EMBEDDED(page_vega)    /* a policy and Vega, or where to get it (cmake/vega.cmake) */
#undef SVI_EMBEDDED

#endif
