/* The store: one SQLite file a study. The only module that knows SQLite. */
#ifndef SVI_STORE_H
#define SVI_STORE_H

#include "backend/backend.h"
#include "base/hash.h"
#include "plan/plan.h"
#include "stats/sketch.h"
#include "store/run_totals.h"

typedef struct svi_store svi_store;

/* The machine row of one device of an invocation. Texts may be empty, never NULL. */
typedef struct svi_machine {
    char host[128], os[128], cpu[128], simd[32], device[128], device_model[128], device_detail[256];
    char device_uuid[48], driver[128], cuda_runtime[32], cuda_toolkit[32], cuda_code[160];
    char compiler[128], compiler_flags[256], program_version[32], git_commit[64];
    char command_line[1024];
    int n_threads;
    int64_t started_unix_ms;
} svi_machine;

/* Class counts of one split seed within one launch. */
typedef struct svi_prediction_counts {
    uint64_t seed_split, seed_data;
    uint64_t n_runs;
    uint32_t n_points, n_classes;
    uint32_t *row;   /* [n_points]: row numbers in the data set */
    int32_t *label;  /* [n_points]: true classes */
    uint32_t *count; /* [n_points][n_classes] */
} svi_prediction_counts;

/* The runs of one launch at one checkpoint: for each metric the bytes of a sketch (stats/sketch.h),
 * NULL where no run has it. */
typedef struct svi_curve_part {
    uint64_t n_diverged;
    struct {
        unsigned char *bytes;
        size_t n;
    } sketch[SVK_N_METRICS];
} svi_curve_part;

/* Consecutive runs, trained together, written in one transaction. */
typedef struct svi_launch_record {
    uint64_t first_run, n_runs;
    size_t machine; /* which of those that svi_store_open_write was given trained it */
    int64_t started_unix_ms, duration_ns;
    svi_run *runs;           /* [n_runs] */
    svi_run_result *results; /* [n_runs] */
    uint64_t n_arrival_words;
    uint32_t *arrivals; /* [n_runs][n_arrival_words] on path arrival, else NULL */
    size_t n_counts;
    svi_prediction_counts *counts;
    size_t n_checkpoints;        /* of the arm */
    svi_run_result *curves;      /* with curves full: [n_runs][n_checkpoints]; else NULL */
    svi_curve_part *curve_parts; /* with curves summary: [n_checkpoints]; else NULL */
    svk_distance *distances;     /* [n_runs][n_checkpoints] where the study records them */
} svi_launch_record;
void svi_launch_record_free(svi_launch_record *record);

/* Opens for writing; creates the file when it is not there. SV_ERR_STORE when it belongs to another
 * study (says what differs), is locked by another writer, or is damaged. machines: what may train
 * in this invocation, [n_machines]; each gets its row with its first launch. */
sv_status svi_store_open_write(const char *path, const svi_study_spec *study,
                               const char *const *data_digests /*[arms]*/,
                               const svi_checkpoints *checkpoints /*[arms]*/,
                               const svi_machine *machines, size_t n_machines, svi_store **store,
                               sv_error *error);
/* Opens for reading; checks schema and checksums of everything it hands out. */
sv_status svi_store_open_read(const char *path, svi_store **store, sv_error *error);
void svi_store_close(svi_store *store);

/* SV_ERR_STORE with the first key that differs from the store's study. */
sv_status svi_store_compare_study(svi_store *store, const svi_study_spec *study,
                                  const char *const *data_digests /*[arms]*/, sv_error *error);

/* SV_ERR_STORE where two stores do not hold the same study, or not of the same data, with the first
 * key that differs. Their numerics may differ, entry by entry, in all but the replicates. */
sv_status svi_store_compare_stores(const svi_store *a, const svi_store *b, sv_error *error);

/* The file system under a store, which need not exist. */
typedef struct svi_store_place {
    char file_system[32];
    bool is_known;   /* what the system says of it */
    bool is_network; /* reached over a network, where SQLite's locks cannot be trusted */
    bool is_memory;  /* gone when the machine stops */
    bool is_writable;
    uint64_t free_bytes;
} svi_store_place;
void svi_store_place_find(const char *path, svi_store_place *place);

/* Of the library behind the store. */
const char *svi_store_library_version(void);

/* One launch, one transaction: on SV_OK it is on the disk. */
sv_status svi_store_append(svi_store *store, const svi_launch_record *record, sv_error *error);

/* First run at or after `from` that is missing, and how many follow it unbroken. n = 0: none is
 * missing. */
sv_status svi_store_next_gap(svi_store *store, uint64_t from, uint64_t *first, uint64_t *n,
                             sv_error *error);
sv_status svi_store_n_done(svi_store *store, uint64_t *n_done, sv_error *error);

/* What the store knows of its study. */
typedef struct svi_store_study {
    char name[128];
    char *text, *overrides, *canonical; /* of svi_study_spec */
    char program_version[32];
    uint64_t n_runs;
    size_t n_arms, n_numerics;
    char (*arm_names)[64], (*numerics_names)[64];
    bool *is_contract;            /* [n_numerics]: docs/numerics.md fixes the bits */
    uint64_t *n_replicates;       /* [n_numerics] */
    svi_rows rows;                /* what is kept of the runs */
    int64_t *references;          /* [n_numerics]: the entry that distances are measured from; -1:
                                     none are recorded */
    svi_curves curves;            /* what is kept at checkpoints */
    svi_checkpoints *checkpoints; /* [n_arms] */
    char *design_kind;            /* a name of SVI_DESIGNS */
    uint64_t first_seed;
    uint64_t n_levels[SVK_N_SOURCES]; /* seeds that each source takes; 1: not varied */
} svi_store_study;
const svi_store_study *svi_store_study_of(const svi_store *store);
bool svi_store_study_is(const svi_store_study *study, svi_design_kind kind);

/* What a run of an arm and numerics took on average, its share of the time of its launch; NaN where
 * none was trained. */
double svi_store_seconds_per_run(const svi_store *store, uint32_t arm, uint32_t numerics);

/* What trained the runs, for readers of findings: "AMD EPYC 9R14, 2 threads AVX-512; seedvar
 * 0.1.0", the distinct machines joined by " | ", cut to size. */
sv_status svi_store_machine_line(svi_store *store, char *line, size_t size, sv_error *error);

/* All runs present of an arm and numerics, in sum. */
typedef struct svi_run_group {
    uint32_t arm, numerics;
    uint64_t first_run, n_planned; /* n_planned runs of the study from first_run on */
    bool keeps_values;
    svi_run_totals totals;
    double *values[SVK_N_METRICS]; /* [n_planned], NaN where there is none; NULL where they are not
                                      kept, or no run has the metric */
} svi_run_group;

/* Of designs that split a variance, crossed, nested and repeated sweeps, the metrics of up to so
 * many runs of an arm and numerics are kept with record.rows: summary, and in all up to
 * SVI_SUMMED_VALUES_MOST read back for the analysis. */
enum { SVI_KEPT_VALUES_MOST = 1 << 22, SVI_SUMMED_VALUES_MOST = 90000000 };

/* groups: [n_arms][n_numerics], whatever the store keeps of its runs; released with
 * svi_run_groups_free. */
sv_status svi_store_sum_runs(svi_store *store, svi_run_group **groups, sv_error *error);
void svi_run_groups_free(svi_run_group *groups, size_t n);

/* Calls row for every run present, in ascending run number. SV_ERR_USAGE where the store keeps none
 * (record.rows: summary). */
typedef sv_status (*svi_store_run_fn)(void *context, const svi_run *run,
                                      const svi_run_result *result, sv_error *error);
sv_status svi_store_each_run(svi_store *store, svi_store_run_fn row, void *context,
                             sv_error *error);

/* Calls row for every run and checkpoint that is kept, in ascending order of both; nothing in a
 * store without curves full. number: of the checkpoint in its arm. What is wrong with a launch's
 * checksum shows when all of its rows have been handed out. */
typedef sv_status (*svi_store_curve_run_fn)(void *context, uint64_t run, size_t number,
                                            const svi_run_result *result, sv_error *error);
sv_status svi_store_each_curve_run(svi_store *store, svi_store_curve_run_fn row, void *context,
                                   sv_error *error);

/* The logged orders of a run on path arrival, filled up with zeros to n_words. SV_ERR_STORE where
 * none are kept. Their checksum is that of the run: it holds where svi_store_each_run has given it.
 */
sv_status svi_store_read_arrivals(svi_store *store, uint64_t run, uint64_t n_words, uint32_t *words,
                                  sv_error *error);

/* All runs present of one arm and numerics at one checkpoint. */
typedef struct svi_curve_point {
    uint32_t arm, numerics;
    size_t number; /* of the checkpoint in its arm */
    uint64_t step, n_runs, n_diverged;
    svi_sketch metric[SVK_N_METRICS]; /* empty where no run has it */
} svi_curve_point;

/* Calls point for every arm, numerics and checkpoint that has runs, in this order; nothing in a
 * store without curves. What it is given is the same, bit for bit, whether the store keeps
 * summaries or every run, and however the runs were cut into launches. */
typedef sv_status (*svi_curve_fn)(void *context, svi_curve_point *point, sv_error *error);
sv_status svi_store_each_curve(svi_store *store, svi_curve_fn point, void *context,
                               sv_error *error);

/* A run at a checkpoint against its reference. */
typedef struct svi_distance_row {
    uint32_t arm, numerics;
    uint64_t run;
    size_t number; /* of the checkpoint in its arm */
    uint64_t step;
    svk_distance distance;
} svi_distance_row;

/* Calls row for every run and checkpoint, ascending; nothing in a store without distances. What row
 * saw is checked only when SV_OK is returned. */
typedef sv_status (*svi_distance_fn)(void *context, const svi_distance_row *row, sv_error *error);
sv_status svi_store_each_distance(svi_store *store, svi_distance_fn row, void *context,
                                  sv_error *error);

/* How often each test point was given each class, over all runs of an arm and numerics that share
 * their test points. */
typedef struct svi_prediction_sums {
    uint32_t arm, numerics;
    uint64_t seed_split, seed_data; /* 0 where the test points do not depend on it */
    uint64_t n_runs;
    size_t n_points, n_classes;
    const uint32_t *row;   /* [n_points] */
    const int32_t *label;  /* [n_points] */
    const uint64_t *count; /* [n_points][n_classes] */
} svi_prediction_sums;

/* Calls start (may be NULL) with the most classes that any set has, then set for every arm,
 * numerics, split seed and data seed, in this order. What it is given does not depend on launches.
 */
typedef sv_status (*svi_prediction_start_fn)(void *context, uint64_t n_classes, sv_error *error);
typedef sv_status (*svi_prediction_set_fn)(void *context, const svi_prediction_sums *sums,
                                           sv_error *error);
sv_status svi_store_each_prediction_set(svi_store *store, svi_prediction_start_fn start,
                                        svi_prediction_set_fn set, void *context, sv_error *error);

/* Hash over every run present in ascending order: number, seeds, status, digest, bits of the
 * metrics. The same however the runs were launched, resumed or split over machines. */
sv_status svi_store_study_digest(svi_store *store, svi_hash *digest, sv_error *error);
/* The same, run by run, beginning with svi_hash_start(). */
void svi_study_digest_add(svi_hash *digest, const svi_run *run, const svi_run_result *result);

/* ---- writer thread ---- */

typedef struct svi_writer svi_writer;

/* Called on the writer's thread after each commit. */
typedef void (*svi_commit_fn)(void *context, const svi_launch_record *committed);

/* Takes over the store's writing side: between start and finish nobody else may use the store. */
sv_status svi_writer_start(svi_store *store, svi_commit_fn on_commit, void *context,
                           svi_writer **writer, sv_error *error);
/* Hands over a record (the writer frees it), waits while two are already queued. Returns an earlier
 * write's failure. */
sv_status svi_writer_submit(svi_writer *writer, svi_launch_record *record, sv_error *error);
/* Waits for all commits and ends the thread. */
sv_status svi_writer_finish(svi_writer *writer, sv_error *error);

#endif
