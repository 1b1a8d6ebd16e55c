#include "compare/fingerprint_file.h"

#include <stdio.h>
#include <string.h>

#include "base/place.h"

static const char schema[] = "seedvar.fingerprint/1";

const char *svi_subject_text(const json_t *subject, const char *key)
{
    const char *text = json_string_value(json_object_get(subject, key));
    return text == NULL ? "" : text;
}

static sv_status fail_member(const svi_fingerprint *f, size_t i, const char *what, sv_error *error)
{
    return svi_fail(error, SV_ERR_DATA,
                    "%s: subjects[%zu]: %s; the file is damaged: restore it from a copy, or make "
                    "it again with seedvar fingerprint",
                    f->file, i, what);
}

static bool is_hex(const char *text)
{
    return text != NULL && strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

static bool are_digests_sound(const json_t *digests)
{
    const json_t *digest;
    size_t i;
    if (!json_is_array(digests)) return false;
    json_array_foreach((json_t *)digests, i, digest)
    {
        if (!is_hex(json_string_value(json_object_get(digest, "digest"))) ||
            json_integer_value(json_object_get(digest, "count")) < 1)
            return false;
    }
    return true;
}

static sv_status check_subject(const svi_fingerprint *f, size_t i, const json_t *s, json_t *seen,
                               sv_error *error)
{
    const char *name = svi_subject_text(s, "subject"), *promise = svi_subject_text(s, "promise");
    const json_t *digests = json_object_get(s, "digests");
    if (name[0] == '\0') return fail_member(f, i, "it has no name in \"subject\"", error);
    if (json_object_get(seen, name) != NULL)
        return fail_member(f, i, "its name is that of an earlier one", error);
    if (strcmp(promise, "contract") != 0 && strcmp(promise, "measured") != 0)
        return fail_member(f, i, "\"promise\" is neither contract nor measured", error);
    if (!are_digests_sound(digests))
        return fail_member(
            f, i, "\"digests\" is no list of {\"digest\": 32 hex digits, \"count\": 1 or more}",
            error);
    if (json_array_size(digests) == 0 && svi_subject_text(s, "missing")[0] == '\0')
        return fail_member(f, i, "it has no digests, and no reason in \"missing\"", error);
    if (json_object_set_new(seen, name, json_true()) != 0)
        return svi_fail_memory(error, strlen(name), "the names of subjects");
    return SV_OK;
}

static sv_status check_subjects(const svi_fingerprint *f, sv_error *error)
{
    const json_t *subjects = json_object_get(f->root, "subjects"), *subject;
    json_t *seen = json_object();
    sv_status status = SV_OK;
    size_t i;
    if (!json_is_array(subjects) || json_array_size(subjects) == 0)
        status = svi_fail(error, SV_ERR_DATA, "%s: there is no list of subjects", f->file);
    json_array_foreach((json_t *)subjects, i, subject)
    {
        if (status == SV_OK) status = check_subject(f, i, subject, seen, error);
    }
    json_decref(seen);
    return status;
}

static void describe_machine(svi_fingerprint *f)
{
    const json_t *m = json_object_get(f->root, "machine");
    const char *driver = svi_subject_text(m, "driver"), *code = svi_subject_text(m, "cuda_code");
    const char *toolkit = svi_subject_text(m, "cuda_toolkit");
    int n = snprintf(f->machine, sizeof f->machine, "%s, %s", svi_subject_text(m, "device_model"),
                     svi_subject_text(m, "device_detail"));
    if (driver[0] != '\0')
        n += snprintf(f->machine + n, sizeof f->machine - (size_t)n, ", driver %s, toolkit %s%s%s",
                      driver, toolkit, code[0] != '\0' ? ", " : "", code);
    snprintf(f->machine + n, sizeof f->machine - (size_t)n, "; seedvar %s",
             svi_subject_text(m, "program_version"));
}

static sv_status parse(const char *path, svi_fingerprint *f, sv_error *error)
{
    json_error_t why;
    FILE *file = fopen(path, "rb");
    if (file == NULL) return svi_fail_file(error, path);
    f->root = json_loadf(file, JSON_REJECT_DUPLICATES, &why);
    fclose(file);
    if (f->root != NULL) return SV_OK;
    return svi_fail(error, SV_ERR_DATA,
                    "%s:%d:%d: this is no JSON: %s; give a file that seedvar fingerprint wrote",
                    path, why.line, why.column, why.text);
}

sv_status svi_fingerprint_read(const char *path, svi_fingerprint *f, sv_error *error)
{
    *f = (svi_fingerprint){0};
    snprintf(f->file, sizeof f->file, "%s", path);
    SVI_TRY(parse(path, f, error));
    const char *found = svi_subject_text(f->root, "schema");
    if (strcmp(found, schema) != 0)
        return svi_fail(error, SV_ERR_DATA,
                        "%s: \"schema\" is \"%.60s\", a fingerprint has \"%s\"; give a file that "
                        "seedvar fingerprint wrote",
                        path, found, schema);
    describe_machine(f);
    return check_subjects(f, error);
}

void svi_fingerprint_clear(svi_fingerprint *fingerprint)
{
    json_decref(fingerprint->root);
    fingerprint->root = NULL;
}

const json_t *svi_fingerprint_subjects(const svi_fingerprint *fingerprint)
{
    return json_object_get(fingerprint->root, "subjects");
}

const json_t *svi_fingerprint_find(const svi_fingerprint *fingerprint, const char *name)
{
    const json_t *subject;
    size_t i;
    json_array_foreach((json_t *)svi_fingerprint_subjects(fingerprint), i, subject)
    {
        if (strcmp(svi_subject_text(subject, "subject"), name) == 0) return subject;
    }
    return NULL;
}

size_t svi_subject_n_digests(const json_t *subject)
{
    return json_array_size(json_object_get(subject, "digests"));
}

static bool has_digest(const json_t *subject, const json_t *digest)
{
    const json_t *mine;
    size_t i;
    json_array_foreach(json_object_get(subject, "digests"), i, mine)
    {
        if (strcmp(svi_subject_text(mine, "digest"), svi_subject_text(digest, "digest")) == 0)
            return true;
    }
    return false;
}

bool svi_subject_has_same_digests(const json_t *a, const json_t *b)
{
    const json_t *digest;
    size_t i;
    if (svi_subject_n_digests(a) != svi_subject_n_digests(b)) return false;
    json_array_foreach(json_object_get(a, "digests"), i, digest)
    {
        if (!has_digest(b, digest)) return false;
    }
    return true;
}

bool svi_subject_is_promised(const json_t *subject)
{
    return strcmp(svi_subject_text(subject, "promise"), "contract") == 0;
}
