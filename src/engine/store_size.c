#include "engine/store_size.h"

#include "data/instance.h"

/* Bytes of a row with SQLite's own, measured on stores of 0.1 to 6 MB (docs/performance.md). A
 * network has eight metrics or nine, other models half as many. */
enum { NET_RUN_BYTES = 134, RUN_BYTES = 98, CURVE_BYTES = 115, DISTANCE_BYTES = 115 };
enum { LOOKED_AT = 1 << 16 };
/* Class counts fill their pages less well. */
static const double count_bytes = 1.2;

static double counts_bytes(const svi_job *job)
{
    uint64_t n_train, n_val, n_test;
    svi_instance_sizes(job->dataset, &n_train, &n_val, &n_test);
    return count_bytes * 4 * (double)n_test * (2 + (double)job->dataset->n_classes);
}

/* Runs from the first on that share its test rows, of n_of_set that do; it looks no farther than
 * launches are long. */
static uint64_t count_together(const svi_study_spec *spec, const svi_run *first, uint64_t n_of_set)
{
    svi_run next = *first;
    uint64_t n = 0, n_most = n_of_set < LOOKED_AT ? n_of_set : LOOKED_AT;
    while (n < n_most && next.seed[SVK_SOURCE_SPLIT] == first->seed[SVK_SOURCE_SPLIT] &&
           next.seed[SVK_SOURCE_DATA] == first->seed[SVK_SOURCE_DATA]) {
        n++;
        if (n < n_most) svi_plan_run(spec, first->run + n, &next);
    }
    return n < LOOKED_AT ? n : n_of_set;
}

svi_block_size svi_block_size_of(const sv_study *study, const svi_job *job, const svi_run *first,
                                 uint64_t n_runs)
{
    const svi_study_spec *spec = study->spec;
    double n_checkpoints = (double)job->checkpoints->n;
    svi_block_size size = {.run_bytes =
                               job->arm->model.kind == SVI_MODEL_MLP ? NET_RUN_BYTES : RUN_BYTES};
    size.run_bytes += 4 * (double)svi_job_arrival_words(job);
    if (spec->curves == SVI_CURVES_FULL) size.run_bytes += n_checkpoints * CURVE_BYTES;
    if (spec->record_distances) size.run_bytes += n_checkpoints * DISTANCE_BYTES;
    if (!svi_wants_predictions(study, job, first->numerics)) return size;
    uint64_t n_of_set = svi_plan_runs_per_test_set(spec, job->arm, first->numerics);
    size.test_set_bytes = counts_bytes(job);
    size.n_together = n_of_set < n_runs ? count_together(spec, first, n_of_set) : n_runs;
    size.n_test_sets = (n_runs + n_of_set - 1) / n_of_set;
    return size;
}

double svi_launch_store_bytes(const svi_block_size *size, uint64_t n)
{
    double bytes = (double)n * size->run_bytes;
    if (size->test_set_bytes == 0) return bytes;
    uint64_t n_sets = (n + size->n_together - 1) / size->n_together;
    if (n_sets > size->n_test_sets) n_sets = size->n_test_sets;
    return bytes + (double)n_sets * size->test_set_bytes;
}
