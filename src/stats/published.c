#include "stats/published.h"

#include <math.h>

#include "stats/crossed_mean.h"
#include "stats/sample_size.h"

static sv_status check(const svi_published *of, sv_error *error)
{
    if (isfinite(of->mean) && isfinite(of->sd) && of->sd >= 0 && of->n >= 2) return SV_OK;
    return svi_fail(
        error, SV_ERR_USAGE,
        "mean %g, SD %g of %llu run%s: give a finite mean, an SD of 0 or more and at least 2 runs",
        of->mean, of->sd, (unsigned long long)of->n, of->n == 1 ? "" : "s");
}

static void take_difference(const svi_published *a, const svi_published *b, double level,
                            svi_difference *out)
{
    double v_a = a->sd * a->sd / (double)a->n, v_b = b->sd * b->sd / (double)b->n;
    double df = svi_welch_df(v_a, (double)a->n - 1, v_b, (double)b->n - 1);
    svi_difference_from(a->mean - b->mean, v_a + v_b, df, level, out);
}

sv_status svi_compare_published(const svi_published *a, const svi_published *b, double level,
                                double margin, double power, svi_agreement_of_two *out,
                                sv_error *error)
{
    SVI_TRY(svi_level_check(level, error));
    SVI_TRY(check(a, error));
    SVI_TRY(check(b, error));
    *out = (svi_agreement_of_two){.equivalence_p = NAN, .n_for_equivalence = NAN};
    take_difference(a, b, level, &out->difference);
    svi_power_question question = {
        .difference = out->difference.difference, .sd_a = a->sd, .sd_b = b->sd, .alpha = 1 - level};
    SVI_TRY(svi_seeds_for_power(&question, power, &out->n_to_settle, error));
    if (out->difference.standard_error > 0) {
        SVI_TRY(svi_least_detectable(&out->difference, 1 - level, power, &out->least_detectable,
                                     error));
    }
    if (margin == 0) return SV_OK;
    SVI_TRY(svi_equivalence_p(&out->difference, margin, &out->equivalence_p, error));
    return svi_seeds_for_equivalence(&question, margin, power, &out->n_for_equivalence, error);
}
