#include "fingerprint/trained_sum.h"

#include <stdio.h>
#include <stdlib.h>

#include "data_kernels.h"
#include "fingerprint/suite_numerics.h"

enum { MOST_COLUMNS = 64, MOST_ROWS = 128 };

/* The data and the net of one launch. Row i trains; its target is y[i]. */
typedef struct task {
    svi_dataset data;
    svi_arm_spec arm;
    uint32_t row_of_place[MOST_ROWS];
} task;

static int n_rows_of(svi_sum_kind kind, int n_terms)
{
    return kind == SVI_SUM_OUTPUT ? 2 : n_terms;
}

static int n_features_of(svi_sum_kind kind, int n_terms, size_t n_columns)
{
    return kind == SVI_SUM_OUTPUT ? n_terms + 1 : kind == SVI_SUM_BIAS ? 1 : (int)n_columns;
}

static void shape_arm(task *t, svi_sum_kind kind)
{
    int n = (int)t->data.n_rows;
    t->arm.data = t->data.spec;
    t->arm.model = (svi_model_spec){.kind = SVI_MODEL_LINEAR,
                                    .init = SVK_INIT_ZERO,
                                    .bias = kind == SVI_SUM_BIAS ? SVK_BIAS_ZERO : SVK_BIAS_NONE};
    t->arm.train = (svi_train_spec){.loss = SVK_LOSS_SQUARED,
                                    .learning_rate = kind == SVI_SUM_OUTPUT ? 1 : n,
                                    .batch_size = kind == SVI_SUM_OUTPUT ? 1 : (uint64_t)n,
                                    .n_epochs = 1};
    if (kind != SVI_SUM_CENTRE) return;
    t->arm.model = (svi_model_spec){
        .kind = SVI_MODEL_KMEANS, .n_clusters = 1, .start_centres = SVK_START_RANDOM};
    t->arm.train = (svi_train_spec){.loss = -1, .max_iterations = 1};
}

static sv_status start_task(const svi_trained_sum *of, int n_terms, size_t n_columns, task *t,
                            sv_error *error)
{
    *t = (task){.data = {.name = "terms", .spec = {.set = SVI_SET_CSV, .split = {.train = 1}}}};
    svi_dataset *d = &t->data;
    d->n_rows = (uint64_t)n_rows_of(of->kind, n_terms);
    d->n_features = n_features_of(of->kind, n_terms, n_columns);
    size_t n_values = d->n_rows * (size_t)d->n_features;
    d->x = calloc(n_values, sizeof *d->x);
    d->y = calloc(d->n_rows, sizeof *d->y);
    if (d->x == NULL || d->y == NULL)
        return svi_fail_memory(error, n_values * sizeof *d->x, "the terms of a sum");
    uint32_t n = (uint32_t)d->n_rows;
    svk_data_kernels_best()->shuffle(of->seed, SVK_STREAM_ORDER, 0, n, 0, n, t->row_of_place);
    for (uint32_t p = 0; of->kind == SVI_SUM_CENTRE && p < n; p++) t->row_of_place[p] = p;
    shape_arm(t, of->kind);
    return SV_OK;
}

static void end_task(task *t)
{
    free(t->data.x);
    free(t->data.y);
}

static double *row_at(task *t, int place)
{
    return t->data.x + t->row_of_place[place] * (size_t)t->data.n_features;
}

/* Columns from `first` on. With weights of zero an output's delta is -2 y; so it is 1 for weights,
 * and the terms themselves for a bias. */
static void fill_terms(const svi_trained_sum *of, task *t, const double *term, int n_terms,
                       size_t n_columns, size_t first)
{
    size_t n_here = (size_t)t->data.n_features;
    for (int p = 0; p < n_terms; p++) {
        const double *terms = term + (size_t)p * n_columns + first;
        if (of->kind == SVI_SUM_OUTPUT) {
            row_at(t, 0)[p] = terms[0];
            row_at(t, 1)[p] = 1;
        } else if (of->kind == SVI_SUM_BIAS) {
            t->data.y[t->row_of_place[p]] = -0.5 * terms[0];
        } else {
            for (size_t c = 0; c < n_here; c++) row_at(t, p)[c] = terms[c];
            t->data.y[t->row_of_place[p]] = -0.5;
        }
    }
    if (of->kind != SVI_SUM_OUTPUT) return;
    t->data.y[t->row_of_place[0]] = -0.5;
    row_at(t, 1)[n_terms] = 1;
}

/* A step of rate n leaves -g of a gradient g. The second row's delta, twice the output, which is
 * minus the sum, reaches the last weight alone unscaled. */
static void read_sums(const svi_trained_sum *of, const double *parameters, int n_terms,
                      size_t n_here, double *sum)
{
    for (size_t c = 0; c < n_here; c++) switch (of->kind) {
        case SVI_SUM_WEIGHT: sum[c] = -parameters[c]; break;
        case SVI_SUM_BIAS: sum[c] = -parameters[1]; break;
        case SVI_SUM_OUTPUT: sum[c] = parameters[n_terms] / 2; break;
        case SVI_SUM_CENTRE: sum[c] = parameters[c] * n_terms; break;
        }
}

static svi_job job_of(const svi_trained_sum *of, const task *t)
{
    return (svi_job){.arm = &t->arm, .numerics = of->numerics, .dataset = &t->data};
}

static sv_status train(const svi_trained_sum *of, const task *t, double *parameters,
                       sv_error *error)
{
    svi_job job = job_of(of, t);
    svi_run run = svi_suite_run(of->seed);
    svi_run_result result;
    return of->backend->ops->launch(of->backend, &job, &run, 1, &result, NULL, NULL, parameters,
                                    error);
}

sv_status svi_trained_sum_make(void *context, const double *term, int n_terms, size_t n_columns,
                               double *sum, sv_error *error)
{
    const svi_trained_sum *of = context;
    bool is_wide = of->kind == SVI_SUM_WEIGHT || of->kind == SVI_SUM_CENTRE;
    sv_status status = SV_OK;
    for (size_t c = 0, n_here; status == SV_OK && c < n_columns; c += n_here) {
        double parameters[MOST_ROWS + 2] = {0};
        task t;
        n_here = !is_wide ? 1 : n_columns - c < MOST_COLUMNS ? n_columns - c : MOST_COLUMNS;
        status = start_task(of, n_terms, n_here, &t, error);
        if (status == SV_OK) {
            fill_terms(of, &t, term, n_terms, n_columns, c);
            status = train(of, &t, parameters, error);
        }
        end_task(&t);
        if (status == SV_OK) read_sums(of, parameters, n_terms, n_here, sum + c);
    }
    return status;
}

sv_status svi_trained_sum_check(const svi_trained_sum *of, int n_terms, sv_error *reason,
                                sv_error *error)
{
    task t;
    sv_status status = start_task(of, n_terms, MOST_COLUMNS, &t, error);
    if (status == SV_OK) {
        svi_job job = job_of(of, &t);
        status = svi_suite_check(of->backend, &job, reason, error);
    }
    end_task(&t);
    return status;
}
