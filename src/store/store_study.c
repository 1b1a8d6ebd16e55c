/* The rows that say what a store is for: written once, compared at every later start. */
#include <stdlib.h>
#include <string.h>

#include "store/store_file.h"

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
static const char *const math_names[] = {
#define MATH_NAME(id, name, help) name,
    SVK_MATHS(MATH_NAME)
#undef MATH_NAME
};

static const char *const stress_names[] = {
#define STRESS_NAME(id, name, help) name,
    SVK_STRESSES(STRESS_NAME)
#undef STRESS_NAME
};

static sv_status put_arm(svi_store *store, svi_row *row, size_t arm, const char *name,
                         const char *data_digest, sv_error *error)
{
    svi_row_u64(row, arm);
    svi_row_text(row, name);
    svi_row_text(row, data_digest);
    return svi_row_insert(row, store, "writing an arm", error);
}

static sv_status put_numerics(svi_store *store, svi_row *row, size_t number,
                              const svi_numerics_spec *numerics, int64_t reference, sv_error *error)
{
    svi_row_u64(row, number);
    svi_row_text(row, numerics->name);
    svi_row_text(row, path_names[numerics->path]);
    svi_row_int(row, numerics->n_parts);
    svi_row_text(row, precision_names[numerics->precision]);
    svi_row_text(row, math_names[numerics->math]);
    svi_row_text(row, stress_names[numerics->stress]);
    svi_row_u64(row, numerics->n_replicates);
    svi_row_int(row, reference);
    return svi_row_insert(row, store, "writing the numerics", error);
}

static sv_status put_study(svi_store *store, svi_row *row, const svi_study_spec *spec,
                           sv_error *error)
{
    svi_row_int(row, 1);
    svi_row_text(row, spec->name);
    svi_row_text(row, spec->text == NULL ? "" : spec->text);
    svi_row_text(row, spec->overrides == NULL ? "[]" : spec->overrides);
    svi_row_text(row, spec->canonical);
    svi_row_text(row, sv_version());
    svi_row_u64(row, svi_plan_n_runs(spec));
    svi_row_u64(row, spec->n_arms);
    svi_row_u64(row, spec->n_numerics);
    svi_row_text(row, svi_curves_name(spec->curves));
    svi_row_text(row, svi_rows_name(spec->rows));
    svi_row_text(row, svi_design_name(spec->design.kind));
    svi_row_u64(row, spec->design.first_seed);
    for (int s = 0; s < SVK_N_SOURCES; s++) svi_row_u64(row, svi_design_n_seeds(&spec->design, s));
    return svi_row_seal(row, store, "writing the study", error);
}

static sv_status put_head(svi_store *store, svi_row *row, svi_hash study_checksum, sv_error *error)
{
    svi_row_int(row, 1);
    for (int i = 0; i < 3; i++) svi_row_int(row, 0);
    svi_row_checksum(row, study_checksum);
    return svi_row_insert(row, store, "writing the head", error);
}

typedef struct study_source {
    const svi_study_spec *spec;
    const char *const *data_digests;
    const svi_checkpoints *checkpoints;
    svi_hash hash; /* over arms, numerics, checkpoints and study, in this order */
} study_source;

static sv_status write_arms(svi_store *store, sqlite3_stmt *statement, void *context,
                            sv_error *error)
{
    study_source *source = context;
    for (size_t i = 0; i < source->spec->n_arms; i++) {
        svi_row row = svi_row_start(statement, &source->hash);
        SVI_TRY(
            put_arm(store, &row, i, source->spec->arms[i].name, source->data_digests[i], error));
    }
    return SV_OK;
}

static sv_status write_numerics(svi_store *store, sqlite3_stmt *statement, void *context,
                                sv_error *error)
{
    study_source *source = context;
    for (size_t i = 0; i < source->spec->n_numerics; i++) {
        svi_row row = svi_row_start(statement, &source->hash);
        int64_t reference =
            source->spec->record_distances ? (int64_t)svi_numerics_reference(source->spec, i) : -1;
        SVI_TRY(put_numerics(store, &row, i, &source->spec->numerics[i], reference, error));
    }
    return SV_OK;
}

static sv_status write_checkpoints(svi_store *store, sqlite3_stmt *statement, void *context,
                                   sv_error *error)
{
    study_source *source = context;
    for (size_t arm = 0; arm < source->spec->n_arms; arm++)
        for (size_t i = 0; i < source->checkpoints[arm].n; i++) {
            svi_row row = svi_row_start(statement, &source->hash);
            svi_row_u64(&row, arm * SVI_MAX_CHECKPOINTS + i);
            svi_row_u64(&row, arm);
            svi_row_u64(&row, i);
            svi_row_u64(&row, source->checkpoints[arm].step[i]);
            SVI_TRY(svi_row_insert(&row, store, "writing a checkpoint", error));
        }
    return SV_OK;
}

static sv_status write_study(svi_store *store, sqlite3_stmt *statement, void *context,
                             sv_error *error)
{
    study_source *source = context;
    svi_row row = svi_row_start(statement, &source->hash);
    return put_study(store, &row, source->spec, error);
}

static sv_status write_head(svi_store *store, sqlite3_stmt *statement, void *context,
                            sv_error *error)
{
    study_source *source = context;
    svi_hash unused = svi_hash_start();
    svi_row row = svi_row_start(statement, &unused);
    return put_head(store, &row, source->hash, error);
}

static sv_status write_tables(svi_store *store, study_source *source, sv_error *error)
{
    SVI_TRY(svi_schema_create(store, error));
    SVI_TRY(svi_sql_insert(store, "arm", 3, write_arms, source, error));
    SVI_TRY(
        svi_sql_insert(store, "numerics", SVI_NUMERICS_N_COLUMNS, write_numerics, source, error));
    SVI_TRY(svi_sql_insert(store, "checkpoint", SVI_CHECKPOINT_N_COLUMNS, write_checkpoints, source,
                           error));
    SVI_TRY(svi_sql_insert(store, "study", SVI_STUDY_N_COLUMNS, write_study, source, error));
    SVI_TRY(svi_sql_insert(store, "head", 5, write_head, source, error));
    return svi_sql_run(store, "COMMIT", error);
}

sv_status svi_store_create_study(svi_store *store, const svi_study_spec *spec,
                                 const char *const *data_digests,
                                 const svi_checkpoints *checkpoints, sv_error *error)
{
    study_source source = {spec, data_digests, checkpoints, svi_hash_start()};
    SVI_TRY(svi_sql_run(store, "BEGIN IMMEDIATE", error));
    sv_status status = write_tables(store, &source, error);
    if (status != SV_OK) sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static sv_status compare_data(svi_store *store, const svi_study_spec *spec,
                              const char *const *data_digests, sv_error *error)
{
    for (size_t i = 0; i < spec->n_arms && i < store->study.n_arms; i++) {
        if (strcmp(store->data_digests[i], data_digests[i]) == 0) continue;
        return svi_fail(
            error, SV_ERR_STORE,
            "%s: the data of arm %s are not those that the store was begun with (digest %s in the "
            "store, %s now); bring the old data back, or give another store",
            store->path, store->study.arm_names[i], store->data_digests[i], data_digests[i]);
    }
    return SV_OK;
}

sv_status svi_store_compare_study(svi_store *store, const svi_study_spec *spec,
                                  const char *const *data_digests, sv_error *error)
{
    char difference[600];
    if (svi_json_difference(store->study.canonical, spec->canonical, "the store", "the study",
                            difference, sizeof difference)) {
        return svi_fail(error, SV_ERR_STORE,
                        "%s: the store holds another study: %s; give another store, or the study "
                        "that it was begun with",
                        store->path, difference);
    }
    if (store->study.n_arms != spec->n_arms || store->study.n_numerics != spec->n_numerics ||
        store->study.n_runs != svi_plan_n_runs(spec)) {
        return svi_fail(error, SV_ERR_STORE,
                        "%s: the store plans %llu runs of the same study, this program (%s) %llu; "
                        "use the program that made the store (%s)",
                        store->path, (unsigned long long)store->study.n_runs, sv_version(),
                        (unsigned long long)svi_plan_n_runs(spec), store->study.program_version);
    }
    return compare_data(store, spec, data_digests, error);
}

static sv_status compare_but_numerics(const svi_store *a, const svi_store *b, sv_error *error)
{
    char difference[600];
    sv_status status = SV_OK;
    char *in_a = svi_json_without_numerics(a->study.canonical);
    char *in_b = svi_json_without_numerics(b->study.canonical);
    if (in_a == NULL || in_b == NULL)
        status = svi_fail_memory(error, strlen(a->study.canonical), "two studies");
    else if (svi_json_difference(in_a, in_b, "the first", "the second", difference,
                                 sizeof difference))
        status = svi_fail(error, SV_ERR_STORE,
                          "%s and %s hold different studies: %s; compare stores of one study",
                          a->path, b->path, difference);
    free(in_a);
    free(in_b);
    return status;
}

sv_status svi_store_compare_stores(const svi_store *a, const svi_store *b, sv_error *error)
{
    const svi_store_study *in_a = &a->study, *in_b = &b->study;
    SVI_TRY(compare_but_numerics(a, b, error));
    for (size_t i = 0; i < in_a->n_arms && i < in_b->n_arms; i++)
        if (strcmp(a->data_digests[i], b->data_digests[i]) != 0)
            return svi_fail(error, SV_ERR_STORE,
                            "%s and %s were trained on different data: those of arm %s have digest "
                            "%s in the first and %s in the second; compare stores of the same data",
                            a->path, b->path, in_a->arm_names[i], a->data_digests[i],
                            b->data_digests[i]);
    if (in_a->n_runs == in_b->n_runs && in_a->n_arms == in_b->n_arms &&
        in_a->n_numerics == in_b->n_numerics)
        return SV_OK;
    return svi_fail(error, SV_ERR_STORE,
                    "%s plans %llu runs and %s %llu of the same study: they were made by versions "
                    "that plan differently (%s, %s)",
                    a->path, (unsigned long long)in_a->n_runs, b->path,
                    (unsigned long long)in_b->n_runs, in_a->program_version, in_b->program_version);
}
