#include "report/verdict_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PAPER_SEEDS = 3, MAX_DECIMALS = 9 };

int svi_decimals(double value, svi_interval interval)
{
    double width = fmin(fabs(interval.high - value), fabs(value - interval.low));
    if (width == 0) width = (interval.high - interval.low) / 2;
    double size = isfinite(width) && width > 0 ? width / 10 : fabs(value) / 1000;
    if (!isfinite(size) || size == 0) return 0;
    double decimals = -floor(log10(fmax(size, fabs(value) * 1e-6)));
    return decimals < 0 ? 0 : decimals > MAX_DECIMALS ? MAX_DECIMALS : (int)decimals;
}

void svi_write_decimal(double value, int decimals, char text[SVI_NUMBER_BYTES])
{
    if (!isfinite(value)) {
        snprintf(text, SVI_NUMBER_BYTES, "open");
    } else if (fabs(value) < 1e9 && (value == 0 || fabs(value) >= 1e-7)) {
        snprintf(text, SVI_NUMBER_BYTES, "%.*f", decimals, value);
    } else {
        snprintf(text, SVI_NUMBER_BYTES, "%.3g", value);
    }
    if (strspn(text, "-0.") == strlen(text) && text[0] == '-')
        memmove(text, text + 1, strlen(text));
}

void svi_write_estimate(double value, svi_interval interval, double scale,
                        char text[SVI_ESTIMATE_BYTES])
{
    char middle[SVI_NUMBER_BYTES], low[SVI_NUMBER_BYTES], high[SVI_NUMBER_BYTES];
    int decimals =
        svi_decimals(value * scale, (svi_interval){interval.low * scale, interval.high * scale});
    svi_write_decimal(value * scale, decimals, middle);
    svi_write_decimal(interval.low * scale, decimals, low);
    svi_write_decimal(interval.high * scale, decimals, high);
    if (isfinite(interval.low) || isfinite(interval.high)) {
        snprintf(text, SVI_ESTIMATE_BYTES, "%s [%s, %s]", middle, low, high);
    } else {
        snprintf(text, SVI_ESTIMATE_BYTES, "%s", middle);
    }
}

void svi_write_count(uint64_t count, char text[SVI_NUMBER_BYTES])
{
    char digits[24];
    size_t n = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count), at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
}

const svi_metric_name *svi_headline(const sv_findings *findings)
{
    return &findings->metrics[findings->headline];
}

double svi_metric_scale(const svi_metric_name *metric) { return metric->is_percentage ? 100 : 1; }

static void write_size(const sv_findings *findings, const svi_comparison_finding *comparison,
                       char text[SVI_ESTIMATE_BYTES])
{
    const svi_metric_name *metric = &findings->metrics[comparison->subject.metric];
    svi_difference difference = comparison->difference;
    if (comparison->decision == SVI_WORSE || comparison->decision == SVI_BETTER ||
        comparison->decision == SVI_HIGHER || comparison->decision == SVI_LOWER) {
        if (difference.difference < 0) {
            difference.interval =
                (svi_interval){-difference.interval.high, -difference.interval.low};
            difference.difference = -difference.difference;
        }
    }
    svi_write_estimate(difference.difference, difference.interval, svi_metric_scale(metric), text);
    size_t n = strlen(text);
    if (metric->is_percentage) snprintf(text + n, SVI_ESTIMATE_BYTES - n, " points");
}

/* What stands after a number of the metric. */
static const char *unit_of(const svi_metric_name *metric, double scaled)
{
    if (!metric->is_percentage) return "";
    return scaled == 1 ? " point" : " points";
}

static void write_runs(const svi_comparison_finding *comparison, char text[SVI_ESTIMATE_BYTES])
{
    char n[SVI_NUMBER_BYTES], n_reference[SVI_NUMBER_BYTES];
    svi_write_count(comparison->n, n);
    svi_write_count(comparison->n_reference, n_reference);
    if (comparison->is_paired) {
        snprintf(text, SVI_ESTIMATE_BYTES, "%s pairs of runs", n);
    } else {
        snprintf(text, SVI_ESTIMATE_BYTES, "%s runs against %s", n, n_reference);
    }
}

/* What would settle an undecided comparison. */
static void add_outlook(const sv_findings *findings, const svi_comparison_finding *comparison,
                        char *text, size_t size)
{
    const svi_metric_name *metric = &findings->metrics[comparison->subject.metric];
    char least[SVI_ESTIMATE_BYTES], count[SVI_NUMBER_BYTES];
    size_t n = strlen(text);
    if (!isfinite(comparison->least_detectable)) return;
    svi_write_estimate(comparison->least_detectable, (svi_interval){NAN, NAN},
                       svi_metric_scale(metric), least);
    snprintf(text + n, size - n, " These runs find a true difference of %s%s with power 0.8", least,
             metric->is_percentage ? " points" : "");
    n = strlen(text);
    if (comparison->n_to_settle < 1e12) {
        svi_write_count((uint64_t)comparison->n_to_settle, count);
        snprintf(text + n, size - n, "; were the difference as observed, about %s seeds would",
                 count);
        n = strlen(text);
    }
    snprintf(text + n, size - n, ".");
}

void svi_write_share(double share, svi_interval interval, char text[SVI_ESTIMATE_BYTES])
{
    int digits = interval.high - interval.low < 0.01 ? 1 : 0, n; /* else both ends read the same */
    if (share < 0.005) {
        n = snprintf(text, SVI_ESTIMATE_BYTES, "under 1%%");
    } else if (share >= 0.995) {
        n = snprintf(text, SVI_ESTIMATE_BYTES, "over 99%%");
    } else {
        n = snprintf(text, SVI_ESTIMATE_BYTES, "%.*f%%", digits, 100 * share);
    }
    bool is_within = interval.high < 0.005 || interval.low >= 0.995; /* of what the words say */
    if (isnan(interval.low) || is_within) return;
    snprintf(text + n, SVI_ESTIMATE_BYTES - (size_t)n, " [%.*f, %.*f]", digits, 100 * interval.low,
             digits, 100 * interval.high);
}

static void add_mislead(const svi_comparison_finding *comparison, char *text, size_t size)
{
    char sign[SVI_ESTIMATE_BYTES], verdict[SVI_ESTIMATE_BYTES];
    const svi_mislead_point *few = &comparison->points[PAPER_SEEDS - 1];
    size_t n = strlen(text);
    bool is_equal = comparison->difference.difference == 0 && comparison->difference.sd == 0;
    if (isnan(few->verdict.probability) || isnan(few->sign.probability) || is_equal) return;
    svi_write_share(few->sign.probability, few->sign_interval, sign);
    svi_write_share(few->verdict.probability, few->verdict_interval, verdict);
    snprintf(
        text + n, size - n,
        " A %d-seed study would reach the opposite sign in %s of cases and another verdict in %s.",
        PAPER_SEEDS, sign, verdict);
}

/* What keeps a comparison undecided although its interval may exclude 0, or include the margin. */
static void add_tests(const sv_findings *findings, const svi_comparison_finding *comparison,
                      char *text, size_t size)
{
    const svi_metric_name *metric = &findings->metrics[comparison->subject.metric];
    double scaled = findings->margin * svi_metric_scale(metric);
    size_t n = strlen(text);
    if (comparison->n_together > 1 && comparison->difference.p < 1 - findings->level) {
        snprintf(text + n, size - n,
                 " Of %zu comparisons it is one: p is %.2g by itself and %.2g by Holm's method.",
                 comparison->n_together, comparison->difference.p, comparison->p_adjusted);
        n = strlen(text);
    }
    if (!isnan(comparison->equivalence_p))
        snprintf(text + n, size - n,
                 " Nor are they shown to be equivalent, with a margin of %g%s (p %.2g).", scaled,
                 unit_of(metric, scaled), comparison->equivalence_p);
}

static void write_decision(const sv_findings *findings, const svi_comparison_finding *comparison,
                           char *text, size_t size)
{
    const char *arm = findings->arm_names[comparison->subject.arm];
    const char *reference = findings->arm_names[comparison->reference];
    const svi_metric_name *metric = &findings->metrics[comparison->subject.metric];
    char by[SVI_ESTIMATE_BYTES], runs[SVI_ESTIMATE_BYTES], margin[SVI_ESTIMATE_BYTES];
    write_size(findings, comparison, by);
    write_runs(comparison, runs);
    double scaled = findings->margin * svi_metric_scale(metric);
    snprintf(margin, sizeof margin, "%g%s", scaled, unit_of(metric, scaled));
    switch (comparison->decision) {
    case SVI_BETTER:
        snprintf(text, size, "%s beats %s in %s by %s (%s).", arm, reference, metric->name, by,
                 runs);
        break;
    case SVI_WORSE:
        snprintf(text, size, "%s loses to %s in %s by %s (%s).", arm, reference, metric->name, by,
                 runs);
        break;
    case SVI_HIGHER:
        snprintf(text, size, "%s has a higher %s than %s, by %s (%s).", arm, metric->name,
                 reference, by, runs);
        break;
    case SVI_LOWER:
        snprintf(text, size, "%s has a lower %s than %s, by %s (%s).", arm, metric->name, reference,
                 by, runs);
        break;
    case SVI_EQUIVALENT:
        snprintf(text, size,
                 "%s and %s are equivalent in %s: they differ by %s, within the margin of %s (%s).",
                 arm, reference, metric->name, by, margin, runs);
        break;
    case SVI_UNDECIDED:
        snprintf(text, size, "%s against %s in %s is undecided: the difference is %s (%s).", arm,
                 reference, metric->name, by, runs);
        add_tests(findings, comparison, text, size);
        add_outlook(findings, comparison, text, size);
        break;
    }
}

void svi_write_verdict(const sv_findings *findings, const svi_comparison_finding *comparison,
                       char text[SVI_VERDICT_BYTES])
{
    write_decision(findings, comparison, text, SVI_VERDICT_BYTES);
    add_mislead(comparison, text, SVI_VERDICT_BYTES);
}
