/* From nodes to the structs of a study, by the table of keys. */
#ifndef SVI_SPEC_READING_H
#define SVI_SPEC_READING_H

#include "spec/spec_keys.h"
#include "spec/yaml_tree.h"

/* One pass over the keys of some scopes. Zero-initialize, fill the upper part. */
typedef struct svi_reading {
    svi_tree *tree;
    const char *file;              /* the study's path: relative files stand beside it */
    const svi_node *root;          /* the map read: a place for what is missing */
    const char *root_path;         /* its path in the table: "" or "numerics" */
    void *base[SVI_N_SCOPES];      /* structs to fill; NULL: keys of this scope are passed over */
    const svi_node *arm_name;      /* NULL: not in an arm */
    const svi_node *arm_overrides; /* what the arm changes */
    sv_error *error;

    const svi_node *key[SVI_MAX_KEYS], *value[SVI_MAX_KEYS]; /* as given; NULL: not given */
} svi_reading;

/* Stores every value that is given, checked by itself; then refuses what does not apply, fills in
 * defaults and asks for what is missing. */
sv_status svi_reading_run(svi_reading *reading);

/* The value given for a path, or NULL. */
const svi_node *svi_reading_given(const svi_reading *reading, const char *path);

/* Stores one value. */
sv_status svi_reading_store(svi_reading *reading, const svi_key *key, const svi_node *value);

/* Reads a whole number in the key's range. */
sv_status svi_reading_whole(svi_reading *reading, const svi_key *key, const svi_node *node,
                            uint64_t *value);

/* "FOUND REASON; KEY is ALLOWED" at the node. */
sv_status svi_fail_value(sv_error *error, const svi_key *key, const svi_node *node,
                         const char *reason);

/* For values that are right by themselves and wrong together: at the node, or at the arm that
 * brought them together. */
sv_status svi_reading_fail(const svi_reading *reading, const svi_node *node, const char *format,
                           ...) SVI_PRINTF(3, 4);

/* The same at the value given for a path; where it is not given, at the nearest map above it. */
sv_status svi_reading_fail_key(const svi_reading *reading, const char *path, const char *format,
                               ...) SVI_PRINTF(3, 4);

/* Unknown keys and names: the message ends with what is known and the nearest. */
sv_status svi_fail_unknown_key(sv_error *error, const svi_node *key, const char *path);
sv_status svi_fail_unknown_word(sv_error *error, const svi_key *key, const svi_node *node);

/* The parts of a study. Each takes a zero-initialized struct and leaves what it allocated there, on
 * errors too. */
sv_status svi_read_arms(svi_tree *tree, const char *file, svi_node *root, svi_study_spec *spec,
                        sv_error *error);
/* After the arms: name, design, numerics, record. */
sv_status svi_read_design(svi_tree *tree, const char *file, svi_node *root, svi_study_spec *spec,
                          sv_error *error);
/* Of a design reading that has run; the design's kind is known. */
sv_status svi_read_sources(svi_reading *reading, svi_study_spec *spec);
sv_status svi_read_numerics(svi_reading *reading, svi_study_spec *spec);
/* Stages of a cnn, into the reading's arm. */
sv_status svi_read_stages(svi_reading *reading, const svi_key *key, const svi_node *list);
/* Of an arm reading that has run: whether the stages fit into the image, where it is given. */
sv_status svi_check_image(const svi_reading *reading, const svi_model_spec *model);
sv_status svi_read_checkpoints(svi_reading *reading, svi_study_spec *spec);
/* Checks record.distances; after svi_read_checkpoints. */
sv_status svi_check_distances(const svi_reading *reading, const svi_study_spec *spec);

/* The keys of a map in record.checkpoints, and their rules. */
extern const svi_word svi_every_words[];

/* Contexts that the values so far decide. */
svi_contexts svi_arm_context(const svi_arm_spec *arm);
svi_contexts svi_design_context(const svi_design_spec *design);
svi_contexts svi_numerics_context(const svi_numerics_spec *numerics);

#endif
