/* Which runs are there: the launches in memory, ascending in their first run. */
#include <math.h>
#include <string.h>

#include "store/store_file.h"

/* Index of the first launch that ends after `run`. */
static size_t first_ending_after(const svi_store *store, uint64_t run)
{
    size_t low = 0, high = store->n_launches;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const svi_launch *launch = &store->launches[middle];
        if (launch->first_run + launch->n_runs > run) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

bool svi_store_overlaps(const svi_store *store, uint64_t first_run, uint64_t n_runs)
{
    size_t i = first_ending_after(store, first_run);
    return i < store->n_launches && store->launches[i].first_run < first_run + n_runs;
}

void svi_store_place_launch(svi_store *store, const svi_launch *launch)
{
    size_t i = first_ending_after(store, launch->first_run);
    memmove(&store->launches[i + 1], &store->launches[i],
            (store->n_launches - i) * sizeof *store->launches);
    store->launches[i] = *launch;
    store->n_launches++;
    store->n_done += launch->n_runs;
    store->n_predictions += launch->n_predictions;
    store->last_checksum = launch->checksum;
}

sv_status svi_store_next_gap(svi_store *store, uint64_t from, uint64_t *first, uint64_t *n,
                             sv_error *error)
{
    (void)error;
    size_t i = first_ending_after(store, from);
    while (i < store->n_launches && store->launches[i].first_run <= from) {
        from = store->launches[i].first_run + store->launches[i].n_runs;
        i++;
    }
    uint64_t end = i < store->n_launches ? store->launches[i].first_run : store->study.n_runs;
    *first = from;
    *n = end > from ? end - from : 0;
    return SV_OK;
}

sv_status svi_store_n_done(svi_store *store, uint64_t *n_done, sv_error *error)
{
    (void)error;
    *n_done = store->n_done;
    return SV_OK;
}

double svi_store_seconds_per_run(const svi_store *store, uint32_t arm, uint32_t numerics)
{
    double duration_ns = 0, n_runs = 0;
    for (size_t i = 0; i < store->n_launches; i++) {
        const svi_launch *launch = &store->launches[i];
        if (launch->arm != arm || launch->numerics != numerics) continue;
        duration_ns += (double)launch->duration_ns;
        n_runs += (double)launch->n_runs;
    }
    return duration_ns > 0 ? duration_ns * 1e-9 / n_runs : NAN;
}
