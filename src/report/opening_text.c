/* The answer in a sentence or two. */
#include <math.h>

#include "report/caption_words.h"
#include "report/findings_parts.h"
#include "report/paragraph.h"
#include "report/verdict_text.h"

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

/* "41% [30, 55]"; with an interval below 0 "nothing that can be seen (-5% [-7, -1])". */
static void add_share(svi_text *text, double share, svi_interval interval)
{
    char middle[SVI_NUMBER_BYTES], low[SVI_NUMBER_BYTES], high[SVI_NUMBER_BYTES];
    svi_write_decimal(100 * share, 0, middle);
    svi_write_decimal(100 * interval.low, 0, low);
    svi_write_decimal(100 * interval.high, 0, high);
    bool is_none = interval.high < 0;
    svi_text_add(text, "%s%s%%", is_none ? "nothing that can be seen (" : "", middle);
    if (isfinite(interval.low)) svi_text_add(text, " [%s, %s]", low, high);
    if (is_none) svi_text_add(text, ")");
}

/* Of more parts than two sources have, only those that do not round to 0% are named. */
enum { MOST_NAMED = 4 };
static const double least_named = 0.005;

/* The row with the largest share after row `last` (n_rows: the first one), in the order of shares;
 * n_rows where none is left that is named. */
static size_t next_named(const svi_components_finding *group, size_t last)
{
    size_t found = group->n_rows;
    if (group->n_rows <= MOST_NAMED) return last == group->n_rows ? 0 : last + 1;
    for (size_t i = 0; i < group->n_rows; i++) {
        double share = group->rows[i].share;
        bool is_after = last == group->n_rows || share < group->rows[last].share ||
                        (share == group->rows[last].share && i > last);
        if (!is_after || !(share >= least_named)) continue;
        if (found == group->n_rows || share > group->rows[found].share) found = i;
    }
    return found;
}

/* A share is an estimate: where the truth is near 0, it may come out below. */
static void add_sign_note(bool is_negative, svi_text *text)
{
    if (is_negative)
        svi_text_add(text, "An estimate below 0 stands for a share too small to tell from 0. ");
}

/* What rounds to -1% or less. */
static bool shows_negative(double share) { return share <= -0.005; }

/* ", each other part less than 1% (intervals up to 8%)" */
static void add_unnamed(const svi_components_finding *group, svi_text *text)
{
    size_t n_unnamed = 0;
    double highest = 0;
    char high[SVI_NUMBER_BYTES];
    if (group->n_rows <= MOST_NAMED) return;
    for (size_t i = 0; i < group->n_rows; i++) {
        if (group->rows[i].share >= least_named) continue;
        highest = fmax(highest, group->rows[i].share_interval.high);
        n_unnamed++;
    }
    if (n_unnamed == 0) return;
    svi_write_decimal(100 * highest, 0, high);
    svi_text_add(text, ", each other part less than 1%%");
    if (highest > 0) svi_text_add(text, " (intervals up to %s%%)", high);
}

/* "init explains 41% [30, 55] of the variance of test_accuracy, order 38% [27, 50], their
 * interaction 21% [20, 22]." */
static void add_components_sentence(const sv_findings *findings, svi_text *text)
{
    const svi_components_finding *group = leading_components(findings);
    bool is_first = true, is_negative = false;
    if (group == NULL) return;
    svi_add_subject(findings, group->subject, text);
    if (!(group->total_variance > 0)) {
        svi_text_add(text, "%s does not vary. ", svi_headline(findings)->name);
        return;
    }
    for (size_t i = next_named(group, group->n_rows); i < group->n_rows; i = next_named(group, i)) {
        const svi_component *component = &group->rows[i];
        svi_text_add(text, "%s", is_first ? "" : ", ");
        add_source_name(group, i, text);
        svi_text_add(text, "%s", is_first ? " explains " : " ");
        add_share(text, component->share, component->share_interval);
        if (is_first) svi_text_add(text, " of the variance of %s", svi_headline(findings)->name);
        is_first = false;
        is_negative = is_negative || shows_negative(component->share);
    }
    add_unnamed(group, text);
    svi_text_add(text, ". ");
    add_sign_note(is_negative, text);
}

const svi_indices_finding *svi_leading_indices(const sv_findings *findings)
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
                       svi_metric_scale(svi_headline(findings)), sd);
    svi_text_add(text, "%s", sd);
}

static bool has_effect(const svi_indices_finding *group)
{
    for (size_t s = 0; s < group->n_sources; s++)
        if (group->values.sources[s].total_variance.value != 0) return true;
    return false;
}

/* "init explains 41% [30, 55] of the variance of test_accuracy by itself and 60% [50, 71] with its
 * interactions, order ..." Where only one effect is known: "Varying init alone gives test_accuracy
 * an SD of 0.31 [0.27, 0.36], order 0.25 [0.22, 0.29]." */
static void add_indices_sentence(const sv_findings *findings, svi_text *text)
{
    const svi_indices_finding *group = svi_leading_indices(findings);
    if (group == NULL) return;
    bool is_begun = svi_add_subject(findings, group->subject, text);
    if (!has_effect(group)) {
        svi_text_add(text, "%s does not vary. ", svi_headline(findings)->name);
        return;
    }
    bool is_negative = false, is_first_known = !isnan(group->values.sources[0].first_share.value);
    for (size_t s = 0; s < group->n_sources; s++) {
        const svi_source_index *source = &group->values.sources[s];
        if (is_first_known) {
            svi_text_add(text, "%s%s%s", s > 0 ? ", " : "", group->sources[s],
                         s > 0 ? " " : " explains ");
            add_share(text, source->first_share.value, source->first_share.interval);
            if (s == 0)
                svi_text_add(text, " of the variance of %s by itself",
                             svi_headline(findings)->name);
            svi_text_add(text, " and ");
            add_share(text, source->total_share.value, source->total_share.interval);
            svi_text_add(text, "%s", s == 0 ? " with its interactions" : "");
            is_negative = is_negative || shows_negative(source->first_share.value) ||
                          shows_negative(source->total_share.value);
        } else {
            if (s == 0)
                svi_text_add(text, "%s %s alone gives %s an SD of ",
                             is_begun ? "varying" : "Varying", group->sources[s],
                             svi_headline(findings)->name);
            else
                svi_text_add(text, ", %s ", group->sources[s]);
            add_root(findings, source->total_variance, text);
        }
    }
    svi_text_add(text, ". ");
    add_sign_note(is_negative, text);
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
        if (findings->summaries[i].subject.metric == findings->headline &&
            findings->summaries[i].values.n > 0)
            return &findings->summaries[i];
    }
    return NULL;
}

/* Where nothing is compared or split, the spread itself is the answer. */
static void add_spread_sentence(const sv_findings *findings, svi_text *text)
{
    const svi_summary_finding *summary = leading_summary(findings);
    const svi_metric_name *metric = svi_headline(findings);
    double scale = svi_metric_scale(metric);
    char mean[SVI_ESTIMATE_BYTES], sd[SVI_ESTIMATE_BYTES], count[SVI_NUMBER_BYTES];
    if (summary == NULL) return;
    svi_add_subject(findings, summary->subject, text);
    if (summary->values.n == 1) {
        svi_write_estimate(summary->values.mean, (svi_interval){NAN, NAN}, scale, mean);
        svi_text_add(text, "%s is %s%s in the one run there is: a spread takes two. ", metric->name,
                     mean, metric->is_percentage ? " percent" : "");
        return;
    }
    svi_write_estimate(summary->values.mean, summary->values.mean_interval, scale, mean);
    svi_write_estimate(summary->values.sd, summary->values.sd_interval, scale, sd);
    svi_write_count(summary->values.n, count);
    svi_text_add(text, "%s is %s%s on average over %s runs and has an SD of %s%s between them. ",
                 metric->name, mean, metric->is_percentage ? " percent" : "", count, sd,
                 metric->is_percentage ? " points" : "");
}

static void add_failed_name(const sv_findings *findings, svi_subject subject, svi_text *text)
{
    if (findings->n_arms > 1) svi_text_add(text, "%s", findings->arm_names[subject.arm]);
    if (findings->n_arms > 1 && findings->n_numerics > 1) svi_text_add(text, " with ");
    if (findings->n_numerics > 1)
        svi_text_add(text, "%s", findings->numerics_names[subject.numerics]);
}

static bool has_failed(const sv_findings *findings, size_t i)
{
    const svi_summary_finding *summary = &findings->summaries[i];
    return summary->subject.metric == findings->headline && summary->values.n == 0;
}

void svi_add_total_failures(const sv_findings *findings, svi_text *text)
{
    size_t n = 0, n_named = 0;
    for (size_t i = 0; i < findings->n_summaries; i++) n += has_failed(findings, i);
    if (n == 0) return;
    svi_text_add(text, "No run of ");
    for (size_t i = 0; n_named < n && n_named < MOST_NAMED; i++) {
        if (!has_failed(findings, i)) continue;
        svi_text_add(text, "%s", n_named == 0 ? "" : n_named + 1 == n ? " or " : ", ");
        add_failed_name(findings, findings->summaries[i].subject, text);
        n_named++;
    }
    if (n > n_named) svi_text_add(text, " or %zu more", n - n_named);
    svi_text_add(text, " has a finite %s. ", svi_headline(findings)->name);
}

void svi_write_opening(const sv_findings *findings, svi_text *text)
{
    svi_text opening = {0};
    add_components_sentence(findings, &opening);
    add_indices_sentence(findings, &opening);
    add_verdict_sentence(findings, &opening);
    if (opening.bytes == NULL) add_spread_sentence(findings, &opening);
    svi_add_total_failures(findings, &opening);
    if (opening.bytes != NULL) svi_write_paragraph(text, opening.bytes);
    text->has_failed = text->has_failed || opening.has_failed;
    svi_text_clear(&opening);
}
