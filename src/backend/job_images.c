#include "backend/job_images.h"

#include "spec/conv_shape.h"

static sv_status square_of(const svi_job *job, svk_image *image, sv_error *error)
{
    int n = job->dataset->n_features, side = 1;
    while (side * side < n) side++;
    if (side * side != n || side > SVK_MAX_IMAGE_SIDE)
        return svi_fail(error, SV_ERR_DATA,
                        "arm %s: the %d features of %s are no square of up to %d x %d pixels; say "
                        "how they lie with model.image: [channels, height, width]",
                        job->arm->name, n, job->dataset->name, SVK_MAX_IMAGE_SIDE,
                        SVK_MAX_IMAGE_SIDE);
    *image = (svk_image){1, side, side};
    return SV_OK;
}

static sv_status image_of(const svi_job *job, svk_image *image, sv_error *error)
{
    const int *given = job->arm->model.image;
    if (given[0] == 0) return square_of(job, image, error);
    *image = (svk_image){given[0], given[1], given[2]};
    if (svk_image_size(*image) == job->dataset->n_features) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "arm %s: model.image: [%d, %d, %d] has %d values, but a row of %s has %d "
                    "features; give channels, height and width of its images",
                    job->arm->name, given[0], given[1], given[2], svk_image_size(*image),
                    job->dataset->name, job->dataset->n_features);
}

static void add_layer(svk_net *net, svk_layer layer)
{
    net->layer[net->n_layers++] = layer;
    net->width[net->n_layers] = svk_image_size(layer.out);
}

static void add_stage(svk_net *net, const svi_conv_spec *conv, const svi_conv_shape *shape)
{
    add_layer(net, (svk_layer){.kind = SVK_LAYER_CONV,
                               .n_in = shape->in.channels * conv->kernel * conv->kernel,
                               .n_out = conv->channels,
                               .in = shape->in,
                               .out = shape->conv,
                               .kernel = conv->kernel,
                               .stride = conv->stride,
                               .padding = svi_conv_padding(conv)});
    if (conv->pool == SVK_POOL_NONE) return;
    bool is_max = conv->pool == SVK_POOL_MAX;
    add_layer(net, (svk_layer){.kind = is_max ? SVK_LAYER_MAX_POOL : SVK_LAYER_AVERAGE_POOL,
                               .in = shape->conv,
                               .out = shape->out});
}

sv_status svi_job_add_images(const svi_job *job, svk_net *net, sv_error *error)
{
    const svi_model_spec *model = &job->arm->model;
    svk_image image;
    svi_conv_shape shape[SVK_MAX_CONV];
    SVI_TRY(image_of(job, &image, error));
    int n = svi_conv_shapes(model, image, shape);
    if (n < model->n_conv) {
        char misfit[SVI_MISFIT_BYTES];
        svi_conv_misfit(model, shape, n, misfit);
        return svi_fail(error, SV_ERR_DATA, "arm %s: %s", job->arm->name, misfit);
    }
    for (int i = 0; i < n; i++) add_stage(net, &model->conv[i], &shape[i]);
    net->n_image_layers = net->n_layers;
    return SV_OK;
}
