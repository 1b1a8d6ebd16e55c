#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spec/spec_reading.h"

static const double max_runs = 1e12;

static sv_status check_starts(const svi_reading *r, const svi_study_spec *spec)
{
    uint64_t n = svi_design_n_seeds(&spec->design, SVK_SOURCE_INIT);
    for (size_t i = 0; i < spec->n_arms; i++) {
        const svi_model_spec *model = &spec->arms[i].model;
        if (model->n_starts > 0 && model->n_starts < n)
            return svi_reading_fail_key(
                r, "design",
                "%llu init seeds, but model.start.given of arm `%s` holds %llu starts; "
                "give one for each seed",
                (unsigned long long)n, spec->arms[i].name, (unsigned long long)model->n_starts);
    }
    return SV_OK;
}

static sv_status check_size(const svi_reading *r, const svi_study_spec *spec)
{
    const svi_design_spec *design = &spec->design;
    uint64_t n_longest = 1;
    double n_cells = (double)svi_design_n_cells(design), n_repeats = 0;
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        uint64_t n = svi_design_n_seeds(design, s);
        if (n > n_longest) n_longest = n;
    }
    for (size_t i = 0; i < spec->n_numerics; i++)
        n_repeats += (double)spec->numerics[i].n_replicates;
    if (design->first_seed > UINT64_MAX - (n_longest - 1))
        return svi_reading_fail_key(
            r, "design.first_seed",
            "the last seed would be above 2^64 - 1; lower design.first_seed "
            "by %llu or more",
            (unsigned long long)(n_longest - 1));
    if (n_cells * n_repeats * (double)spec->n_arms > max_runs)
        return svi_reading_fail_key(
            r, "design",
            "%.4g runs; a study has at most %.0e: fewer seeds, levels, replicates or "
            "arms",
            n_cells * n_repeats * (double)spec->n_arms, max_runs);
    return SV_OK;
}

static bool has_classes(const svi_study_spec *spec)
{
    for (size_t i = 0; i < spec->n_arms; i++) {
        int loss = spec->arms[i].train.loss;
        if (loss == SVK_LOSS_CROSS_ENTROPY || loss == SVK_LOSS_LOGISTIC) return true;
    }
    return false;
}

/* Without rows there is no place for what belongs to a single run. */
static sv_status check_rows(const svi_reading *r, const svi_study_spec *spec)
{
    if (spec->rows == SVI_ROWS_FULL) return SV_OK;
    if (spec->curves == SVI_CURVES_FULL)
        return svi_reading_fail_key(r, "record.rows",
                                    "record.rows is summary, but record.curves is full and keeps "
                                    "every run; set record.curves to summary, or record.rows to "
                                    "full");
    if (spec->record_distances)
        return svi_reading_fail_key(r, "record.rows",
                                    "record.rows is summary, but record.distances is true and "
                                    "keeps every run; set record.rows to full");
    for (size_t i = 0; i < spec->n_numerics; i++)
        if (spec->numerics[i].path == SVK_PATH_ARRIVAL)
            return svi_reading_fail_key(r, "record.rows",
                                        "record.rows is summary, but path arrival logs the order "
                                        "of every run (numerics %s); set record.rows to full",
                                        spec->numerics[i].name);
    return SV_OK;
}

static sv_status finish_record(const svi_reading *r, svi_study_spec *spec)
{
    SVI_TRY(check_rows(r, spec));
    const svi_node *given = svi_reading_given(r, "record.predictions");
    if (given == NULL) spec->record_predictions = has_classes(spec);
    if (!spec->record_predictions || has_classes(spec)) return SV_OK;
    return svi_reading_fail(
        r, given, "record.predictions is counts, but no arm predicts classes; set it to none");
}

sv_status svi_read_design(svi_tree *tree, const char *file, svi_node *root, svi_study_spec *spec,
                          sv_error *error)
{
    svi_reading r = {.tree = tree, .file = file, .root = root, .root_path = "", .error = error};
    r.base[SVI_SCOPE_STUDY] = spec;
    SVI_TRY(svi_reading_run(&r));
    SVI_TRY(svi_read_numerics(&r, spec));
    SVI_TRY(svi_read_sources(&r, spec));
    SVI_TRY(check_starts(&r, spec));
    SVI_TRY(check_size(&r, spec));
    SVI_TRY(svi_read_checkpoints(&r, spec));
    SVI_TRY(svi_check_distances(&r, spec));
    return finish_record(&r, spec);
}
