#include "report/caption_words.h"

#include "report/verdict_text.h"

void svi_add_value(const sv_findings *findings, double value, double scale, svi_text *text)
{
    char number[SVI_NUMBER_BYTES];
    double unit = svi_metric_scale(svi_headline(findings));
    svi_interval near = {unit * (value - scale), unit * (value + scale)};
    svi_write_decimal(unit * value, svi_decimals(unit * value, near), number);
    svi_text_add(text, "%s", number);
}

void svi_add_count(uint64_t count, svi_text *text)
{
    char number[SVI_NUMBER_BYTES];
    svi_write_count(count, number);
    svi_text_add(text, "%s", number);
}

void svi_add_percent(double share, svi_text *text)
{
    char number[SVI_NUMBER_BYTES];
    svi_write_decimal(100 * share, 0, number);
    svi_text_add(text, "%s%%", number);
}

void svi_add_headline(const sv_findings *findings, svi_text *text)
{
    const svi_metric_name *metric = svi_headline(findings);
    svi_text_add(text, "%s%s", metric->name, metric->is_percentage ? " (percent)" : "");
}

void svi_add_share(double share, svi_interval interval, svi_text *text)
{
    char words[SVI_ESTIMATE_BYTES];
    svi_write_share(share, interval, words);
    svi_text_add(text, "%s", words);
}

bool svi_add_subject(const sv_findings *findings, svi_subject subject, svi_text *text)
{
    if (findings->n_arms > 1) svi_text_add(text, "In arm %s, ", findings->arm_names[subject.arm]);
    if (findings->n_numerics > 1) {
        svi_text_add(text, "%s %s, ", findings->n_arms > 1 ? "with" : "With",
                     findings->numerics_names[subject.numerics]);
    }
    return findings->n_arms > 1 || findings->n_numerics > 1;
}

void svi_add_series(const sv_findings *findings, svi_subject subject, svi_text *text)
{
    svi_text_add(text, "the runs");
    if (findings->n_arms == 1 && findings->n_numerics == 1) return;
    svi_text_add(text, " of ");
    svi_write_series(findings, findings->arm_names[subject.arm],
                     findings->numerics_names[subject.numerics], text);
}
