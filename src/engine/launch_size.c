#include "engine/launch_size.h"

#include <math.h>

static uint64_t at_most(uint64_t n, uint64_t most) { return n < most ? n : most; }

uint64_t svi_launch_size(const svi_launch_pace *pace, uint64_t n_left)
{
    uint64_t grain = pace->grain > 0 ? pace->grain : 1, n_fillings = 1;
    double n_in_time = floor(pace->runs_per_s * SVI_LAUNCH_TARGET_S / (double)grain);
    if (n_in_time > 1) n_fillings = n_in_time < 1e9 ? (uint64_t)n_in_time : (uint64_t)1e9;
    uint64_t share = (n_left + pace->n_devices - 1) / pace->n_devices;
    n_fillings = at_most(n_fillings, (share + grain - 1) / grain);
    uint64_t n = at_most(at_most(n_fillings * grain, pace->n_memory), n_left);
    return n > 0 ? n : 1;
}
