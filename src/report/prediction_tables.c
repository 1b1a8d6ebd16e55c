/* What runs predict, in one row an arm. */
#include <math.h>
#include <stdio.h>

#include "report/finding_cells.h"
#include "report/findings_parts.h"
#include "report/verdict_text.h"

static svi_interval roots(svi_interval variance)
{
    return (svi_interval){sqrt(fmax(0, variance.low)), sqrt(fmax(0, variance.high))};
}

/* An SD in points. The estimate of a variance may be below 0, which is no SD: it is shown as it is,
 * in points squared. */
static void sd_cell(svi_text_table *table, svi_estimate variance)
{
    svi_interval interval = {NAN, NAN};
    if (variance.value < 0) {
        char text[SVI_ESTIMATE_BYTES];
        svi_write_estimate(variance.value, variance.interval, 1e4, text);
        svi_table_cell(table, "none: variance %s", text);
        return;
    }
    if (isfinite(variance.interval.high)) interval = roots(variance.interval);
    svi_estimate_cell(table, sqrt(variance.value), interval, 100);
}

void svi_write_prediction_table(const sv_findings *findings, svi_text *text)
{
    svi_text_table table = {0};
    svi_subject_columns(findings, &table);
    svi_table_column(&table, 'r', "wrong");
    svi_table_column(&table, 'r', "two runs differ");
    svi_table_column(&table, 'r', "vote of 10 wrong");
    svi_table_column(&table, 'r', "SD on this test set");
    svi_table_column(&table, 'r', "SD of the model");
    for (size_t i = 0; i < findings->n_predictions; i++) {
        const svi_prediction_finding *finding = &findings->predictions[i];
        svi_subject_cells(findings, &table, finding->subject);
        svi_estimate_cell(&table, finding->error.value, finding->error.interval, 100);
        svi_estimate_cell(&table, finding->churn.value, finding->churn.interval, 100);
        svi_estimate_cell(&table, 1 - finding->vote_accuracy[3], (svi_interval){NAN, NAN}, 100);
        sd_cell(&table, finding->variance);
        sd_cell(&table, finding->distribution_variance);
    }
    svi_table_write(&table, "Predictions (percent of test points; SDs of the error rate in points)",
                    text);
}
