#include "spec/conv_shape.h"
#include "spec/spec_reading.h"

static sv_status read_stage(const svi_reading *arm, const svi_node *node, svi_conv_spec *conv)
{
    svi_reading r = {.tree = arm->tree,
                     .file = arm->file,
                     .root = node,
                     .root_path = "model.conv",
                     .arm_name = arm->arm_name,
                     .arm_overrides = arm->arm_overrides,
                     .error = arm->error};
    if (node->kind != SVI_NODE_MAP)
        return svi_fail_at(r.error, node, "a stage of model.conv is a map, like {channels: 8}");
    r.base[SVI_SCOPE_CONV] = conv;
    SVI_TRY(svi_reading_run(&r));
    if (conv->kernel % 2 == 1) return SV_OK;
    return svi_reading_fail_key(&r, "model.conv.kernel",
                                "model.conv.kernel is %d; it is 3 or 5, so that it has a middle",
                                conv->kernel);
}

sv_status svi_read_stages(svi_reading *reading, const svi_key *key, const svi_node *list)
{
    svi_model_spec *model = &((svi_arm_spec *)reading->base[SVI_SCOPE_ARM])->model;
    if (list->kind != SVI_NODE_LIST) return svi_fail_value(reading->error, key, list, "");
    if (list->n < key->n_low) return svi_fail_value(reading->error, key, list, "is empty");
    if (list->n > key->n_high) return svi_fail_value(reading->error, key, list, "is too long");
    for (size_t i = 0; i < list->n; i++)
        SVI_TRY(read_stage(reading, list->items[i], &model->conv[i]));
    model->n_conv = (int)list->n;
    return SV_OK;
}

sv_status svi_check_image(const svi_reading *reading, const svi_model_spec *model)
{
    svk_image image = {model->image[0], model->image[1], model->image[2]};
    svi_conv_shape shape[SVK_MAX_CONV];
    if (svi_reading_given(reading, "model.image") == NULL) return SV_OK;
    if (image.channels > SVK_MAX_IMAGE_CHANNELS)
        return svi_reading_fail_key(reading, "model.image",
                                    "model.image has %d channels; it is [channels, height, width] "
                                    "with at most %d channels",
                                    image.channels, SVK_MAX_IMAGE_CHANNELS);
    int n = svi_conv_shapes(model, image, shape);
    if (n == model->n_conv) return SV_OK;
    char misfit[SVI_MISFIT_BYTES];
    svi_conv_misfit(model, shape, n, misfit);
    return svi_reading_fail_key(reading, "model.conv", "%s", misfit);
}
