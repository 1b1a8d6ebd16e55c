/* --device auto: the device that is expected to finish first. */
#ifndef SVI_CHOOSE_DEVICE_H
#define SVI_CHOOSE_DEVICE_H

#include "engine/engine.h"

typedef struct svi_device_choice {
    svi_backend *backend; /* opened; it can run every arm with every numerics */
    bool is_fallback;     /* a GPU would have been taken, but none can be used */
    double expected_s;    /* until the last run is trained */
    char reason[300];     /* "40 s on the CPU", or why no GPU can be used */
} svi_device_choice;

/* n_left: runs of the study that are still to be trained. A GPU is not touched where the CPU is
 * done before a cold one has started. */
sv_status svi_choose_device(const sv_study *study, const svi_backend_options *options,
                            uint64_t n_left, svi_device_choice *choice, sv_error *error);

#endif
