#include "backend/cuda_tables.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"

/* Tables are packed on the host and sent in pieces of about this size. */
enum { STAGING_BYTES = 16 << 20, TABLES_A_PART = 16 };

sv_status svi_cuda_splits_make(const svi_dataset *dataset, int precision, uint64_t n_most,
                               svi_cuda_splits *splits, sv_error *error)
{
    *splits = (svi_cuda_splits){
        .dataset = dataset, .precision = precision, .n_most = n_most, .n_slots = 16};
    while (splits->n_slots < 2 * n_most) splits->n_slots *= 2;
    splits->seeds = malloc(n_most * sizeof *splits->seeds);
    splits->n_test = malloc(n_most * sizeof *splits->n_test);
    splits->slot = calloc(splits->n_slots, sizeof *splits->slot);
    if (splits->seeds == NULL || splits->n_test == NULL || splits->slot == NULL) {
        svi_cuda_splits_free(splits);
        return svi_fail_memory(error, (3 * n_most + splits->n_slots) * sizeof *splits->slot,
                               "the splits of a launch");
    }
    return SV_OK;
}

void svi_cuda_splits_free(svi_cuda_splits *splits)
{
    free(splits->seeds);
    free(splits->n_test);
    free(splits->slot);
    splits->seeds = NULL;
    splits->n_test = NULL;
    splits->slot = NULL;
}

void svi_cuda_splits_clear(svi_cuda_splits *splits)
{
    splits->n = 0;
    memset(splits->slot, 0, splits->n_slots * sizeof *splits->slot);
}

uint64_t svi_cuda_splits_find(svi_cuda_splits *splits, const svi_run *run)
{
    svi_instance_seeds seeds = svi_instance_seeds_of(splits->dataset, run->seed);
    uint64_t at = seeds.data * UINT64_C(0x9E3779B97F4A7C15) + seeds.split;
    at = (at * UINT64_C(0x9E3779B97F4A7C15) + seeds.noise) * UINT64_C(0xBF58476D1CE4E5B9);
    for (at ^= at >> 32;; at++) {
        uint64_t *slot = &splits->slot[at & (splits->n_slots - 1)];
        if (*slot == 0) {
            splits->seeds[splits->n] = seeds;
            *slot = ++splits->n;
        }
        uint64_t number = *slot - 1;
        if (svi_instance_seeds_are_equal(splits->seeds[number], seeds)) return number;
    }
}

static uint64_t value_bytes(int precision)
{
    return precision == SVK_PRECISION_FP64 ? sizeof(double) : sizeof(float);
}

static uint64_t round_up(uint64_t size_bytes) { return (size_bytes + 15) / 16 * 16; }

/* Label and target share their place: a table has one of them. */
void svi_cuda_tables_shape(uint64_t n_rows, uint32_t ld, int precision, svk_cuda_tables *tables)
{
    uint64_t size_bytes = value_bytes(precision);
    tables->y_at = round_up(n_rows * ld * size_bytes);
    tables->label_at = tables->y_at + round_up(n_rows * size_bytes);
    tables->target_at = tables->label_at;
    tables->size_bytes = tables->target_at + round_up(n_rows * sizeof(double));
}

static sv_status pack(svi_cuda_splits *splits, uint64_t number, const svk_cuda_tables *tables,
                      unsigned char *table, sv_error *error)
{
    svi_instance *in;
    uint64_t size_bytes = value_bytes(splits->precision);
    SVI_TRY(
        svi_instance_make(splits->dataset, splits->seeds[number], splits->precision, &in, error));
    memcpy(table, in->x, in->n_rows * (uint64_t)in->ld * size_bytes);
    memcpy(table + tables->y_at, in->y, in->n_rows * size_bytes);
    if (in->label != NULL)
        memcpy(table + tables->label_at, in->label, in->n_rows * sizeof *in->label);
    else
        memcpy(table + tables->target_at, in->target, in->n_rows * sizeof *in->target);
    splits->n_test[number] = (uint32_t)in->n_test;
    svi_instance_free(in);
    return SV_OK;
}

/* Tables from `first` on, into staging one after the other. */
typedef struct packing {
    svi_cuda_splits *splits;
    const svk_cuda_tables *tables;
    unsigned char *staging;
    uint64_t first;
    pthread_mutex_t lock; /* of failure: the first one */
    sv_error failure;
} packing;

static void pack_part(void *context, size_t first, size_t n)
{
    packing *p = context;
    for (size_t i = first; i < first + n; i++) {
        sv_error error = {0};
        if (pack(p->splits, p->first + i, p->tables, p->staging + i * p->tables->size_bytes,
                 &error) == SV_OK)
            continue;
        pthread_mutex_lock(&p->lock);
        if (p->failure.status == SV_OK) p->failure = error;
        pthread_mutex_unlock(&p->lock);
        return;
    }
}

static sv_status pack_piece(const svi_cuda_device *device, packing *p, uint64_t n, sv_error *error)
{
    svi_work_in_parallel(device->n_host_threads, n, TABLES_A_PART, pack_part, p);
    if (p->failure.status == SV_OK) return SV_OK;
    return svi_fail(error, p->failure.status, "%s", p->failure.message);
}

static sv_status send_pieces(svi_cuda_device *device, svi_cuda_splits *splits,
                             const svk_cuda_tables *tables, uint64_t n_piece,
                             unsigned char *staging, unsigned char *base, sv_error *error)
{
    for (uint64_t first = 0; first < splits->n; first += n_piece) {
        uint64_t n = splits->n - first < n_piece ? splits->n - first : n_piece;
        packing p = {splits, tables, staging, first, PTHREAD_MUTEX_INITIALIZER, {0}};
        SVI_TRY(pack_piece(device, &p, n, error));
        SVI_TRY(svi_cuda_check(device,
                               cudaMemcpy(base + first * tables->size_bytes, staging,
                                          n * tables->size_bytes, cudaMemcpyHostToDevice),
                               error, "cudaMemcpy of %" PRIu64 " bytes of rows to the GPU",
                               n * tables->size_bytes));
    }
    return SV_OK;
}

sv_status svi_cuda_tables_send(svi_cuda_device *device, svi_cuda_splits *splits,
                               const svk_cuda_tables *tables, unsigned char *base, sv_error *error)
{
    uint64_t n_piece = STAGING_BYTES / tables->size_bytes;
    if (n_piece == 0) n_piece = 1;
    if (n_piece > splits->n) n_piece = splits->n;
    unsigned char *staging = calloc(n_piece, tables->size_bytes);
    if (staging == NULL)
        return svi_fail_memory(error, n_piece * tables->size_bytes, "rows on their way to the GPU");
    sv_status status = send_pieces(device, splits, tables, n_piece, staging, base, error);
    free(staging);
    return status;
}
