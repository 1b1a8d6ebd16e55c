#include "fingerprint/subject.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_value.h"

void svi_subjects_clear(svi_subjects *subjects)
{
    for (size_t i = 0; i < subjects->n; i++) free(subjects->item[i].tree);
    free(subjects->item);
    *subjects = (svi_subjects){0};
}

sv_status svi_subjects_add(svi_subjects *subjects, bool is_contract, const char *where,
                           svi_fingerprint_subject **subject, sv_error *error, const char *name,
                           ...)
{
    svi_fingerprint_subject *grown = realloc(subjects->item, (subjects->n + 1) * sizeof *grown);
    if (grown == NULL)
        return svi_fail_memory(error, (subjects->n + 1) * sizeof *grown, "a fingerprint");
    subjects->item = grown;
    svi_fingerprint_subject *s = &grown[subjects->n++];
    *s = (svi_fingerprint_subject){.where = where, .is_contract = is_contract};
    va_list arguments;
    va_start(arguments, name);
    vsnprintf(s->name, sizeof s->name, name, arguments);
    va_end(arguments);
    *subject = s;
    return SV_OK;
}

void svi_subject_count(svi_fingerprint_subject *subject, svi_hash hash)
{
    char hex[33];
    size_t i = 0;
    svi_hash_hex(hash, hex);
    while (i < subject->n_digests && strcmp(subject->digest[i].hex, hex) != 0) i++;
    if (i == subject->n_digests) memcpy(subject->digest[subject->n_digests++].hex, hex, sizeof hex);
    subject->digest[i].count++;
}

void svi_subject_set_missing(svi_fingerprint_subject *subject, const char *reason)
{
    snprintf(subject->missing, sizeof subject->missing, "%s", reason);
}

sv_status svi_subject_settle(svi_fingerprint_subject *subject, sv_status status,
                             const sv_error *cause, sv_error *error)
{
    if (status == SV_OK) return SV_OK;
    bool is_refusal = status == SV_ERR_DEVICE || status == SV_ERR_UNSUPPORTED;
    if (subject->is_contract || !is_refusal) return svi_fail(error, status, "%s", cause->message);
    free(subject->tree);
    subject->tree = NULL;
    subject->n_digests = 0;
    memset(subject->digest, 0, sizeof subject->digest);
    svi_subject_set_missing(subject, cause->message);
    return SV_OK;
}

void svi_subject_take_tree(svi_fingerprint_subject *subject, char *tree)
{
    svi_hash hash = svi_hash_start();
    svi_hash_text(&hash, tree);
    svi_subject_count(subject, hash);
    free(subject->tree);
    subject->tree = tree;
}

static json_t *digests_json(const svi_fingerprint_subject *subject)
{
    json_t *digests = json_array();
    for (size_t i = 0; i < subject->n_digests; i++) {
        json_t *digest = json_object();
        svi_json_set(&digest, "digest", json_string(subject->digest[i].hex));
        svi_json_set(&digest, "count", svi_json_count(subject->digest[i].count));
        svi_json_append(&digests, digest);
    }
    return digests;
}

json_t *svi_subject_json(const svi_fingerprint_subject *subject)
{
    const svi_distance *d = &subject->distance;
    json_t *object = json_object();
    svi_json_set(&object, "subject", svi_json_string(subject->name));
    svi_json_set(&object, "where", json_string(subject->where));
    svi_json_set(&object, "promise", json_string(subject->is_contract ? "contract" : "measured"));
    svi_json_set(&object, "digests", digests_json(subject));
    if (subject->tree != NULL) svi_json_set(&object, "tree", svi_json_string(subject->tree));
    if (subject->has_distance) {
        svi_json_set(&object, "inputs", svi_json_count(d->n_inputs));
        svi_json_set(&object, "different", svi_json_count(d->n_different));
        svi_json_set(&object, "largest_ulp", svi_json_count(d->largest_ulp));
    }
    if (subject->missing[0] != '\0')
        svi_json_set(&object, "missing", svi_json_string(subject->missing));
    return object;
}
