/* Engine cublas in a build without cuBLAS. */
#include "backend/cublas_engine.h"

sv_status svi_cublas_supports(const svi_job *job, const svk_net *net, const svk_training *training,
                              const svi_cuda_device *device,
                              const struct cudaDeviceProp *properties, sv_error *error)
{
    (void)net;
    (void)training;
    (void)device;
    (void)properties;
    return svi_fail(error, SV_ERR_DEVICE,
                    "numerics %s: this program was built without cuBLAS; build it where the CUDA "
                    "Toolkit has cublas_v2.h, or use engine: native",
                    job->numerics->name);
}

void svi_cublas_version(char text[24]) { text[0] = '\0'; }

sv_status svi_cublas_train(svi_cublas **cublas, const svi_cuda_launch *launch,
                           uint32_t shared_limit, int n_processors, sv_error *error)
{
    (void)cublas;
    (void)shared_limit;
    (void)n_processors;
    return svi_cublas_supports(launch->job, NULL, NULL, launch->device, NULL, error);
}

void svi_cublas_close(svi_cublas *cublas) { (void)cublas; }
