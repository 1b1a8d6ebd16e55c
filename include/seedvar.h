/* seedvar: trains very many tiny models, one random seed each, and says what the spread of their
 * results is made of.
 *
 * This is the whole public interface. Handles are opaque. Every function that can fail returns a
 * status and, where the caller passes one, fills an sv_error whose message says what is wrong,
 * where, and what to do. The library never prints and never exits. A handle may be used by one
 * thread at a time; different handles are independent. Text returned through a char** is UTF-8,
 * NUL-terminated and released with sv_free().
 */
#ifndef SEEDVAR_H
#define SEEDVAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Status codes: name, exit code of the program, short text. */
#define SV_STATUS_LIST(X)                                                                          \
    X(SV_OK, 0, "done")                                                                            \
    X(SV_DIFFERENT, 1, "a difference was found")                                                   \
    X(SV_ERR_USAGE, 2, "wrong usage")                                                              \
    X(SV_ERR_STUDY, 2, "the study file is not valid")                                              \
    X(SV_ERR_DATA, 2, "the data are not valid")                                                    \
    X(SV_ERR_INCOMPLETE, 3, "the store is incomplete")                                             \
    X(SV_ERR_DEVICE, 4, "the device cannot be used")                                               \
    X(SV_ERR_UNSUPPORTED, 4, "the device lacks what the numerics ask for")                         \
    X(SV_ERR_STORE, 5, "the store cannot be used")                                                 \
    X(SV_ERR_MEMORY, 5, "out of memory")                                                           \
    X(SV_ERR_IO, 5, "reading or writing failed")                                                   \
    X(SV_STOPPED, 75, "stopped; the same command goes on")                                         \
    X(SV_INTERRUPTED, 130, "interrupted; the same command goes on")

typedef enum sv_status {
#define SV_STATUS_ENUM(name, exit_code, text) name,
    SV_STATUS_LIST(SV_STATUS_ENUM)
#undef SV_STATUS_ENUM
} sv_status;

/* Where a function failed. The caller owns it; one that was not filled has status SV_OK and an
 * empty message. */
typedef struct sv_error {
    sv_status status;
    char message[1000];
} sv_error;

const char *sv_version(void);                 /* "0.1.0" */
const char *sv_status_text(sv_status status); /* the short text of the list above */
int sv_status_exit_code(sv_status status);    /* the exit code of the list above */
void sv_free(void *text);                     /* NULL is allowed */

/* ---- study files
 * ------------------------------------------------------------------------------------------------
 */

typedef struct sv_study sv_study;

/* Reads and checks a study file (YAML; docs/study-file.md). overrides: n_overrides texts
 * "key.path=value". SV_ERR_STUDY: the message starts with FILE:LINE:COLUMN. SV_ERR_IO: the file
 * cannot be read. */
sv_status sv_study_open(const char *path, const char *const *overrides, size_t n_overrides,
                        sv_study **study, sv_error *error);
/* The study that a store was begun with. folder: where its data files are; NULL: beside the store.
 * SV_ERR_STORE: not a store, or one whose study this program does not read. */
sv_status sv_study_open_store(const char *store_path, const char *folder, sv_study **study,
                              sv_error *error);
void sv_study_close(sv_study *study);
const char *sv_study_name(const sv_study *study); /* valid until the study is closed */

typedef struct sv_init_options {
    const char *target;     /* column's name or index; NULL: guessed */
    const char *study_path; /* a new file for the study; NULL: none is written */
} sv_init_options;

/* Looks at a CSV file and drafts a commented study of it. text: without study_path the study; with
 * it what was seen. options may be NULL. SV_ERR_DATA: no table, or results of runs; SV_ERR_USAGE:
 * no such column, or the study's file is there already. */
sv_status sv_init(const char *data_path, const sv_init_options *options, bool as_json, char **text,
                  sv_error *error);

/* What is installed and what would go wrong: program, processor, GPUs, the place of the store
 * (path: of one that need not exist, or a folder; NULL: this folder), each with a mend where it
 * needs one. SV_ERR_STORE, with the text: a store could not be written there. */
sv_status sv_doctor(const char *path, bool as_json, char **text, sv_error *error);

/* JSON Schema (draft 2020-12) of a study file. */
sv_status sv_study_schema(char **json, sv_error *error);

/* The word that was probably meant, by edit distance; NULL: none is near. */
const char *sv_nearest_word(const char *word, const char *const *words, size_t n_words);

/* The words that a study file takes, and what can train: topic is "models", "data", "paths",
 * "metrics", "devices", ...; NULL lists the topics. SV_ERR_USAGE: no such topic. */
sv_status sv_list(const char *topic, bool as_json, char **text, sv_error *error);

/* As in sv_run_options. */
typedef struct sv_plan_options {
    const char *device, *simd;
    int n_threads;
    uint64_t n_launch;
} sv_plan_options;

/* What the study would run: runs, arms, numerics, parameters a model; on which device, in how many
 * launches, with how much memory, in what time and into how large a store. Reads the data and
 * trains nothing. options may be NULL. */
sv_status sv_study_plan(sv_study *study, const sv_plan_options *options, bool as_json, char **text,
                        sv_error *error);

/* ---- running
 * ----------------------------------------------------------------------------------------------------
 */

typedef struct sv_progress {
    uint64_t n_runs;   /* runs that the study asks for */
    uint64_t n_done;   /* runs committed to the store, those of earlier invocations included */
    uint64_t n_before; /* of these, runs that were there before this invocation */
    double elapsed_s;  /* since training began */
    double runs_per_s; /* over this invocation */
    /* Of the arm and numerics trained last, over the runs of this invocation that have a value.
     * Texts are valid during the call; metric is NULL where no run has a value yet. */
    const char *arm, *numerics, *metric;
    uint64_t n_values;
    double mean, sd; /* sd: divisor n_values - 1; NaN of one value */
} sv_progress;

typedef struct sv_run_options {
    const char *store_path;   /* required */
    const char *device;       /* "auto" (default: the one that is expected to finish first), "cpu",
                                 "cuda:0", "cuda:0,cuda:1", "cuda:all" */
    const char *simd;         /* "auto" (default), "avx512", "avx2", "plain" */
    int n_threads;            /* 0: one per core */
    uint64_t n_limit;         /* stop after so many new runs; 0: no limit */
    uint64_t n_launch;        /* runs a launch; 0: sized to about half a second */
    const char *command_line; /* kept in the store's machine row; may be NULL */
    void (*on_progress)(void *context,
                        const sv_progress *progress); /* after each commit; may be NULL */
    void (*on_notice)(void *context,
                      const char *text); /* one line a person should see; may be NULL */
    void *context;
    const volatile int *stop; /* set to non-zero to end after the current launch; or NULL */
} sv_run_options;

typedef struct sv_run_summary {
    uint64_t n_runs, n_done, n_before;
    double elapsed_s;
    char study_digest[33]; /* hex; empty while runs are missing */
    char device[512];      /* what trained */
} sv_run_summary;

/* Runs what the store does not hold yet. SV_OK: the study is complete. SV_STOPPED: the limit was
 * reached. SV_INTERRUPTED: options->stop was set. SV_ERR_STORE also when the store belongs to
 * another study. Several devices take launches as they become free; the results are the same, bit
 * for bit. When one of them fails the others finish their launches, which are kept. */
sv_status sv_run(sv_study *study, const sv_run_options *options, sv_run_summary *summary,
                 sv_error *error);

typedef struct sv_replay_options {
    const char *store_path; /* required */
    const char *device;     /* "cpu" (default), "cuda:0" */
    const char *simd;       /* as in sv_run_options */
    int n_threads;          /* as in sv_run_options */
    uint64_t run;           /* the one run to replay; UINT64_MAX: all that the store holds */
} sv_replay_options;

typedef struct sv_replay_summary {
    uint64_t n_replayed, n_different;
    uint64_t first_different; /* run number; where n_different > 0 */
    uint64_t n_left_out;      /* where all are asked for: that this device cannot train and none can
                                 repeat (atomic-*, mma-*, engine cublas) */
    double elapsed_s;
} sv_replay_summary;

/* Trains runs of a store again and compares digests, metrics and status, bit for bit; those on path
 * arrival in the orders that were logged. SV_DIFFERENT: some differ. SV_ERR_STORE: the store
 * belongs to another study, or has no such run. SV_ERR_DEVICE: the device cannot repeat the run,
 * or any run. */
sv_status sv_replay(sv_study *study, const sv_replay_options *options, sv_replay_summary *summary,
                    sv_error *error);

/* Trains such a run once more and says where it parts from what the store holds: between which of
 * the store's checkpoints, where it keeps digests on the way; and of a run on a GPU that a CPU can
 * train, too, at which step, layer and parameter the two part. folder: as in sv_study_open_store.
 * text, or the JSON object `parting` of seedvar.replay/1. */
sv_status sv_replay_parting(const sv_replay_options *options, const char *folder, uint64_t run,
                            bool as_json, char **text, sv_error *error);

typedef struct sv_bisect_options {
    const char *store_a, *store_b; /* store_b NULL: two runs of store_a */
    uint64_t run_a;     /* UINT64_MAX, with two stores of one study: the first whose bits differ */
    uint64_t run_b;     /* UINT64_MAX, with two stores: run_a */
    const char *folder; /* as in sv_study_open_store */
    const char *simd;   /* as in sv_run_options */
    int n_threads;      /* as in sv_run_options */
} sv_bisect_options;

/* Trains two runs again on the CPU and finds the first step after which their bits differ, with the
 * layer and the parameter: text, or seedvar.bisect/1. It takes them to differ from there on: one
 * that differs for a few steps and is equal again may be passed over. SV_DIFFERENT, with the text:
 * they differ. SV_ERR_UNSUPPORTED: a model that takes no steps. */
sv_status sv_bisect(const sv_bisect_options *options, bool as_json, char **text, sv_error *error);

/* ---- stores
 * -----------------------------------------------------------------------------------------------------
 */

/* What a store holds: study, runs done of runs asked for, machines. SV_ERR_INCOMPLETE when runs are
 * missing (text is filled all the same). */
sv_status sv_store_status(const char *path, bool as_json, char **text, sv_error *error);

/* Recomputes every checksum. SV_ERR_STORE with the place of the first fault; text counts them, and
 * lists them where they are several or JSON is asked for. */
sv_status sv_store_verify(const char *path, bool as_json, char **text, sv_error *error);

typedef sv_status (*sv_write_fn)(void *context, const char *bytes, size_t n);

/* Canonical export of a table (runs, machines, launches, arms, numerics, predictions,
 * checkpoints, curves, distances) as "csv" or
 * "jsonl", in the order of the run numbers. Floats are written with 17 significant digits; the
 * bytes depend on the store's rows alone. */
sv_status sv_store_export(const char *path, const char *table, const char *format,
                          sv_write_fn write, void *context, sv_error *error);

/* ---- analysis
 * ---------------------------------------------------------------------------------------------------
 */

typedef struct sv_findings sv_findings;

typedef struct sv_analysis_options {
    const char *metric; /* NULL: the study's own headline metric */
    double level;       /* of the intervals; 0: 0.95 */
    double margin;      /* difference of means of that metric that counts as equal, in its unit;
                           0: none stated */
    double power;       /* of the numbers of seeds that comparisons need; 0: 0.8 */
    /* Imports: .npy files of whole numbers, the class that each run (a row, in the order of the
     * CSV) predicts for each test point, and the true classes. Both or neither. */
    const char *predictions, *labels;
    bool with_test_rates; /* false-positive rates and power of six tests with 2 to 50 seeds, by
                             simulation from the runs: takes seconds */
    const char *arm; /* imports: the column that names the arms, "none": all runs are one arm, NULL:
                        the one that is known by its name (docs/import.md) */
    /* Which values of the metric are good, where its name does not say it or says it wrongly. */
    bool is_more_better, is_less_better;
} sv_analysis_options;

sv_status sv_analyze_store(const char *path, const sv_analysis_options *options,
                           sv_findings **findings, sv_error *error);

/* Results of another program, as docs/import.md has it: CSV with a header; columns `seed` or
 * seed_init, seed_order, ..., optional `arm`, `numerics`, `replicate`, `status`, and one column per
 * metric. "-" is stdin. SV_ERR_DATA with FILE:LINE:COLUMN. */
sv_status sv_analyze_csv(const char *path, const sv_analysis_options *options,
                         sv_findings **findings, sv_error *error);
/* A store or such a table, whichever the file is. */
sv_status sv_analyze_file(const char *path, const sv_analysis_options *options,
                          sv_findings **findings, sv_error *error);
sv_status sv_findings_text(const sv_findings *findings, char **text, sv_error *error);
/* One part alone: "howmany" (numbers of seeds, rates of tests), "paragraph" (for a paper).
 * SV_ERR_USAGE: there is no such part. */
sv_status sv_findings_part(const sv_findings *findings, const char *part, bool as_json, char **text,
                           sv_error *error);
sv_status sv_findings_json(const sv_findings *findings, char **json, sv_error *error);
void sv_findings_close(sv_findings *findings);

/* ---- reports
 * -----------------------------------------------------------------------------------------------------
 */

/* What n findings say, with charts: format "html" (one page that needs no network), "markdown", or
 * "json" (seedvar.report/1, charts as Vega-Lite specifications). atlas: what sv_compare_all gives
 * as JSON, or NULL. */
sv_status sv_report(const sv_findings *const *findings, size_t n, const char *atlas,
                    const char *format, char **text, sv_error *error);

/* name: of a file, without an ending; spec: a Vega-Lite specification that stands by itself. Ends
 * the calls with a status other than SV_OK. */
typedef sv_status (*sv_figure_fn)(void *context, const char *name, const char *spec,
                                  sv_error *error);

/* Each chart of the report by itself. */
sv_status sv_report_figures(const sv_findings *const *findings, size_t n, const char *atlas,
                            sv_figure_fn figure, void *context, sv_error *error);

/* A published result: mean and SD (divisor n - 1) of n runs. */
typedef struct sv_published {
    double mean, sd;
    uint64_t n;
} sv_published;

/* Do two published results agree? Welch's test, equivalence at options->margin, and how many seeds
 * would settle it. n >= 2 each. Of the options, level and margin are read; may be NULL. */
sv_status sv_agree(const sv_published *a, const sv_published *b, const sv_analysis_options *options,
                   bool as_json, char **text, sv_error *error);

typedef struct sv_howmany_question {
    double mean_a, sd_a, mean_b, sd_b; /* of single runs, as they are believed to be */
    double rho;                        /* correlation of the arms over common seeds */
    bool is_paired;                    /* whether rho is given */
    double power;                      /* 0: 0.8 */
} sv_howmany_question;

/* How many seeds an arm find a difference. Of the options, level and margin are read; may be NULL.
 */
sv_status sv_howmany(const sv_howmany_question *question, const sv_analysis_options *options,
                     bool as_json, char **text, sv_error *error);

typedef struct sv_claim_question {
    double value;     /* what is claimed */
    uint64_t n_seeds; /* the best of how many, at least 1 */
    const char *path; /* runs to hold it against (a store or a CSV); NULL: published */
    sv_published published;
    bool is_less_better; /* read with published only; for runs, the options say it */
} sv_claim_question;

/* Is a value what a search over so many seeds finds anyway? Of the options, metric, arm, the
 * direction and level are read; may be NULL. SV_ERR_USAGE also where it is not known whether more
 * or less of the metric is better. */
sv_status sv_claim(const sv_claim_question *question, const sv_analysis_options *options,
                   bool as_json, char **text, sv_error *error);

/* ---- bench
 * ------------------------------------------------------------------------------------------------------
 */

typedef struct sv_bench_options {
    const char *jobs;   /* "J1,J2" (default all: J1 to J6) */
    uint64_t n_seeds;   /* per job; 0: as many as take about a second */
    int n_threads;      /* 0: one per core */
    const char *simd;   /* as in sv_run_options */
    const char *device; /* as in sv_run_options */
    int n_rounds;       /* alternating rounds of peak and job; 0: 5 */
} sv_bench_options;

/* Trains the jobs of docs/performance.md in memory and measures the machine's FMA peak in the same
 * rounds. */
sv_status sv_bench(const sv_bench_options *options, bool as_json, char **text, sv_error *error);

/* ---- what machines compute
 * --------------------------------------------------------------------------------------
 */

typedef struct sv_fingerprint_options {
    const char *device; /* "cpu" (default), "cuda:0" */
    const char *simd;   /* as in sv_run_options */
    int n_threads;      /* as in sv_run_options */
} sv_fingerprint_options;

/* What this machine computes, as JSON (seedvar.fingerprint/1, docs/fingerprint.md): digests of a
 * fixed suite, and the orders in which sums are made. Takes less than a minute. */
sv_status sv_fingerprint(const sv_fingerprint_options *options, char **json, sv_error *error);

/* Two fingerprints, or two stores of one study: what is equal bit for bit and what is not. Of the
 * options, metric, level and margin are read, for stores; may be NULL. SV_DIFFERENT, with the text:
 * bits differ that docs/numerics.md fixes. SV_ERR_STORE: the stores hold different studies, and
 * what differs. */
sv_status sv_compare(const char *path_a, const char *path_b, const sv_analysis_options *options,
                     bool as_json, char **text, sv_error *error);
/* All fingerprints (*.json) of a folder: subjects in rows, machines in columns. SV_DIFFERENT as
 * above. */
sv_status sv_compare_all(const char *folder, bool as_json, char **text, sv_error *error);

#ifdef __cplusplus
}
#endif
#endif
