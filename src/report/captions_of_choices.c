/* Captions of the charts on which choices rest: between arms, and among seeds. */
#include <math.h>

#include "report/caption_words.h"
#include "report/verdict_text.h"

void svi_caption_comparison(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const sv_findings *findings = source->findings;
    size_t n = 0, n_decided = 0;
    (void)rows;
    for (size_t i = 0; i < findings->n_comparisons; i++) {
        const svi_comparison_finding *comparison = &findings->comparisons[i];
        if (comparison->subject.metric != findings->headline || comparison->reason[0] != '\0')
            continue;
        n++;
        n_decided += comparison->decision != SVI_UNDECIDED;
    }
    svi_text_add(text,
                 "An interval (%g%%) that crosses 0 leaves open which arm is better. Decided "
                 "after allowing for the number of comparisons: %zu of %zu. ",
                 100 * findings->level, n_decided, n);
}

void svi_caption_opposite(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const sv_findings *findings = source->findings;
    const svi_comparison_finding *comparison;
    (void)rows;
    SVI_FIRST_ABOUT_HEADLINE(findings, findings->comparisons, findings->n_comparisons, comparison);
    if (comparison == NULL || comparison->n_points < 3) return;
    const svi_mislead_point *few = &comparison->points[2],
                            *many = &comparison->points[comparison->n_points - 1];
    svi_text_add(text, "With 3 seeds an arm a study of %s against %s finds the opposite sign in ",
                 findings->arm_names[comparison->subject.arm],
                 findings->arm_names[comparison->reference]);
    svi_add_share(few->sign.probability, few->sign_interval, text);
    svi_text_add(text, " of cases, with %zu seeds in ", many->n);
    svi_add_share(many->sign.probability, many->sign_interval, text);
    svi_text_add(text, ". %s. ",
                 many->sign.probability > 0.05
                     ? "Not even so many seeds settle a difference of this size"
                     : "Read off how many seeds make you as safe as you want to be");
    if (!isnan(few->sign_interval.low))
        svi_text_add(text, "Bands hold %g%% intervals of the opposite sign. ",
                     100 * findings->level);
}

void svi_caption_expected_best(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const sv_findings *findings = source->findings;
    const svi_expected_best_finding *best;
    (void)rows;
    SVI_FIRST_ABOUT_HEADLINE(findings, findings->expected_best, findings->n_expected_best, best);
    if (best == NULL || best->n_points < 2) return;
    size_t last = best->n_points - 1;
    while (last > 0 && (best->sizes[last] > 100 || isnan(best->points[last].unbiased))) last--;
    double gain = best->points[last].unbiased - best->points[0].unbiased;
    svi_text_add(text, "The best of %zu of ", best->sizes[last]);
    svi_add_series(findings, best->subject, text);
    svi_text_add(text, " has %s ", svi_article(svi_headline(findings)->name));
    svi_add_headline(findings, text);
    svi_text_add(text, " of ");
    svi_add_value(findings, best->points[last].unbiased, gain, text);
    svi_text_add(text, " on average, a single run one of ");
    svi_add_value(findings, best->points[0].unbiased, gain, text);
    svi_text_add(text, ": a best is comparable only with the best of as many runs. Bands hold 90%% "
                       "of searches. ");
}

/* As far as the interval of the real gain tells. */
static const char *what_is_picked(const svi_gain *gain)
{
    if (gain->real.interval.high < gain->apparent.unbiased / 4)
        return "most of what is picked is luck on the validation data";
    if (gain->real.interval.low > 0) return "part of what is picked is real";
    return "how much of what is picked is real these runs do not tell";
}

/* A gain is positive where the search helped, also of losses. */
static void add_gain(const sv_findings *findings, const svi_gain *gain, svi_text *text)
{
    char real[SVI_ESTIMATE_BYTES];
    svi_add_value(findings, gain->apparent.unbiased, gain->apparent.unbiased / 4, text);
    svi_text_add(text, " and gains ");
    if (isnan(gain->real.interval.low)) {
        svi_add_value(findings, gain->real.unbiased, gain->apparent.unbiased / 4, text);
    } else {
        svi_write_estimate(gain->real.unbiased, gain->real.interval,
                           svi_metric_scale(svi_headline(findings)), real);
        svi_text_add(text, "%s", real);
    }
}

void svi_caption_gains(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const sv_findings *findings = source->findings;
    const svi_seed_choice_finding *choice;
    (void)rows;
    SVI_FIRST_ABOUT_HEADLINE(findings, findings->seed_choices, findings->n_seed_choices, choice);
    if (choice == NULL || choice->n_gains == 0) return;
    size_t last = choice->n_gains - 1;
    while (last > 0 && (choice->gains[last].k > 100 || isnan(choice->gains[last].real.unbiased)))
        last--;
    const svi_gain *gain = &choice->gains[last];
    bool is_begun = svi_add_subject(findings, choice->subject, text);
    svi_text_add(text, "%s best of %llu seeds by %s seems to gain ", is_begun ? "the" : "The",
                 (unsigned long long)gain->k, findings->metrics[choice->chosen_by].name);
    add_gain(findings, gain, text);
    svi_text_add(text, " on test data: %s. ", what_is_picked(gain));
}
