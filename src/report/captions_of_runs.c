/* Captions of the charts that show runs and seeds. */
#include "report/caption_words.h"

/* Bimodality coefficient: 5/9 for a uniform distribution, 1 for two points. */
static const double clear_groups = 0.7;

static void add_range(const sv_findings *findings, const svi_summary_finding *summary,
                      svi_text *text)
{
    const svi_summary *values = &summary->values;
    const svi_summary_quantile *low = &values->quantiles[1],
                               *high = &values->quantiles[SVI_N_SUMMARY_QUANTILES - 2];
    svi_text_add(text, values->sd > 0 ? "Nine in ten of " : "All of ");
    svi_add_series(findings, summary->subject, text);
    svi_text_add(text, values->sd > 0 ? " have a " : " have the same ");
    svi_add_headline(findings, text);
    if (!(values->sd > 0)) {
        svi_text_add(text, ". ");
        return;
    }
    svi_text_add(text, " between ");
    svi_add_value(findings, low->value, values->sd, text);
    svi_text_add(text, " and ");
    svi_add_value(findings, high->value, values->sd, text);
    svi_text_add(text, ": a result of one seed can be any of these. ");
    if (values->bimodality > clear_groups)
        svi_text_add(text, "They fall into groups, of which the mean describes none. ");
}

void svi_caption_distribution(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const sv_findings *findings = source->findings;
    const svi_summary_finding *summary;
    (void)rows;
    SVI_FIRST_ABOUT_HEADLINE(findings, findings->summaries, findings->n_summaries, summary);
    if (summary != NULL) add_range(findings, summary, text);
    if (findings->n_factors == 1 && findings->n_famous > 0)
        svi_text_add(text, "Triangles mark seeds that people like to type. ");
    for (size_t i = 0; i < findings->n_histograms; i++) {
        const svi_histogram_finding *histogram = &findings->histograms[i];
        uint64_t n_outside = histogram->n_below + histogram->n_above;
        if (histogram->subject.metric != findings->headline || n_outside == 0) continue;
        svi_add_count(n_outside, text);
        svi_text_add(text, " of ");
        svi_add_series(findings, histogram->subject, text);
        svi_text_add(text, " lie outside the picture. ");
    }
}

void svi_caption_runs(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    svi_text_add(text, "Each point is a run: hover over it for its seeds, drag across points to "
                       "average them. The height within a band means nothing. A triangle is a run "
                       "farther than five interquartile ranges from the quartiles, drawn there. ");
    if (json_array_size(rows) == source->findings->checks.n_runs) return;
    svi_add_count(json_array_size(rows), text);
    svi_text_add(text, " runs are shown, evenly spaced among all ");
    svi_add_count(source->findings->checks.n_runs, text);
    svi_text_add(text, ". ");
}

/* A test that could not have found anything says nothing. */
static void add_what_would_be_seen(const svi_famous_finding *famous, svi_text *text)
{
    double seen = famous->test.least_detectable;
    if (!(seen < 0.5)) {
        svi_text_add(text,
                     "%zu of %zu seeds are too few to tell: hardly any difference would be seen. ",
                     famous->n_famous, famous->n_seeds);
        return;
    }
    svi_text_add(text, "Seen in four cases of five would be that a famous seed is above another in "
                       "less than ");
    svi_add_percent(0.5 - seen, text);
    svi_text_add(text, " or more than ");
    svi_add_percent(0.5 + seen, text);
    svi_text_add(text, " of pairs%s. ",
                 seen < 0.2 && famous->test.p >= 0.05
                     ? ": a seed that people type is about as good as any"
                     : "");
}

void svi_caption_famous(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const sv_findings *findings = source->findings;
    const svi_famous_finding *famous;
    (void)rows;
    SVI_FIRST_ABOUT_HEADLINE(findings, findings->famous, findings->n_famous, famous);
    svi_text_add(text, "Where 0, 42, 1234 and the like stand among all seeds: a seed's place is "
                       "the share of the seeds below it, and half of its own. ");
    if (famous == NULL) return;
    if (famous->test.p >= 0.05)
        svi_text_add(text, "They are not told from the others (rank-sum test, p = %.2f). ",
                     famous->test.p);
    else
        svi_text_add(text,
                     "They differ from the others (rank-sum test, p = %.2g), as one set in "
                     "twenty does by chance. ",
                     famous->test.p);
    add_what_would_be_seen(famous, text);
}

void svi_caption_heat_map(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const svi_grid_finding *grid = source->findings->grids;
    (void)rows;
    svi_text_add(text,
                 "Rows (%s seeds) and columns (%s seeds) ascend by their means. Bands say that a "
                 "seed is good whatever it meets; speckle says that only the pair counts, so that "
                 "no seed is good by itself. ",
                 grid->names[0], grid->names[1]);
    if (source->findings->n_factors > 2)
        svi_text_add(text,
                     "These two explain most; each cell is a mean over the seeds of the others. ");
    for (int k = 0; k < 2; k++) {
        if (grid->n_shown[k] == grid->n_levels[k]) continue;
        svi_add_count(grid->n_shown[k], text);
        svi_text_add(text, " of ");
        svi_add_count(grid->n_levels[k], text);
        svi_text_add(text, " %s seeds are shown, evenly spread over the ranks. ", grid->names[k]);
    }
}
