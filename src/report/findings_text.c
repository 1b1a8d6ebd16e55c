#include <math.h>
#include <string.h>

#include "report/caption_words.h"
#include "report/findings_parts.h"
#include "report/paragraph.h"
#include "report/verdict_text.h"

void svi_write_study_line(const sv_findings *findings, svi_text *text)
{
    char count[SVI_NUMBER_BYTES];
    const char *joint = strcmp(findings->design, "crossed") == 0 ? " x " : ", ";
    svi_write_count(findings->checks.n_runs, count);
    svi_text_add(text, "%s: %s run%s, %s", findings->study, count,
                 strcmp(count, "1") == 0 ? "" : "s", findings->design);
    for (size_t f = 0; f < findings->n_factors; f++) {
        bool is_plain = strcmp(findings->factors[f].name, "seed") == 0;
        svi_write_count(findings->factors[f].n_levels, count);
        svi_text_add(text, "%s%s%s%s", f == 0 ? " of " : joint, count, is_plain ? "" : " ",
                     is_plain ? "" : findings->factors[f].name);
    }
    svi_text_add(text, "%s\n", findings->n_factors > 0 ? " seeds" : "");
}

static void add_title(const sv_findings *findings, svi_text *text)
{
    svi_write_study_line(findings, text);
    if (findings->machine[0] != '\0') svi_write_paragraph(text, findings->machine);
    svi_text_add(text, "\n");
}

/* What the indices stand for, and a warning where there is one. */
static void add_indices_note(const sv_findings *findings, svi_text *note)
{
    const svi_indices_finding *group = svi_leading_indices(findings);
    if (group == NULL) return;
    svi_text_add(note, "Indices, %s: %s. ", group->method, group->estimates);
    if (group->note[0] != '\0') svi_text_add(note, "Note: %s. ", group->note);
}

/* The reason is the same whatever the series. */
static void add_not_compared_note(const sv_findings *findings, svi_text *note)
{
    for (size_t i = 0; i < findings->n_predictions; i++) {
        if (findings->predictions[i].reason[0] == '\0') continue;
        svi_text_add(note, "Predictions are not compared: %s. ", findings->predictions[i].reason);
        return;
    }
}

static void add_replicates_note(const sv_findings *findings, svi_text *note)
{
    bool is_first = true;
    for (size_t i = 0; i < findings->n_predictions; i++) {
        const svi_prediction_finding *finding = &findings->predictions[i];
        double pairs = 100 * finding->pairs_of_one_seed, churn = 100 * finding->churn_of_seeds;
        if (finding->reason[0] != '\0' || isnan(churn)) continue;
        if (is_first)
            svi_text_add(note, "Predictions: %.3g%% of the pairs of ", pairs);
        else
            svi_text_add(note, "; of ");
        svi_add_series(findings, finding->subject, note);
        if (is_first)
            svi_text_add(note,
                         " are replicates of one seed; if these agree, runs with other seeds "
                         "differ in %.3g%% of the points",
                         churn);
        else
            svi_text_add(note, " it is %.3g%% and %.3g%%", pairs, churn);
        is_first = false;
    }
    if (!is_first) svi_text_add(note, ". ");
}

/* Why a table that a reader would look for is not there. */
static void add_reasons(const sv_findings *findings, svi_text *text)
{
    svi_text note = {0};
    if (findings->basis[0] != '\0')
        svi_text_add(&note,
                     "From sums of the runs, quantiles and the best of n within 0.05%%. What else "
                     "there is to say is not said: %s. ",
                     findings->basis);
    add_indices_note(findings, &note);
    add_not_compared_note(findings, &note);
    add_replicates_note(findings, &note);
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->subject.metric != findings->headline || group->note[0] == '\0') continue;
        svi_text_add(&note, "The split of the variance has no intervals: %s. ", group->note);
        break;
    }
    for (size_t g = 0; g < findings->n_components; g++) {
        const svi_components_finding *group = &findings->components[g];
        if (group->subject.metric != findings->headline || group->reason[0] == '\0') continue;
        if (svi_leading_indices(findings) != NULL) break;
        svi_text_add(&note, "No split of the variance: %s. ", group->reason);
        break;
    }
    for (size_t g = 0; g < findings->n_indices; g++) {
        const svi_indices_finding *group = &findings->indices[g];
        if (group->subject.metric != findings->headline || group->reason[0] == '\0') continue;
        svi_text_add(&note, "No indices: %s. ", group->reason);
        break;
    }
    svi_add_not_compared(findings, &note);
    if (note.bytes != NULL) {
        svi_text_add(text, "\n");
        svi_write_paragraph(text, note.bytes);
    }
    text->has_failed = text->has_failed || note.has_failed;
    svi_text_clear(&note);
}

sv_status sv_findings_text(const sv_findings *findings, char **text, sv_error *error)
{
    svi_text out = {0};
    add_title(findings, &out);
    svi_write_opening(findings, &out);
    svi_write_components_table(findings, &out);
    svi_write_indices_table(findings, &out);
    svi_write_comparison_table(findings, &out);
    svi_write_mislead_table(findings, &out);
    svi_write_howmany_table(findings, &out);
    svi_write_rates_tables(findings, &out);
    svi_write_summary_table(findings, &out);
    svi_write_curve_table(findings, &out);
    svi_write_recurrence_table(findings, &out);
    svi_write_prediction_table(findings, &out);
    svi_write_replicates_table(findings, &out);
    svi_write_numerics_table(findings, &out);
    svi_write_distance_table(findings, &out);
    svi_write_gain_table(findings, &out);
    svi_write_carry_over_table(findings, &out);
    svi_write_best_table(findings, &out);
    svi_write_famous_table(findings, &out);
    svi_write_other_metrics_table(findings, &out);
    add_reasons(findings, &out);
    svi_write_checks(findings, &out);
    svi_text_add(&out, "Brackets hold %g%% intervals.\n", 100 * findings->level);
    return svi_text_take(&out, text, error);
}
