#include "stats/mislead.h"

#include <math.h>
#include <stdlib.h>

#include "stats/arm_compare.h"
#include "stats/draw_streams.h"
#include "stats/moments.h"
#include "stats/t_rejection.h"

enum { N_SEEDS_MAX = 1000 };

/* Mean and sum of squared deviations of what has been drawn so far (Welford 1962). */
typedef struct running {
    double mean, m2;
} running;

/* Counts over the imagined papers, for one number of seeds. */
typedef struct tally {
    uint64_t n_opposite, n_tied, n_other, n_a_higher, n_b_higher;
} tally;

typedef struct pool {
    const double *a, *b;
    size_t n_a, n_b;
    const svi_mislead_options *options;
    size_t n_draws;
    double centre;    /* taken off every value: less rounding */
    double tolerance; /* a difference of means up to this is rounding, hence a tie */
    int sign;
    svi_t_critical critical;  /* of the test of a difference */
    svi_t_critical one_sided; /* of each of the two tests of equivalence */
    tally *tallies;           /* [n_max] */
} pool;

static int sign_of(double x) { return (x > 0) - (x < 0); }

static void push(running *r, size_t n, double x)
{
    double before = x - r->mean;
    r->mean += before / (double)n;
    r->m2 += before * (x - r->mean);
}

/* Of n runs an arm: whether t at the table's alpha tells the distance from 0. */
static bool rejects(const pool *p, const svi_t_critical *table, size_t n, const running *a,
                    const running *b, const running *d, double distance)
{
    if (distance <= p->tolerance) return false;
    return p->options->is_paired ? svi_paired_rejects(table, n, d->m2, distance)
                                 : svi_welch_rejects(table, n, a->m2, b->m2, distance);
}

static svi_verdict verdict_of(const pool *p, size_t n, const running *a, const running *b,
                              const running *d)
{
    double margin = p->options->margin, distance = fabs(d->mean);
    if (margin > 0 && rejects(p, &p->one_sided, n, a, b, d, margin - distance))
        return SVI_VERDICT_EQUIVALENT;
    if (!rejects(p, &p->critical, n, a, b, d, distance)) return SVI_VERDICT_UNDECIDED;
    return d->mean > 0 ? SVI_VERDICT_A_HIGHER : SVI_VERDICT_B_HIGHER;
}

static void count(const pool *p, size_t n, const running *a, const running *b, const running *d)
{
    tally *t = &p->tallies[n - 1];
    int sign = fabs(d->mean) <= p->tolerance ? 0 : sign_of(d->mean);
    t->n_tied += sign == 0 || p->sign == 0;
    t->n_opposite += sign * p->sign < 0;
    if (n < 2) return;
    svi_verdict verdict = verdict_of(p, n, a, b, d);
    t->n_other += verdict != p->options->verdict;
    t->n_a_higher += verdict == SVI_VERDICT_A_HIGHER;
    t->n_b_higher += verdict == SVI_VERDICT_B_HIGHER;
}

/* One imagined paper, its seeds one after another. */
static void draw_paper(const pool *p, uint32_t number)
{
    running a = {0, 0}, b = {0, 0}, d = {0, 0};
    for (size_t n = 1; n <= p->options->n_max; n++) {
        uint32_t word = svk_draw(SVI_STATS_KEY, SVI_STREAM_SEED_A, number, n - 1);
        uint32_t i = svk_below(word, (uint32_t)p->n_a), j = i;
        if (!p->options->is_paired) {
            word = svk_draw(SVI_STATS_KEY, SVI_STREAM_SEED_B, number, n - 1);
            j = svk_below(word, (uint32_t)p->n_b);
        }
        double x = p->a[i] - p->centre, y = p->b[j] - p->centre;
        push(&a, n, x);
        push(&b, n, y);
        push(&d, n, x - y);
        count(p, n, &a, &b, &d);
    }
}

/* Means of up to n_max values carry a few units of rounding of the largest value. */
static void measure_rounding(pool *p)
{
    svi_moments a = svi_moments_of(p->a, p->n_a), b = svi_moments_of(p->b, p->n_b);
    svi_moments_merge(&a, &b);
    p->centre = a.mean;
    p->tolerance = 8 * 0x1p-52 * fmax(fabs(a.min), fabs(a.max));
}

static sv_status judge_pool(pool *p, sv_error *error)
{
    double level = 1 - p->options->alpha;
    svi_difference difference;
    SVI_TRY(p->options->is_paired
                ? svi_compare_paired(p->a, p->b, p->n_a, level, &difference, error)
                : svi_compare_welch(p->a, p->n_a, p->b, p->n_b, level, &difference, error));
    measure_rounding(p);
    bool is_tie = fabs(difference.difference) <= p->tolerance;
    p->sign = is_tie ? 0 : sign_of(difference.difference);
    return SV_OK;
}

/* ---- results -------------------------------------------------------------------------------- */

static svi_chance chance(const pool *p, uint64_t n_hits, uint64_t n_halves)
{
    double n = (double)p->n_draws;
    double mean = ((double)n_hits + (double)n_halves / 2) / n;
    double square = ((double)n_hits + (double)n_halves / 4) / n;
    return (svi_chance){mean, sqrt(fmax(0, square - mean * mean) / n)};
}

/* P(a draw of a is below one of b), ties half: a share of the pairs that can be drawn. */
static sv_status exact_share_below(const pool *p, double *share, sv_error *error)
{
    if (!p->options->is_paired) {
        svi_superiority superiority;
        SVI_TRY(svi_compare_superiority(p->a, p->n_a, p->b, p->n_b, false, 1 - p->options->alpha,
                                        &superiority, error));
        *share = 1 - superiority.probability;
        return SV_OK;
    }
    double twice = 0;
    for (size_t i = 0; i < p->n_a; i++) twice += 1 - sign_of(p->a[i] - p->b[i]);
    *share = twice / (2 * (double)p->n_a);
    return SV_OK;
}

static sv_status fill_curve(const pool *p, svi_mislead_point *out, sv_error *error)
{
    double below;
    for (size_t i = 0; i < p->options->n_max; i++) {
        const tally *t = &p->tallies[i];
        out[i] = (svi_mislead_point){
            .n = i + 1,
            .sign = chance(p, t->n_opposite, t->n_tied),
            .sign_interval = {NAN, NAN},
            .verdict = i > 0 ? chance(p, t->n_other, 0) : (svi_chance){NAN, NAN},
            .verdict_interval = {NAN, NAN},
            .a_higher = i > 0 ? (double)t->n_a_higher / (double)p->n_draws : NAN,
            .b_higher = i > 0 ? (double)t->n_b_higher / (double)p->n_draws : NAN};
    }
    SVI_TRY(exact_share_below(p, &below, error));
    out[0].sign = (svi_chance){p->sign == 0 ? 0.5 : p->sign > 0 ? below : 1 - below, 0};
    return SV_OK;
}

static sv_status check_options(const pool *p, sv_error *error)
{
    const svi_mislead_options *options = p->options;
    if (!(options->alpha > 0 && options->alpha < 1)) {
        return svi_fail(error, SV_ERR_USAGE,
                        "chance of being misled: alpha %g; give one between 0 and 1, as 0.05",
                        options->alpha);
    }
    if (!(options->margin >= 0 && isfinite(options->margin))) {
        return svi_fail(error, SV_ERR_USAGE,
                        "chance of being misled: margin %g; give 0 or more, as 0.01",
                        options->margin);
    }
    if (options->n_max < 1 || options->n_max > N_SEEDS_MAX || p->n_draws < 100 ||
        p->n_draws > UINT32_MAX) {
        return svi_fail(
            error, SV_ERR_USAGE,
            "chance of being misled: %zu seeds and %zu draws; give 1 to %d and at least 100",
            options->n_max, p->n_draws, N_SEEDS_MAX);
    }
    if (p->n_a > UINT32_MAX || p->n_b > UINT32_MAX) {
        return svi_fail(error, SV_ERR_DATA,
                        "chance of being misled: a pool of more than 2^32 runs");
    }
    if (options->is_paired && p->n_a != p->n_b) {
        return svi_fail(error, SV_ERR_USAGE,
                        "chance of being misled: %zu values against %zu; pair them first", p->n_a,
                        p->n_b);
    }
    return SV_OK;
}

static sv_status simulate(pool *p, svi_mislead_point *out, sv_error *error)
{
    SVI_TRY(judge_pool(p, error));
    SVI_TRY(svi_t_critical_make(p->options->alpha, p->options->n_max, &p->critical, error));
    SVI_TRY(svi_t_critical_make(2 * p->options->alpha, p->options->n_max, &p->one_sided, error));
    for (size_t d = 0; d < p->n_draws; d++) draw_paper(p, (uint32_t)d);
    return fill_curve(p, out, error);
}

sv_status svi_mislead_curve(const double *a, size_t n_a, const double *b, size_t n_b,
                            const svi_mislead_options *options, svi_mislead_point *out,
                            sv_error *error)
{
    pool p = {.a = a, .b = b, .n_a = n_a, .n_b = n_b, .options = options};
    p.n_draws = options->n_draws == 0 ? SVI_MISLEAD_N_DRAWS : options->n_draws;
    SVI_TRY(check_options(&p, error));
    p.tallies = calloc(options->n_max, sizeof *p.tallies);
    if (p.tallies == NULL)
        return svi_fail_memory(error, options->n_max * sizeof *p.tallies, "counts");
    sv_status status = simulate(&p, out, error);
    svi_t_critical_clear(&p.critical);
    svi_t_critical_clear(&p.one_sided);
    free(p.tallies);
    return status;
}
