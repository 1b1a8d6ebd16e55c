#include "spec/conv_shape.h"

#include <stdio.h>

int svi_conv_padding(const svi_conv_spec *conv)
{
    return conv->padding == SVK_PADDING_SAME ? conv->kernel / 2 : 0;
}

static svi_conv_shape shape_stage(const svi_conv_spec *conv, svk_image in)
{
    int padding = svi_conv_padding(conv), pool = conv->pool == SVK_POOL_NONE ? 1 : 2;
    svk_image made = {conv->channels, svk_conv_side(in.height, conv->kernel, conv->stride, padding),
                      svk_conv_side(in.width, conv->kernel, conv->stride, padding)};
    svk_image out = {made.channels, made.height / pool, made.width / pool};
    return (svi_conv_shape){in, made, out};
}

int svi_conv_shapes(const svi_model_spec *model, svk_image image, svi_conv_shape *shape)
{
    for (int i = 0; i < model->n_conv; i++) {
        shape[i] = shape_stage(&model->conv[i], image);
        image = shape[i].out;
        if (svk_image_size(image) == 0) return i;
    }
    return model->n_conv;
}

void svi_conv_misfit(const svi_model_spec *model, const svi_conv_shape *shape, int stage,
                     char text[SVI_MISFIT_BYTES])
{
    const svi_conv_shape *at = &shape[stage];
    if (svk_image_size(at->conv) == 0)
        snprintf(text, SVI_MISFIT_BYTES,
                 "stage %d of model.conv: a kernel of %d does not fit into %d x %d pixels; use "
                 "kernel 3, padding: same, or less pooling before",
                 stage + 1, model->conv[stage].kernel, at->in.height, at->in.width);
    else
        snprintf(text, SVI_MISFIT_BYTES,
                 "stage %d of model.conv: pooling takes 2 x 2 pixels, but the convolution makes "
                 "%d x %d; use pool: none, padding: same, or less pooling before",
                 stage + 1, at->conv.height, at->conv.width);
}
