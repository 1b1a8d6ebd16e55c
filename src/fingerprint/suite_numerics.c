#include "fingerprint/suite_numerics.h"

#include <stdio.h>

#include "fixed_sum.h"

static const struct {
    int path, n_parts, n_blocks, math_mode;
} rows[] = {
    {.path = SVK_PATH_SERIAL, .n_parts = 1},
    {.path = SVK_PATH_TREE, .n_parts = 4},
    {.path = SVK_PATH_TREE, .n_parts = 8},
    {.path = SVK_PATH_BUTTERFLY, .n_parts = 4},
    {.path = SVK_PATH_BUTTERFLY, .n_parts = 8},
    {.path = SVK_PATH_COMPENSATED, .n_parts = 4},
    {.path = SVK_PATH_BINNED, .n_parts = 1},
    {.path = SVK_PATH_FIXED, .n_parts = 1},
    {.path = SVK_PATH_DRAWN, .n_parts = 8},
    {.path = SVK_PATH_ARRIVAL, .n_parts = 8},
    {.path = SVK_PATH_ATOMIC_SHARED, .n_parts = 8},
    {.path = SVK_PATH_ATOMIC_GLOBAL, .n_parts = 8},
    {.path = SVK_PATH_ATOMIC_GLOBAL, .n_parts = 8, .n_blocks = 2},
    {.path = SVK_PATH_MMA_TF32, .n_parts = 1},
    {.path = SVK_PATH_MMA_BF16, .n_parts = 1},
    {.path = SVK_PATH_CUBLAS, .n_parts = 1, .math_mode = SVK_MATH_MODE_PEDANTIC},
    {.path = SVK_PATH_CUBLAS, .n_parts = 1, .math_mode = SVK_MATH_MODE_DEFAULT},
    {.path = SVK_PATH_CUBLAS, .n_parts = 1, .math_mode = SVK_MATH_MODE_TF32},
    {.path = SVK_PATH_CUBLAS, .n_parts = 1, .math_mode = SVK_MATH_MODE_BF16X9},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

size_t svi_suite_n_paths(void) { return N_ROWS; }

#define LISTED_NAME(id, name, help) name,
static const char *const path_names[] = {SVK_PATHS(LISTED_NAME)};
static const char *const precision_names[] = {SVK_PRECISIONS(LISTED_NAME)};
static const char *const mode_names[] = {SVK_MATH_MODES(LISTED_NAME)};
#undef LISTED_NAME

const char *svi_suite_precision_name(int precision) { return precision_names[precision]; }

void svi_suite_name(svi_numerics_spec *n)
{
    char parts[16] = "", blocks[24] = "";
    bool is_cublas = n->engine == SVK_ENGINE_CUBLAS;
    if (n->n_parts > 1) snprintf(parts, sizeof parts, "/%d", n->n_parts);
    if (n->n_blocks > 1) snprintf(blocks, sizeof blocks, "+%d-blocks", n->n_blocks);
    snprintf(n->name, sizeof n->name, "%s%s%s%s%s %s", path_names[n->path], is_cublas ? ":" : "",
             is_cublas ? mode_names[n->math_mode] : "", parts, blocks,
             precision_names[n->precision]);
}

bool svi_suite_numerics(size_t path, int precision, svi_numerics_spec *numerics)
{
    bool is_cublas = rows[path].path == SVK_PATH_CUBLAS;
    *numerics = (svi_numerics_spec){.engine = is_cublas ? SVK_ENGINE_CUBLAS : SVK_ENGINE_NATIVE,
                                    .path = rows[path].path,
                                    .n_parts = rows[path].n_parts,
                                    .n_blocks = rows[path].n_blocks,
                                    .precision = precision,
                                    .loss_scale = precision == SVK_PRECISION_FP16 ? 256 : 1,
                                    .fixed_scale = SVK_FIXED_SCALE,
                                    .math_mode = rows[path].math_mode,
                                    .n_streams = 1,
                                    .n_replicates = 1};
    svi_suite_name(numerics);
    bool is_fp32 = is_cublas || SVK_PATH_IS_MMA(rows[path].path); /* round as they like */
    return !is_fp32 || precision == SVK_PRECISION_FP32;
}

bool svi_suite_is_contract(const svi_numerics_spec *numerics)
{
    return !SVK_PATH_IS_HARDWARE(numerics->path);
}

svi_run svi_suite_run(uint64_t seed)
{
    svi_run run = {.run = seed};
    for (int s = 0; s < SVK_N_SOURCES; s++) run.seed[s] = seed;
    return run;
}

sv_status svi_suite_check(const svi_backend *backend, const svi_job *job, sv_error *reason,
                          sv_error *error)
{
    *reason = (sv_error){0};
    sv_status status = backend->ops->supports(backend, job, reason);
    if (status == SV_OK || status == SV_ERR_DEVICE || status == SV_ERR_UNSUPPORTED) return SV_OK;
    return svi_fail(error, status, "%s", reason->message);
}
