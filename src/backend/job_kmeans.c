/* k-means: its shape. */
#include "backend/job_shape.h"
#include "data/instance.h"

sv_status svi_job_kmeans(const svi_job *job, svk_kmeans *shape, sv_error *error)
{
    const svi_arm_spec *arm = job->arm;
    uint64_t n_train, n_val, n_test;
    svi_instance_sizes(job->dataset, &n_train, &n_val, &n_test);
    *shape = (svk_kmeans){.n_train = (uint32_t)n_train,
                          .n_val = (uint32_t)n_val,
                          .n_test = (uint32_t)n_test,
                          .n_features = (uint32_t)job->dataset->n_features,
                          .ld = svk_row_length((uint32_t)job->dataset->n_features),
                          .n_clusters = (uint32_t)arm->model.n_clusters,
                          .start = arm->model.start_centres,
                          .max_iterations = arm->train.max_iterations};
    if (shape->n_clusters <= shape->n_train) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "arm %s: %u clusters need as many training rows to start from, but %s leaves "
                    "%u; lower model.clusters or raise data.split.train",
                    arm->name, shape->n_clusters, job->dataset->name, shape->n_train);
}
