#include "stats/class_counts.h"

#include <math.h>

#include "stats/moments.h"
#include "stats/quantile.h"

const size_t svi_vote_sizes[SVI_N_VOTE_SIZES] = {
#define VOTE_SIZE(size) size,
    SVI_VOTE_SIZES(VOTE_SIZE)
#undef VOTE_SIZE
};

static double error_at(const svi_class_counts *counts, size_t i)
{
    double right = (double)counts->count[i * counts->n_classes + (size_t)counts->label[i]];
    return 1 - right / (double)counts->n_runs;
}

static double churn_at(const svi_class_counts *counts, size_t i)
{
    double same = 0, n = (double)counts->n_runs;
    for (size_t c = 0; c < counts->n_classes; c++) {
        double k = (double)counts->count[i * counts->n_classes + c];
        same += k * (k - 1);
    }
    return 1 - same / (n * (n - 1));
}

static double binomial_variance(double share, double n)
{
    return share * (1 - share) * n / (n - 1);
}

static sv_status check_point(const svi_class_counts *counts, size_t i, sv_error *error)
{
    uint64_t n = 0;
    for (size_t c = 0; c < counts->n_classes; c++) n += counts->count[i * counts->n_classes + c];
    if (n != counts->n_runs) {
        return svi_fail(error, SV_ERR_DATA,
                        "class counts: those of test point %zu add up to %llu, not to %llu runs", i,
                        (unsigned long long)n, (unsigned long long)counts->n_runs);
    }
    if (counts->label[i] < 0 || (size_t)counts->label[i] >= counts->n_classes) {
        return svi_fail(error, SV_ERR_DATA,
                        "class counts: test point %zu has the label %d; there are classes 0 to %zu",
                        i, (int)counts->label[i], counts->n_classes - 1);
    }
    return SV_OK;
}

static sv_status check(const svi_class_counts *counts, sv_error *error)
{
    if (counts->n_runs < 2 || counts->n_points < 2 || counts->n_classes < 1) {
        return svi_fail(
            error, SV_ERR_DATA,
            "class counts of %llu runs at %zu test points: two of each at least are needed",
            (unsigned long long)counts->n_runs, counts->n_points);
    }
    for (size_t i = 0; i < counts->n_points; i++) SVI_TRY(check_point(counts, i, error));
    return SV_OK;
}

static svi_point_mean mean_of(const svi_moments *moments)
{
    return (svi_point_mean){moments->mean, svi_moments_sd(moments) / sqrt((double)moments->n)};
}

svi_interval svi_point_interval(svi_point_mean mean, size_t n_points, double level)
{
    double half = svi_t_quantile((1 + level) / 2, (double)n_points - 1) * mean.standard_error;
    return (svi_interval){mean.value - half, mean.value + half};
}

static double mean_vote_accuracy(const svi_class_counts *counts, size_t size)
{
    double sum = 0;
    if (size > counts->n_runs) return NAN;
    for (size_t i = 0; i < counts->n_points; i++) {
        sum += svi_vote_accuracy(counts->count + i * counts->n_classes, counts->n_classes,
                                 (size_t)counts->label[i], counts->n_runs, size);
    }
    return sum / (double)counts->n_points;
}

sv_status svi_counts_agreement(const svi_class_counts *counts, svi_agreement *out, sv_error *error)
{
    svi_moments errors = {0}, churns = {0}, gaps = {0};
    double n = (double)counts->n_points, n_runs = (double)counts->n_runs, spread = 0;
    SVI_TRY(check(counts, error));
    for (size_t i = 0; i < counts->n_points; i++) {
        double wrong = error_at(counts, i), churn = churn_at(counts, i);
        svi_moments_add(&errors, wrong);
        svi_moments_add(&churns, churn);
        svi_moments_add(&gaps, churn - wrong);
        spread += binomial_variance(wrong, n_runs);
    }
    *out = (svi_agreement){.n_runs = counts->n_runs,
                           .n_points = counts->n_points,
                           .error = mean_of(&errors),
                           .churn = mean_of(&churns),
                           .gap = mean_of(&gaps),
                           .independent_variance = spread / (n * n)};
    for (size_t s = 0; s < SVI_N_VOTE_SIZES; s++)
        out->vote_accuracy[s] = mean_vote_accuracy(counts, svi_vote_sizes[s]);
    return SV_OK;
}

void svi_counts_of_class(const svi_class_counts *counts, int32_t label, svi_class_agreement *out)
{
    double error = 0, churn = 0, spread = 0, n_runs = (double)counts->n_runs;
    size_t n = 0;
    for (size_t i = 0; i < counts->n_points; i++) {
        if (counts->label[i] != label) continue;
        double wrong = error_at(counts, i);
        error += wrong;
        churn += churn_at(counts, i);
        spread += binomial_variance(wrong, n_runs);
        n++;
    }
    double count = n > 0 ? (double)n : NAN;
    *out = (svi_class_agreement){n, error / count, churn / count, sqrt(spread) / count};
}

double svi_distribution_variance(double variance, double independent_variance, double n_points)
{
    return n_points / (n_points - 1) * (variance - independent_variance);
}
