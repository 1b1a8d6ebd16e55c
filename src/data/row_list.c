#include "data/row_list.h"

#include <stdlib.h>

#include "data/split.h"

static void count(const svi_dataset *dataset, const uint8_t *role, const uint32_t *n_times,
                  svi_row_list *list)
{
    uint64_t n[SVI_ROLE_NONE + 1] = {0};
    for (uint64_t i = 0; i < dataset->n_rows; i++)
        n[role[i]] += role[i] == SVI_ROLE_TRAIN ? n_times[i] : 1;
    list->n_train = n[SVI_ROLE_TRAIN];
    list->n_val = n[SVI_ROLE_VAL];
    list->n_test = n[SVI_ROLE_TEST] + dataset->n_fresh;
}

/* Ascending in each role; fresh rows follow those of the split. */
static void fill(const svi_dataset *dataset, const uint8_t *role, const uint32_t *n_times,
                 svi_row_list *list)
{
    uint64_t next[] = {[SVI_ROLE_TRAIN] = 0,
                       [SVI_ROLE_VAL] = list->n_train,
                       [SVI_ROLE_TEST] = list->n_train + list->n_val};
    for (uint64_t i = 0; i < dataset->n_rows; i++) {
        if (role[i] == SVI_ROLE_NONE) continue;
        uint32_t n = role[i] == SVI_ROLE_TRAIN ? n_times[i] : 1;
        for (uint32_t k = 0; k < n; k++) list->row[next[role[i]]++] = (uint32_t)i;
    }
    for (uint64_t i = 0; i < dataset->n_fresh; i++)
        list->row[next[SVI_ROLE_TEST] + i] = (uint32_t)(dataset->n_rows + i);
}

static sv_status make(const svi_dataset *dataset, uint64_t seed_split, uint8_t *role,
                      uint32_t *n_times, svi_row_list *list, sv_error *error)
{
    SVI_TRY(svi_split_draw(dataset, seed_split, role, n_times, error));
    count(dataset, role, n_times, list);
    size_t size = (list->n_train + list->n_val + list->n_test) * sizeof *list->row;
    list->row = malloc(size);
    if (list->row == NULL) return svi_fail_memory(error, size, "the rows of a run");
    fill(dataset, role, n_times, list);
    return SV_OK;
}

sv_status svi_row_list_make(const svi_dataset *dataset, uint64_t seed_split, svi_row_list *list,
                            sv_error *error)
{
    *list = (svi_row_list){0};
    uint8_t *role = malloc(dataset->n_rows);
    uint32_t *n_times = malloc(dataset->n_rows * sizeof *n_times);
    sv_status status =
        role == NULL || n_times == NULL
            ? svi_fail_memory(error, dataset->n_rows * sizeof *n_times, "the roles of the rows")
            : make(dataset, seed_split, role, n_times, list, error);
    free(role);
    free(n_times);
    return status;
}

void svi_row_list_clear(svi_row_list *list)
{
    free(list->row);
    *list = (svi_row_list){0};
}

sv_status svi_row_source_open(const svi_dataset *dataset, uint64_t seed_data,
                              svi_row_source *source, sv_error *error)
{
    *source = (svi_row_source){.x = dataset->x, .y = dataset->y};
    if (!dataset->is_generated) return SV_OK;
    size_t n = dataset->n_rows + dataset->n_fresh;
    size_t size = n * (size_t)dataset->n_features * sizeof *source->drawn_x;
    source->drawn_x = malloc(size);
    source->drawn_y = malloc(n * sizeof *source->drawn_y);
    if (source->drawn_x == NULL || source->drawn_y == NULL)
        return svi_fail_memory(error, size, "drawn rows");
    svi_dataset_draw(dataset, seed_data, source->drawn_x, source->drawn_y);
    source->x = source->drawn_x;
    source->y = source->drawn_y;
    return SV_OK;
}

void svi_row_source_close(svi_row_source *source)
{
    free(source->drawn_x);
    free(source->drawn_y);
}
