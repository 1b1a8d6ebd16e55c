/* The work of a run against figures counted by hand: those of docs/performance.md. */
#include <criterion/criterion.h>
#include <string.h>

#include "backend/job_flop.h"
#include "bench/bench_jobs.h"
#include "data/dataset.h"

static svi_job_work count(const svi_bench_job *job, const svi_checkpoints *checkpoints)
{
    svi_dataset *dataset = NULL;
    svi_job_work work;
    sv_error error = {0};
    if (job->arm.data.set != SVI_SET_NONE)
        cr_assert_eq(svi_dataset_open(&job->arm.data, &dataset, &error), SV_OK, "%s",
                     error.message);
    svi_job j = {.arm = &job->arm,
                 .numerics = &job->numerics,
                 .dataset = dataset,
                 .checkpoints = checkpoints};
    cr_assert_eq(svi_job_count(&j, &work, &error), SV_OK, "%s", error.message);
    svi_dataset_close(dataset);
    return work;
}

Test(job_flop, products_of_the_jobs_of_bench)
{
    static const double expected[SVI_N_BENCH_JOBS] = {22528000, 290821120, 1200,
                                                      0,        765706240, 1708388352};
    for (int id = 0; id < SVI_N_BENCH_JOBS; id++) {
        svi_bench_job job;
        svi_bench_job_make((svi_bench_job_id)id, &job);
        cr_assert_eq(count(&job, NULL).products, expected[id], "%s", job.name);
    }
}

/* 304 weights, 256 rows: 2 operations each for every measurement. */
Test(job_flop, measuring_counts_too)
{
    const svi_checkpoints three = {.n = 3, .step = {0, 1, 400}};
    svi_bench_job job;
    svi_bench_job_make(SVI_BENCH_J1, &job);
    cr_assert_eq(count(&job, NULL).all, 22528000 + 2 * 304 * 256.0);
    cr_assert_eq(count(&job, &three).all, 22528000 + 4 * 2 * 304 * 256.0);
    job.arm.train.patience = 5; /* there is nothing to validate */
    cr_assert_eq(count(&job, NULL).all, 22528000 + 2 * 304 * 256.0);
}

/* Epochs, and the batches of one that is not complete. */
Test(job_flop, steps_beside_epochs)
{
    svi_bench_job job;
    svi_bench_job_make(SVI_BENCH_J1, &job);
    job.arm.train.has_steps = true;
    job.arm.train.n_steps = 8 * 2 + 3;
    job.arm.train.batch_size = 33; /* 7 of 33 rows, one of 25 */
    cr_assert_eq(count(&job, NULL).products, 1760 * (2 * 256 + 3 * 33.0));
    job.arm.train.drops_last = true;
    cr_assert_eq(count(&job, NULL).products, 1760 * (19 / 7 * 7 * 33 + 19 % 7 * 33.0));
}

Test(job_flop, clusters_and_lines)
{
    svi_bench_job job;
    svi_bench_job_make(SVI_BENCH_J2, &job);
    job.arm.data.split.train = 1;
    job.arm.data.split.test = 0;
    job.arm.model = (svi_model_spec){.kind = SVI_MODEL_KMEANS, .n_clusters = 10};
    job.arm.train = (svi_train_spec){.loss = -1, .max_iterations = 1000};
    cr_assert_eq(count(&job, NULL).all, 3.0 * 1797 * 10 * 64 * 21);
    job.arm.train.max_iterations = 4;
    cr_assert_eq(count(&job, NULL).all, 3.0 * 1797 * 10 * 64 * 5);
    svi_bench_job_make(SVI_BENCH_J4, &job); /* 75 rows of 100, slope and intercept */
    cr_assert_eq(count(&job, NULL).all, 2.0 * 75 * 2 * 2 + 2.0 * 100);
}
