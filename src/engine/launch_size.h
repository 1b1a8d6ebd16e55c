/* How many runs a launch takes. */
#ifndef SVI_LAUNCH_SIZE_H
#define SVI_LAUNCH_SIZE_H

#include <stdint.h>

/* A launch should take about this long, so that progress, commits and an interrupt are prompt. */
#define SVI_LAUNCH_TARGET_S 0.5

typedef struct svi_launch_pace {
    uint64_t grain;             /* runs that fill the device once */
    double expected_runs_per_s; /* of the device; 0: not known */
    double runs_per_s;          /* of the device's launch before; 0: none yet */
    uint64_t n_asked;           /* runs that the user wants in a launch; 0: any */
    uint64_t n_memory;          /* runs that the host has room for */
    uint64_t n_devices;         /* that share what is left */
} svi_launch_pace;

/* Of n_left > 0 runs: as many whole fillings of the device, but at least one, as take the target
 * time at the rate that is expected, or as many as were asked for; no more than memory holds, and
 * at least one run; towards the end no more than the device's share, in whole fillings. Where the
 * launch before was four times faster or slower than expected, its rate counts instead. So the
 * number of launches is known beforehand, unless the expectation is far off. */
uint64_t svi_launch_size(const svi_launch_pace *pace, uint64_t n_left);

#endif
