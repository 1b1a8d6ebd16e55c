/* The table of the keys of a study file: the parser, its messages, the JSON Schema, the Markdown
 * table and the canonical JSON all come from it. */
#ifndef SVI_SPEC_KEYS_H
#define SVI_SPEC_KEYS_H

#include "base/text.h"
#include "spec/study_spec.h"

/* What may decide whether a key applies: group (the key that decides), value. */
#define SVI_CONTEXTS(X)                                                                            \
    X(DIGITS, "data.set", "digits")                                                                \
    X(IRIS, "data.set", "iris")                                                                    \
    X(MOONS, "data.set", "moons")                                                                  \
    X(CIRCLES, "data.set", "circles")                                                              \
    X(SPIRALS, "data.set", "spirals")                                                              \
    X(BLOBS, "data.set", "blobs")                                                                  \
    X(LINE, "data.set", "linear")                                                                  \
    X(PARITY, "data.set", "parity")                                                                \
    X(MODULAR, "data.set", "modular_addition")                                                     \
    X(STROKES, "data.set", "stroke_digits")                                                        \
    X(CSV, "data.set", "csv")                                                                      \
    X(NPY, "data.set", "npy")                                                                      \
    X(IDX, "data.set", "idx")                                                                      \
    X(MLP, "model.kind", "mlp")                                                                    \
    X(CLOSED, "model.kind", "linear with fit closed_form")                                         \
    X(SGD, "model.kind", "linear with fit sgd")                                                    \
    X(POLY, "model.kind", "poly")                                                                  \
    X(KMEANS, "model.kind", "kmeans")                                                              \
    X(CNN, "model.kind", "cnn")                                                                    \
    X(NORMAL, "model.init.kind", "normal")                                                         \
    X(UNIFORM, "model.init.kind", "uniform")                                                       \
    X(OTHER, "model.init.kind", "of another kind")                                                 \
    X(STEP_SGD, "train.optimizer.kind", "sgd")                                                     \
    X(STEP_MOMENTUM, "train.optimizer.kind", "momentum")                                           \
    X(STEP_NESTEROV, "train.optimizer.kind", "nesterov")                                           \
    X(STEP_ADAM, "train.optimizer.kind", "adam")                                                   \
    X(STEP_ADAMW, "train.optimizer.kind", "adamw")                                                 \
    X(RATE_CONSTANT, "train.schedule.kind", "constant")                                            \
    X(RATE_LINEAR, "train.schedule.kind", "linear")                                                \
    X(RATE_COSINE, "train.schedule.kind", "cosine")                                                \
    X(RATE_ONE_CYCLE, "train.schedule.kind", "one_cycle")                                          \
    X(SWEEP, "design.kind", "sweep")                                                               \
    X(CROSSED, "design.kind", "crossed")                                                           \
    X(NESTED, "design.kind", "nested")                                                             \
    X(ONE_AT_A_TIME, "design.kind", "one-at-a-time")                                               \
    X(PICK_FREEZE, "design.kind", "pick-freeze")                                                   \
    X(ENGINE_NATIVE, "numerics.engine", "native")                                                  \
    X(ENGINE_CUBLAS, "numerics.engine", "cublas")                                                  \
    X(PATH_FIXED, "numerics.path", "fixed")                                                        \
    X(PATH_OTHER, "numerics.path", "of another kind")                                              \
    X(BITS_FP16, "numerics.precision", "fp16")                                                     \
    X(BITS_OTHER, "numerics.precision", "of another kind")

enum {
#define SVI_CONTEXT_BIT(id, group, value) SVI_BIT_##id,
    SVI_CONTEXTS(SVI_CONTEXT_BIT)
#undef SVI_CONTEXT_BIT
        SVI_N_CONTEXTS
};

/* A set of contexts: SVI_FOR(MLP) | SVI_FOR(SGD). */
typedef uint64_t svi_contexts;
#define SVI_FOR(id) (UINT64_C(1) << SVI_BIT_##id)
_Static_assert((int)SVI_N_CONTEXTS <= 64, "more contexts than bits");

typedef enum svi_key_type {
    SVI_KEY_MAP,      /* keys below it */
    SVI_KEY_NAME,     /* char[size] */
    SVI_KEY_FILE,     /* char *, relative to the study file's folder */
    SVI_KEY_COLUMN,   /* char *, a name or a whole number */
    SVI_KEY_COLUMNS,  /* list of them -> char *, one a line */
    SVI_KEY_CHOICE,   /* int or bool: the value beside the word */
    SVI_KEY_COUNT,    /* int or uint64_t */
    SVI_KEY_REAL,     /* double */
    SVI_KEY_WIDTHS,   /* list of whole numbers -> svi_model_spec.hidden */
    SVI_KEY_IMAGE,    /* [channels, height, width] -> svi_model_spec.image */
    SVI_KEY_STAGES,   /* list of maps -> svi_model_spec.conv; the keys below it are those of one */
    SVI_KEY_POWERS,   /* list of numbers -> svi_model_spec.coefficient */
    SVI_KEY_STARTS,   /* list of numbers -> svi_model_spec.start */
    SVI_KEY_INTERVAL, /* [low, high] -> svi_model_spec.start_low, start_high */
    SVI_KEY_SOURCES,  /* list of sources, or map source: levels -> svi_design_spec */
    SVI_KEY_STEPS,    /* word, list of steps, or map of one key -> svi_checkpoint_spec */
    SVI_KEY_ENTRIES,  /* list of maps; the keys below it are those of an entry */
    SVI_KEY_ARMS      /* map name: overrides */
} svi_key_type;

/* The struct that a key's value is stored in. */
typedef enum svi_scope {
    SVI_SCOPE_STUDY,
    SVI_SCOPE_ARM,
    SVI_SCOPE_NUMERICS,
    SVI_SCOPE_CONV,
    SVI_N_SCOPES
} svi_scope;

typedef struct svi_word {
    const char *name; /* NULL ends a list */
    int value;
} svi_word;

typedef struct svi_default {
    svi_contexts when; /* 0: always */
    const char *text;  /* as in a study file; NULL: none */
} svi_default;

typedef struct svi_key {
    const char *path; /* "train.optimizer.lr" */
    svi_key_type type;
    svi_scope scope;
    size_t offset, size;   /* in the scope's struct; size 0: not stored */
    const svi_word *words; /* choices, sources */
    double low, high;      /* of a number, of each number of a list */
    bool is_above_low;     /* low itself is not allowed */
    bool is_below_high;    /* high itself is not allowed */
    size_t n_low, n_high;  /* length of a list */
    svi_contexts contexts; /* where it applies; a group that is not named does not matter */
    bool is_required;      /* where it applies, in a map that is given; of rivals: one of the two */
    const char *rival;     /* the key that this one excludes */
    const char *shorthand; /* map: a plain word stands for {shorthand: word} */
    svi_default defaults[4];
    const char *default_note; /* of a default that depends on other values */
    const char *help;
    const char *example; /* a value, as in a study file */
} svi_key;

enum { SVI_MAX_KEYS = 128, SVI_MAX_PATH = 128 };

size_t svi_n_keys(void);
const svi_key *svi_key_at(size_t i);
size_t svi_key_index(const svi_key *key);
/* NULL when there is none. */
const svi_key *svi_key_find(const char *path);
/* The map or list that holds it; NULL at the top. */
const svi_key *svi_key_parent(const svi_key *key);
/* "lr" of "train.optimizer.lr". */
const char *svi_key_name(const svi_key *key);
/* Whether a key stands directly below a path ("" is the top). */
bool svi_key_is_child(const svi_key *key, const char *path);
/* "parent.name"; cut, so that it is no key, when it is too long for one. */
void svi_path_join(char path[SVI_MAX_PATH], const char *parent, const char *name);

const char *svi_context_group(int bit);
const char *svi_context_value(int bit);
/* The contexts of one group, as a mask. */
svi_contexts svi_context_group_mask(const char *group);
/* Whether the key and all above it apply. If not, *failed is the key and *group the mask that
 * failed. */
bool svi_key_applies(const svi_key *key, svi_contexts context, const svi_key **failed,
                     svi_contexts *group);
const char *svi_key_default(const svi_key *key, svi_contexts context);

/* Writes what values are allowed: "a whole number from 1 to 256", "one of relu, tanh". */
void svi_key_allowed(const svi_key *key, svi_text *text);

#endif
