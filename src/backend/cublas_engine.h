/* Engine cublas: dense networks, all runs of a wave side by side, their matrices multiplied by
 * cuBLAS in batches over the runs. A build without cuBLAS has cublas_absent.c in its place. */
#ifndef SVI_CUBLAS_ENGINE_H
#define SVI_CUBLAS_ENGINE_H

#include "backend/cuda_launch.h"

/* Handles, streams and workspaces, kept from launch to launch. */
typedef struct svi_cublas svi_cublas;

/* SV_ERR_DEVICE with the reason when this build or machine cannot, SV_ERR_UNSUPPORTED when this GPU
 * cannot. Opens the library. */
sv_status svi_cublas_supports(const svi_job *job, const svk_net *net, const svk_training *training,
                              const svi_cuda_device *device,
                              const struct cudaDeviceProp *properties, sv_error *error);

/* "cuBLAS 13.1.0"; "" until a job has asked for it. */
void svi_cublas_version(char text[24]);

/* *cublas: NULL before the first launch. */
sv_status svi_cublas_train(svi_cublas **cublas, const svi_cuda_launch *launch,
                           uint32_t shared_limit, int n_processors, sv_error *error);

/* cublas may be NULL. */
void svi_cublas_close(svi_cublas *cublas);

#endif
