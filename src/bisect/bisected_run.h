/* A run of a store that is trained again and looked at on its way. */
#ifndef SVI_BISECTED_RUN_H
#define SVI_BISECTED_RUN_H

#include "engine/engine.h"
#include "net.h"

typedef struct svi_bisected_run {
    const char *path; /* of the store */
    sv_study *study;
    svi_store *store;
    svi_backend *backend; /* that trains it; borrowed */
    svi_run run;
    svi_run_result stored, found; /* found: of the last training */
    svi_job job;
    svi_arrivals arrivals; /* path arrival: as they were logged */
    svk_net net;
    svk_training training;
    /* where what was found is not what the store holds: steps of the store's checkpoints up to
     * which it is, and from which it is not; known where the store has digests at checkpoints, with
     * curves full or distances */
    size_t n_checkpoints; /* that were compared */
    bool is_store_parted;
    uint64_t equal_step, different_step;
} svi_bisected_run;

/* Zero-initialized; to be closed whatever is returned. Opens store and study, not yet a run. */
sv_status svi_bisected_run_open(svi_bisected_run *r, const char *path, const char *folder,
                                sv_error *error);
void svi_bisected_run_close(svi_bisected_run *r);

/* SV_ERR_STORE: the store does not hold the run. SV_ERR_UNSUPPORTED: it is of a model that takes no
 * steps. SV_ERR_DEVICE: the backend cannot repeat it. */
sv_status svi_bisected_run_choose(svi_bisected_run *r, svi_backend *backend, uint64_t run,
                                  sv_error *error);

/* Trains it again. results: [steps->n]. parameters: [steps->n][svk_net_n_parameters] or NULL. */
sv_status svi_bisected_run_train(svi_bisected_run *r, const svi_checkpoints *steps,
                                 svi_run_result *results, double *parameters, sv_error *error);

/* Whether the last training came to the bits that the store holds. */
bool svi_bisected_run_is_reproduced(const svi_bisected_run *r);
/* Where it did not: finds out since which checkpoint. */
sv_status svi_bisected_run_check_curve(svi_bisected_run *r, sv_error *error);

#endif
