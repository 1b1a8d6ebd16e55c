#include "backend/cpu_instances.h"

#include <stdlib.h>
#include <unistd.h>

enum { MEMORY_PART = 8 };

size_t svi_cpu_instances_budget(void)
{
    long n_pages = sysconf(_SC_PHYS_PAGES), page_size = sysconf(_SC_PAGESIZE);
    return n_pages > 0 && page_size > 0 ? (size_t)n_pages / MEMORY_PART * (size_t)page_size : 0;
}

sv_status svi_cpu_instances_start(svi_cpu_instances *self, const svi_dataset *dataset,
                                  int precision, int n_threads, int n_lanes, size_t budget_bytes,
                                  sv_error *error)
{
    size_t n_most = budget_bytes / (svi_instance_size_bytes(dataset, precision) + 1);
    size_t n_wanted = (size_t)n_threads * (size_t)n_lanes;
    *self = (svi_cpu_instances){.dataset = dataset, .precision = precision};
    self->n_slots = n_most < 1 ? 1 : n_most < n_wanted ? n_most : n_wanted;
    self->n_at_once = self->n_slots / (size_t)n_threads;
    if (self->n_at_once == 0) self->n_at_once = 1;
    self->slot = calloc(self->n_slots, sizeof *self->slot);
    if (self->slot == NULL)
        return svi_fail_memory(error, self->n_slots * sizeof *self->slot, "the splits of a launch");
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->is_changed, NULL);
    return SV_OK;
}

void svi_cpu_instances_clear(svi_cpu_instances *self)
{
    if (self->slot == NULL) return;
    for (size_t i = 0; i < self->n_slots; i++) svi_instance_free(self->slot[i].instance);
    free(self->slot);
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->is_changed);
    *self = (svi_cpu_instances){0};
}

/* The slot with these seeds, or NULL; then *idle is the one that has been unused for longest, NULL
 * when all are held. */
static svi_instance_slot *find(svi_cpu_instances *self, svi_instance_seeds seeds,
                               svi_instance_slot **idle)
{
    *idle = NULL;
    for (size_t i = 0; i < self->n_slots; i++) {
        svi_instance_slot *s = &self->slot[i];
        bool is_filled = s->instance != NULL || s->n_holders > 0;
        if (is_filled && svi_instance_seeds_are_equal(s->seeds, seeds)) return s;
        if (s->n_holders == 0 && (*idle == NULL || s->last_use < (*idle)->last_use)) *idle = s;
    }
    return NULL;
}

/* Makes the instance of a slot that only this thread holds; the lock is open meanwhile. */
static sv_status make(svi_cpu_instances *self, svi_instance_slot *s, svi_instance_seeds seeds,
                      sv_error *error)
{
    svi_instance *old = s->instance, *made;
    s->seeds = seeds;
    s->instance = NULL;
    pthread_mutex_unlock(&self->lock);
    svi_instance_free(old);
    sv_status status = svi_instance_make(self->dataset, seeds, self->precision, &made, error);
    pthread_mutex_lock(&self->lock);
    s->instance = made;
    if (status != SV_OK) s->n_holders = 0;
    pthread_cond_broadcast(&self->is_changed);
    return status;
}

sv_status svi_cpu_instances_take(svi_cpu_instances *self, svi_instance_seeds seeds,
                                 const svi_instance **instance, sv_error *error)
{
    sv_status status = SV_OK;
    svi_instance_slot *s, *idle;
    pthread_mutex_lock(&self->lock);
    /* waits for one that another thread makes, or for a slot */
    for (;;) {
        s = find(self, seeds, &idle);
        if (s != NULL ? s->instance != NULL : idle != NULL) break;
        pthread_cond_wait(&self->is_changed, &self->lock);
    }
    if (s == NULL) {
        s = idle;
        s->n_holders = 1;
        status = make(self, s, seeds, error);
    } else {
        s->n_holders++;
    }
    s->last_use = ++self->n_uses;
    *instance = s->instance;
    pthread_mutex_unlock(&self->lock);
    return status;
}

void svi_cpu_instances_release(svi_cpu_instances *self, const svi_instance *instance)
{
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->n_slots; i++)
        if (self->slot[i].instance == instance) self->slot[i].n_holders--;
    pthread_cond_broadcast(&self->is_changed);
    pthread_mutex_unlock(&self->lock);
}
