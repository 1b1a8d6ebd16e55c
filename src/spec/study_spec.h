/* A checked study file: plain values, every default filled in, every arm resolved. */
#ifndef SVI_STUDY_SPEC_H
#define SVI_STUDY_SPEC_H

#include "base/error.h"
#include "vocabulary.h"

typedef enum svi_set {
    SVI_SET_DIGITS,
    SVI_SET_IRIS,
    SVI_SET_MOONS,
    SVI_SET_CIRCLES,
    SVI_SET_SPIRALS,
    SVI_SET_BLOBS,
    SVI_SET_LINEAR,
    SVI_SET_PARITY,
    SVI_SET_MODULAR_ADDITION,
    SVI_SET_STROKE_DIGITS,
    SVI_SET_CSV,
    SVI_SET_NPY,
    SVI_SET_IDX,
    SVI_SET_NONE
} svi_set;
typedef enum svi_task { SVI_TASK_AUTO, SVI_TASK_CLASSIFICATION, SVI_TASK_REGRESSION } svi_task;
typedef enum svi_header { SVI_HEADER_AUTO, SVI_HEADER_YES, SVI_HEADER_NO } svi_header;

typedef struct svi_split_spec {
    double train, val, test; /* shares, each >= 0, train > 0, sum 1 */
    bool is_stratified;      /* classification only */
    bool is_replaced;        /* training rows are drawn with replacement, the rest tests */
    bool is_test_fixed;      /* the same test rows for every split seed */
} svi_split_spec;

typedef struct svi_data_spec {
    svi_set set; /* SVI_SET_NONE for models without data (poly) */
    char *file;  /* csv: the table; npy, idx: the features. Relative paths are resolved against the
                    study file. */
    char *target_file; /* npy, idx: the targets */
    char
        *target; /* csv: column name, or zero-based index as digits ("-1": the last, the default) */
    char *drop;  /* csv: columns to leave out, as target, one a line; or NULL */
    svi_header header;      /* csv */
    bool is_text_encoded;   /* csv: a text column becomes 0 and 1 for each of its words */
    bool is_gap_dropped;    /* csv: rows that lack a value are left out */
    svi_task task;          /* what the target is; AUTO: text or few whole numbers are classes */
    bool is_standardized;   /* by mean and SD of the training rows */
    bool keep_constant;     /* keep columns with one value (else they are an error); always true for
                               digits */
    uint64_t n_points;      /* generators: rows drawn; 0 (modular addition): every pair once */
    uint64_t n_test_points; /* generators: fresh test rows beside them; then split.test must be 0 */
    uint64_t n_features;    /* linear, blobs, parity */
    uint64_t n_classes;     /* circles, spirals, blobs */
    uint64_t n_relevant;    /* parity: features that decide */
    uint64_t modulus;       /* modular addition */
    uint64_t image_size;    /* stroke digits: pixels a side */
    double turns;           /* spirals: of an arm */
    double distortion;      /* stroke digits: 0 for none */
    double noise;           /* generators: SD of the normal noise */
    double label_noise;     /* probability that a training label is replaced by another class */
    double input_noise;     /* SD of normal noise added to the training features */
    svi_split_spec split;
} svi_data_spec;

typedef enum svi_model_kind {
    SVI_MODEL_MLP,
    SVI_MODEL_LINEAR,
    SVI_MODEL_POLY,
    SVI_MODEL_KMEANS,
    SVI_MODEL_CNN
} svi_model_kind;

/* One stage of a cnn: convolution, activation, pooling. */
typedef struct svi_conv_spec {
    int channels;       /* 1..SVK_MAX_CHANNELS */
    int kernel, stride; /* 3 or 5; 1 or 2 */
    int padding, pool;  /* SVK_PADDING_*, SVK_POOL_* */
} svi_conv_spec;

typedef struct svi_model_spec {
    svi_model_kind kind;
    int n_hidden;               /* mlp, cnn: 0..SVK_MAX_HIDDEN */
    int hidden[SVK_MAX_HIDDEN]; /* 1..SVK_MAX_WIDTH */
    int activation;             /* SVK_ACTIVATION_* */
    double dropout;             /* mlp, cnn: share of the hidden dense units dropped, < 1 */
    int init;                   /* SVK_INIT_*; linear by sgd starts at zero unless told */
    double init_scale;          /* normal: sd; uniform: bound */
    int bias;                   /* SVK_BIAS_*; of a linear model: NONE means no intercept */
    bool is_closed_form;        /* linear */
    int degree;                 /* poly: highest power */
    double coefficient[SVK_MAX_DEGREE + 1]; /* poly: ascending powers */
    double start_low, start_high;           /* poly: starts drawn uniformly from [low, high) */
    uint64_t n_starts; /* poly: given starts; run with init seed s takes start[s - first_seed] */
    double *start;
    int n_clusters;    /* kmeans: 1..SVK_MAX_CLUSTERS */
    int start_centres; /* kmeans: SVK_START_* */
    int image[3];      /* cnn: channels, height, width; 0: one channel of a square */
    int n_conv;        /* cnn: 1..SVK_MAX_CONV */
    svi_conv_spec conv[SVK_MAX_CONV];
} svi_model_spec;

typedef struct svi_train_spec {
    int loss;      /* SVK_LOSS_*; -1 where the model has none (closed form, poly, kmeans) */
    int optimizer; /* SVK_OPTIMIZER_* */
    double learning_rate, momentum;
    double beta1, beta2, epsilon; /* adam, adamw */
    double weight_decay;          /* 0: none */
    double clip_norm;             /* of the batch's mean gradient; 0: not clipped */
    int schedule;                 /* SVK_SCHEDULE_* of the learning rate */
    uint64_t n_warmup_steps;      /* 0 in one_cycle: 3 of 10 steps */
    double final_factor;          /* linear, cosine: last rate over the first */
    bool drops_last;              /* the last, short batch of an epoch is left out */
    uint64_t patience;      /* early stopping: evaluations without a better val_loss; 0: none */
    uint64_t n_steps_apart; /* early stopping: steps between evaluations; 0: an epoch */
    uint64_t batch_size;    /* larger than the training set: the whole set is one batch */
    uint64_t n_epochs;      /* used when has_steps is false */
    bool has_steps;
    uint64_t n_steps;
    int sampling;            /* SVK_SAMPLING_* */
    uint64_t max_iterations; /* kmeans */
} svi_train_spec;

typedef struct svi_arm_spec {
    char name[64];
    svi_data_spec data;
    svi_model_spec model;
    svi_train_spec train;
} svi_arm_spec;

typedef struct svi_numerics_spec {
    int engine;               /* SVK_ENGINE_* */
    int path;                 /* SVK_PATH_*; CUBLAS exactly with that engine */
    int n_parts;              /* S: 1 for serial; power of two for tree and butterfly; >= 3 for
                                 drawn; no matter for binned and fixed */
    int n_blocks;             /* atomic-global: that share a run, 1..n_parts; else 0 */
    int precision;            /* SVK_PRECISION_* */
    int math;                 /* SVK_MATH_* of activations and losses' deltas */
    double loss_scale;        /* fp16: power of two */
    int fixed_scale;          /* fixed: fraction bits */
    int stress;               /* SVK_STRESS_*: networks on a GPU */
    int math_mode;            /* cublas: SVK_MATH_MODE_* */
    bool allows_atomics;      /* cublas */
    int workspace_kib;        /* cublas: of each stream; 0: what cuBLAS takes by itself */
    int n_streams;            /* cublas: 1..SVK_MAX_STREAMS */
    uint64_t probe_step;      /* steps before a parameter is moved */
    uint64_t probe_parameter; /* its number */
    uint64_t probe_seed;      /* init seed of the runs that are moved; UINT64_MAX: every run */
    int probe_ulps;           /* units in the last place; 0: no probe */
    uint64_t n_replicates;    /* >= 1 */
    char name[64];            /* "serial fp32", "drawn/8 fp32": unique in a study */
} svi_numerics_spec;

/* Which seeds are run: name, help. docs/study-file.md says which run takes which seeds. */
#define SVI_DESIGNS(X)                                                                             \
    X(SWEEP, "sweep", "one seed a run sets all sources")                                           \
    X(CROSSED, "crossed", "a grid of seeds, one axis a source")                                    \
    X(NESTED, "nested", "each source takes fresh seeds within every seed of the one before")       \
    X(ONE_AT_A_TIME, "one-at-a-time", "each source in turn takes its seeds, the others stand")     \
    X(PICK_FREEZE, "pick-freeze", "rows of p + 2 runs that give the indices of p sources")

typedef enum svi_design_kind {
#define SVI_DESIGN_ID(id, name, help) SVI_DESIGN_##id,
    SVI_DESIGNS(SVI_DESIGN_ID)
#undef SVI_DESIGN_ID
        SVI_N_DESIGNS
} svi_design_kind;

typedef struct svi_design_spec {
    svi_design_kind kind;
    uint64_t first_seed;
    uint64_t n_seeds; /* sweep */
    uint64_t n_rows;  /* pick-freeze */
    uint64_t n_bases; /* one-at-a-time */
    size_t n_varied;
    int varied[SVK_N_SOURCES];        /* [n_varied]: nested: outermost first; else ascending */
    bool is_varied[SVK_N_SOURCES];    /* the others stay at first_seed */
    uint64_t n_levels[SVK_N_SOURCES]; /* crossed, nested, one-at-a-time; 1 where it is not varied */
} svi_design_spec;

enum { SVI_MAX_CHECKPOINTS = 256 }; /* of an arm */

typedef enum svi_checkpoint_rule {
    SVI_CHECKPOINTS_NONE,
    SVI_CHECKPOINTS_LOG2,         /* 0, 1, 2, 4, ..., the last step */
    SVI_CHECKPOINTS_EVERY,        /* 0, the multiples of a number of steps, the last step */
    SVI_CHECKPOINTS_EVERY_EPOCHS, /* the same of a number of epochs */
    SVI_CHECKPOINTS_LISTED
} svi_checkpoint_rule;

typedef struct svi_checkpoint_spec {
    svi_checkpoint_rule rule;
    uint64_t every;                     /* steps or epochs, >= 1 */
    size_t n_steps;                     /* listed */
    uint64_t step[SVI_MAX_CHECKPOINTS]; /* ascending */
} svi_checkpoint_spec;

typedef enum svi_curves { SVI_CURVES_NONE, SVI_CURVES_SUMMARY, SVI_CURVES_FULL } svi_curves;
const char *svi_curves_name(svi_curves curves); /* the word of the study file */

typedef enum svi_rows { SVI_ROWS_FULL, SVI_ROWS_SUMMARY } svi_rows;
const char *svi_rows_name(svi_rows rows); /* the word of the study file */

const char *svi_design_name(svi_design_kind kind);
/* Seed vectors of the design; UINT64_MAX where there are more. */
uint64_t svi_design_n_cells(const svi_design_spec *design);
/* Seeds that a source takes, counted from first_seed; UINT64_MAX where there are more. */
uint64_t svi_design_n_seeds(const svi_design_spec *design, int source);

typedef struct svi_study_spec {
    char name[128];
    char *text;      /* the file as read, overrides not applied */
    char *overrides; /* JSON: a list of the texts "key=value" */
    char *canonical; /* JSON of every resolved value but the study's name, sorted keys, file names
                        included but not their folders: two studies with equal text here ask for the
                        same runs */
    size_t n_arms;
    svi_arm_spec *arms;
    size_t n_numerics;
    svi_numerics_spec *numerics;
    svi_design_spec design;
    bool record_predictions; /* class counts per test point */
    svi_checkpoint_spec checkpoints;
    bool record_distances; /* of every run at its checkpoints from its reference */
    svi_curves curves;     /* what else is kept of them; NONE where there are no checkpoints, and
                              else only with distances */
    svi_rows rows;         /* what is kept of the runs */
} svi_study_spec;

/* The entry that a run is compared with, by its replicate 0 with the same seeds: the first that is
 * deterministic, moves no parameter and keeps parameters in the same format; n_numerics where there
 * is none. */
size_t svi_numerics_reference(const svi_study_spec *spec, size_t numerics);

/* Reads, overrides, checks and resolves. Errors: FILE:LINE:COLUMN: what was found, what is allowed,
 * nearest key. */
sv_status svi_study_spec_read(const char *path, const char *const *overrides, size_t n_overrides,
                              svi_study_spec **spec, sv_error *error);
/* The same from text and overrides of another spec. path: of a file that need not be there; data
 * files stand beside it. */
sv_status svi_study_spec_read_again(const char *path, const char *text, const char *overrides,
                                    svi_study_spec **spec, sv_error *error);
void svi_study_spec_free(svi_study_spec *spec);

/* JSON Schema of a study file and the table of keys in Markdown (docs/study-file.md holds it). */
sv_status svi_study_schema_json(char **json, sv_error *error);
sv_status svi_study_keys_markdown(char **markdown, sv_error *error);

#endif
