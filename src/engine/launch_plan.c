#include "engine/launch_plan.h"

#include "engine/expected_time.h"
#include "engine/store_size.h"
#include "engine/train_launch.h"

/* The program itself, with SQLite's pages. */
enum { PROGRAM_BYTES = 10 << 20 };

sv_status svi_launch_pace_start(const sv_study *study, svi_backend *backend, const svi_job *job,
                                uint64_t n_runs, uint64_t n_asked, uint64_t n_devices,
                                svi_launch_pace *pace, sv_error *error)
{
    double seconds;
    *pace = (svi_launch_pace){
        .n_asked = n_asked, .n_memory = svi_launch_most(job), .n_devices = n_devices};
    SVI_TRY(backend->ops->grain(backend, job, &pace->grain, error));
    SVI_TRY(svi_expected_block_time(study, backend, job, n_runs, &seconds, error));
    if (seconds > 0) pace->expected_runs_per_s = (double)n_runs / seconds;
    return SV_OK;
}

static uint64_t data_bytes(const sv_study *study)
{
    uint64_t n = 0;
    for (size_t arm = 0; arm < study->spec->n_arms; arm++) {
        const svi_dataset *d = study->dataset[arm];
        if (d == NULL || d->is_borrowed || d->is_generated) continue;
        n += d->n_rows * ((uint64_t)d->n_features + 1) * sizeof(double);
    }
    return n;
}

static uint64_t most(uint64_t a, uint64_t b) { return a > b ? a : b; }

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* What launches of n runs each take at most, while the block's n_runs are trained and written. */
static sv_status add_memory(const sv_study *study, const svi_devices *devices, const svi_job *job,
                            uint64_t n, uint64_t n_runs, svi_launch_plan *plan, sv_error *error)
{
    svi_device_memory memory;
    svi_backend *backend = devices->backend[0];
    svi_launch_bytes of_run = svi_launch_run_bytes(job);
    uint64_t n_held = least(SVI_LAUNCHES_AHEAD * devices->n * n, n_runs);
    uint64_t n_tables = job->dataset == NULL ? 0 : svi_expected_tables(study, job->dataset, n);
    SVI_TRY(backend->ops->memory(backend, job, n, n_tables, &memory, error));
    uint64_t bytes = n_held * of_run.kept + least(devices->n * n, n_runs) * of_run.trained +
                     devices->n * memory.host_bytes;
    plan->host_bytes = most(plan->host_bytes, bytes);
    plan->device_bytes = most(plan->device_bytes, memory.device_bytes);
    return SV_OK;
}

static sv_status add_block(const sv_study *study, const svi_devices *devices, const svi_job *job,
                           const svi_run *first, uint64_t n_runs, uint64_t n_asked,
                           svi_launch_plan *plan, sv_error *error)
{
    svi_launch_pace pace;
    svi_block_size size = svi_block_size_of(study, job, first, n_runs);
    uint64_t n_most = 0;
    double n_bytes = 0;
    SVI_TRY(svi_launch_pace_start(study, devices->backend[0], job, n_runs, n_asked, devices->n,
                                  &pace, error));
    for (uint64_t left = n_runs; left > 0; plan->n_launches++) {
        uint64_t n = svi_launch_size(&pace, left);
        n_most = most(n_most, n);
        n_bytes += svi_launch_store_bytes(&size, n);
        left -= n;
    }
    plan->store_bytes += (uint64_t)n_bytes;
    plan->n_runs_most = most(plan->n_runs_most, n_most);
    return add_memory(study, devices, job, n_most, n_runs, plan, error);
}

sv_status svi_launch_plan_make(const sv_study *study, const svi_devices *devices, uint64_t n_asked,
                               svi_launch_plan *plan, sv_error *error)
{
    uint64_t n_runs = svi_plan_n_runs(study->spec), end;
    *plan = (svi_launch_plan){0};
    for (uint64_t run = 0; run < n_runs; run = end) {
        svi_run first;
        svi_plan_run(study->spec, run, &first);
        end = svi_plan_block_end(study->spec, run);
        svi_job job = svi_study_job(study, first.arm, first.numerics);
        SVI_TRY(add_block(study, devices, &job, &first, end - run, n_asked, plan, error));
    }
    plan->store_bytes += SVI_STORE_EMPTY_BYTES;
    if (study->spec->rows == SVI_ROWS_SUMMARY) plan->store_bytes = 0;
    plan->host_bytes += PROGRAM_BYTES + data_bytes(study);
    return SV_OK;
}
