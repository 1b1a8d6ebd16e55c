/* Charts: Vega-Lite specifications, filled with rows of the findings' document (findings_json.c).
 *
 * A template, charts/ID.json, holds
 *   title    what the chart shows, in a few words
 *   data     {name: {rows, each, columns, needs, else}}: the first decides whether there is a chart
 *     rows     path of an array in the document, "nondeterminism.distances"
 *     each     path of arrays inside a row, "checkpoints.ulps": one row for each of their elements;
 *              an element that is no object has columns "place" (from 0) and "value"
 *     columns  [name, ...], or "all"; found in the element, else in the rows around it. "new=old"
 *              renames; a "*" at the end puts values into the metric's unit (percent where it is
 *              one), a "%" makes any share percent. "series" names arm and numerics, as far as they
 *              differ.
 *     needs    [name, ...]: rows in which all of these are null are left out
 *     else     why there is no chart where no row is left and no finding gives a reason
 *   spec     the specification, with data by name. It may use the parameters metric, headline,
 *            series ("all", or one), first_series and percentages (the metrics in percent).
 *
 * Texts "$grid_rows" and "$grid_columns" become the names of the two factors of the grids; colours
 * are var(--NAME) of SVI_COLORS. */
#ifndef SVI_CHART_H
#define SVI_CHART_H

#include <jansson.h>

#include "analysis/findings.h"
#include "base/text.h"

/* What charts are made from. */
typedef struct svi_chart_source {
    const sv_findings *findings;
    json_t *document; /* findings as JSON, with what svi_json_add_pictures adds */
} svi_chart_source;

/* What to conclude; rows: those of the first data set. */
typedef void (*svi_caption_fn)(const svi_chart_source *source, const json_t *rows, svi_text *text);

/* In the order of the page. Each has a template and a caption. */
#define SVI_CHARTS(X)                                                                              \
    X(shares)                                                                                      \
    X(indices)                                                                                     \
    X(comparison)                                                                                  \
    X(distribution)                                                                                \
    X(runs)                                                                                        \
    X(famous)                                                                                      \
    X(heat_map)                                                                                    \
    X(sd_by_step)                                                                                  \
    X(test_set)                                                                                    \
    X(distance)                                                                                    \
    X(ulps)                                                                                        \
    X(bits)                                                                                        \
    X(probe)                                                                                       \
    X(expected_best)                                                                               \
    X(gains)                                                                                       \
    X(opposite)                                                                                    \
    X(atlas)

typedef enum svi_chart_id {
#define SVI_CHART_ENUM(id) SVI_CHART_##id,
    SVI_CHARTS(SVI_CHART_ENUM)
#undef SVI_CHART_ENUM
        SVI_N_CHARTS
} svi_chart_id;

#define SVI_CAPTION(id)                                                                            \
    void svi_caption_##id(const svi_chart_source *source, const json_t *rows, svi_text *text);
SVI_CHARTS(SVI_CAPTION)
#undef SVI_CAPTION

/* {id, title, caption, tables: {name: [columns]}, spec}, or {id, title, reason}. */
json_t *svi_json_chart(const svi_chart_source *source, svi_chart_id id);

/* The rows of one data set of a template, or NULL with *reason set (borrowed). chart_rows.c */
json_t *svi_chart_rows(const svi_chart_source *source, const json_t *selection,
                       const char **reason);

/* "tanh", "tanh, drawn/8 fp32": as far as the findings have several. */
void svi_write_series(const sv_findings *findings, const char *arm, const char *numerics,
                      svi_text *text);

#endif
