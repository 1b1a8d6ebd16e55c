/* What a paper should say of its seeds, ready to paste. */
#include <inttypes.h>
#include <string.h>

#include "report/finding_rows.h"
#include "report/findings_parts.h"
#include "report/json_value.h"
#include "report/paragraph.h"
#include "report/verdict_text.h"

static void add_design(const sv_findings *findings, svi_text *text)
{
    char count[SVI_NUMBER_BYTES];
    svi_write_count(findings->checks.n_runs, count);
    svi_text_add(text, "We trained %s model%s in %s %s design", count,
                 svi_plural(findings->checks.n_runs), svi_article(findings->design),
                 findings->design);
    for (size_t f = 0; f < findings->n_factors; f++) {
        bool is_plain = strcmp(findings->factors[f].name, "seed") == 0;
        svi_write_count(findings->factors[f].n_levels, count);
        svi_text_add(text, "%s%s %s%sseed%s", f == 0 ? " (" : " x ", count,
                     is_plain ? "" : findings->factors[f].name, is_plain ? "" : " ",
                     svi_plural(findings->factors[f].n_levels));
    }
    svi_text_add(text, "%s. ", findings->n_factors > 0 ? ")" : "");
    if (findings->machine[0] == '\0') return;
    svi_text_add(text,
                 "All random numbers are Philox4x32-10's, keyed by the seed of their source; the "
                 "arithmetic was ");
    for (size_t k = 0; k < findings->n_numerics; k++)
        svi_text_add(text, "%s%s", k > 0 ? ", " : "", findings->numerics_names[k]);
    svi_text_add(text, " (%s). ", findings->machine);
}

/* Of the runs that failed, those with a finite value are among the runs told of. */
static void add_failures(const svi_summary_finding *summary, svi_text *text)
{
    uint64_t n_without = summary->n_runs - summary->values.n;
    uint64_t n_within = summary->n_failed - n_without;
    if (n_within > 0) svi_text_add(text, " (%" PRIu64 " of them diverged", n_within);
    if (n_without > 0)
        svi_text_add(text, "%s%" PRIu64 " more failed", n_within > 0 ? ", " : " (", n_without);
    if (summary->n_failed > 0) svi_text_add(text, ")");
}

static void add_summaries(const sv_findings *findings, svi_text *text)
{
    const svi_metric_name *metric = svi_headline(findings);
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        char mean[SVI_ESTIMATE_BYTES], sd[SVI_ESTIMATE_BYTES], count[SVI_NUMBER_BYTES];
        if (summary->subject.metric != findings->headline || summary->reason[0] != '\0') continue;
        svi_write_estimate(summary->values.mean, summary->values.mean_interval,
                           svi_metric_scale(metric), mean);
        svi_write_estimate(summary->values.sd, summary->values.sd_interval,
                           svi_metric_scale(metric), sd);
        svi_write_count(summary->values.n, count);
        svi_text_add(text, "%s", metric->name);
        if (findings->n_arms > 1)
            svi_text_add(text, " of %s", findings->arm_names[summary->subject.arm]);
        if (findings->n_numerics > 1)
            svi_text_add(text, " (%s)", findings->numerics_names[summary->subject.numerics]);
        svi_text_add(text, " is %s%s on average, with an SD of %s %s %s runs", mean,
                     metric->is_percentage ? "%" : "", sd,
                     svi_has_fresh_sd(summary) ? "between runs with seeds of their own, from"
                                               : "between",
                     count);
        add_failures(summary, text);
        svi_text_add(text, ". ");
    }
}

static void add_verdicts(const sv_findings *findings, svi_text *text)
{
    char verdict[SVI_VERDICT_BYTES];
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        const svi_comparison_finding *comparison = &findings->comparisons[i];
        if (comparison->subject.metric != findings->headline || comparison->reason[0] != '\0')
            continue;
        svi_write_verdict(findings, comparison, verdict);
        svi_text_add(text, "%s ", verdict);
    }
}

static void add_all(const sv_findings *findings, svi_text *text)
{
    add_design(findings, text);
    add_summaries(findings, text);
    svi_add_total_failures(findings, text);
    add_verdicts(findings, text);
    svi_add_not_compared(findings, text);
    if (text->bytes != NULL && strchr(text->bytes, '[') != NULL)
        svi_text_add(text, "Brackets hold %g%% intervals.", 100 * findings->level);
}

void svi_write_paper_paragraph(const sv_findings *findings, svi_text *text)
{
    svi_text paragraph = {0};
    add_all(findings, &paragraph);
    if (paragraph.bytes != NULL) svi_write_paragraph(text, paragraph.bytes);
    text->has_failed = text->has_failed || paragraph.has_failed;
    svi_text_clear(&paragraph);
}

json_t *svi_json_paragraph(const sv_findings *findings)
{
    svi_text paragraph = {0};
    add_all(findings, &paragraph);
    json_t *value =
        paragraph.bytes != NULL && !paragraph.has_failed ? svi_json_string(paragraph.bytes) : NULL;
    svi_text_clear(&paragraph);
    return value;
}
