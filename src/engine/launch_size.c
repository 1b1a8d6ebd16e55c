#include "engine/launch_size.h"

#include <math.h>
#include <stdbool.h>

/* What an expectation may be wrong by. */
#define FAR_OFF 4

static uint64_t at_most(uint64_t n, uint64_t most) { return n < most ? n : most; }

static double rate_of(const svi_launch_pace *pace)
{
    double expected = pace->expected_runs_per_s, measured = pace->runs_per_s;
    if (measured <= 0) return expected;
    bool is_far_off = measured > FAR_OFF * expected || measured * FAR_OFF < expected;
    return is_far_off ? measured : expected;
}

static uint64_t size_in_time(const svi_launch_pace *pace, uint64_t n_left)
{
    uint64_t grain = pace->grain > 0 ? pace->grain : 1, n_fillings = 1;
    double n_in_time = floor(rate_of(pace) * SVI_LAUNCH_TARGET_S / (double)grain);
    if (n_in_time > 1) n_fillings = n_in_time < 1e9 ? (uint64_t)n_in_time : (uint64_t)1e9;
    uint64_t share = (n_left + pace->n_devices - 1) / pace->n_devices;
    return at_most(n_fillings, (share + grain - 1) / grain) * grain;
}

uint64_t svi_launch_size(const svi_launch_pace *pace, uint64_t n_left)
{
    uint64_t n = pace->n_asked > 0 ? pace->n_asked : size_in_time(pace, n_left);
    n = at_most(at_most(n, pace->n_memory), n_left);
    return n > 0 ? n : 1;
}
