#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

enum { THREADS_MOST = 64 }; /* started by one call */

typedef struct range {
    atomic_size_t next;
    size_t n_items, n_part;
    svi_part_fn work;
    void *context;
} range;

int svi_n_cores(void)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (sched_getaffinity(0, sizeof cores, &cores) == 0 && CPU_COUNT(&cores) > 0)
        return CPU_COUNT(&cores);
    long n_online = sysconf(_SC_NPROCESSORS_ONLN);
    return n_online > 0 ? (int)n_online : 1;
}

static void *take_parts(void *context)
{
    range *r = context;
    for (;;) {
        size_t first = atomic_fetch_add(&r->next, r->n_part);
        if (first >= r->n_items) return NULL;
        size_t left = r->n_items - first;
        r->work(r->context, first, left < r->n_part ? left : r->n_part);
    }
}

void svi_work_in_parallel(int n_threads, size_t n_items, size_t n_part, svi_part_fn work,
                          void *context)
{
    pthread_t thread[THREADS_MOST];
    range r = {.n_items = n_items, .n_part = n_part, .work = work, .context = context};
    size_t n_parts = n_items / n_part + (n_items % n_part > 0), n_started = 0;
    while (n_started < THREADS_MOST && n_started + 1 < n_parts &&
           n_started + 1 < (size_t)(n_threads > 0 ? n_threads : 1) &&
           pthread_create(&thread[n_started], NULL, take_parts, &r) == 0)
        n_started++;
    take_parts(&r);
    for (size_t i = 0; i < n_started; i++) pthread_join(thread[i], NULL);
}
