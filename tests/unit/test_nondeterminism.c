/* Planted digests and values: what repeating runs changes, and what other numerics change. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/findings.h"
#include "base/text.h"

static sv_findings *analyze(svi_text *csv)
{
    char path[] = "/tmp/svi-replicates-XXXXXX";
    sv_findings *findings = NULL;
    sv_error error = {0};
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, csv->bytes, csv->n) == (ssize_t)csv->n);
    close(fd);
    cr_assert_eq(sv_analyze_csv(path, NULL, &findings, &error), SV_OK, "%s", error.message);
    unlink(path);
    svi_text_clear(csv);
    return findings;
}

static void add_run(svi_text *csv, const char *numerics, int seed, int replicate, double score,
                    int digest)
{
    svi_text_add(csv, "%s,%d,%d,%.17g,%032x\n", numerics, seed, replicate, score, digest);
}

enum { N_SEEDS = 4 };

/* Serial: one model a seed. Drawn: seed 0 has one, seed 1 two (3 runs and 1), the others four. The
 * score of a drawn run is that of its seed, and 0.5 more in the last replicate. */
static sv_findings *planted(void)
{
    svi_text csv = {0};
    svi_text_add(&csv, "numerics,seed,replicate,score,digest\n");
    for (int s = 0; s < N_SEEDS; s++)
        for (int r = 0; r < 2; r++) add_run(&csv, "serial fp32", s, r, 10 * s, 100 + s);
    for (int s = 0; s < N_SEEDS; s++)
        for (int r = 0; r < 4; r++) {
            int digest = s == 0 ? 100 : s == 1 ? 200 + r / 3 : 1000 + 10 * s + r;
            add_run(&csv, "drawn/8 fp32", s, r, 10 * s + 0.5 * (r / 3), digest);
        }
    return analyze(&csv);
}

Test(nondeterminism, distinct_digests_are_counted_by_seed)
{
    sv_findings *findings = planted();
    cr_assert_eq(findings->n_nondeterminism, 2);
    const svi_nondeterminism_finding *serial = &findings->nondeterminism[0],
                                     *drawn = &findings->nondeterminism[1];
    cr_expect(serial->is_deterministic && !drawn->is_deterministic);
    cr_expect_eq(serial->n_seeds, N_SEEDS);
    cr_expect_eq(serial->n_repeats, N_SEEDS);
    cr_expect_eq(serial->n_different, 0);
    cr_expect_float_eq(serial->bound, 0.75, 1e-15);
    cr_expect_float_eq(serial->entropy_bits, 0, 1e-15);
    cr_expect_float_eq(serial->modal_share, 1, 1e-15);
    cr_expect_eq(drawn->n_runs, 16);
    cr_expect_eq(drawn->n_repeats, 12);
    cr_expect_eq(drawn->n_different, 0 + 1 + 3 + 3);
    cr_expect(isnan(drawn->bound));
    cr_expect_eq(drawn->n_mixed_seeds, 3);
    cr_assert_eq(drawn->n_counts, 3);
    static const uint64_t n_digests[] = {1, 2, 4}, n_seeds[] = {1, 1, 2};
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(drawn->counts[i].n_digests, n_digests[i]);
        cr_expect_eq(drawn->counts[i].n_seeds, n_seeds[i]);
    }
    double of_two = -(0.75 * log2(0.75) + 0.25 * log2(0.25));
    cr_expect_float_eq(drawn->n_digests, (1 + 2 + 4 + 4) / 4.0, 1e-15);
    cr_expect_float_eq(drawn->modal_share, (1 + 0.75 + 0.25 + 0.25) / 4, 1e-15);
    cr_expect_float_eq(drawn->entropy_bits, (0 + of_two + 2 + 2) / 4, 1e-14);
    sv_findings_close(findings);
}

/* Clopper and Pearson for 3 of 4: SciPy 0.1941, 0.9937. */
Test(nondeterminism, the_share_of_mixed_seeds_has_an_exact_interval)
{
    sv_findings *findings = planted();
    const svi_nondeterminism_finding *drawn = &findings->nondeterminism[1];
    cr_expect_float_eq(drawn->mixed_interval.low, 0.19412, 1e-5);
    cr_expect_float_eq(drawn->mixed_interval.high, 0.99369, 1e-5);
    sv_findings_close(findings);
}

/* Values 0, 0, 0, 0.5 within each seed: their variance is 1/16. */
Test(nondeterminism, spreads_at_a_fixed_seed_and_over_seeds)
{
    sv_findings *findings = planted();
    const svi_nondeterminism_finding *drawn = &findings->nondeterminism[1];
    cr_assert_eq(drawn->n_spreads, 1);
    cr_expect_float_eq(drawn->spreads[0].sd_fixed_seed, 0.25, 1e-14);
    cr_expect_float_eq(drawn->spreads[0].sd_over_seeds, sqrt(500.0 / 3), 1e-12);
    /* the components of a one-way layout: E = 1/16, seed = 500/3 - E/4 */
    double error = 1.0 / 16, seed = 500.0 / 3 - error / 4;
    cr_expect_float_eq(drawn->spreads[0].share.value, error / (error + seed), 1e-12);
    cr_expect(drawn->spreads[0].share.interval.low < error / (error + seed) &&
              error / (error + seed) < drawn->spreads[0].share.interval.high);
    cr_expect_float_eq(findings->nondeterminism[0].spreads[0].sd_fixed_seed, 0, 1e-15);
    sv_findings_close(findings);
}

Test(nondeterminism, numerics_are_compared_with_the_first_deterministic_entry)
{
    sv_findings *findings = planted();
    cr_assert_eq(findings->n_numerics_findings, 1);
    const svi_numerics_finding *drawn = &findings->numerics_findings[0];
    cr_expect_str_eq(findings->numerics_names[drawn->subject.numerics], "drawn/8 fp32");
    cr_expect_str_eq(findings->numerics_names[drawn->reference], "serial fp32");
    cr_expect_eq(drawn->n_seeds, N_SEEDS);
    cr_expect_eq(drawn->n_equal_seeds, 1);
    cr_expect_eq(drawn->n_equal_runs, 4);
    cr_assert_eq(drawn->n_gaps, 1);
    cr_expect_float_eq(drawn->gaps[0].mean.value, 0.125, 1e-14);
    cr_expect_float_eq(drawn->gaps[0].mean_absolute, 0.125, 1e-14);
    cr_expect_float_eq(drawn->gaps[0].largest, 0.5, 1e-14);
    cr_expect(isnan(drawn->time_ratio)); /* an import knows no times */
    sv_findings_close(findings);
}

/* A mean of three times 0.1 is not 0.1. */
Test(nondeterminism, equal_replicates_are_exactly_nothing_apart)
{
    svi_text csv = {0};
    svi_text_add(&csv, "numerics,seed,replicate,score,digest\n");
    for (int s = 0; s < N_SEEDS; s++) {
        add_run(&csv, "serial fp32", s, 0, 0.1 + s, 100 + s);
        for (int r = 0; r < 3; r++) add_run(&csv, "tree/8 fp32", s, r, 0.1 + s, 100 + s);
    }
    sv_findings *findings = analyze(&csv);
    cr_assert_eq(findings->n_numerics_findings, 1);
    const svi_metric_gap *gap = &findings->numerics_findings[0].gaps[0];
    cr_expect_eq(gap->n, N_SEEDS);
    cr_expect_eq(gap->mean.value, 0);
    cr_expect_eq(gap->mean_absolute, 0);
    cr_expect_eq(gap->mean.interval.low, 0);
    cr_expect_eq(gap->mean.interval.high, 0);
    sv_findings_close(findings);
}

Test(nondeterminism, text_and_json_say_it)
{
    sv_findings *findings = planted();
    char *text = NULL, *json = NULL;
    cr_assert_eq(sv_findings_text(findings, &text, NULL), SV_OK);
    cr_expect_not_null(strstr(text, "Runs repeated with the same seeds"), "%s", text);
    cr_expect_not_null(strstr(text, "0 (< 75)"), "%s", text);
    cr_expect_not_null(strstr(text, "58.33"), "%s", text); /* 7 of 12 */
    cr_assert_eq(sv_findings_json(findings, &json, NULL), SV_OK);
    json_t *root = json_loads(json, 0, NULL), *all = json_object_get(root, "nondeterminism");
    const json_t *row = json_array_get(json_object_get(all, "replicates"), 1);
    cr_expect_eq(json_integer_value(json_object_get(row, "n_different")), 7);
    cr_expect(json_is_null(json_object_get(row, "churn")));
    row = json_array_get(json_object_get(all, "numerics"), 0);
    cr_expect_eq(json_integer_value(json_object_get(row, "n_equal_seeds")), 1);
    json_decref(root);
    sv_free(text);
    sv_free(json);
    sv_findings_close(findings);
}

Test(nondeterminism, single_runs_and_runs_without_digests_give_a_reason)
{
    svi_text csv = {0};
    svi_text_add(&csv, "seed,score\n0,1\n1,2\n2,4\n");
    sv_findings *findings = analyze(&csv);
    char *json = NULL;
    cr_assert_eq(sv_findings_json(findings, &json, NULL), SV_OK);
    json_t *root = json_loads(json, 0, NULL), *all = json_object_get(root, "nondeterminism");
    static const char *const parts[] = {"replicates", "numerics"};
    for (size_t i = 0; i < 2; i++)
        cr_expect_not_null(json_object_get(json_object_get(all, parts[i]), "reason"), "%s",
                           parts[i]);
    json_decref(root);
    sv_free(json);
    sv_findings_close(findings);
}
