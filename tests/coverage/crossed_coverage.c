/* How often the intervals of crossed_effects.h hold the truth, and whether the estimates are
 * unbiased: simulated studies of one design. crossed_coverage [--t5] STUDIES LEVELS[xLEVELS...]
 * REPLICATES SD... One SD for every component, in the order of the result (single factors, pairs,
 * ..., replicate). Effects are normal, with --t5 Student's t with 5 degrees of freedom (excess
 * kurtosis 6), scaled to these SDs. crossed_coverage 2000 8x8 2 1 1 0.5 0.5 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "philox.h"
#include "stats/crossed_effects.h"
#include "stats/quantile.h"

typedef struct simulation {
    svi_crossed_design design;
    size_t n_studies, n_values;
    double sd[SVI_MAX_COMPONENTS];
    bool is_heavy;
} simulation;

enum { N_KINDS = 4 };
static const char *const kind_names[N_KINDS] = {"generalized", "large sample", "bootstrap",
                                                "share"};

typedef struct score {
    size_t n_low, n_high; /* truth below, above the interval */
    double width;
} score;

/* Of the estimates of one component. */
typedef struct estimate_sums {
    double sum, squares;
} estimate_sums;

/* Mean 0, variance 1. */
static double draw_effect(bool is_heavy, uint32_t study, uint32_t stream, uint64_t element)
{
    double p = ((double)svk_draw(2024, stream, study, element) + 0.5) * 0x1p-32;
    return is_heavy ? svi_t_quantile(p, 5) * sqrt(3.0 / 5) : svi_normal_quantile(p);
}

/* Number of the level that value i has of a set of factors. */
static uint64_t level_of(const svi_crossed_design *design, uint32_t factors, size_t i)
{
    uint64_t level = 0, scale = 1;
    i /= design->n_replicates;
    for (size_t f = design->n_factors; f-- > 0; i /= design->levels[f]) {
        if ((factors >> f & 1) == 0) continue;
        level += scale * (i % design->levels[f]);
        scale *= design->levels[f];
    }
    return level;
}

static void simulate(const simulation *s, const svi_crossed_result *shape, uint32_t study,
                     double *values)
{
    for (size_t i = 0; i < s->n_values; i++) values[i] = 0;
    for (size_t c = 0; c < shape->n_components; c++) {
        uint32_t factors = shape->components[c].factors;
        for (size_t i = 0; i < s->n_values; i++) {
            uint64_t level = factors == 0 ? i : level_of(&s->design, factors, i);
            values[i] += s->sd[c] * draw_effect(s->is_heavy, study, factors + 1, level);
        }
    }
}

static void judge(score *tally, svi_interval interval, double truth)
{
    tally->n_low += truth < interval.low;
    tally->n_high += truth > interval.high;
    tally->width += interval.high - interval.low;
}

static void judge_study(const simulation *s, const svi_crossed_result *result,
                        score (*scores)[N_KINDS], estimate_sums *estimates)
{
    double total = 0;
    for (size_t c = 0; c < result->n_components; c++) total += s->sd[c] * s->sd[c];
    for (size_t c = 0; c < result->n_components; c++) {
        const svi_component *component = &result->components[c];
        double truth = s->sd[c] * s->sd[c];
        estimates[c].sum += component->variance;
        estimates[c].squares += component->variance * component->variance;
        judge(&scores[c][0], component->generalized, truth);
        judge(&scores[c][1], component->large_sample, truth);
        judge(&scores[c][2], component->bootstrap, truth);
        judge(&scores[c][3], component->share_interval, truth / total);
    }
}

static void print_estimates(const simulation *s, const svi_crossed_result *result,
                            const estimate_sums *estimates)
{
    static const char *const names[] = {"A", "B", "C", "D", "E", "F", "G"};
    double n = (double)s->n_studies;
    printf("%-20s %8s %10s %10s\n", "component", "truth", "estimate", "SE");
    for (size_t c = 0; c < result->n_components; c++) {
        char label[64];
        double mean = estimates[c].sum / n;
        double variance = (estimates[c].squares / n - mean * mean) / (n - 1);
        svi_component_label(&result->components[c], names, label, sizeof label);
        printf("%-20s %8.4f %10.5f %10.5f\n", label, s->sd[c] * s->sd[c], mean,
               sqrt(fmax(0, variance)));
    }
}

static void print_scores(const simulation *s, const svi_crossed_result *result,
                         score (*scores)[N_KINDS])
{
    static const char *const names[] = {"A", "B", "C", "D", "E", "F", "G"};
    double n = (double)s->n_studies;
    printf("%-20s %8s %-13s %8s %10s %10s %10s\n", "component", "truth", "interval", "covered",
           "truth low", "truth high", "mean width");
    for (size_t c = 0; c < result->n_components; c++) {
        char label[64];
        svi_component_label(&result->components[c], names, label, sizeof label);
        for (int k = 0; k < N_KINDS; k++) {
            const score *tally = &scores[c][k];
            printf("%-20s %8.4f %-13s %7.2f%% %9.2f%% %9.2f%% %10.4f\n", label, s->sd[c] * s->sd[c],
                   kind_names[k], 100 - 100 * (double)(tally->n_low + tally->n_high) / n,
                   100 * (double)tally->n_low / n, 100 * (double)tally->n_high / n,
                   tally->width / n);
        }
    }
}

static sv_status run(const simulation *s, const svi_crossed_plan *plan, double *values,
                     svi_crossed_result *result, sv_error *error)
{
    static score scores[SVI_MAX_COMPONENTS][N_KINDS];
    static estimate_sums estimates[SVI_MAX_COMPONENTS];
    for (size_t i = 0; i < s->n_values; i++) values[i] = (double)i;
    SVI_TRY(svi_crossed_analyze(plan, values, s->n_values, result, error)); /* for its shape */
    for (size_t i = 0; i < s->n_studies; i++) {
        simulate(s, result, (uint32_t)i, values);
        SVI_TRY(svi_crossed_analyze(plan, values, s->n_values, result, error));
        judge_study(s, result, scores, estimates);
    }
    print_estimates(s, result, estimates);
    print_scores(s, result, scores);
    return SV_OK;
}

static bool read_arguments(int argc, char **argv, simulation *s)
{
    s->is_heavy = argc > 1 && strcmp(argv[1], "--t5") == 0;
    if (s->is_heavy) {
        argc--;
        argv++;
    }
    if (argc < 5) return false;
    s->n_studies = strtoull(argv[1], NULL, 10);
    s->n_values = s->design.n_replicates = strtoull(argv[3], NULL, 10);
    s->design.level = 0.95;
    for (char *at = argv[2]; *at != '\0' && s->design.n_factors < SVI_MAX_FACTORS;) {
        size_t n_levels = strtoull(at, &at, 10);
        s->design.levels[s->design.n_factors++] = n_levels;
        s->n_values *= n_levels;
        if (*at != 'x') break;
        at++;
    }
    for (int i = 4; i < argc && i - 4 < SVI_MAX_COMPONENTS; i++) {
        s->sd[i - 4] = strtod(argv[i], NULL);
    }
    return s->n_studies > 0 && s->n_values > 0;
}

int main(int argc, char **argv)
{
    simulation s = {.n_studies = 0};
    sv_error error = {SV_OK, ""};
    svi_crossed_plan *plan = NULL;
    static svi_crossed_result result;
    if (!read_arguments(argc, argv, &s)) {
        fprintf(stderr, "usage: %s [--t5] STUDIES LEVELS[xLEVELS...] REPLICATES SD...\n", argv[0]);
        return 2;
    }
    double *values = calloc(s.n_values, sizeof *values);
    sv_status status = values == NULL ? svi_fail_memory(&error, s.n_values, "values")
                                      : svi_crossed_plan_make(&s.design, &plan, &error);
    if (status == SV_OK) status = run(&s, plan, values, &result, &error);
    if (status != SV_OK) fprintf(stderr, "%s\n", error.message);
    svi_crossed_plan_free(plan);
    free(values);
    return status == SV_OK ? 0 : 1;
}
