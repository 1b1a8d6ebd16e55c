/* record.distances: what is compared with what. */
#include "spec/spec_reading.h"

static bool is_deterministic(const svi_numerics_spec *n)
{
    return n->path != SVK_PATH_DRAWN && !SVK_PATH_IS_HARDWARE(n->path);
}

size_t svi_numerics_reference(const svi_study_spec *spec, size_t numerics)
{
    int kept = SVK_KEPT_PRECISION(spec->numerics[numerics].precision);
    for (size_t i = 0; i < spec->n_numerics; i++) {
        const svi_numerics_spec *n = &spec->numerics[i];
        if (is_deterministic(n) && n->probe_ulps == 0 && SVK_KEPT_PRECISION(n->precision) == kept)
            return i;
    }
    return spec->n_numerics;
}

static sv_status check_models(const svi_reading *r, const svi_study_spec *spec)
{
    for (size_t i = 0; i < spec->n_arms; i++) {
        const svi_model_spec *model = &spec->arms[i].model;
        const char *kind = model->kind == SVI_MODEL_POLY     ? "model.kind poly"
                           : model->kind == SVI_MODEL_KMEANS ? "model.kind kmeans"
                           : model->is_closed_form           ? "model.fit closed_form"
                                                             : NULL;
        if (kind != NULL)
            return svi_reading_fail_key(r, "record.distances",
                                        "record.distances compares networks in training, but %s "
                                        "is none (arm `%s`); take it out",
                                        kind, spec->arms[i].name);
    }
    return SV_OK;
}

sv_status svi_check_distances(const svi_reading *r, const svi_study_spec *spec)
{
    if (!spec->record_distances) return SV_OK;
    if (spec->checkpoints.rule == SVI_CHECKPOINTS_NONE)
        return svi_reading_fail_key(r, "record.distances",
                                    "record.distances is true, but record.checkpoints is none; "
                                    "set it to log2, for example");
    SVI_TRY(check_models(r, spec));
    for (size_t i = 0; i < spec->n_numerics; i++)
        if (svi_numerics_reference(spec, i) == spec->n_numerics)
            return svi_reading_fail_key(
                r, "record.distances",
                "numerics %s has nothing to be compared with: it takes an entry that is "
                "deterministic, has no probe and keeps parameters in the same format; add "
                "{path: serial, precision: %s}",
                spec->numerics[i].name,
                SVK_KEPT_PRECISION(spec->numerics[i].precision) == SVK_PRECISION_FP64 ? "fp64"
                                                                                      : "fp32");
    return SV_OK;
}
