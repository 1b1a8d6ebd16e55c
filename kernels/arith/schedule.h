/* The learning rate of a step, in binary64. The forms are those of PyTorch's LinearLR,
 * CosineAnnealingLR and OneCycleLR (Smith and Topin 2017), which ends after the last step. */
#ifndef SVK_SCHEDULE_H
#define SVK_SCHEDULE_H

#include "net.h"

/* From `from` at x = 0 to `to` at x = 1 along half a cosine. */
SVK_FN double svk_half_cosine(double from, double to, double x)
{
    double sine, cosine;
    svk_sincospi_f64(x, &sine, &cosine);
    return fma(0.5 * (from - to), 1.0 + cosine, to);
}

/* step: counted from 0. Warm-up: the rate of step t is (t + 1) / n_warmup_steps of what it would
 * be; in a one-cycle schedule the rise to the peak, which step n_warmup_steps has. */
SVK_FN double svk_learning_rate(const svk_training *training, uint64_t step)
{
    double rate = training->learning_rate, t = (double)step;
    double warmup = (double)training->n_warmup_steps, total = (double)training->n_steps;
    if (training->schedule == SVK_SCHEDULE_ONE_CYCLE) {
        double last = total - 1.0;
        if (t < warmup) return svk_half_cosine(rate / 25.0, rate, t / warmup);
        double x = last > warmup ? (t - warmup) / (last - warmup) : 0.0;
        return svk_half_cosine(rate, rate / 250000.0, x);
    }
    if (t < warmup) return rate * ((t + 1.0) / warmup);
    double x = total > warmup ? (t - warmup) / (total - warmup) : 0.0;
    if (training->schedule == SVK_SCHEDULE_LINEAR)
        return rate * fma(training->final_factor - 1.0, x, 1.0);
    if (training->schedule == SVK_SCHEDULE_COSINE)
        return svk_half_cosine(rate, rate * training->final_factor, x);
    return rate;
}

#endif
