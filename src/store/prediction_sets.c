/* Prediction rows put together: a launch may end in the middle of a set of test points, a reader
 * must not see it. */
#include <stdlib.h>
#include <string.h>

#include "store/store_file.h"

/* Where a prediction row stands and what it belongs to. */
typedef struct counts_place {
    uint32_t arm, numerics;
    uint64_t seed_data, seed_split;
    int64_t number;
} counts_place;

typedef struct place_list {
    counts_place *places;
    size_t n, n_capacity;
    uint64_t n_classes; /* the most that a row has */
} place_list;

static sv_status note_place(void *context, const svi_launch *launch, sqlite3_stmt *statement,
                            sv_error *error)
{
    place_list *list = context;
    if (list->n == list->n_capacity) {
        size_t n_capacity = 2 * list->n + 16;
        counts_place *places = realloc(list->places, n_capacity * sizeof *places);
        if (places == NULL)
            return svi_fail_memory(error, n_capacity * sizeof *places,
                                   "an index of prediction rows");
        list->places = places;
        list->n_capacity = n_capacity;
    }
    list->places[list->n++] = (counts_place){
        .arm = launch->arm,
        .numerics = launch->numerics,
        .seed_data = (uint64_t)sqlite3_column_int64(statement, SVI_COUNT_SEED_DATA),
        .seed_split = (uint64_t)sqlite3_column_int64(statement, SVI_COUNT_SEED_SPLIT),
        .number = sqlite3_column_int64(statement, SVI_COUNT_NUMBER),
    };
    uint64_t n_classes = (uint64_t)sqlite3_column_int64(statement, SVI_COUNT_N_CLASSES);
    if (n_classes > list->n_classes) list->n_classes = n_classes;
    return SV_OK;
}

static int sign(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

/* 0: the same group. */
static int compare_groups(const counts_place *a, const counts_place *b)
{
    int order = sign(a->arm, b->arm);
    if (order == 0) order = sign(a->numerics, b->numerics);
    if (order == 0) order = sign(a->seed_split, b->seed_split);
    return order != 0 ? order : sign(a->seed_data, b->seed_data);
}

static int compare_places(const void *a, const void *b)
{
    int order = compare_groups(a, b);
    return order != 0 ? order
                      : sign((uint64_t)((const counts_place *)a)->number,
                             (uint64_t)((const counts_place *)b)->number);
}

static sv_status read_row(svi_store *store, sqlite3_stmt *by_number, int64_t number,
                          svi_prediction_counts *counts, sv_error *error)
{
    bool has_row;
    sqlite3_reset(by_number);
    sqlite3_bind_int64(by_number, 1, number);
    SVI_TRY(svi_sql_step(store, by_number, &has_row, error));
    if (has_row) return svi_counts_read(store, by_number, counts, error);
    return svi_fail(error, SV_ERR_STORE,
                    "%s: table prediction_count: row %lld cannot be found again; the file is "
                    "damaged: restore it from a copy",
                    store->path, (long long)number);
}

/* Counts of a group; 64 bits hold the sum of any number of launches. */
typedef struct summed_counts {
    svi_prediction_counts first;
    uint64_t n_runs, *count;
} summed_counts;

static bool has_same_points(const svi_prediction_counts *a, const svi_prediction_counts *b)
{
    return a->n_points == b->n_points && a->n_classes == b->n_classes &&
           memcmp(a->row, b->row, 4 * (size_t)a->n_points) == 0 &&
           memcmp(a->label, b->label, 4 * (size_t)a->n_points) == 0;
}

static void add_counts(summed_counts *group, const svi_prediction_counts *counts)
{
    size_t n_cells = (size_t)counts->n_points * counts->n_classes;
    group->n_runs += counts->n_runs;
    for (size_t i = 0; i < n_cells; i++) group->count[i] += counts->count[i];
}

static sv_status start_group(summed_counts *group, sv_error *error)
{
    size_t n_cells = (size_t)group->first.n_points * group->first.n_classes;
    group->count = calloc(n_cells + 1, sizeof *group->count);
    if (group->count == NULL)
        return svi_fail_memory(error, n_cells * sizeof *group->count, "prediction counts");
    add_counts(group, &group->first);
    return SV_OK;
}

static sv_status add_rows(svi_store *store, sqlite3_stmt *by_number, const counts_place *places,
                          size_t n, summed_counts *group, sv_error *error)
{
    SVI_TRY(start_group(group, error));
    for (size_t i = 1; i < n; i++) {
        svi_prediction_counts more;
        SVI_TRY(read_row(store, by_number, places[i].number, &more, error));
        bool is_same = has_same_points(&group->first, &more);
        if (is_same) add_counts(group, &more);
        svi_counts_free(&more);
        if (is_same) continue;
        return svi_fail(
            error, SV_ERR_STORE,
            "%s: table prediction_count: rows %lld and %lld have the same split seed but other "
            "test points; this is a fault of the program that wrote them: report it",
            store->path, (long long)places[0].number, (long long)places[i].number);
    }
    return SV_OK;
}

static sv_status give_group(svi_store *store, sqlite3_stmt *by_number, const counts_place *places,
                            size_t n, svi_prediction_set_fn set, void *context, sv_error *error)
{
    summed_counts group = {0};
    SVI_TRY(read_row(store, by_number, places[0].number, &group.first, error));
    sv_status status = add_rows(store, by_number, places, n, &group, error);
    if (status == SV_OK) {
        const svi_prediction_sums sums = {.arm = places[0].arm,
                                          .numerics = places[0].numerics,
                                          .seed_split = places[0].seed_split,
                                          .seed_data = places[0].seed_data,
                                          .n_runs = group.n_runs,
                                          .n_points = group.first.n_points,
                                          .n_classes = group.first.n_classes,
                                          .row = group.first.row,
                                          .label = group.first.label,
                                          .count = group.count};
        status = set(context, &sums, error);
    }
    svi_counts_free(&group.first);
    free(group.count);
    return status;
}

static sv_status give_groups(svi_store *store, const place_list *list, svi_prediction_set_fn set,
                             void *context, sv_error *error)
{
    sqlite3_stmt *by_number;
    sv_status status = SV_OK;
    SVI_TRY(svi_sql_prepare(store, "SELECT * FROM prediction_count WHERE prediction_count=?",
                            &by_number, error));
    for (size_t i = 0, n; i < list->n && status == SV_OK; i += n) {
        for (n = 1; i + n < list->n && compare_groups(&list->places[i], &list->places[i + n]) == 0;)
            n++;
        status = give_group(store, by_number, &list->places[i], n, set, context, error);
    }
    sqlite3_finalize(by_number);
    return status;
}

sv_status svi_store_each_prediction_set(svi_store *store, svi_prediction_start_fn start,
                                        svi_prediction_set_fn set, void *context, sv_error *error)
{
    place_list list = {0};
    sv_status status = svi_store_scan_counts(store, note_place, &list, error);
    if (status == SV_OK && list.n > 0)
        qsort(list.places, list.n, sizeof *list.places, compare_places);
    if (status == SV_OK && start != NULL) status = start(context, list.n_classes, error);
    if (status == SV_OK) status = give_groups(store, &list, set, context, error);
    free(list.places);
    return status;
}
