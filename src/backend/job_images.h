/* The layers of images of a network. */
#ifndef SVI_JOB_IMAGES_H
#define SVI_JOB_IMAGES_H

#include "backend/backend.h"
#include "net.h"

/* Appends the convolutions and pools of a cnn to an empty net, and the widths of their values; its
 * features are the data set's. SV_ERR_DATA: the features are no image, or a stage does not fit. */
sv_status svi_job_add_images(const svi_job *job, svk_net *net, sv_error *error);

#endif
