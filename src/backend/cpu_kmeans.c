#include "backend/cpu_kmeans.h"

#include <stdlib.h>

#include "data/instance.h"

/* Splits and draws of data whose rows a thread keeps. */
enum { N_SLOTS = 16 };

/* The rows of a run, as the kernel reads them. */
typedef struct row_slot {
    svi_instance_seeds seeds;
    svk_kmeans shape; /* with this instance's rows */
    void *table;      /* NULL: empty */
    uint64_t last_use;
} row_slot;

struct svi_kmeans_crew {
    svi_cpu_launch *launch;
    void *workspace;
    uint64_t n_uses;
    row_slot slot[N_SLOTS];
};

sv_status svi_kmeans_crew_open(svi_cpu_launch *launch, svi_kmeans_crew **crew, sv_error *error)
{
    size_t size = launch->kernels->kmeans_workspace_size(&launch->kmeans);
    *crew = calloc(1, sizeof **crew);
    if (*crew == NULL) return svi_fail_memory(error, sizeof **crew, "a thread");
    (*crew)->launch = launch;
    (*crew)->workspace = aligned_alloc(64, size);
    if ((*crew)->workspace != NULL) return SV_OK;
    svi_kmeans_crew_close(*crew);
    *crew = NULL;
    return svi_fail_memory(error, size, "the clusters of one thread");
}

void svi_kmeans_crew_close(svi_kmeans_crew *crew)
{
    if (crew == NULL) return;
    for (int i = 0; i < N_SLOTS; i++) free(crew->slot[i].table);
    free(crew->workspace);
    free(crew);
}

uint64_t svi_kmeans_crew_bytes(const svi_cpu_launch *launch, uint64_t n_tables)
{
    const svk_cpu_kernels *k = launch->kernels;
    uint64_t n_kept = n_tables < N_SLOTS ? n_tables : N_SLOTS;
    return sizeof(svi_kmeans_crew) + k->kmeans_workspace_size(&launch->kmeans) +
           n_kept * k->kmeans_table_size(&launch->kmeans);
}

static bool holds_rows_of(const row_slot *slot, svi_instance_seeds seeds)
{
    return slot->table != NULL && svi_instance_seeds_are_equal(slot->seeds, seeds);
}

/* Empties the slot and fills it with the rows of these seeds. */
static sv_status fill_slot(const svi_kmeans_crew *crew, svi_instance_seeds seeds, row_slot *slot,
                           sv_error *error)
{
    const svi_cpu_launch *launch = crew->launch;
    svi_instance *data;
    free(slot->table);
    *slot = (row_slot){.seeds = seeds, .shape = launch->kmeans};
    SVI_TRY(svi_instance_make(launch->job->dataset, seeds,
                              SVK_KEPT_PRECISION(launch->job->numerics->precision), &data, error));
    slot->shape.n_test = (uint32_t)data->n_test;
    size_t size = launch->kernels->kmeans_table_size(&slot->shape);
    slot->table = aligned_alloc(64, size);
    if (slot->table != NULL) launch->kernels->kmeans_pack(&slot->shape, data->x, slot->table);
    svi_instance_free(data);
    return slot->table != NULL ? SV_OK : svi_fail_memory(error, size, "the rows of a run");
}

/* The rows of a run: those of an earlier one, or new ones in the slot unused for longest. */
static sv_status find_slot(svi_kmeans_crew *crew, const svi_run *run, const row_slot **found,
                           sv_error *error)
{
    svi_instance_seeds seeds = svi_instance_seeds_of(crew->launch->job->dataset, run->seed);
    row_slot *slot = crew->slot;
    for (row_slot *s = crew->slot; s < crew->slot + N_SLOTS; s++) {
        bool is_of_run = holds_rows_of(s, seeds);
        if (is_of_run || s->last_use < slot->last_use) slot = s;
        if (is_of_run) break;
    }
    if (!holds_rows_of(slot, seeds)) SVI_TRY(fill_slot(crew, seeds, slot, error));
    slot->last_use = ++crew->n_uses;
    *found = slot;
    return SV_OK;
}

sv_status svi_kmeans_crew_cluster(svi_kmeans_crew *crew, size_t first, size_t n, sv_error *error)
{
    svi_cpu_launch *launch = crew->launch;
    for (size_t at = first; at < first + n; at++) {
        const row_slot *rows;
        SVI_TRY(find_slot(crew, &launch->runs[at], &rows, error));
        svk_kmeans_seed seed = {.seed_init = launch->runs[at].seed[SVK_SOURCE_INIT],
                                .table = rows->table};
        if (launch->predictions != NULL)
            seed.predictions = launch->predictions + at * launch->kmeans.n_test;
        if (launch->parameters != NULL)
            seed.parameters = launch->parameters + at * launch->n_parameters;
        launch->kernels->kmeans_train(&rows->shape, &seed, crew->workspace, &launch->results[at]);
    }
    return SV_OK;
}
