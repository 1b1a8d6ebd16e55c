/* What a study will take: its devices, launches, memory and time. */
#ifndef SVI_OUTLOOK_H
#define SVI_OUTLOOK_H

#include "base/text.h"
#include "engine/launch_plan.h"

typedef struct svi_outlook {
    const sv_study *study; /* its data are open */
    svi_devices devices;
    double expected_s; /* all of them together, with the store */
    char reason[300];  /* why this device; empty where it was asked for */
    svi_launch_plan launches;
} svi_outlook;

typedef struct svi_arm_shape {
    uint64_t n_parameters, n_train, n_val, n_test;
} svi_arm_shape;

svi_arm_shape svi_outlook_arm(const svi_outlook *outlook, uint32_t arm);
/* Of its data; "none" for a polynomial. */
const char *svi_outlook_data_name(const svi_outlook *outlook, uint32_t arm);
/* "cuda:0,cuda:1" */
void svi_outlook_add_devices(const svi_outlook *outlook, svi_text *out);

sv_status svi_plan_text(const svi_outlook *outlook, char **text, sv_error *error);
sv_status svi_plan_json(const svi_outlook *outlook, char **text, sv_error *error); /* plan/1 */

#endif
