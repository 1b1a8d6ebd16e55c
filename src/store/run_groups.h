/* How runs are put together by arm and numerics. For run_groups.c and run_sums.c. */
#ifndef SVI_RUN_GROUPS_H
#define SVI_RUN_GROUPS_H

#include "store/store.h"

typedef struct svi_group_reader {
    const svi_store_study *study;
    svi_run_group *groups; /* [n_arms][n_numerics] */
} svi_group_reader;

/* Whether record.rows: summary keeps the values of these runs. */
bool svi_run_values_kept(const svi_store_study *study, uint32_t numerics);
/* Room for the values of a metric, NaN at first; nothing where it is there. */
sv_status svi_run_group_make_values(svi_run_group *group, int metric, sv_error *error);
/* What run_summary holds. */
sv_status svi_store_add_sums(svi_store *store, svi_group_reader *reader, sv_error *error);

#endif
