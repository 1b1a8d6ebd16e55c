/* A study made ready to run: data opened, jobs shaped, a backend that can do all of them. The
 * engine is the only place where plan, backend and store meet. */
#ifndef SVI_ENGINE_H
#define SVI_ENGINE_H

#include "backend/backend.h"
#include "spec/study_spec.h"
#include "store/store.h"

struct sv_study {
    svi_study_spec *spec;
    svi_dataset *
        *dataset; /* [n_arms]; arms with the same rows share them; NULL for poly. Opened by need. */
    svi_checkpoints *checkpoints; /* [n_arms]; known when the data are open */
};

/* Opens the data of every arm and finds its checkpoints; does nothing when they are open. */
sv_status svi_study_open_data(sv_study *study, sv_error *error);

/* Of the data of every arm, "" where it has none: [n_arms], to be freed. */
sv_status svi_study_data_digests(const sv_study *study, const char ***digests, sv_error *error);

/* Opens the data and checks that the store holds this study of them. */
sv_status svi_study_check_store(sv_study *study, svi_store *store, sv_error *error);

svi_job svi_study_job(const sv_study *study, uint32_t arm, uint32_t numerics);

/* Opens one device and checks that it can run every arm with every numerics, or at least that
 * another of its kind could. */
sv_status svi_study_open_backend(const sv_study *study, const svi_backend_options *options,
                                 svi_backend **backend, sv_error *error);

/* Devices that train a study together. */
typedef struct svi_devices {
    size_t n;
    svi_backend *backend[SVI_DEVICES_MOST];
} svi_devices;

/* The same of each device in a list (svi_device_list_read), or of the one that auto chooses for
 * n_left runs. notice: one line for the user, or empty. */
sv_status svi_study_open_devices(const sv_study *study, const svi_backend_options *options,
                                 uint64_t n_left, svi_devices *devices, char notice[256],
                                 sv_error *error);
void svi_devices_close(svi_devices *devices);

/* This machine and invocation, for the store: the row of one device. */
void svi_machine_describe(const svi_backend *backend, const char *simd, int n_threads,
                          const char *command_line, svi_machine *machine);

/* Class counts of the runs of one launch, one entry a set of test rows; predictions: [n_runs][most
 * test rows], of which a run fills as many as it has. */
sv_status svi_tally_predictions(const svi_job *job, const svi_run *runs, size_t n_runs,
                                const uint8_t *predictions, size_t *n_counts,
                                svi_prediction_counts **counts, sv_error *error);
/* Whether the study wants them: more than one run must share its test rows. */
bool svi_wants_predictions(const sv_study *study, const svi_job *job, uint32_t numerics);

/* What a launch keeps of curves, [n_runs][n_checkpoints]: [n_checkpoints], each metric's sketch.
 * On errors, too, the caller frees what *parts holds. */
sv_status svi_summarize_curves(const svi_run_result *curves, size_t n_runs, size_t n_checkpoints,
                               svi_curve_part **parts, sv_error *error);

#endif
