/* A thread of its own for the disk, so that training does not wait for it. */
#include <pthread.h>
#include <stdlib.h>

#include "store/store.h"

enum { N_QUEUED = 2 };

struct svi_writer {
    svi_store *store;
    svi_commit_fn on_commit;
    void *context;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t has_changed; /* queue, is_finishing or failure */
    svi_launch_record *queue[N_QUEUED];
    int n_queued;
    bool is_finishing;
    sv_error failure; /* of the first write that failed; nothing is written after it */
};

/* Waits for a record; NULL when all are written and no more will come. */
static svi_launch_record *next_record(svi_writer *writer)
{
    svi_launch_record *record = NULL;
    pthread_mutex_lock(&writer->mutex);
    while (writer->n_queued == 0 && !writer->is_finishing)
        pthread_cond_wait(&writer->has_changed, &writer->mutex);
    if (writer->n_queued > 0) {
        record = writer->queue[0];
        writer->queue[0] = writer->queue[1];
        writer->n_queued--;
        pthread_cond_broadcast(&writer->has_changed);
    }
    pthread_mutex_unlock(&writer->mutex);
    return record;
}

static void note_failure(svi_writer *writer, const sv_error *failure)
{
    pthread_mutex_lock(&writer->mutex);
    writer->failure = *failure;
    pthread_cond_broadcast(&writer->has_changed);
    pthread_mutex_unlock(&writer->mutex);
}

static void *write_records(void *argument)
{
    svi_writer *writer = argument;
    bool has_failed = false;
    for (svi_launch_record *record; (record = next_record(writer)) != NULL;
         svi_launch_record_free(record)) {
        sv_error error = {0};
        if (has_failed) continue;
        if (svi_store_append(writer->store, record, &error) != SV_OK) {
            has_failed = true;
            note_failure(writer, &error);
        } else if (writer->on_commit != NULL) {
            writer->on_commit(writer->context, record);
        }
    }
    return NULL;
}

static sv_status failure_of(const svi_writer *writer, sv_error *error)
{
    if (writer->failure.status == SV_OK) return SV_OK;
    return svi_fail(error, writer->failure.status, "%s", writer->failure.message);
}

sv_status svi_writer_start(svi_store *store, svi_commit_fn on_commit, void *context,
                           svi_writer **writer, sv_error *error)
{
    svi_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return svi_fail_memory(error, sizeof *w, "the store's writer");
    w->store = store;
    w->on_commit = on_commit;
    w->context = context;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->has_changed, NULL);
    if (pthread_create(&w->thread, NULL, write_records, w) != 0) {
        pthread_cond_destroy(&w->has_changed);
        pthread_mutex_destroy(&w->mutex);
        free(w);
        return svi_fail(error, SV_ERR_MEMORY,
                        "the store's writer: no thread can be started; end other programs");
    }
    *writer = w;
    return SV_OK;
}

sv_status svi_writer_submit(svi_writer *writer, svi_launch_record *record, sv_error *error)
{
    pthread_mutex_lock(&writer->mutex);
    while (writer->n_queued == N_QUEUED && writer->failure.status == SV_OK) {
        pthread_cond_wait(&writer->has_changed, &writer->mutex);
    }
    sv_status status = failure_of(writer, error);
    if (status == SV_OK) {
        writer->queue[writer->n_queued++] = record;
        pthread_cond_broadcast(&writer->has_changed);
    }
    pthread_mutex_unlock(&writer->mutex);
    if (status != SV_OK) svi_launch_record_free(record);
    return status;
}

sv_status svi_writer_finish(svi_writer *writer, sv_error *error)
{
    pthread_mutex_lock(&writer->mutex);
    writer->is_finishing = true;
    pthread_cond_broadcast(&writer->has_changed);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    sv_status status = failure_of(writer, error);
    pthread_cond_destroy(&writer->has_changed);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
    return status;
}
