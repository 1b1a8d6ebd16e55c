/* Reads and checks everything but runs and predictions. */
#include <stdlib.h>
#include <string.h>

#include "store/store_file.h"

/* Room for one more element, doubling. */
static sv_status grow(void *array, size_t n, size_t size, sv_error *error)
{
    if (n > 0 && (n & (n - 1)) != 0) return SV_OK;
    size_t n_bytes = (n == 0 ? 1 : 2 * n) * size;
    void *old, *more;
    memcpy(&old, array, sizeof old);
    more = realloc(old, n_bytes);
    if (more == NULL) return svi_fail_memory(error, n_bytes, "the rows of a store");
    memcpy(array, &more, sizeof more);
    return SV_OK;
}

static sv_status wrong_number(svi_store *store, const char *table, size_t expected, sv_error *error)
{
    return svi_fail(error, SV_ERR_STORE,
                    "%s: table %s: row %zu is not where it should be; the file is damaged: restore "
                    "it from a copy",
                    store->path, table, expected);
}

static void copy_text(char *to, size_t n, sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    snprintf(to, n, "%s", text == NULL ? "" : (const char *)text);
}

sv_status svi_store_reserve_launch(svi_store *store, sv_error *error)
{
    return grow(&store->launches, store->n_launches, sizeof *store->launches, error);
}

sv_status svi_store_reserve_machine(svi_store *store, sv_error *error)
{
    return grow(&store->machine_checksums, store->n_machines, sizeof *store->machine_checksums,
                error);
}

/* ---- study ---- */

static sv_status load_arm(svi_store *store, sqlite3_stmt *statement, void *context, sv_error *error)
{
    svi_store_study *study = &store->study;
    size_t i = study->n_arms;
    svi_row_hash(statement, 3, context);
    if (sqlite3_column_int64(statement, 0) != (int64_t)i)
        return wrong_number(store, "arm", i, error);
    SVI_TRY(grow(&study->arm_names, i, sizeof *study->arm_names, error));
    SVI_TRY(grow(&store->data_digests, i, sizeof *store->data_digests, error));
    copy_text(study->arm_names[i], sizeof study->arm_names[i], statement, 1);
    copy_text(store->data_digests[i], sizeof store->data_digests[i], statement, 2);
    study->n_arms++;
    return SV_OK;
}

static int path_number(const char *name)
{
    static const char *const names[] = {
#define PATH_NAME(id, path_name, help) path_name,
        SVK_PATHS(PATH_NAME)
#undef PATH_NAME
    };
    int path = 0;
    while (path < SVK_N_PATHS && strcmp(names[path], name) != 0) path++;
    return path;
}

static sv_status load_numerics(svi_store *store, sqlite3_stmt *statement, void *context,
                               sv_error *error)
{
    svi_store_study *study = &store->study;
    size_t i = study->n_numerics;
    char path[32], math[32];
    svi_row_hash(statement, SVI_NUMERICS_N_COLUMNS, context);
    copy_text(path, sizeof path, statement, SVI_NUMERICS_PATH);
    copy_text(math, sizeof math, statement, SVI_NUMERICS_MATH);
    if (sqlite3_column_int64(statement, 0) != (int64_t)i || path_number(path) == SVK_N_PATHS) {
        return wrong_number(store, "numerics", i, error);
    }
    SVI_TRY(grow(&study->numerics_names, i, sizeof *study->numerics_names, error));
    SVI_TRY(grow(&study->is_contract, i, sizeof *study->is_contract, error));
    SVI_TRY(grow(&study->n_replicates, i, sizeof *study->n_replicates, error));
    SVI_TRY(grow(&study->references, i, sizeof *study->references, error));
    copy_text(study->numerics_names[i], sizeof study->numerics_names[i], statement, 1);
    study->is_contract[i] =
        !SVK_PATH_IS_HARDWARE(path_number(path)) && strcmp(math, "contract") == 0;
    study->references[i] = sqlite3_column_int64(statement, SVI_NUMERICS_REFERENCE);
    study->n_replicates[i] = (uint64_t)sqlite3_column_int64(statement, SVI_NUMERICS_REPLICATES);
    study->n_numerics++;
    return SV_OK;
}

typedef struct checkpoint_load {
    svi_hash *hash;
    size_t n_seen;
} checkpoint_load;

static sv_status load_checkpoint(svi_store *store, sqlite3_stmt *statement, void *context,
                                 sv_error *error)
{
    svi_row_values values = {0};
    checkpoint_load *load = context;
    svi_store_study *study = &store->study;
    svi_row_hash_values(statement, SVI_CHECKPOINT_N_COLUMNS, load->hash, &values);
    uint64_t arm = values.value[1], number = values.value[2];
    bool is_right = arm < study->n_arms && number < SVI_MAX_CHECKPOINTS &&
                    number == study->checkpoints[arm].n &&
                    values.value[0] == arm * SVI_MAX_CHECKPOINTS + number;
    if (!is_right) return wrong_number(store, "checkpoint", load->n_seen, error);
    study->checkpoints[arm].step[study->checkpoints[arm].n++] = values.value[3];
    load->n_seen++;
    return SV_OK;
}

static sv_status keep_text(char **to, sqlite3_stmt *statement, int column, sv_error *error)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    free(*to);
    *to = strdup(text == NULL ? "" : (const char *)text);
    return *to == NULL ? svi_fail_memory(error, 0, "the study of a store") : SV_OK;
}

static bool has_counts(const svi_store_study *study, sqlite3_stmt *statement)
{
    return sqlite3_column_int64(statement, 7) == (int64_t)study->n_arms &&
           sqlite3_column_int64(statement, 8) == (int64_t)study->n_numerics;
}

static sv_status load_study(svi_store *store, sqlite3_stmt *statement, void *context,
                            sv_error *error)
{
    svi_store_study *study = &store->study;
    svi_hash *hash = context;
    svi_row_hash(statement, SVI_STUDY_CHECKSUM, hash);
    store->study_checksum = svi_row_read_checksum(statement, SVI_STUDY_CHECKSUM);
    if (!svi_hash_is_equal(*hash, store->study_checksum) || !has_counts(study, statement)) {
        SVI_TRY(svi_store_fault(
            store, error,
            "tables study, arm, numerics and checkpoint do not have the checksum of their study"));
    }
    copy_text(study->name, sizeof study->name, statement, 1);
    SVI_TRY(keep_text(&study->text, statement, 2, error));
    SVI_TRY(keep_text(&study->overrides, statement, 3, error));
    SVI_TRY(keep_text(&study->canonical, statement, 4, error));
    copy_text(study->program_version, sizeof study->program_version, statement, 5);
    study->n_runs = (uint64_t)sqlite3_column_int64(statement, 6);
    char curves[16];
    copy_text(curves, sizeof curves, statement, 9);
    study->curves = SVI_CURVES_NONE;
    while (study->curves < SVI_CURVES_FULL && strcmp(svi_curves_name(study->curves), curves) != 0)
        study->curves++;
    char rows[16];
    copy_text(rows, sizeof rows, statement, SVI_STUDY_ROWS);
    study->rows =
        strcmp(rows, svi_rows_name(SVI_ROWS_SUMMARY)) == 0 ? SVI_ROWS_SUMMARY : SVI_ROWS_FULL;
    SVI_TRY(keep_text(&study->design_kind, statement, SVI_STUDY_DESIGN, error));
    study->first_seed = (uint64_t)sqlite3_column_int64(statement, SVI_STUDY_FIRST_SEED);
    for (int s = 0; s < SVK_N_SOURCES; s++) {
        study->n_levels[s] = (uint64_t)sqlite3_column_int64(statement, SVI_STUDY_FIRST_LEVEL + s);
    }
    return SV_OK;
}

static sv_status load_checkpoints(svi_store *store, svi_hash *hash, sv_error *error)
{
    size_t n_arms = store->study.n_arms;
    checkpoint_load load = {.hash = hash};
    store->study.checkpoints = calloc(n_arms + 1, sizeof *store->study.checkpoints);
    if (store->study.checkpoints == NULL)
        return svi_fail_memory(error, n_arms * sizeof *store->study.checkpoints, "checkpoints");
    return svi_sql_each(store, "SELECT * FROM checkpoint ORDER BY checkpoint", load_checkpoint,
                        &load, error);
}

sv_status svi_store_load_study(svi_store *store, sv_error *error)
{
    svi_hash hash = svi_hash_start();
    SVI_TRY(svi_sql_each(store, "SELECT * FROM arm ORDER BY arm", load_arm, &hash, error));
    SVI_TRY(svi_sql_each(store, "SELECT * FROM numerics ORDER BY numerics", load_numerics, &hash,
                         error));
    SVI_TRY(load_checkpoints(store, &hash, error));
    SVI_TRY(svi_sql_each(store, "SELECT * FROM study ORDER BY study", load_study, &hash, error));
    store->last_checksum = store->study_checksum;
    return store->study.text == NULL ? wrong_number(store, "study", 1, error) : SV_OK;
}

/* ---- machines ---- */

static sv_status load_machine(svi_store *store, sqlite3_stmt *statement, void *context,
                              sv_error *error)
{
    (void)context;
    size_t i = store->n_machines;
    svi_hash hash = svi_hash_start();
    svi_row_hash(statement, SVI_MACHINE_CHECKSUM, &hash);
    if (sqlite3_column_int64(statement, 0) != (int64_t)i + 1)
        return wrong_number(store, "machine", i + 1, error);
    SVI_TRY(svi_store_reserve_machine(store, error));
    store->machine_checksums[i] = svi_row_read_checksum(statement, SVI_MACHINE_CHECKSUM);
    store->n_machines++;
    if (svi_hash_is_equal(hash, store->machine_checksums[i])) return SV_OK;
    return svi_store_fault(store, error, "table machine: row %zu does not have its checksum",
                           i + 1);
}

sv_status svi_store_load_machines(svi_store *store, sv_error *error)
{
    return svi_sql_each(store, "SELECT * FROM machine ORDER BY machine", load_machine, NULL, error);
}

/* ---- launches ---- */

svi_hash svi_store_launch_hash(const svi_store *store, svi_hash machine_checksum)
{
    svi_hash hash = svi_hash_start();
    svi_hash_add(&hash, store->last_checksum);
    svi_hash_add(&hash, machine_checksum);
    return hash;
}

/* Every number is in range and the runs are those of no other launch. */
static bool fits(const svi_store *store, const svi_launch *launch)
{
    const svi_store_study *study = &store->study;
    return launch->arm < study->n_arms && launch->numerics < study->n_numerics &&
           launch->n_runs > 0 && launch->first_run < study->n_runs &&
           launch->n_runs <= study->n_runs - launch->first_run &&
           !svi_store_overlaps(store, launch->first_run, launch->n_runs);
}

static svi_launch read_launch(sqlite3_stmt *statement)
{
    return (svi_launch){
        .number = sqlite3_column_int64(statement, SVI_LAUNCH_NUMBER),
        .machine = sqlite3_column_int64(statement, SVI_LAUNCH_MACHINE),
        .arm = (uint32_t)sqlite3_column_int64(statement, SVI_LAUNCH_ARM),
        .numerics = (uint32_t)sqlite3_column_int64(statement, SVI_LAUNCH_NUMERICS),
        .first_run = (uint64_t)sqlite3_column_int64(statement, SVI_LAUNCH_FIRST_RUN),
        .n_runs = (uint64_t)sqlite3_column_int64(statement, SVI_LAUNCH_N_RUNS),
        .n_predictions = (uint64_t)sqlite3_column_int64(statement, SVI_LAUNCH_N_PREDICTIONS),
        .duration_ns = sqlite3_column_int64(statement, SVI_LAUNCH_DURATION),
        .runs = svi_row_read_checksum(statement, SVI_LAUNCH_RUNS),
        .predictions = svi_row_read_checksum(statement, SVI_LAUNCH_PREDICTIONS),
        .curves = svi_row_read_checksum(statement, SVI_LAUNCH_CURVES),
        .distances = svi_row_read_checksum(statement, SVI_LAUNCH_DISTANCES),
        .checksum = svi_row_read_checksum(statement, SVI_LAUNCH_CHECKSUM),
    };
}

static sv_status load_launch(svi_store *store, sqlite3_stmt *statement, void *context,
                             sv_error *error)
{
    (void)context;
    svi_launch launch = read_launch(statement);
    if (launch.number != (int64_t)store->n_launches + 1 || launch.machine < 1 ||
        launch.machine > (int64_t)store->n_machines) {
        return wrong_number(store, "launch", store->n_launches + 1, error);
    }
    svi_hash hash = svi_store_launch_hash(store, store->machine_checksums[launch.machine - 1]);
    svi_row_hash(statement, SVI_LAUNCH_CHECKSUM, &hash);
    if (!svi_hash_is_equal(hash, launch.checksum)) {
        SVI_TRY(svi_store_fault(store, error, "table launch: row %lld does not have its checksum",
                                (long long)launch.number));
    }
    if (!fits(store, &launch)) return wrong_number(store, "launch", store->n_launches + 1, error);
    SVI_TRY(svi_store_reserve_launch(store, error));
    svi_store_place_launch(store, &launch);
    return SV_OK;
}

sv_status svi_store_load_launches(svi_store *store, sv_error *error)
{
    return svi_sql_each(store, "SELECT * FROM launch ORDER BY launch", load_launch, NULL, error);
}

/* ---- head ---- */

static sv_status check_head(svi_store *store, sqlite3_stmt *statement, void *context,
                            sv_error *error)
{
    ++*(int *)context;
    const int64_t expected[] = {1, (int64_t)store->n_machines, (int64_t)store->n_launches,
                                (int64_t)store->n_done};
    bool is_right = svi_hash_is_equal(svi_row_read_checksum(statement, 4), store->last_checksum);
    for (int i = 0; i < 4; i++) {
        is_right = is_right && sqlite3_column_type(statement, i) == SQLITE_INTEGER &&
                   sqlite3_column_int64(statement, i) == expected[i];
    }
    if (is_right) return SV_OK;
    return svi_fail(error, SV_ERR_STORE,
                    "%s: table head: the file holds %zu launches with %llu runs from %zu machines, "
                    "and the head tells of others: rows are lost; restore the file from a copy",
                    store->path, store->n_launches, (unsigned long long)store->n_done,
                    store->n_machines);
}

sv_status svi_store_check_head(svi_store *store, sv_error *error)
{
    int n_rows = 0;
    SVI_TRY(svi_sql_each(store, "SELECT * FROM head ORDER BY head", check_head, &n_rows, error));
    return n_rows == 1 ? SV_OK : wrong_number(store, "head", 1, error);
}
