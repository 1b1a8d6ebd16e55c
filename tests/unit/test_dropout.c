/* Dropped units, seen from outside: after one step on one row the bias of a dropped unit is still
 * what it was. */
#include <math.h>

#include "backend/backends.h"
#include "data/instance.h"
#include "spec_fixture.h"

enum { N_RUNS = 400, WIDTH_1 = 41, WIDTH_2 = 23, N_INPUTS = 4, N_CLASSES = 3 };
enum {
    N_UNITS = WIDTH_1 + WIDTH_2,
    BIAS_1 = N_INPUTS * WIDTH_1,
    BIAS_2 = BIAS_1 + WIDTH_1 + WIDTH_1 * WIDTH_2,
    N_PARAMETERS = BIAS_2 + WIDTH_2 + (WIDTH_2 + 1) * N_CLASSES
};

typedef struct outcome {
    svi_run_result result[N_RUNS];
    double parameter[N_RUNS][N_PARAMETERS];
} outcome;

static outcome *train(double dropout, int n_steps)
{
    char text[500];
    svi_run runs[N_RUNS];
    svi_dataset *dataset;
    svi_backend *backend;
    sv_error error = {0};
    outcome *o = calloc(1, sizeof *o);
    const svi_backend_options options = {.device = "cpu", .simd = "auto", .n_threads = 2};
    cr_assert_not_null(o);
    snprintf(text, sizeof text,
             "data: {set: iris, standardize: true}\n"
             "model: {kind: mlp, hidden: [%d, %d], activation: silu, dropout: %.17g}\n"
             "train: {loss: cross_entropy, optimizer: {lr: 0.1}, batch_size: 1, steps: %d}\n"
             "design: {kind: sweep, seeds: %d}\n",
             WIDTH_1, WIDTH_2, dropout, n_steps, N_RUNS);
    svi_study_spec *spec = read_text(text);
    cr_assert_eq(svi_dataset_open(&spec->arms[0].data, &dataset, &error), SV_OK);
    cr_assert_eq(svi_cpu_backend.open(&options, &backend, &error), SV_OK);
    const svi_job job = {.arm = &spec->arms[0], .numerics = &spec->numerics[0], .dataset = dataset};
    cr_assert_eq(svi_job_n_parameters(&job), N_PARAMETERS);
    for (uint64_t i = 0; i < N_RUNS; i++) svi_plan_run(spec, i, &runs[i]);
    cr_assert_eq(backend->ops->launch(backend, &job, runs, N_RUNS, o->result, NULL, NULL,
                                      o->parameter[0], &error),
                 SV_OK, "%s", error.message);
    backend->ops->close(backend);
    svi_dataset_close(dataset);
    svi_study_spec_free(spec);
    return o;
}

/* Expected n * p, within 4.5 standard deviations. */
static void expect_share(double n_found, double n, double p, const char *what)
{
    cr_expect_float_eq(n_found, n * p, 4.5 * sqrt(n * p * (1 - p)), "%s, p %g: %g of %g", what, p,
                       n_found, n);
}

static void check_share(double dropout)
{
    outcome *before = train(dropout, 0), *after = train(dropout, 1);
    double n_dropped[2] = {0}, n_pairs = 0;
    for (int run = 0; run < N_RUNS; run++) {
        int was_dropped = 0;
        for (int unit = 0; unit < N_UNITS; unit++) {
            int at = unit < WIDTH_1 ? BIAS_1 + unit : BIAS_2 + unit - WIDTH_1;
            int is_dropped = after->parameter[run][at] == before->parameter[run][at];
            n_dropped[unit >= WIDTH_1] += is_dropped;
            n_pairs += is_dropped && was_dropped;
            was_dropped = is_dropped;
        }
    }
    expect_share(n_dropped[0], N_RUNS * WIDTH_1, dropout, "first layer");
    expect_share(n_dropped[1], N_RUNS * WIDTH_2, dropout, "second layer");
    expect_share(n_pairs, N_RUNS * (N_UNITS - 1), dropout * dropout, "neighbours");
    free(before);
    free(after);
}

Test(dropout, drops_the_share_asked_for)
{
    check_share(0.05);
    check_share(0.3);
    check_share(0.5);
    check_share(0.6); /* more, and now and then no unit is left in the second layer */
}

Test(dropout, scores_with_every_unit)
{
    outcome *without = train(0, 0), *with = train(0.5, 0);
    for (int run = 0; run < N_RUNS; run++)
        for (int m = SVK_METRIC_TRAIN_LOSS; m <= SVK_METRIC_TEST_ACCURACY; m++)
            cr_assert_eq(with->result[run].metric[m], without->result[run].metric[m]);
    free(without);
    free(with);
}
