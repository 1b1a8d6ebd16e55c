/* Threads that share instances, with and without room for all. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "backend/cpu_instances.h"

enum { N_THREADS = 4, N_ROUNDS = 200, N_SEEDS = 12 };

typedef struct sharing {
    svi_cpu_instances instances;
    svi_instance *expected[N_SEEDS];
    atomic_int n_right, n_failed;
} sharing;

static svi_instance_seeds seeds_of(uint64_t number)
{
    return (svi_instance_seeds){.data = number / 3, .split = number % 3};
}

static svi_dataset *open_moons(void)
{
    svi_data_spec spec = {
        .set = SVI_SET_MOONS, .n_points = 64, .noise = 0.1, .split = {.train = 0.5, .test = 0.5}};
    svi_dataset *d;
    cr_assert_eq(svi_dataset_open(&spec, &d, NULL), SV_OK);
    return d;
}

/* Holds as many as it may, checks them, lets them go. */
static void *hold_and_release(void *context)
{
    sharing *s = context;
    for (uint64_t round = 0; round < N_ROUNDS; round++) {
        const svi_instance *held[N_SEEDS];
        size_t n = s->instances.n_at_once < N_SEEDS ? s->instances.n_at_once : N_SEEDS;
        for (size_t i = 0; i < n; i++) {
            uint64_t number = (round * 5 + i) % N_SEEDS;
            sv_status status =
                svi_cpu_instances_take(&s->instances, seeds_of(number), &held[i], NULL);
            if (status != SV_OK) s->n_failed++;
            size_t size = held[i]->n_rows * (size_t)held[i]->ld * sizeof(float);
            s->n_right += memcmp(held[i]->x, s->expected[number]->x, size) == 0;
        }
        for (size_t i = 0; i < n; i++) svi_cpu_instances_release(&s->instances, held[i]);
    }
    return NULL;
}

/* Returns how many instances a thread may hold. */
static size_t share(size_t n_that_fit)
{
    static sharing s;
    svi_dataset *d = open_moons();
    pthread_t thread[N_THREADS];
    memset(&s, 0, sizeof s);
    size_t budget = n_that_fit * (svi_instance_size_bytes(d, SVK_PRECISION_FP32) + 1);
    cr_assert_eq(svi_cpu_instances_start(&s.instances, d, SVK_PRECISION_FP32, N_THREADS, N_SEEDS,
                                         budget, NULL),
                 SV_OK);
    for (uint64_t k = 0; k < N_SEEDS; k++)
        cr_assert_eq(svi_instance_make(d, seeds_of(k), SVK_PRECISION_FP32, &s.expected[k], NULL),
                     SV_OK);
    for (int t = 0; t < N_THREADS; t++)
        cr_assert_eq(pthread_create(&thread[t], NULL, hold_and_release, &s), 0);
    for (int t = 0; t < N_THREADS; t++) pthread_join(thread[t], NULL);
    size_t n = s.instances.n_at_once;
    cr_expect_eq(s.n_failed, 0);
    cr_expect_eq((size_t)s.n_right, N_THREADS * N_ROUNDS * n, "%d of the instances are right",
                 (int)s.n_right);
    svi_cpu_instances_clear(&s.instances);
    for (int k = 0; k < N_SEEDS; k++) svi_instance_free(s.expected[k]);
    svi_dataset_close(d);
    return n;
}

Test(cpu_instances, threads_get_what_they_ask_for)
{
    cr_expect_eq(share(1000), N_SEEDS, "room for all");
    cr_expect_eq(share(9), 2, "two for each of four threads");
    cr_expect_eq(share(2), 1, "fewer than threads");
    cr_expect_eq(share(0), 1, "at least one");
}

Test(cpu_instances, an_instance_that_cannot_be_made_is_reported_to_each)
{
    double x[] = {1, 1e39}, y[] = {0.5, 1.5};
    svi_dataset d = {.name = "table", .n_rows = 2, .n_features = 1, .x = x, .y = y};
    svi_cpu_instances instances;
    const svi_instance *in;
    sv_error error = {0};
    d.spec.split.train = 1;
    cr_assert_eq(svi_cpu_instances_start(&instances, &d, SVK_PRECISION_FP32, 1, 1, 0, NULL), SV_OK);
    for (int i = 0; i < 2; i++) {
        svi_instance_seeds seeds = {.split = 3};
        cr_expect_eq(svi_cpu_instances_take(&instances, seeds, &in, &error), SV_ERR_DATA);
        cr_expect_not_null(strstr(error.message, "cannot be held in fp32"), "%s", error.message);
    }
    svi_cpu_instances_clear(&instances);
}
