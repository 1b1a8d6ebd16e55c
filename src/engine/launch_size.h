/* How many runs a launch takes. */
#ifndef SVI_LAUNCH_SIZE_H
#define SVI_LAUNCH_SIZE_H

#include <stdint.h>

/* A launch should take about this long, so that progress, commits and an interrupt are prompt. */
#define SVI_LAUNCH_TARGET_S 0.5

typedef struct svi_launch_pace {
    uint64_t grain;     /* runs that fill the device once */
    double runs_per_s;  /* of the device's launch before; 0: none yet */
    uint64_t n_memory;  /* runs that the host has room for */
    uint64_t n_devices; /* that share what is left */
} svi_launch_pace;

/* Of n_left > 0 runs: one filling of the device at first, then as many whole fillings as take the
 * target time at the rate of the launch before, but no more than memory holds, and at least one
 * run; towards the end no more than the device's share, in whole fillings. So a launch takes 0.25
 * to 0.5 s once the rate is known, longer only where one filling does. */
uint64_t svi_launch_size(const svi_launch_pace *pace, uint64_t n_left);

#endif
