#include "data/row_list.h"

#include <stdlib.h>

#include "data/split.h"

/* Ascending in each role, rows without one at the end; fresh rows follow those of the split. Every
 * row is written once, and those that train more often again: no branch depends on the role. */
static void fill(const svi_dataset *dataset, const uint8_t *role, const uint32_t *n_times,
                 svi_row_list *list)
{
    uint64_t next[] = {[SVI_ROLE_TRAIN] = 0,
                       [SVI_ROLE_VAL] = list->n_train,
                       [SVI_ROLE_TEST] = list->n_train + list->n_val,
                       [SVI_ROLE_NONE] = list->n_train + list->n_val + list->n_test};
    for (uint64_t i = 0; i < dataset->n_rows; i++) {
        uint64_t at = next[role[i]];
        list->row[at] = (uint32_t)i;
        for (uint32_t k = 1; k < n_times[i]; k++) list->row[at + k] = (uint32_t)i;
        next[role[i]] = at + n_times[i];
    }
    for (uint64_t i = 0; i < dataset->n_fresh; i++)
        list->row[next[SVI_ROLE_TEST] + i] = (uint32_t)(dataset->n_rows + i);
}

static sv_status make(const svi_dataset *dataset, uint64_t seed_split, uint8_t *role,
                      uint32_t *n_times, svi_row_list *list, sv_error *error)
{
    uint64_t n[SVI_ROLE_NONE + 1] = {0};
    SVI_TRY(svi_split_draw(dataset, seed_split, role, n_times, error));
    for (uint64_t i = 0; i < dataset->n_rows; i++) n[role[i]] += n_times[i];
    list->n_train = n[SVI_ROLE_TRAIN];
    list->n_val = n[SVI_ROLE_VAL];
    list->n_test = n[SVI_ROLE_TEST] + dataset->n_fresh;
    uint64_t n_all = list->n_train + list->n_val + list->n_test + n[SVI_ROLE_NONE];
    list->row = malloc(n_all * sizeof *list->row);
    if (list->row == NULL) return svi_fail_memory(error, n_all * sizeof *list->row, "rows");
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
