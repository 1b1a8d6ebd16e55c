/* The border that every device implements. A backend sees specs, data and runs; never YAML, SQLite
 * or a terminal. */
#ifndef SVI_BACKEND_H
#define SVI_BACKEND_H

#include "data/dataset.h"
#include "distance.h"
#include "net.h"
#include "plan/plan.h"

/* In what order parts arrived (path arrival), run by run: kernels/arith/arrival.h. */
typedef struct svi_arrivals {
    uint64_t n_words; /* of a run: svi_job_arrival_words */
    uint32_t *word;   /* [n_runs][n_words] */
    bool is_replayed; /* the orders are given, to be followed; else the launch leaves them */
} svi_arrivals;

/* Everything that the runs of one launch share. */
typedef struct svi_job {
    const svi_arm_spec *arm;
    const svi_numerics_spec *numerics;
    const svi_dataset *dataset;         /* NULL for poly */
    const svi_checkpoints *checkpoints; /* of the arm; NULL: none */
    uint64_t
        first_seed; /* of the design: start[seed_init - first_seed] of a poly with given starts */
    const svi_arrivals *arrivals;       /* NULL: not wanted */
    const svi_numerics_spec *reference; /* distances are measured from replicate 0 under these;
                                           NULL: none are wanted */
    svk_distance *distances; /* [n_runs][checkpoints->n], filled by a launch where there is a
                                reference */
    double *kept; /* [n_runs][checkpoints->n][n_parameters]: the parameters of networks, filled by
                     a launch; NULL: not wanted */
} svi_job;

/* digest, status (SVK_RUN_*), present, metric: kernels/arith/net.h. */
typedef svk_result svi_run_result;

typedef struct svi_device_info {
    char name[128];   /* "cpu", "cuda:0" */
    char model[128];  /* CPU or GPU model */
    char detail[256]; /* SIMD and threads, or SM count, memory and the like */
    char uuid[48], driver[128], cuda_runtime[32], cuda_code[160]; /* empty on a CPU */
} svi_device_info;

typedef struct svi_backend_options {
    const char *device, *simd;
    int n_threads;
} svi_backend_options;

/* Until a GPU that was cold has its first launch at work: context, and loading of the kernels. */
#define SVI_GPU_START_S 1.0

/* What may be expected of a device, reckoned from what it is, not measured. */
typedef struct svi_device_speed {
    double start_s;     /* until a fresh process has it at work */
    double flop_per_s;  /* of training, all runs that are trained at once together */
    uint64_t n_at_once; /* runs: fewer take as long */
    int n_table_makers; /* threads that split and scale the rows of runs with seeds of their own */
} svi_device_speed;

/* What a launch takes beside what it is given and gives back, about. */
typedef struct svi_device_memory {
    uint64_t host_bytes;   /* of the computer's memory */
    uint64_t device_bytes; /* of a GPU's; 0 on a CPU */
} svi_device_memory;

typedef struct svi_backend svi_backend;

typedef struct svi_backend_ops {
    const char *name;
    /* Required. SV_ERR_DEVICE with the reason when the device is not there. */
    sv_status (*open)(const svi_backend_options *options, svi_backend **backend, sv_error *error);
    void (*close)(svi_backend *backend);
    void (*describe)(const svi_backend *backend, svi_device_info *info);
    /* Required. SV_ERR_DEVICE with the reason when this job cannot run here; SV_ERR_UNSUPPORTED
     * when another device of this kind could: a study then records its runs as unsupported. */
    sv_status (*supports)(const svi_backend *backend, const svi_job *job, sv_error *error);
    /* Required. Runs that fill the device once: the least that a launch should hold. */
    sv_status (*grain)(svi_backend *backend, const svi_job *job, uint64_t *n_runs, sv_error *error);
    /* Required. docs/performance.md states the rule. */
    sv_status (*speed)(svi_backend *backend, const svi_job *job, svi_device_speed *speed,
                       sv_error *error);
    /* Required. Of a launch of n_runs runs that train on n_tables different tables of rows. */
    sv_status (*memory)(svi_backend *backend, const svi_job *job, uint64_t n_runs,
                        uint64_t n_tables, svi_device_memory *memory, sv_error *error);
    /* Required. Trains n runs and returns when all are done. results: [n]. predictions: [n][n_test]
     * predicted classes (n_test: the most that svi_instance_sizes says; a run with fewer test rows
     * fills as many as it has), or NULL when they are not wanted. parameters: [n][n_parameters]
     * final parameters as binary64, or NULL. curves: [n][checkpoints->n], what each run was at each
     * checkpoint, or NULL; taking them changes no bit of the others. */
    sv_status (*launch)(svi_backend *backend, const svi_job *job, const svi_run *runs, size_t n,
                        svi_run_result *results, svi_run_result *curves, uint8_t *predictions,
                        double *parameters, sv_error *error);
    /* Optional (NULL: the peak is not known). Measures multiply-adds a second, two operations each,
     * on the whole device; 0: not known in this precision. */
    sv_status (*peak)(svi_backend *backend, int precision, double *flop_per_s, sv_error *error);
    /* Optional (NULL: there is one). How many devices this machine has; asked: as the user wrote
     * it. SV_ERR_DEVICE with the reason where there is none. */
    sv_status (*count)(const char *asked, int *n_devices, sv_error *error);
} svi_backend_ops;

struct svi_backend {
    const svi_backend_ops *ops;
};

/* Whether this program has a CUDA backend. */
bool svi_build_has_cuda(void);

enum { SVI_DEVICES_MOST = 64 }; /* that train a study together */

/* Names of single devices. */
typedef struct svi_device_list {
    size_t n;
    char name[SVI_DEVICES_MOST][64];
} svi_device_list;

/* The names in "cuda:0,cuda:1" (NULL: "auto"); "cuda:all" stands for every GPU. Whether they are
 * there is found out when they are opened. */
sv_status svi_device_list_read(const char *device, svi_device_list *list, sv_error *error);

/* Opens the device named ("cpu", "cuda:0", "auto"). notice (may be NULL) receives one line when
 * auto had to choose. */
sv_status svi_backend_open(const svi_backend_options *options, svi_backend **backend,
                           char notice[256], sv_error *error);

/* Parameters of the trained model: layer by layer, weights [out][in], then biases [out]; of kmeans
 * the centres, [cluster][feature]. */
uint64_t svi_job_n_parameters(const svi_job *job);

/* 32-bit words that the orders of a run on path arrival take; 0 on other paths. */
uint64_t svi_job_arrival_words(const svi_job *job);

/* Bytes that the reference of one seed vector takes during a launch, at the most, and on a GPU each
 * of its runs; 0 where no distances are wanted. */
uint64_t svi_job_reference_bytes(const svi_job *job);

/* Optimizer steps of a run, and of one epoch (1 where there are no epochs). */
sv_status svi_job_steps(const svi_job *job, uint64_t *n_steps, uint64_t *n_steps_per_epoch,
                        sv_error *error);

#endif
