/* Captions of the charts that split a spread. */
#include <ctype.h>
#include <string.h>

#include "report/caption_words.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

void svi_caption_shares(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const sv_findings *findings = source->findings;
    const svi_components_finding *group;
    size_t largest = 0;
    (void)rows;
    SVI_FIRST_ABOUT_HEADLINE(findings, findings->components, findings->n_components, group);
    if (group == NULL || group->n_rows == 0) return;
    for (size_t i = 1; i < group->n_rows; i++)
        if (group->rows[i].variance > group->rows[largest].variance) largest = i;
    svi_text_add(text, "The largest part is that of %s: ", group->labels[largest]);
    svi_add_percent(group->rows[largest].share, text);
    svi_text_add(text,
                 " of the variance of %s. A study that holds it fixed does not see this "
                 "part of the spread. Lines are %g%% intervals. ",
                 svi_headline(findings)->name, 100 * findings->level);
}

void svi_caption_indices(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const svi_indices_finding *group = svi_leading_indices(source->findings);
    (void)rows;
    svi_text_add(text, "What a source does alone, and with all its interactions: the gap between "
                       "the two is what it does together with others. ");
    if (group != NULL)
        svi_text_add(text, "%c%s. Lines are %g%% intervals. ", toupper(group->estimates[0]),
                     group->estimates + 1, 100 * source->findings->level);
}

/* First and last point of the headline's first curve; 0 where there is none. */
static size_t find_ends(const sv_findings *findings, const svi_curve_row *ends[2])
{
    const char *headline = svi_headline(findings)->name;
    size_t n = 0;
    for (size_t i = 0; i < findings->n_curves; i++) {
        const svi_curve_row *row = &findings->curves[i];
        if (strcmp(row->metric, headline) != 0) continue;
        if (n > 0 && (row->arm != ends[0]->arm || row->numerics != ends[0]->numerics)) continue;
        if (n++ == 0) ends[0] = row;
        ends[1] = row;
    }
    return n;
}

static bool has_model_sd(const sv_findings *findings)
{
    for (size_t i = 0; i < findings->n_predictions; i++)
        if (findings->predictions[i].distribution_variance.value >= 0) return true;
    return false;
}

void svi_caption_sd_by_step(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const sv_findings *findings = source->findings;
    const svi_curve_row *ends[2];
    (void)rows;
    if (find_ends(findings, ends) > 1) {
        svi_text_add(text, "The SD of ");
        svi_add_headline(findings, text);
        svi_text_add(text, " between runs is ");
        svi_add_value(findings, ends[0]->sd, ends[0]->sd / 4, text);
        svi_text_add(text, " at step %llu and ", (unsigned long long)ends[0]->step);
        svi_add_value(findings, ends[1]->sd, ends[1]->sd / 4, text);
        svi_text_add(text, " at step %llu: training %s the differences between seeds. ",
                     (unsigned long long)ends[1]->step,
                     ends[1]->sd < ends[0]->sd ? "evens out" : "widens");
    }
    if (has_model_sd(findings))
        svi_text_add(text, "A dashed line is the SD at the end on a test set without end. ");
}

void svi_caption_test_set(const svi_chart_source *source, const json_t *rows, svi_text *text)
{
    const json_t *row = json_array_get(rows, 0);
    double here = json_number_value(json_object_get(row, "test_set_sd"));
    double anywhere = json_number_value(json_object_get(row, "distribution_sd"));
    bool has_other = json_is_number(json_object_get(row, "distribution_sd"));
    if (!(here > 0)) {
        svi_text_add(text, "The error rate does not differ between runs on the same test set. ");
        return;
    }
    svi_text_add(text, "Error rates of runs have an SD of %.3g points on this test set", here);
    if (has_other)
        svi_text_add(text, "; on a test set without end it would be %.3g. %s", anywhere,
                     anywhere < here / 2
                         ? "Most of the spread is which test points a run happens to get right: "
                           "the runs are more alike than this test set can show"
                         : "Much of the spread is there whatever the test set: the runs differ in "
                           "how good they are");
    else
        svi_text_add(text, ", less than if they erred independently at each point: of a spread "
                           "of the model nothing shows");
    svi_text_add(text, ". ");
    if (source->findings->n_predictions > 1)
        svi_text_add(text, "These are numbers of the first of %zu groups. ",
                     source->findings->n_predictions);
}
