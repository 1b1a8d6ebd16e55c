#include "backend/job_shape.h"

#include "arrival.h"
#include "backend/job_images.h"
#include "data/instance.h"
#include "fixed_sum.h"

static double weight_scale(const svi_model_spec *model, double fan_in, double fan_out)
{
    switch (model->init) {
    case SVK_INIT_KAIMING_UNIFORM: return sqrt(6.0 / fan_in);
    case SVK_INIT_KAIMING_NORMAL: return sqrt(2.0 / fan_in);
    case SVK_INIT_GLOROT_UNIFORM: return sqrt(6.0 / (fan_in + fan_out));
    case SVK_INIT_GLOROT_NORMAL: return sqrt(2.0 / (fan_in + fan_out));
    case SVK_INIT_NORMAL:
    case SVK_INIT_UNIFORM: return model->init_scale;
    default: return 0.0;
    }
}

static int n_outputs(const svi_job *job)
{
    return job->arm->train.loss == SVK_LOSS_CROSS_ENTROPY ? job->dataset->n_classes : 1;
}

static sv_status check_loss(const svi_job *job, sv_error *error)
{
    const svi_dataset *data = job->dataset;
    int loss = job->arm->train.loss;
    if (loss == SVK_LOSS_CROSS_ENTROPY && data->n_classes < 2)
        return svi_fail(error, SV_ERR_DATA,
                        "arm %s: train.loss cross_entropy needs classes, but the target of %s is a "
                        "number; use squared, "
                        "or data.task: classification",
                        job->arm->name, data->name);
    if (loss == SVK_LOSS_LOGISTIC && data->n_classes != 2)
        return svi_fail(
            error, SV_ERR_DATA,
            "arm %s: train.loss logistic needs two classes, but %s has %d; use cross_entropy",
            job->arm->name, data->name, data->n_classes);
    bool is_squared = loss == SVK_LOSS_SQUARED || job->arm->model.is_closed_form;
    if (is_squared && data->n_classes != 0)
        return svi_fail(error, SV_ERR_DATA,
                        "arm %s: a squared error needs a numeric target, but that of %s is a "
                        "class; use an mlp with cross_entropy, or data.task: regression",
                        job->arm->name, data->name);
    return SV_OK;
}

static void add_dense(svk_net *net, int n_out)
{
    int n_in = net->width[net->n_layers];
    net->layer[net->n_layers++] =
        (svk_layer){.kind = SVK_LAYER_DENSE, .n_in = n_in, .n_out = n_out};
    net->width[net->n_layers] = n_out;
}

/* Numbers the tensors and sets what their start is scaled with. A pool has none. */
static void scale_layers(const svi_model_spec *model, svk_net *net)
{
    int n_tensors = 0;
    for (int l = 0; l < net->n_layers; l++) {
        svk_layer *layer = &net->layer[l];
        if (layer->n_out == 0) continue;
        int area = layer->kind == SVK_LAYER_CONV ? layer->kernel * layer->kernel : 1;
        layer->tensor = n_tensors;
        net->weight_scale[l] = weight_scale(model, layer->n_in, layer->n_out * area);
        net->bias_scale[l] =
            model->bias == SVK_BIAS_DEFAULT ? 1.0 / sqrt((double)layer->n_in) : 0.0;
        n_tensors += 2;
    }
}

static sv_status shape_layers(const svi_job *job, svk_net *net, sv_error *error)
{
    const svi_model_spec *model = &job->arm->model;
    net->width[0] = job->dataset->n_features;
    if (model->kind == SVI_MODEL_CNN) SVI_TRY(svi_job_add_images(job, net, error));
    for (int i = 0; i < model->n_hidden; i++) add_dense(net, model->hidden[i]);
    add_dense(net, n_outputs(job));
    scale_layers(model, net);
    return SV_OK;
}

/* After the number of steps is known. */
static void shape_optimizer(const svi_train_spec *train, svk_training *t)
{
    t->optimizer = train->optimizer;
    t->learning_rate = train->learning_rate;
    t->momentum = train->momentum;
    t->beta1 = train->beta1;
    t->beta2 = train->beta2;
    t->epsilon = train->epsilon;
    t->weight_decay = train->weight_decay;
    t->clip_norm = train->clip_norm;
    t->schedule = train->schedule;
    t->n_warmup_steps = train->n_warmup_steps;
    if (train->schedule == SVK_SCHEDULE_ONE_CYCLE && train->n_warmup_steps == 0)
        t->n_warmup_steps = t->n_steps * 3 / 10;
    t->final_factor = train->final_factor;
    t->patience = train->patience;
    t->n_steps_apart = train->n_steps_apart > 0 ? train->n_steps_apart : t->n_steps_per_epoch;
}

static void shape_training(const svi_job *job, svk_training *t)
{
    const svi_train_spec *train = &job->arm->train;
    uint64_t n_train, n_val, n_test;
    svi_instance_sizes(job->dataset, &n_train, &n_val, &n_test);
    t->n_train = (uint32_t)n_train;
    t->n_val = (uint32_t)n_val;
    t->n_test = (uint32_t)n_test;
    t->n_features = (uint32_t)job->dataset->n_features;
    t->ld = svk_row_length(t->n_features);
    t->batch_size = train->batch_size < n_train ? (uint32_t)train->batch_size : (uint32_t)n_train;
    if (t->batch_size == 0) t->batch_size = 1;
    t->n_steps_per_epoch = train->drops_last ? t->n_train / t->batch_size
                                             : (t->n_train + t->batch_size - 1) / t->batch_size;
    t->n_steps = train->has_steps ? train->n_steps : train->n_epochs * t->n_steps_per_epoch;
    t->sampling = train->sampling;
    t->path = job->numerics->path;
    t->n_parts = job->numerics->n_parts;
    t->precision = job->numerics->precision;
    t->math = job->numerics->math;
    t->loss_scale = t->precision == SVK_PRECISION_FP16 ? job->numerics->loss_scale : 1.0;
    t->fixed_scale = job->numerics->fixed_scale;
    t->probe_step = job->numerics->probe_step;
    t->probe_parameter = job->numerics->probe_parameter;
    t->probe_seed = job->numerics->probe_seed;
    t->probe_ulps = (uint32_t)job->numerics->probe_ulps;
    t->n_blocks = job->numerics->n_blocks > 1 ? job->numerics->n_blocks : 1;
    t->has_delays = SVK_STRESS_HAS(job->numerics->stress, DELAYS);
    shape_optimizer(train, t);
}

/* Terms that an exact sum takes: one a row, in a convolution one a row and pixel. */
static sv_status check_deposits(const svi_job *job, const svk_net *net, const svk_training *t,
                                sv_error *error)
{
    bool is_limited = t->path == SVK_PATH_BINNED || t->path == SVK_PATH_FIXED;
    uint64_t most = 1;
    for (int l = 0; l < net->n_image_layers; l++) {
        uint64_t n_pixels = (uint64_t)net->layer[l].out.height * (uint64_t)net->layer[l].out.width;
        if (net->layer[l].kind == SVK_LAYER_CONV && n_pixels > most) most = n_pixels;
    }
    if (!is_limited || t->batch_size * most <= SVK_MAX_DEPOSITS) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "arm %s: a batch of %u rows makes %llu terms a weight, but numerics %s adds at "
                    "most %u exactly; lower train.batch_size",
                    job->arm->name, t->batch_size, (unsigned long long)(t->batch_size * most),
                    job->numerics->name, SVK_MAX_DEPOSITS);
}

/* The probe must find its step and its parameter. */
static sv_status check_probe(const svi_job *job, const svk_net *net, const svk_training *t,
                             sv_error *error)
{
    unsigned long long n_parameters = svk_net_n_parameters(net), n_steps = t->n_steps;
    if (t->probe_ulps == 0) return SV_OK;
    if (t->probe_parameter >= n_parameters)
        return svi_fail(error, SV_ERR_DATA,
                        "arm %s: numerics %s moves parameter %llu, but there are %llu, numbered "
                        "from 0; lower numerics.probe.parameter",
                        job->arm->name, job->numerics->name, (unsigned long long)t->probe_parameter,
                        n_parameters);
    if (t->probe_step < n_steps) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "arm %s: numerics %s moves a parameter after %llu steps, but the arm takes "
                    "%llu; it must be before the last: lower numerics.probe.step",
                    job->arm->name, job->numerics->name, (unsigned long long)t->probe_step,
                    n_steps);
}

sv_status svi_job_net(const svi_job *job, svk_net *net, svk_training *training, sv_error *error)
{
    const svi_model_spec *model = &job->arm->model;
    memset(net, 0, sizeof *net);
    memset(training, 0, sizeof *training);
    if (!model->is_closed_form || job->dataset->n_classes != 0) SVI_TRY(check_loss(job, error));
    SVI_TRY(shape_layers(job, net, error));
    net->activation = model->activation;
    net->loss = model->is_closed_form ? SVK_LOSS_SQUARED : job->arm->train.loss;
    net->dropout = model->dropout;
    net->has_bias = model->bias != SVK_BIAS_NONE;
    net->is_normal = model->init == SVK_INIT_NORMAL || model->init == SVK_INIT_KAIMING_NORMAL ||
                     model->init == SVK_INIT_GLOROT_NORMAL;
    shape_training(job, training);
    if (model->is_closed_form) training->n_steps = 0;
    SVI_TRY(check_probe(job, net, training, error));
    return check_deposits(job, net, training, error);
}

sv_status svi_job_check_fit(const svi_job *job, const svk_net *net, const svk_training *training,
                            sv_error *error)
{
    unsigned long long n_coefficients = svk_net_n_parameters(net);
    if (training->n_train >= n_coefficients) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "arm %s: a closed-form fit of %llu coefficients needs at least as many "
                    "training rows, but there "
                    "are %u; use fit: sgd, fewer features or a larger split.train",
                    job->arm->name, n_coefficients, training->n_train);
}

uint64_t svi_job_n_parameters(const svi_job *job)
{
    svk_net net;
    svk_training training;
    if (job->arm->model.kind == SVI_MODEL_POLY) return 1;
    if (job->arm->model.kind == SVI_MODEL_KMEANS)
        return (uint64_t)job->arm->model.n_clusters * (uint64_t)job->dataset->n_features;
    if (svi_job_net(job, &net, &training, NULL) != SV_OK) return 0;
    return svk_net_n_parameters(&net);
}

uint64_t svi_job_reference_bytes(const svi_job *job)
{
    svk_net net;
    svk_training training;
    if (job->reference == NULL || svi_job_net(job, &net, &training, NULL) != SV_OK) return 0;
    return job->checkpoints->n *
           (svk_net_n_parameters(&net) * sizeof(double) + sizeof(svk_result) + training.n_test);
}

uint64_t svi_job_arrival_words(const svi_job *job)
{
    svk_net net;
    svk_training training;
    if (job->numerics->path != SVK_PATH_ARRIVAL) return 0;
    if (svi_job_net(job, &net, &training, NULL) != SV_OK) return 0;
    return svk_arrival_n_words(training.n_parts, training.n_steps);
}

sv_status svi_job_steps(const svi_job *job, uint64_t *n_steps, uint64_t *n_steps_per_epoch,
                        sv_error *error)
{
    svk_net net;
    svk_training training;
    *n_steps = job->arm->train.n_steps;
    *n_steps_per_epoch = 1;
    if (job->arm->model.kind == SVI_MODEL_POLY) return SV_OK;
    SVI_TRY(svi_job_net(job, &net, &training, error));
    *n_steps = training.n_steps;
    *n_steps_per_epoch = training.n_steps_per_epoch;
    return SV_OK;
}

uint64_t svi_job_schedule_seed(const svi_run *run)
{
    return svk_schedule_seed(run->seed[SVK_SOURCE_SCHEDULE], run->replicate);
}
