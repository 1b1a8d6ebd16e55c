/* Two arms by rliable (tests/oracle/rliable_oracle.py): interquartile means, the probability of
 * improvement, performance profiles. */
#include <stdio.h>
#include <unistd.h>

#include "analysis/findings.h"
#include "base/text.h"
#include "stats/arm_compare.h"
#include "stats/sample_summary.h"
#include "test_stats_golden.h"

static const double tight = 1e-9;

static void check_sample(const json_t *item, const char *values_key, const char *iqm_key)
{
    size_t n;
    svi_summary summary;
    double *values = golden_values(item, values_key, &n);
    cr_assert_eq(svi_summarize(values, n, 0.95, &summary, NULL), SV_OK);
    expect_near(summary.interquartile_mean, golden_at(item, iqm_key), tight,
                golden_name(item, "name"), iqm_key);
    free(values);
}

static sv_findings *analyze_arms(const double *a, size_t n_a, const double *b, size_t n_b)
{
    char path[] = "/tmp/svi-rliable-XXXXXX";
    svi_text csv = {0};
    sv_findings *findings = NULL;
    sv_error error = {0};
    svi_text_add(&csv, "arm,seed,score\n");
    for (size_t i = 0; i < n_a; i++) svi_text_add(&csv, "a,%zu,%.17g\n", i, a[i]);
    for (size_t i = 0; i < n_b; i++) svi_text_add(&csv, "b,%zu,%.17g\n", i, b[i]);
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv.bytes, csv.n) == (ssize_t)csv.n);
    close(fd);
    cr_assert_eq(sv_analyze_csv(path, NULL, &findings, &error), SV_OK, "%s", error.message);
    unlink(path);
    svi_text_clear(&csv);
    return findings;
}

static void check_profile(const json_t *item, const svi_profile_finding *profile, const char *key)
{
    size_t n, n_thresholds;
    double *shares = golden_values(item, key, &n);
    double *thresholds = golden_values(item, "thresholds", &n_thresholds);
    cr_assert(n == SVI_N_PROFILE_POINTS && n_thresholds == n);
    for (size_t t = 0; t < n; t++) {
        expect_near(profile->threshold[t], thresholds[t], tight, golden_name(item, "name"),
                    "threshold");
        expect_near(profile->share[t], shares[t], tight, golden_name(item, "name"), key);
    }
    free(shares);
    free(thresholds);
}

Test(stats_rliable, agrees)
{
    json_t *cases = golden_cases("rliable"), *item;
    size_t i;
    cr_assert(json_array_size(cases) >= 3);
    json_array_foreach(cases, i, item)
    {
        size_t n_a, n_b;
        svi_superiority superiority;
        double *a = golden_values(item, "a", &n_a), *b = golden_values(item, "b", &n_b);
        check_sample(item, "a", "iqm_a");
        check_sample(item, "b", "iqm_b");
        cr_assert_eq(svi_compare_superiority(a, n_a, b, n_b, false, 0.95, &superiority, NULL),
                     SV_OK);
        expect_near(superiority.probability, golden_at(item, "improvement"), tight,
                    golden_name(item, "name"), "improvement");
        sv_findings *findings = analyze_arms(a, n_a, b, n_b);
        cr_assert_eq(findings->n_profiles, 2);
        check_profile(item, &findings->profiles[0], "profile_a");
        check_profile(item, &findings->profiles[1], "profile_b");
        sv_findings_close(findings);
        free(a);
        free(b);
    }
    json_decref(cases);
}
