#include "backend/job_flop.h"

#include "backend/job_shape.h"
#include "conv_taps.h"
#include "data/instance.h"

/* Places along one side on which taps stand inside the image, all taps added up. */
static double n_places(const svk_layer *layer, int side_in, int side_out)
{
    double n = 0;
    for (int tap = 0; tap < layer->kernel; tap++) {
        svk_reach reach = svk_reach_of_tap(layer, side_in, side_out, tap);
        n += reach.end - reach.begin;
    }
    return n;
}

/* Multiply-adds of one sample's forward pass through a layer. */
static double n_multiplies(const svk_layer *layer)
{
    if (layer->kind == SVK_LAYER_DENSE) return (double)layer->n_in * layer->n_out;
    if (layer->kind != SVK_LAYER_CONV) return 0;
    return (double)layer->in.channels * layer->out.channels *
           n_places(layer, layer->in.height, layer->out.height) *
           n_places(layer, layer->in.width, layer->out.width);
}

/* Samples of all steps: epochs, and the batches of one that is not complete. */
static double n_samples(const svk_training *t)
{
    if (t->n_steps == 0) return 0;
    uint64_t n_epochs = t->n_steps / t->n_steps_per_epoch;
    uint64_t of_epoch = (uint64_t)t->n_steps_per_epoch * t->batch_size;
    if (of_epoch > t->n_train) of_epoch = t->n_train;
    return (double)n_epochs * (double)of_epoch +
           (double)(t->n_steps % t->n_steps_per_epoch) * t->batch_size;
}

/* Forward, gradient, and deltas of all layers but those of the data. */
static sv_status count_net(const svi_job *job, svi_job_work *work, sv_error *error)
{
    svk_net net;
    svk_training t;
    double all = 0;
    SVI_TRY(svi_job_net(job, &net, &t, error));
    for (int l = 0; l < net.n_layers; l++) all += n_multiplies(&net.layer[l]);
    work->products = n_samples(&t) * (6 * all - 2 * n_multiplies(&net.layer[0]));
    double n_rows = (double)t.n_train + t.n_val + t.n_test, n_scorings = 1;
    if (job->checkpoints != NULL) n_scorings += (double)job->checkpoints->n;
    work->all = work->products + 2 * all * n_rows * n_scorings;
    if (t.patience > 0) work->all += 2 * all * t.n_val * (double)(t.n_steps / t.n_steps_apart);
    double n_columns = (double)svk_net_n_parameters(&net);
    if (job->arm->model.is_closed_form) work->all += 2 * t.n_train * n_columns * n_columns;
    return SV_OK;
}

/* A distance is a subtraction and a multiply-add a feature. */
static sv_status count_kmeans(const svi_job *job, svi_job_work *work, sv_error *error)
{
    svk_kmeans k;
    SVI_TRY(svi_job_kmeans(job, &k, error));
    double n_moves =
        k.max_iterations < SVI_EXPECTED_MOVES ? (double)k.max_iterations : SVI_EXPECTED_MOVES;
    work->all = 3.0 * k.n_train * k.n_clusters * k.n_features * (n_moves + 1);
    return SV_OK;
}

sv_status svi_job_count(const svi_job *job, svi_job_work *work, sv_error *error)
{
    *work = (svi_job_work){0};
    if (job->arm->model.kind == SVI_MODEL_KMEANS) return count_kmeans(job, work, error);
    if (job->arm->model.kind != SVI_MODEL_POLY) return count_net(job, work, error);
    work->products = work->all = 2.0 * (double)job->arm->train.n_steps * job->arm->model.degree;
    return SV_OK;
}
