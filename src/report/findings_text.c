#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/findings_tables.h"
#include "report/verdict_text.h"

enum { LINE_CHARACTERS_MAX = 96 };

static const svi_metric_name *headline(const sv_findings *findings)
{
    return &findings->metrics[findings->headline];
}

/* Bytes up to the next space outside brackets: an interval stays on one line. */
static size_t word_length(const char *word)
{
    bool is_inside = false;
    size_t n = 0;
    for (; word[n] != '\0' && (word[n] != ' ' || is_inside); n++) {
        is_inside = word[n] == '[' || (is_inside && word[n] != ']');
    }
    return n;
}

/* Adds a paragraph broken between words. */
static void add_paragraph(svi_text *text, const char *paragraph)
{
    size_t width = 0;
    for (const char *word = paragraph; *word != '\0';) {
        size_t n = word_length(word);
        if (width > 0 && width + 1 + n > LINE_CHARACTERS_MAX) {
            svi_text_add(text, "\n");
            width = 0;
        }
        svi_text_add(text, "%s%.*s", width > 0 ? " " : "", (int)n, word);
        width += n + (width > 0 ? 1 : 0);
        word += n;
        word += strspn(word, " ");
    }
    svi_text_add(text, "\n");
}

static void add_title(const sv_findings *findings, svi_text *text)
{
    char count[SVI_NUMBER_BYTES];
    const char *joint = strcmp(findings->design, "crossed") == 0 ? " x " : ", ";
    svi_write_count(findings->checks.n_runs, count);
    svi_text_add(text, "%s: %s runs, %s", findings->study, count, findings->design);
    for (size_t f = 0; f < findings->n_factors; f++) {
        bool is_plain = strcmp(findings->factors[f].name, "seed") == 0;
        svi_write_count(findings->factors[f].n_levels, count);
        svi_text_add(text, "%s%s%s%s", f == 0 ? " of " : joint, count, is_plain ? "" : " ",
                     is_plain ? "" : findings->factors[f].name);
    }
    svi_text_add(text, "%s\n", findings->n_factors > 0 ? " seeds" : "");
    if (findings->machine[0] != '\0') add_paragraph(text, findings->machine);
    svi_text_add(text, "\n");
}

/* "In arm base with serial fp32, " where there is more than one. */
static void add_subject(const sv_findings *findings, svi_subject subject, svi_text *text)
{
    if (findings->n_arms > 1) svi_text_add(text, "In arm %s, ", findings->arm_names[subject.arm]);
    if (findings->n_numerics > 1) {
        svi_text_add(text, "%s %s, ", findings->n_arms > 1 ? "with" : "With",
                     findings->numerics_names[subject.numerics]);
    }
}

static void add_source_name(const svi_components_finding *group, size_t i, svi_text *text)
{
    const char *label = group->labels[i];
    const svi_component *component = &group->rows[i];
    bool is_pair_of_two = component->factors == 3 && group->n_rows <= 4 && /* two factors */
                          !component->is_nested;
    if (component->factors == 0) {
        svi_text_add(text, "rerunning with the same seeds");
    } else if (is_pair_of_two && component->has_replicate) {
        svi_text_add(text, "their interaction and reruns together");
    } else if (is_pair_of_two) {
        svi_text_add(text, "their interaction");
    } else {
        svi_text_add(text, "%s", label);
    }
}

static const svi_components_finding *leading_components(const sv_findings *findings)
{
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->subject.metric == findings->headline && group->n_rows > 0) return group;
    }
    return NULL;
}

/* "41% [30, 55]" */
static void add_share(svi_text *text, double share, svi_interval interval)
{
    char middle[SVI_NUMBER_BYTES], low[SVI_NUMBER_BYTES], high[SVI_NUMBER_BYTES];
    svi_write_decimal(100 * share, 0, middle);
    svi_write_decimal(100 * interval.low, 0, low);
    svi_write_decimal(100 * interval.high, 0, high);
    svi_text_add(text, "%s%%", middle);
    if (isfinite(interval.low)) svi_text_add(text, " [%s, %s]", low, high);
}

/* "init explains 41% [30, 55] of the variance of test_accuracy, order 38% [27, 50], their
 * interaction 21% [20, 22]." */
static void add_components_sentence(const sv_findings *findings, svi_text *text)
{
    const svi_components_finding *group = leading_components(findings);
    if (group == NULL) return;
    add_subject(findings, group->subject, text);
    if (!(group->total_variance > 0)) {
        svi_text_add(text, "%s does not vary. ", headline(findings)->name);
        return;
    }
    for (size_t i = 0; i < group->n_rows; i++) {
        const svi_component *component = &group->rows[i];
        svi_interval share = component->share_interval;
        svi_text_add(text, "%s", i > 0 ? ", " : "");
        add_source_name(group, i, text);
        svi_text_add(text, "%s", i == 0 ? " explains " : " ");
        add_share(text, component->share, share);
        if (i == 0) svi_text_add(text, " of the variance of %s", headline(findings)->name);
    }
    svi_text_add(text, ". ");
}

static const svi_indices_finding *leading_indices(const sv_findings *findings)
{
    for (size_t g = 0; g < findings->n_indices; g++) {
        const svi_indices_finding *group = &findings->indices[g];
        if (group->subject.metric == findings->headline && group->reason[0] == '\0') return group;
    }
    return NULL;
}

/* An SD with its interval; variances below 0 are shown as 0. */
static void add_root(const sv_findings *findings, svi_estimate variance, svi_text *text)
{
    char sd[SVI_ESTIMATE_BYTES];
    svi_interval interval = {sqrt(fmax(0, variance.interval.low)),
                             sqrt(fmax(0, variance.interval.high))};
    svi_write_estimate(sqrt(fmax(0, variance.value)), interval,
                       svi_metric_scale(headline(findings)), sd);
    svi_text_add(text, "%s", sd);
}

/* "init explains 41% [30, 55] of the variance of test_accuracy by itself and 60% [50, 71] with its
 * interactions, order ..." Where only one effect is known: "Varying init alone gives test_accuracy
 * an SD of 0.31 [0.27, 0.36], order 0.25 [0.22, 0.29]." */
static void add_indices_sentence(const sv_findings *findings, svi_text *text)
{
    const svi_indices_finding *group = leading_indices(findings);
    if (group == NULL) return;
    add_subject(findings, group->subject, text);
    bool is_first_known = !isnan(group->values.sources[0].first_share.value);
    for (size_t s = 0; s < group->n_sources; s++) {
        const svi_source_index *source = &group->values.sources[s];
        if (is_first_known) {
            svi_text_add(text, "%s%s%s", s > 0 ? ", " : "", group->sources[s],
                         s > 0 ? " " : " explains ");
            add_share(text, source->first_share.value, source->first_share.interval);
            if (s == 0)
                svi_text_add(text, " of the variance of %s by itself", headline(findings)->name);
            svi_text_add(text, " and ");
            add_share(text, source->total_share.value, source->total_share.interval);
            svi_text_add(text, "%s", s == 0 ? " with its interactions" : "");
        } else {
            svi_text_add(text, s == 0 ? "Varying %s alone gives " : ", %s ", group->sources[s]);
            if (s == 0) svi_text_add(text, "%s an SD of ", headline(findings)->name);
            add_root(findings, source->total_variance, text);
        }
    }
    svi_text_add(text, ". ");
}

static void add_verdict_sentence(const sv_findings *findings, svi_text *text)
{
    char verdict[SVI_VERDICT_BYTES];
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        const svi_comparison_finding *comparison = &findings->comparisons[i];
        if (comparison->subject.metric != findings->headline || comparison->reason[0] != '\0')
            continue;
        svi_write_verdict(findings, comparison, verdict);
        if (findings->n_numerics > 1) {
            svi_text_add(text, "With %s, ", findings->numerics_names[comparison->subject.numerics]);
        }
        svi_text_add(text, "%s ", verdict);
        return;
    }
}

static const svi_summary_finding *leading_summary(const sv_findings *findings)
{
    for (size_t i = 0; i < findings->n_summaries; i++) {
        if (findings->summaries[i].subject.metric == findings->headline)
            return &findings->summaries[i];
    }
    return NULL;
}

/* Where nothing is compared or split, the spread itself is the answer. */
static void add_spread_sentence(const sv_findings *findings, svi_text *text)
{
    const svi_summary_finding *summary = leading_summary(findings);
    const svi_metric_name *metric = headline(findings);
    double scale = svi_metric_scale(metric);
    char mean[SVI_ESTIMATE_BYTES], sd[SVI_ESTIMATE_BYTES], count[SVI_NUMBER_BYTES];
    if (summary == NULL || summary->reason[0] != '\0') return;
    svi_write_estimate(summary->values.mean, summary->values.mean_interval, scale, mean);
    svi_write_estimate(summary->values.sd, summary->values.sd_interval, scale, sd);
    svi_write_count(summary->values.n, count);
    add_subject(findings, summary->subject, text);
    svi_text_add(text, "%s is %s%s on average over %s runs and has an SD of %s%s between them. ",
                 metric->name, mean, metric->is_percentage ? " percent" : "", count, sd,
                 metric->is_percentage ? " points" : "");
}

static void add_opening(const sv_findings *findings, svi_text *text)
{
    svi_text opening = {0};
    add_components_sentence(findings, &opening);
    add_indices_sentence(findings, &opening);
    add_verdict_sentence(findings, &opening);
    if (opening.bytes == NULL) add_spread_sentence(findings, &opening);
    if (opening.bytes != NULL) add_paragraph(text, opening.bytes);
    text->has_failed = text->has_failed || opening.has_failed;
    svi_text_clear(&opening);
}

/* What the indices stand for, and a warning where there is one. */
static void add_indices_note(const sv_findings *findings, svi_text *note)
{
    const svi_indices_finding *group = leading_indices(findings);
    if (group == NULL) return;
    svi_text_add(note, "Indices, %s: %s. ", group->method, group->estimates);
    if (group->note[0] != '\0') svi_text_add(note, "Note: %s. ", group->note);
}

/* Why a table that a reader would look for is not there. */
static void add_reasons(const sv_findings *findings, svi_text *text)
{
    svi_text note = {0};
    add_indices_note(findings, &note);
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->subject.metric != findings->headline || group->reason[0] == '\0') continue;
        if (leading_indices(findings) != NULL) break;
        svi_text_add(&note, "No split of the variance: %s. ", group->reason);
        break;
    }
    for (size_t g = 0; g < findings->n_indices; g++) {
        const svi_indices_finding *group = &findings->indices[g];
        if (group->subject.metric != findings->headline || group->reason[0] == '\0') continue;
        svi_text_add(&note, "No indices: %s. ", group->reason);
        break;
    }
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        const svi_comparison_finding *comparison = &findings->comparisons[i];
        if (comparison->subject.metric != findings->headline || comparison->reason[0] == '\0')
            continue;
        svi_text_add(&note, "%s is not compared with %s: %s. ",
                     findings->arm_names[comparison->subject.arm],
                     findings->arm_names[comparison->reference], comparison->reason);
        break;
    }
    if (note.bytes != NULL) {
        svi_text_add(text, "\n");
        add_paragraph(text, note.bytes);
    }
    text->has_failed = text->has_failed || note.has_failed;
    svi_text_clear(&note);
}

static void add_line(svi_text *text, const char *line)
{
    svi_text_add(text, "- ");
    add_paragraph(text, line);
}

static void add_count_line(svi_text *text, uint64_t n, const char *what)
{
    char count[SVI_NUMBER_BYTES], line[600];
    if (n == 0) return;
    svi_write_count(n, count);
    snprintf(line, sizeof line, "%s %s", count, what);
    add_line(text, line);
}

static void add_failures(const sv_findings *findings, svi_text *text)
{
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        char rate[SVI_ESTIMATE_BYTES], line[600];
        if (summary->subject.metric != findings->headline || summary->n_failed == 0) continue;
        svi_write_estimate((double)summary->n_failed / (double)summary->n_runs,
                           summary->failure_interval, 100, rate);
        snprintf(line, sizeof line,
                 "%s, %s: %" PRIu64 " of %" PRIu64 " runs failed, %s percent (%" PRIu64
                 " diverged); the summary is of the %zu finite values.",
                 findings->arm_names[summary->subject.arm],
                 findings->numerics_names[summary->subject.numerics], summary->n_failed,
                 summary->n_runs, rate, summary->n_diverged, summary->values.n);
        add_line(text, line);
    }
}

static void add_saturations(const sv_findings *findings, svi_text *text)
{
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        char line[600];
        if (summary->subject.metric != findings->headline || summary->n_saturated == 0) continue;
        snprintf(line, sizeof line,
                 "%s, %s: %" PRIu64 " of %" PRIu64
                 " runs saturated: a term lay outside the range of the fixed-point sum; give "
                 "numerics.scale fewer bits.",
                 findings->arm_names[summary->subject.arm],
                 findings->numerics_names[summary->subject.numerics], summary->n_saturated,
                 summary->n_runs);
        add_line(text, line);
    }
}

static void add_heavy_tails(const sv_findings *findings, svi_text *text)
{
    for (size_t i = 0; i < findings->checks.n_heavy_tails; i++) {
        const svi_heavy_tail *tail = &findings->checks.heavy_tails[i];
        char line[600];
        if (tail->subject.metric != findings->headline) continue;
        snprintf(line, sizeof line,
                 "%s, %s: heavy tails (excess kurtosis %.1f); the interval of the SD is too short.",
                 findings->arm_names[tail->subject.arm],
                 findings->numerics_names[tail->subject.numerics], tail->excess_kurtosis);
        add_line(text, line);
    }
}

static void add_digest_checks(const svi_checks *checks, svi_text *text)
{
    char what[500];
    snprintf(what, sizeof what,
             "runs have the bits of another run of their arm although the seeds differ: they ended "
             "in the same place, the seeds did not matter, or runs were copied (%s).",
             checks->equal_digests.example);
    add_count_line(text, checks->equal_digests.n_runs, what);
    snprintf(what, sizeof what,
             "runs differ from a replicate on a path that promises the same bits (%s).",
             checks->unequal_digests.example);
    add_count_line(text, checks->unequal_digests.n_runs, what);
}

static void add_checks(const sv_findings *findings, svi_text *text)
{
    const svi_checks *checks = &findings->checks;
    svi_text lines = {0};
    add_count_line(&lines, checks->n_missing,
                   "planned runs are missing; seedvar run goes on with them.");
    add_failures(findings, &lines);
    add_saturations(findings, &lines);
    add_digest_checks(checks, &lines);
    add_heavy_tails(findings, &lines);
    if (checks->ignored_columns[0] != '\0') {
        char line[400];
        snprintf(line, sizeof line, "columns of text were left out: %s.", checks->ignored_columns);
        add_line(&lines, line);
    }
    if (lines.bytes == NULL) {
        svi_text_add(text, "\nChecks: nothing to report.\n");
    } else {
        svi_text_add(text, "\nChecks\n%s", lines.bytes);
    }
    text->has_failed = text->has_failed || lines.has_failed;
    svi_text_clear(&lines);
}

sv_status sv_findings_text(const sv_findings *findings, char **text, sv_error *error)
{
    svi_text out = {0};
    add_title(findings, &out);
    add_opening(findings, &out);
    svi_write_components_table(findings, &out);
    svi_write_indices_table(findings, &out);
    svi_write_comparison_table(findings, &out);
    svi_write_mislead_table(findings, &out);
    svi_write_summary_table(findings, &out);
    svi_write_recurrence_table(findings, &out);
    svi_write_famous_table(findings, &out);
    svi_write_other_metrics_table(findings, &out);
    add_reasons(findings, &out);
    add_checks(findings, &out);
    svi_text_add(&out, "Brackets hold %g%% intervals.\n", 100 * findings->level);
    return svi_text_take(&out, text, error);
}
