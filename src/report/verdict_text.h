/* Numbers and verdicts as people read them. */
#ifndef SVI_VERDICT_TEXT_H
#define SVI_VERDICT_TEXT_H

#include "analysis/findings.h"

enum { SVI_NUMBER_BYTES = 32, SVI_ESTIMATE_BYTES = 128, SVI_VERDICT_BYTES = 1200 };

/* Decimals that show the distance to the interval's nearer end with two digits (the value with
 * seven at most); without an interval, the value with four. */
int svi_decimals(double value, svi_interval interval);

/* "-0.31"; "open" for an end that is not finite, never "-0.00". */
void svi_write_decimal(double value, int decimals, char text[SVI_NUMBER_BYTES]);

/* "0.312 [0.305, 0.320]"; only the value where the interval has no ends; scale multiplies all
 * three. */
void svi_write_estimate(double value, svi_interval interval, double scale,
                        char text[SVI_ESTIMATE_BYTES]);

/* A chance: "41% [30, 55]", "under 1% [0, 6]", "over 99%"; only the share where the interval has no
 * ends. */
void svi_write_share(double share, svi_interval interval, char text[SVI_ESTIMATE_BYTES]);

/* "1,234,567" */
void svi_write_count(uint64_t count, char text[SVI_NUMBER_BYTES]);

/* The metric that the text is about. */
const svi_metric_name *svi_headline(const sv_findings *findings);

/* 100 for a metric shown in percent, else 1. */
double svi_metric_scale(const svi_metric_name *metric);

/* What a comparison says, in a sentence or two; honest where nothing is decided. */
void svi_write_verdict(const sv_findings *findings, const svi_comparison_finding *comparison,
                       char text[SVI_VERDICT_BYTES]);

#endif
