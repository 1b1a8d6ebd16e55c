/* The jobs by which speed is judged, as studies in memory. */
#ifndef SVI_BENCH_JOBS_H
#define SVI_BENCH_JOBS_H

#include "spec/study_spec.h"

#define SVI_BENCH_JOBS(X)                                                                          \
    X(J1, "moons, net 2-16-16-1, 256 rows, batch 32, 50 epochs, SGD")                              \
    X(J2, "digits, net 64-32-10, 1,438 rows, batch 32, 20 epochs, momentum")                       \
    X(J3, "descent on a polynomial of degree 6, 100 steps")                                        \
    X(J4, "R2 of a line over random splits of 100 points")                                         \
    X(J5, "digits, cnn 8 and 16 channels of 3x3, 32-10, 5 epochs, momentum")                       \
    X(J6, "28x28 images, LeNet-5, 256 rows, batch 32, 3 epochs, momentum")

typedef enum svi_bench_job_id {
#define SVI_BENCH_ID(name, help) SVI_BENCH_##name,
    SVI_BENCH_JOBS(SVI_BENCH_ID)
#undef SVI_BENCH_ID
        SVI_N_BENCH_JOBS
} svi_bench_job_id;

typedef struct svi_bench_job {
    const char *name, *help;
    svi_study_spec study;
    svi_arm_spec arm;
    svi_numerics_spec numerics;
} svi_bench_job;

/* The study's pointers lead into *job: do not copy it. */
void svi_bench_job_make(svi_bench_job_id id, svi_bench_job *job);

#endif
