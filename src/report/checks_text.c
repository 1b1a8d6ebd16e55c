/* What a reader must know before believing the rest. */
#include <inttypes.h>
#include <stdio.h>

#include "report/findings_parts.h"
#include "report/paragraph.h"
#include "report/verdict_text.h"

static void add_line(svi_text *text, const char *line)
{
    svi_text_add(text, "- ");
    svi_write_paragraph(text, line);
}

static void add_count_line(svi_text *text, uint64_t n, const char *what)
{
    char count[SVI_NUMBER_BYTES], line[600];
    if (n == 0) return;
    svi_write_count(n, count);
    snprintf(line, sizeof line, "%s %s", count, what);
    add_line(text, line);
}

static void add_total_failure(const sv_findings *findings, const svi_summary_finding *summary,
                              svi_text *text)
{
    char line[600];
    snprintf(line, sizeof line,
             "%s, %s: all %" PRIu64 " runs failed (%" PRIu64 " diverged): none has a finite value.",
             findings->arm_names[summary->subject.arm],
             findings->numerics_names[summary->subject.numerics], summary->n_runs,
             summary->n_diverged);
    add_line(text, line);
}

static void add_failures(const sv_findings *findings, svi_text *text)
{
    for (size_t i = 0; i < findings->n_summaries; i++) {
        const svi_summary_finding *summary = &findings->summaries[i];
        char rate[SVI_ESTIMATE_BYTES], line[600];
        if (summary->subject.metric != findings->headline || summary->n_failed == 0) continue;
        if (summary->values.n == 0) {
            add_total_failure(findings, summary, text);
            continue;
        }
        svi_write_estimate((double)summary->n_failed / (double)summary->n_runs,
                           summary->failure_interval, 100, rate);
        snprintf(line, sizeof line,
                 "%s, %s: %" PRIu64 " of %" PRIu64 " runs failed, %s percent (%" PRIu64
                 " diverged); every estimate is of the %zu finite values, %" PRIu64
                 " of them from diverged runs.",
                 findings->arm_names[summary->subject.arm],
                 findings->numerics_names[summary->subject.numerics], summary->n_failed,
                 summary->n_runs, rate, summary->n_diverged, summary->values.n,
                 summary->values.n + summary->n_failed - summary->n_runs);
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

static void add_unsupported(const sv_findings *findings, svi_text *text)
{
    for (size_t i = 0; i < findings->checks.n_unsupported; i++) {
        const svi_unsupported *found = &findings->checks.unsupported[i];
        char line[600];
        snprintf(line, sizeof line,
                 "%s, %s: %" PRIu64
                 " runs unsupported: the device lacks what these numerics ask for, so they were "
                 "not trained.",
                 findings->arm_names[found->arm], findings->numerics_names[found->numerics],
                 found->n_runs);
        add_line(text, line);
    }
}

static void add_heavy_tails(const sv_findings *findings, svi_text *text)
{
    for (size_t i = 0; i < findings->checks.n_heavy_tails; i++) {
        const svi_heavy_tail *tail = &findings->checks.heavy_tails[i];
        char line[900];
        double scale = svi_metric_scale(&findings->metrics[tail->subject.metric]);
        if (tail->subject.metric != findings->headline) continue;
        snprintf(line, sizeof line,
                 "%s, %s: heavy tails (excess kurtosis %.1f); the interval of the SD is too short. "
                 "The farthest run, %s, has %.4g.",
                 findings->arm_names[tail->subject.arm],
                 findings->numerics_names[tail->subject.numerics], tail->excess_kurtosis,
                 tail->farthest_run, tail->farthest_value * scale);
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

static void add_accuracy_checks(const svi_checks *checks, svi_text *text)
{
    const svi_prediction_check *predictions = &checks->predictions;
    char line[600];
    for (size_t i = 0; i < checks->n_mixed_units; i++) {
        const svi_mixed_unit *unit = &checks->mixed_units[i];
        snprintf(line, sizeof line,
                 "%s has %" PRIu64 " values from 0 to 1 and %" PRIu64
                 " larger ones: are shares and percentages mixed?",
                 unit->metric, unit->n_shares, unit->n_larger);
        add_line(text, line);
    }
    if (predictions->n_different == 0) return;
    snprintf(line, sizeof line,
             "%s and the accuracy of the predictions differ in %" PRIu64 " of %" PRIu64
             " runs, by up to %.2g: are they of the same runs and the same test points?",
             predictions->metric, predictions->n_different, predictions->n_compared,
             predictions->largest);
    add_line(text, line);
}

void svi_write_checks(const sv_findings *findings, svi_text *text)
{
    const svi_checks *checks = &findings->checks;
    svi_text lines = {0};
    add_count_line(&lines, checks->n_missing,
                   checks->n_missing == 1 ? "planned run is missing; seedvar run trains it."
                                          : "planned runs are missing; seedvar run trains them.");
    add_failures(findings, &lines);
    add_saturations(findings, &lines);
    add_unsupported(findings, &lines);
    add_digest_checks(checks, &lines);
    add_heavy_tails(findings, &lines);
    add_accuracy_checks(checks, &lines);
    if (checks->ignored_columns[0] != '\0') {
        char line[400];
        snprintf(line, sizeof line,
                 "columns of text were left out: %s; runs that differ in them are taken together.",
                 checks->ignored_columns);
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
