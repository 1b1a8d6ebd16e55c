#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixed_sum.h"
#include "rounding.h"
#include "spec/spec_reading.h"

static const char *const path_names[] = {
#define PATH_NAME(id, name, help) name,
    SVK_PATHS(PATH_NAME)
#undef PATH_NAME
};

static const char *const precision_names[] = {
#define PRECISION_NAME(id, name, help) name,
    SVK_PRECISIONS(PRECISION_NAME)
#undef PRECISION_NAME
};

static const char *const stress_names[] = {
#define STRESS_NAME(id, name, help) name,
    SVK_STRESSES(STRESS_NAME)
#undef STRESS_NAME
};

static const char *const math_mode_names[] = {
#define MATH_MODE_NAME(id, name, help) name,
    SVK_MATH_MODES(MATH_MODE_NAME)
#undef MATH_MODE_NAME
};

/* The splits of a path. */
typedef struct split_rule {
    int fewest;
    bool is_power_of_two, is_optional; /* optional: 1 where it is not given */
    const char *allowed;
} split_rule;

static const split_rule split_rules[SVK_N_PATHS] = {
    [SVK_PATH_SERIAL] = {1, false, true, "1"},
    [SVK_PATH_TREE] = {2, true, false, "2, 4, 8, 16 or 32"},
    [SVK_PATH_BUTTERFLY] = {2, true, false, "2, 4, 8, 16 or 32"},
    [SVK_PATH_COMPENSATED] = {2, false, false, "2 to 32"},
    [SVK_PATH_BINNED] = {1, false, true, "1 to 32"},
    [SVK_PATH_FIXED] = {1, false, true, "1 to 32"},
    [SVK_PATH_DRAWN] = {3, false, false, "3 to 32 (two parts give the same sum in either order)"},
    [SVK_PATH_ARRIVAL] = {3, false, false, "3 to 32 (two parts give the same sum in either order)"},
    [SVK_PATH_ATOMIC_SHARED] = {3, false, false, "3 to 32 (two parts give the same sum)"},
    [SVK_PATH_ATOMIC_GLOBAL] = {3, false, false, "3 to 32 (two parts give the same sum)"},
    [SVK_PATH_CUBLAS] = {1, false, true, "1 to 32"},
    [SVK_PATH_MMA_TF32] = {1, false, true, "1"},
    [SVK_PATH_MMA_BF16] = {1, false, true, "1"},
};

static bool is_allowed(const split_rule *rule, int n)
{
    return n >= rule->fewest && (!rule->is_power_of_two || (n & (n - 1)) == 0);
}

static sv_status finish_parts(const svi_reading *r, svi_numerics_spec *n)
{
    const svi_node *given = svi_reading_given(r, "numerics.split");
    const split_rule *rule = &split_rules[n->path];
    const char *path = path_names[n->path];
    if (given == NULL && !rule->is_optional)
        return svi_reading_fail(r, r->root, "numerics.split is missing; path %s needs it: %s", path,
                                rule->allowed);
    if (given == NULL) n->n_parts = 1;
    bool has_parts = n->path != SVK_PATH_SERIAL && !SVK_PATH_IS_MMA(n->path);
    if (!has_parts && n->n_parts != 1)
        return svi_reading_fail(r, given,
                                "numerics.split is %d on path %s, which has no parts; take it out",
                                n->n_parts, path);
    if (!is_allowed(rule, n->n_parts))
        return svi_reading_fail(r, given, "numerics.split is %d; on path %s it is %s", n->n_parts,
                                path, rule->allowed);
    return SV_OK;
}

/* cuBLAS has a path of its own and binary32. */
static sv_status check_engine(const svi_reading *r, const svi_numerics_spec *n)
{
    const char *path = path_names[n->path];
    bool is_cublas = n->engine == SVK_ENGINE_CUBLAS;
    if (is_cublas && n->path != SVK_PATH_CUBLAS)
        return svi_reading_fail_key(r, "numerics.path",
                                    "path %s, but engine cublas adds as cuBLAS does; take path out",
                                    path);
    if (!is_cublas && n->path == SVK_PATH_CUBLAS)
        return svi_reading_fail_key(r, "numerics.path",
                                    "path cublas is that of engine cublas; write engine: cublas");
    if (is_cublas && n->precision != SVK_PRECISION_FP32)
        return svi_reading_fail_key(
            r, "numerics.precision",
            "precision %s, but engine cublas keeps everything in fp32; math_mode: tf32 rounds the "
            "operands of its products",
            precision_names[n->precision]);
    return SV_OK;
}

static sv_status check_blocks(const svi_reading *r, const svi_numerics_spec *n)
{
    if (n->n_blocks <= n->n_parts) return SV_OK;
    return svi_reading_fail_key(r, "numerics.blocks",
                                "numerics.blocks is %d, but numerics.split is %d; each block takes "
                                "at least one part",
                                n->n_blocks, n->n_parts);
}

/* Tensor cores that keep binary64 round nothing, and are other instructions. */
static sv_status check_tensor_cores(const svi_reading *r, const svi_numerics_spec *n)
{
    if (!SVK_PATH_IS_MMA(n->path) || n->precision != SVK_PRECISION_FP64) return SV_OK;
    return svi_reading_fail_key(r, "numerics.precision",
                                "precision fp64, but path %s adds in binary32; it has fp32, tf32, "
                                "bf16 and fp16",
                                path_names[n->path]);
}

/* They have kernels of their own, in which the rest is the contract's. */
static sv_status check_math(const svi_reading *r, const svi_numerics_spec *n)
{
    if (n->math == SVK_MATH_CONTRACT || !SVK_PATH_IS_MMA(n->path)) return SV_OK;
    return svi_reading_fail_key(r, "numerics.math",
                                "math device, but path %s has math contract only; take math out",
                                path_names[n->path]);
}

static sv_status check_loss_scale(const svi_reading *r, const svi_numerics_spec *n)
{
    int exponent;
    if (n->precision != SVK_PRECISION_FP16 || frexp(n->loss_scale, &exponent) == 0.5) return SV_OK;
    return svi_reading_fail_key(
        r, "numerics.loss_scale",
        "numerics.loss_scale is %.17g; it is a power of two, like 256, so that it costs no bits",
        n->loss_scale);
}

/* cublas:MATH_MODE[/SPLIT][+atomics][+N-streams][+N-KiB] PRECISION. */
static void name_cublas(svi_numerics_spec *n)
{
    char split[24] = "", streams[24] = "", workspace[24] = "";
    if (n->n_parts > 1) snprintf(split, sizeof split, "/%d", n->n_parts);
    if (n->n_streams > 1) snprintf(streams, sizeof streams, "+%d-streams", n->n_streams);
    if (n->workspace_kib > 0) snprintf(workspace, sizeof workspace, "+%d-KiB", n->workspace_kib);
    snprintf(n->name, sizeof n->name, "cublas:%s%s%s%s%s %s", math_mode_names[n->math_mode], split,
             n->allows_atomics ? "+atomics" : "", streams, workspace,
             precision_names[n->precision]);
}

static void add_to_name(svi_numerics_spec *n, const char *format, ...)
{
    size_t at = strlen(n->name);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(n->name + at, sizeof n->name - at, format, arguments);
    va_end(arguments);
}

/* PATH[.SCALE][/SPLIT][+N-blocks] PRECISION[*LOSS_SCALE][ device-math][ STRESS][
 * +ULPS@STEP:PARAMETER[ of SEED]]: what has a default is named where it differs. */
static void name_entry(svi_numerics_spec *n)
{
    char scale[16] = "", split[16] = "", blocks[24] = "", loss_scale[40] = "";
    if (n->path == SVK_PATH_FIXED && n->fixed_scale != SVK_FIXED_SCALE)
        snprintf(scale, sizeof scale, ".%d", n->fixed_scale);
    if (n->n_parts > 1) snprintf(split, sizeof split, "/%d", n->n_parts);
    if (n->n_blocks > 1) snprintf(blocks, sizeof blocks, "+%d-blocks", n->n_blocks);
    if (n->precision == SVK_PRECISION_FP16 && n->loss_scale != SVK_LOSS_SCALE)
        snprintf(loss_scale, sizeof loss_scale, "*%.17g", n->loss_scale);
    snprintf(n->name, sizeof n->name, "%.15s%.4s%.3s%.10s %.5s%.24s", path_names[n->path], scale,
             split, blocks, precision_names[n->precision], loss_scale);
    if (n->math == SVK_MATH_DEVICE) add_to_name(n, " device-math");
    if (n->stress != SVK_STRESS_NONE) add_to_name(n, " %s", stress_names[n->stress]);
    if (n->probe_ulps > 0)
        add_to_name(n, " +%d@%llu:%llu", n->probe_ulps, (unsigned long long)n->probe_step,
                    (unsigned long long)n->probe_parameter);
    if (n->probe_ulps > 0 && n->probe_seed != UINT64_MAX)
        add_to_name(n, " of %llu", (unsigned long long)n->probe_seed);
}

/* What engine cublas leaves out. */
static sv_status check_cublas(const svi_reading *r, const svi_numerics_spec *n,
                              const svi_arm_spec *arm)
{
    int kind = arm->model.kind;
    const char *lacking = kind == SVI_MODEL_CNN         ? "model.kind cnn"
                          : kind == SVI_MODEL_KMEANS    ? "model.kind kmeans"
                          : kind == SVI_MODEL_POLY      ? "model.kind poly"
                          : arm->model.is_closed_form   ? "model.fit closed_form"
                          : arm->train.clip_norm > 0    ? "train.optimizer.clip_norm"
                          : arm->train.patience > 0     ? "train.early_stopping"
                          : n->stress > SVK_STRESS_NONE ? "numerics.stress"
                                                        : NULL;
    if (lacking == NULL) return SV_OK;
    return svi_reading_fail_key(r, "numerics.engine",
                                "engine cublas has no %s (arm `%s`); take it out, or use engine: "
                                "native",
                                lacking, arm->name);
}

/* For a model that is not a network. */
static sv_status check_model(const svi_reading *r, const svi_numerics_spec *n,
                             const svi_arm_spec *arm)
{
    const char *model = arm->model.kind == SVI_MODEL_POLY     ? "model.kind poly"
                        : arm->model.kind == SVI_MODEL_KMEANS ? "model.kind kmeans"
                                                              : "model.fit closed_form";
    if (n->path != SVK_PATH_SERIAL)
        return svi_reading_fail_key(
            r, "numerics.path",
            "path %s, but %s has no minibatch to add up (arm `%s`); it has path serial only",
            path_names[n->path], model, arm->name);
    if (n->stress != SVK_STRESS_NONE)
        return svi_reading_fail_key(
            r, "numerics.stress",
            "stress %s, but %s has no minibatch to add up (arm `%s`); take it out",
            stress_names[n->stress], model, arm->name);
    if (n->math != SVK_MATH_CONTRACT)
        return svi_reading_fail_key(
            r, "numerics.math",
            "math device, but %s takes no exp or tanh in training (arm `%s`); take it out", model,
            arm->name);
    if (n->precision != SVK_KEPT_PRECISION(n->precision))
        return svi_reading_fail_key(
            r, "numerics.precision",
            "precision %s, but %s has no products of a network to round (arm `%s`); "
            "it has fp32 and fp64 only",
            precision_names[n->precision], model, arm->name);
    if (n->probe_ulps > 0)
        return svi_reading_fail_key(r, "numerics.probe",
                                    "a probe moves a parameter of a network in training, but %s "
                                    "is none (arm `%s`); take numerics.probe out",
                                    model, arm->name);
    return SV_OK;
}

static sv_status check_models(const svi_reading *r, const svi_study_spec *spec,
                              const svi_numerics_spec *n)
{
    for (size_t i = 0; i < spec->n_arms; i++) {
        const svi_model_spec *model = &spec->arms[i].model;
        if (n->engine == SVK_ENGINE_CUBLAS)
            SVI_TRY(check_cublas(r, n, &spec->arms[i]));
        else if (model->kind == SVI_MODEL_POLY || model->kind == SVI_MODEL_KMEANS ||
                 model->is_closed_form)
            SVI_TRY(check_model(r, n, &spec->arms[i]));
    }
    return SV_OK;
}

static sv_status check_unique(const svi_reading *r, const svi_study_spec *spec,
                              const svi_numerics_spec *n)
{
    for (const svi_numerics_spec *other = spec->numerics; other < n; other++)
        if (strcmp(other->name, n->name) == 0)
            return svi_reading_fail(
                r, r->root, "%s is in numerics twice; keep one, and use replicates to repeat it",
                n->name);
    return SV_OK;
}

static sv_status read_entry(const svi_reading *design, const svi_node *node, uint64_t n_replicates,
                            const svi_study_spec *spec, svi_numerics_spec *n)
{
    svi_reading r = {.tree = design->tree,
                     .file = design->file,
                     .root = node,
                     .root_path = "numerics",
                     .error = design->error};
    if (node->kind != SVI_NODE_MAP)
        return svi_fail_at(r.error, node, "an entry of numerics is a map, like {path: serial}");
    r.base[SVI_SCOPE_NUMERICS] = n;
    SVI_TRY(svi_reading_run(&r));
    SVI_TRY(check_engine(&r, n));
    SVI_TRY(finish_parts(&r, n));
    SVI_TRY(check_blocks(&r, n));
    SVI_TRY(check_tensor_cores(&r, n));
    SVI_TRY(check_math(&r, n));
    SVI_TRY(check_loss_scale(&r, n));
    if (svi_reading_given(&r, "numerics.probe") != NULL &&
        svi_reading_given(&r, "numerics.probe.ulps") == NULL)
        n->probe_ulps = 1;
    if (svi_reading_given(&r, "numerics.probe.seed") == NULL) n->probe_seed = UINT64_MAX;
    if (svi_reading_given(&r, "numerics.replicates") == NULL) n->n_replicates = n_replicates;
    n->engine == SVK_ENGINE_CUBLAS ? name_cublas(n) : name_entry(n);
    SVI_TRY(check_models(&r, spec, n));
    return check_unique(&r, spec, n);
}

static sv_status check_list(const svi_reading *r, const svi_node *list)
{
    const svi_key *key = svi_key_find("numerics");
    if (list->kind != SVI_NODE_LIST) return svi_fail_value(r->error, key, list, "");
    if (list->n < key->n_low) return svi_fail_value(r->error, key, list, "is empty");
    return list->n <= key->n_high ? SV_OK : svi_fail_value(r->error, key, list, "is too long");
}

sv_status svi_read_numerics(svi_reading *reading, svi_study_spec *spec)
{
    const svi_node *list = svi_reading_given(reading, "numerics");
    const svi_node *given = svi_reading_given(reading, "design.replicates");
    const svi_node empty = {.kind = SVI_NODE_MAP, .origin = "default"};
    uint64_t n_replicates = 1;
    if (given != NULL) svi_node_whole(given, &n_replicates);
    if (list != NULL) SVI_TRY(check_list(reading, list));
    size_t n = list != NULL ? list->n : 1;
    spec->numerics = calloc(n, sizeof *spec->numerics);
    if (spec->numerics == NULL)
        return svi_fail_memory(reading->error, n * sizeof *spec->numerics, "the numerics");
    spec->n_numerics = n;
    for (size_t i = 0; i < n; i++)
        SVI_TRY(read_entry(reading, list != NULL ? list->items[i] : &empty, n_replicates, spec,
                           &spec->numerics[i]));
    return SV_OK;
}
