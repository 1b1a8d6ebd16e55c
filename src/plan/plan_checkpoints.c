#include <string.h>

#include "plan/plan.h"

static void add(svi_checkpoints *out, uint64_t step) { out->step[out->n++] = step; }

/* At most 66 of them: a step is a 64-bit number. */
static void add_powers(svi_checkpoints *out, uint64_t n_steps)
{
    add(out, 0);
    for (uint64_t step = 1; step < n_steps; step *= 2) {
        add(out, step);
        if (step > UINT64_MAX / 2) break;
    }
    if (n_steps > 0) add(out, n_steps);
}

static sv_status add_multiples(svi_checkpoints *out, const char *arm, uint64_t every,
                               uint64_t n_steps, sv_error *error)
{
    const uint64_t most = SVI_MAX_CHECKPOINTS - 1; /* beside step 0 */
    uint64_t n = n_steps / every + (n_steps % every > 0);
    if (n > most)
        return svi_fail(error, SV_ERR_STUDY,
                        "arm %s: record.checkpoints asks for %llu checkpoints in %llu steps, but "
                        "an arm has at most %d; leave %llu steps or more between two",
                        arm, (unsigned long long)n + 1, (unsigned long long)n_steps,
                        (int)SVI_MAX_CHECKPOINTS,
                        (unsigned long long)(n_steps / most + (n_steps % most > 0)));
    for (uint64_t i = 0; i < n; i++) add(out, i * every);
    add(out, n_steps);
    return SV_OK;
}

static sv_status add_listed(svi_checkpoints *out, const char *arm, const svi_checkpoint_spec *spec,
                            uint64_t n_steps, sv_error *error)
{
    if (spec->n_steps > 0 && spec->step[spec->n_steps - 1] > n_steps)
        return svi_fail(error, SV_ERR_STUDY,
                        "arm %s: record.checkpoints names step %llu, but the arm takes %llu "
                        "steps; take it out",
                        arm, (unsigned long long)spec->step[spec->n_steps - 1],
                        (unsigned long long)n_steps);
    for (size_t i = 0; i < spec->n_steps; i++) add(out, spec->step[i]);
    return SV_OK;
}

sv_status svi_plan_checkpoints(const svi_checkpoint_spec *spec, const char *arm, uint64_t n_steps,
                               uint64_t n_steps_per_epoch, svi_checkpoints *out, sv_error *error)
{
    memset(out, 0, sizeof *out);
    switch (spec->rule) {
    case SVI_CHECKPOINTS_NONE: break;
    case SVI_CHECKPOINTS_LOG2: add_powers(out, n_steps); break;
    case SVI_CHECKPOINTS_EVERY: return add_multiples(out, arm, spec->every, n_steps, error);
    case SVI_CHECKPOINTS_EVERY_EPOCHS:
        /* more epochs than there are make the last step the only one beside 0 */
        return add_multiples(out, arm,
                             spec->every > UINT64_MAX / n_steps_per_epoch
                                 ? UINT64_MAX
                                 : spec->every * n_steps_per_epoch,
                             n_steps, error);
    case SVI_CHECKPOINTS_LISTED: return add_listed(out, arm, spec, n_steps, error);
    }
    return SV_OK;
}
