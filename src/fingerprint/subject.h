/* What a fingerprint is made of: subjects, each something that this machine computed, as digests.
 */
#ifndef SVI_SUBJECT_H
#define SVI_SUBJECT_H

#include <jansson.h>

#include "base/hash.h"
#include "stats/sample.h"

enum { SVI_SUBJECT_REPEATS = 3 }; /* how often a training is repeated, unless told otherwise */

/* Distance of a library's results from those of this program, in binary32 or binary64. */
typedef struct svi_distance {
    uint64_t n_inputs, n_different, largest_ulp;
} svi_distance;

typedef struct svi_fingerprint_subject {
    char name[96];
    const char *where; /* "host" or "device": what computed it */
    bool is_contract;  /* docs/numerics.md fixes the bits; else they are measured */
    size_t n_digests;  /* distinct ones, in the order in which they were seen */
    struct {
        char hex[33];
        uint64_t count;
    } digest[SVI_SUBJECT_REPEATS];
    char *tree;            /* of a sum, or NULL */
    bool has_distance;     /* of a mathematical library */
    svi_distance distance; /* from this program's */
    char missing[600];     /* why there are no digests; "" where there are */
} svi_fingerprint_subject;

typedef struct svi_subjects {
    size_t n;
    svi_fingerprint_subject *item;
} svi_subjects;

void svi_subjects_clear(svi_subjects *subjects);

/* A new subject at the end, valid until the next is added. */
sv_status svi_subjects_add(svi_subjects *subjects, bool is_contract, const char *where,
                           svi_fingerprint_subject **subject, sv_error *error, const char *name,
                           ...) SVI_PRINTF(6, 7);

/* One repeat, at most SVI_SUBJECT_REPEATS of them. */
void svi_subject_count(svi_fingerprint_subject *subject, svi_hash hash);
void svi_subject_set_missing(svi_fingerprint_subject *subject, const char *reason);
/* After an attempt to compute it. A measured subject that the device failed at is missing, for the
 * reason in *cause: cuBLAS may fail where all else works. A device that is broken fails at the next
 * subject of the contract, too. Any other failure is the error. */
sv_status svi_subject_settle(svi_fingerprint_subject *subject, sv_status status,
                             const sv_error *cause, sv_error *error);
/* Takes the text over: its hash is the digest. */
void svi_subject_take_tree(svi_fingerprint_subject *subject, char *tree);

json_t *svi_subject_json(const svi_fingerprint_subject *subject);

#endif
