#include "engine/launch_queue.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/launch_plan.h"
#include "engine/train_launch.h"

/* Those that are with a device, or wait for others before them. */
typedef struct slot {
    bool is_finished;
    svi_launch_record *record; /* NULL: it failed */
} slot;

typedef struct queue_state {
    svi_launch_queue *queue;
    pthread_mutex_t mutex;
    pthread_cond_t has_changed;
    bool *is_supported;          /* [n_arms][n_numerics], by every device; of blocks in gaps */
    size_t gap;                  /* the one that runs are taken from */
    uint64_t next_run;           /* in it */
    uint64_t n_taken;            /* runs, by this invocation */
    uint64_t n_begun, n_written; /* launches */
    size_t n_slots;
    slot *slots; /* [n_slots]: of launches n_written .. n_begun - 1 */
    sv_status end;
    sv_error failure; /* the first */
} queue_state;

/* What a device goes by. */
typedef struct worker {
    queue_state *state;
    size_t device;
    uint64_t block_end; /* of the launch before: the rate holds up to there; 0: none */
    svi_launch_pace pace;
    pthread_t thread;
} worker;

/* Runs that are to be trained, and which launch they are. */
typedef struct ticket {
    svi_job job;
    bool is_supported;
    uint64_t number, first, n, block_end;
} ticket;

static bool is_stopped(const svi_launch_queue *queue)
{
    return queue->options->stop != NULL && *queue->options->stop != 0;
}

static bool *support_of(const queue_state *s, const svi_run *run)
{
    return &s->is_supported[run->arm * s->queue->study->spec->n_numerics + run->numerics];
}

static void fail_queue(queue_state *s, const sv_error *failure)
{
    if (s->failure.status == SV_OK) s->failure = *failure;
}

/* The runs that the next launch may take. False when there are none, or none may be taken. */
static bool find_next(queue_state *s, ticket *t)
{
    const svi_launch_queue *q = s->queue;
    svi_run first;
    while (s->gap < q->n_gaps && s->next_run == q->gaps[s->gap].first + q->gaps[s->gap].n)
        if (++s->gap < q->n_gaps) s->next_run = q->gaps[s->gap].first;
    if (s->gap == q->n_gaps || s->failure.status != SV_OK || s->end != SV_OK) return false;
    uint64_t limit = q->options->n_limit;
    if (is_stopped(q)) s->end = SV_INTERRUPTED;
    if (s->end == SV_OK && limit > 0 && s->n_taken >= limit) s->end = SV_STOPPED;
    if (s->end != SV_OK) return false;
    uint64_t end = q->gaps[s->gap].first + q->gaps[s->gap].n;
    t->first = s->next_run;
    t->block_end = svi_plan_block_end(q->study->spec, t->first);
    t->n = (t->block_end < end ? t->block_end : end) - t->first;
    if (limit > 0 && limit - s->n_taken < t->n) t->n = limit - s->n_taken;
    svi_plan_run(q->study->spec, t->first, &first);
    t->job = svi_study_job(q->study, first.arm, first.numerics);
    t->is_supported = *support_of(s, &first);
    return true;
}

/* What the device needs to know of a block that is new to it. Without the mutex: it may ask the
 * device. */
static sv_status enter_block(worker *w, const ticket *t, sv_error *error)
{
    const svi_launch_queue *q = w->state->queue;
    sv_error why = {0};
    if (svi_launch_pace_start(q->study, q->devices->backend[w->device], &t->job, t->n,
                              q->options->n_launch, q->devices->n, &w->pace, &why) != SV_OK)
        return svi_fail_runs(&t->job, t->first, t->n, &why, error);
    w->block_end = t->block_end;
    return SV_OK;
}

static void take(worker *w, ticket *t)
{
    queue_state *s = w->state;
    t->n = svi_launch_size(&w->pace, t->n);
    t->number = s->n_begun++;
    s->slots[t->number % s->n_slots] = (slot){0};
    s->next_run += t->n;
    s->n_taken += t->n;
}

/* Waits for room, and takes a launch of the device's size. False when the device has nothing more
 * to do. The mutex is held before and after. */
static bool next_ticket(worker *w, ticket *t)
{
    queue_state *s = w->state;
    for (;;) {
        while (s->n_begun - s->n_written == s->n_slots && s->failure.status == SV_OK)
            pthread_cond_wait(&s->has_changed, &s->mutex);
        if (!find_next(s, t)) return false;
        if (t->block_end == w->block_end) break;
        sv_error why = {0};
        pthread_mutex_unlock(&s->mutex);
        sv_status status = enter_block(w, t, &why);
        pthread_mutex_lock(&s->mutex);
        if (status != SV_OK) fail_queue(s, &why);
    }
    take(w, t);
    return true;
}

/* Hands on all whose turn it is. */
static void write_finished(queue_state *s)
{
    svi_launch_queue *q = s->queue;
    for (; s->n_written < s->n_begun; s->n_written++) {
        slot *next = &s->slots[s->n_written % s->n_slots];
        sv_error why = {0};
        if (!next->is_finished) break;
        svi_launch_record *record = next->record;
        next->record = NULL;
        if (record == NULL) continue;
        for (uint64_t i = 0; i < record->n_runs; i++)
            svi_study_digest_add(&q->digest, &record->runs[i], &record->results[i]);
        if (svi_writer_submit(q->writer, record, &why) != SV_OK) fail_queue(s, &why);
    }
    pthread_cond_broadcast(&s->has_changed);
}

static void finish_ticket(worker *w, const ticket *t, svi_launch_record *record)
{
    queue_state *s = w->state;
    if (record != NULL) {
        record->machine = w->device;
        w->pace.runs_per_s = (double)t->n / ((double)(record->duration_ns + 1) * 1e-9);
    }
    s->slots[t->number % s->n_slots] = (slot){.is_finished = true, .record = record};
    write_finished(s);
}

static void *work(void *context)
{
    worker *w = context;
    queue_state *s = w->state;
    svi_backend *backend = s->queue->devices->backend[w->device];
    ticket t;
    pthread_mutex_lock(&s->mutex);
    while (next_ticket(w, &t)) {
        sv_error why = {0};
        svi_launch_record *record = NULL;
        pthread_mutex_unlock(&s->mutex);
        sv_status status = svi_train_launch(
            s->queue->study, &t.job, t.is_supported ? backend : NULL, t.first, t.n, &record, &why);
        pthread_mutex_lock(&s->mutex);
        if (status != SV_OK) fail_queue(s, &why);
        finish_ticket(w, &t, record);
    }
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

/* Whether every device can train this block: what is recorded must not hang on which of them takes
 * it. One line for the user where one cannot. */
static bool is_block_supported(const svi_launch_queue *q, const svi_job *job)
{
    char notice[1200];
    for (size_t i = 0; i < q->devices->n; i++) {
        svi_backend *backend = q->devices->backend[i];
        sv_error why = {0};
        if (backend->ops->supports(backend, job, &why) != SV_ERR_UNSUPPORTED) continue;
        snprintf(notice, sizeof notice, "arm %s is recorded as unsupported: %s", job->arm->name,
                 why.message);
        if (q->options->on_notice != NULL) q->options->on_notice(q->options->context, notice);
        return false;
    }
    return true;
}

static void find_support(queue_state *s)
{
    const svi_launch_queue *q = s->queue;
    uint64_t known_end = 0; /* blocks before it are known */
    for (size_t i = 0; i < q->n_gaps; i++) {
        uint64_t end = q->gaps[i].first + q->gaps[i].n;
        uint64_t run = q->gaps[i].first > known_end ? q->gaps[i].first : known_end;
        for (; run < end; run = known_end) {
            svi_run first;
            svi_plan_run(q->study->spec, run, &first);
            svi_job job = svi_study_job(q->study, first.arm, first.numerics);
            *support_of(s, &first) = is_block_supported(q, &job);
            known_end = svi_plan_block_end(q->study->spec, run);
        }
    }
}

/* The caller's thread works for the first device, threads of their own for the others; where the
 * system refuses a thread the others do its device's work. */
static void run_workers(queue_state *s, worker *workers, size_t n)
{
    size_t n_started = 1;
    for (size_t i = 0; i < n; i++) workers[i] = (worker){.state = s, .device = i};
    while (n_started < n &&
           pthread_create(&workers[n_started].thread, NULL, work, &workers[n_started]) == 0)
        n_started++;
    work(&workers[0]);
    for (size_t i = 1; i < n_started; i++) pthread_join(workers[i].thread, NULL);
}

static void run_devices(queue_state *s, worker *workers)
{
    find_support(s);
    if (s->queue->n_gaps > 0) s->next_run = s->queue->gaps[0].first;
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->has_changed, NULL);
    run_workers(s, workers, s->queue->devices->n);
    pthread_cond_destroy(&s->has_changed);
    pthread_mutex_destroy(&s->mutex);
}

sv_status svi_launch_queue_run(svi_launch_queue *queue, sv_error *error)
{
    const svi_study_spec *spec = queue->study->spec;
    size_t n = queue->devices->n;
    queue_state s = {.queue = queue, .n_slots = n * SVI_LAUNCHES_AHEAD};
    worker *workers = calloc(n, sizeof *workers);
    s.slots = calloc(s.n_slots, sizeof *s.slots);
    s.is_supported = calloc(spec->n_arms * spec->n_numerics, sizeof *s.is_supported);
    bool is_short = workers == NULL || s.slots == NULL || s.is_supported == NULL;
    if (!is_short) run_devices(&s, workers);
    free(workers);
    free(s.slots);
    free(s.is_supported);
    if (is_short) return svi_fail_memory(error, n * sizeof *workers, "the devices");
    if (s.failure.status == SV_OK) return s.end;
    return svi_fail(error, s.failure.status, "%s", s.failure.message);
}
