/* The images that the stages of a cnn make of each other. */
#ifndef SVI_CONV_SHAPE_H
#define SVI_CONV_SHAPE_H

#include "net.h"
#include "spec/study_spec.h"

/* One stage: in -> convolution -> pooling. Without pooling conv and out are the same. */
typedef struct svi_conv_shape {
    svk_image in, conv, out;
} svi_conv_shape;

int svi_conv_padding(const svi_conv_spec *conv);

/* shape: [SVK_MAX_CONV]. Returns how many stages fit, one after the other; what does not fit is in
 * the next. */
int svi_conv_shapes(const svi_model_spec *model, svk_image image, svi_conv_shape *shape);

/* What is wrong with a stage that does not fit, and the mend. */
enum { SVI_MISFIT_BYTES = 200 };
void svi_conv_misfit(const svi_model_spec *model, const svi_conv_shape *shape, int stage,
                     char text[SVI_MISFIT_BYTES]);

#endif
