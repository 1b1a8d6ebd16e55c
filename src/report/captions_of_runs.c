/* Captions of the charts that show runs and seeds. */
#include <math.h>

#include "report/caption_words.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

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
    svi_text_add(text, " have %s ",
                 values->sd > 0 ? svi_article(svi_headline(findings)->name) : "the same");
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
    svi_text_add(text, "Each point is a run. The height within a band means nothing. A triangle is "
                       "a run farther than five interquartile ranges from the quartiles, drawn "
                       "there. ");
    if (json_array_size(rows) == source->findings->checks.n_runs) return;
    svi_add_count(json_array_size(rows), text);
    svi_text_add(text, " runs are shown, evenly spaced among all ");
    svi_add_count(source->findings->checks.n_runs, text);
    svi_text_add(text, ". ");
}

/* The headline's tests: one for each series, in a grid for each source of it. */
typedef struct famous_tests {
    size_t n, n_differing;
    double least_p;
    const svi_famous_finding *bluntest; /* sees least */
} famous_tests;

static bool is_told(const sv_findings *findings, const svi_famous_finding *famous)
{
    return famous->subject.metric == findings->headline && famous->reason[0] == '\0';
}

static bool differs(const svi_famous_finding *famous) { return famous->test.p < 0.05; }

static famous_tests find_tests(const sv_findings *findings)
{
    famous_tests tests = {.least_p = 1};
    for (size_t i = 0; i < findings->n_famous; i++) {
        const svi_famous_finding *famous = &findings->famous[i];
        if (!is_told(findings, famous)) continue;
        tests.n++;
        tests.n_differing += differs(famous);
        tests.least_p = fmin(tests.least_p, famous->test.p);
        if (tests.bluntest == NULL ||
            famous->test.least_detectable > tests.bluntest->test.least_detectable)
            tests.bluntest = famous;
    }
    return tests;
}

/* "relu, init seeds: p = 0.019" for each test that finds a difference. */
static void add_differing(const sv_findings *findings, svi_text *text)
{
    bool is_first = true, has_series = findings->n_arms > 1 || findings->n_numerics > 1;
    for (size_t i = 0; i < findings->n_famous; i++) {
        const svi_famous_finding *famous = &findings->famous[i];
        if (!is_told(findings, famous) || !differs(famous)) continue;
        svi_text_add(text, "%s", is_first ? "" : "; ");
        if (has_series)
            svi_write_series(findings, findings->arm_names[famous->subject.arm],
                             findings->numerics_names[famous->subject.numerics], text);
        if (findings->n_factors > 1)
            svi_text_add(text, "%s%s seeds", has_series ? ", " : "", famous->source);
        svi_text_add(text, ": p = %.2g", famous->test.p);
        is_first = false;
    }
}

static void add_one_test(const sv_findings *findings, const svi_famous_finding *famous,
                         svi_text *text)
{
    const char *they = svi_add_subject(findings, famous->subject, text) ? "they" : "They";
    if (differs(famous))
        svi_text_add(text,
                     "%s differ from the others (rank-sum test, p = %.2g), as one set in twenty "
                     "does by chance. ",
                     they, famous->test.p);
    else
        svi_text_add(text, "%s are not told from the others (rank-sum test, p = %.2f). ", they,
                     famous->test.p);
}

static void add_tests(const sv_findings *findings, const famous_tests *tests, svi_text *text)
{
    if (tests->n == 1) {
        add_one_test(findings, tests->bluntest, text);
    } else if (tests->n_differing == 0) {
        svi_text_add(
            text, "They are not told from the others in any of %zu rank-sum tests (least p %.2f). ",
            tests->n, tests->least_p);
    } else {
        svi_text_add(text, "They differ from the others in %zu of %zu rank-sum tests (",
                     tests->n_differing, tests->n);
        add_differing(findings, text);
        svi_text_add(text, "); by chance they do in one of twenty. ");
    }
}

/* A test that could not have found anything says nothing. */
static void add_what_would_be_seen(const famous_tests *tests, svi_text *text)
{
    const svi_famous_finding *famous = tests->bluntest;
    double seen = famous->test.least_detectable;
    if (!svi_sees_differences(famous)) {
        svi_text_add(text, "%zu of %zu seeds are %s. ", famous->n_famous, famous->n_seeds,
                     tests->n_differing > 0
                         ? "so few that only the largest differences would be seen"
                         : "too few to tell: hardly any difference would be seen");
        return;
    }
    svi_text_add(text, "Seen in four cases of five would be that a famous seed is above another in "
                       "less than ");
    svi_add_percent(0.5 - seen, text);
    svi_text_add(text, " or more than ");
    svi_add_percent(0.5 + seen, text);
    svi_text_add(text, " of pairs%s. ",
                 seen < 0.2 && tests->n_differing == 0
                     ? ": a seed that people type is about as good as any"
                     : "");
}

void svi_caption_famous(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    famous_tests tests = find_tests(source->findings);
    (void)rows;
    svi_text_add(text, "Where 0, 42, 1234 and the like stand among all seeds: a seed's place is "
                       "the share of the seeds below it, and half of its own. ");
    if (tests.n == 0) return;
    add_tests(source->findings, &tests, text);
    add_what_would_be_seen(&tests, text);
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
