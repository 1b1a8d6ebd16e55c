/* The instances that the threads of a launch train on, each made once and held while it is used. */
#ifndef SVI_CPU_INSTANCES_H
#define SVI_CPU_INSTANCES_H

#include <pthread.h>

#include "data/instance.h"

typedef struct svi_instance_slot {
    svi_instance_seeds seeds;
    svi_instance *instance; /* NULL: empty, or being made when somebody holds it */
    int n_holders;
    uint64_t last_use;
} svi_instance_slot;

typedef struct svi_cpu_instances {
    const svi_dataset *dataset;
    int precision;
    size_t n_at_once; /* that one thread may hold, so that no thread waits for another for ever */
    size_t n_slots;
    svi_instance_slot *slot;
    uint64_t n_uses;
    pthread_mutex_t lock;
    pthread_cond_t is_changed;
} svi_cpu_instances;

/* Room for as many instances as n_threads threads with n_lanes lanes each can use at a time, but
 * for one or no more than budget_bytes hold. */
sv_status svi_cpu_instances_start(svi_cpu_instances *self, const svi_dataset *dataset,
                                  int precision, int n_threads, int n_lanes, size_t budget_bytes,
                                  sv_error *error);
/* The part of the machine's memory that instances may fill. */
size_t svi_cpu_instances_budget(void);
void svi_cpu_instances_clear(svi_cpu_instances *self);

/* The instance of these seeds, made if it is not there. A thread holds n_at_once at most and
 * releases each as often as it took it. */
sv_status svi_cpu_instances_take(svi_cpu_instances *self, svi_instance_seeds seeds,
                                 const svi_instance **instance, sv_error *error);
void svi_cpu_instances_release(svi_cpu_instances *self, const svi_instance *instance);

#endif
