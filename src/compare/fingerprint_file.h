/* Fingerprints as they are read back from files. */
#ifndef SVI_FINGERPRINT_FILE_H
#define SVI_FINGERPRINT_FILE_H

#include <jansson.h>

#include "base/error.h"

typedef struct svi_fingerprint {
    char file[512];
    char machine[512]; /* "AMD EPYC 9R14, 2 threads AVX-512; seedvar 0.1.0" */
    json_t *root;
} svi_fingerprint;

/* Reads and checks a file. SV_ERR_DATA: "FILE:LINE:COLUMN: ..." where it is no JSON, else with the
 * member that is wrong. Whatever is returned, *fingerprint needs a clear. */
sv_status svi_fingerprint_read(const char *path, svi_fingerprint *fingerprint, sv_error *error);
void svi_fingerprint_clear(svi_fingerprint *fingerprint);

/* The subject of this name, or NULL. */
const json_t *svi_fingerprint_find(const svi_fingerprint *fingerprint, const char *name);
const json_t *svi_fingerprint_subjects(const svi_fingerprint *fingerprint);

/* Of a subject; NULL has no digests. */
size_t svi_subject_n_digests(const json_t *subject);
bool svi_subject_has_same_digests(const json_t *a, const json_t *b);
bool svi_subject_is_promised(const json_t *subject);
/* A text of a subject, or "". */
const char *svi_subject_text(const json_t *subject, const char *key);

#endif
