#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "compare/compare.h"
#include "compare/fingerprint_file.h"
#include "report/json_value.h"
#include "store/json_text.h"

typedef enum verdict { EQUAL, DIFFERENT, VARYING, MISSING, N_VERDICTS } verdict;
static const char *const verdict_names[] = {"equal", "different", "varying", "missing"};

typedef struct comparison {
    svi_fingerprint a, b;
    size_t n[2][N_VERDICTS]; /* measured, contract */
    json_t *rows;            /* of subjects that are not equal */
    svi_text text;           /* the same */
} comparison;

static verdict judge(const json_t *a, const json_t *b)
{
    size_t n_a = svi_subject_n_digests(a), n_b = svi_subject_n_digests(b);
    if (n_a == 0 || n_b == 0) return MISSING;
    if (n_a > 1 || n_b > 1) return VARYING;
    return svi_subject_has_same_digests(a, b) ? EQUAL : DIFFERENT;
}

static void add_side(svi_text *text, char letter, const json_t *subject)
{
    const json_t *different = json_object_get(subject, "different");
    const char *missing = svi_subject_text(subject, "missing");
    size_t n = svi_subject_n_digests(subject);
    svi_text_add(text, "    %c: ", letter);
    if (subject == NULL)
        svi_text_add(text, "not in this file");
    else if (n == 0)
        svi_text_add(text, "%s", missing);
    else if (n > 1)
        svi_text_add(text, "%zu digests in repeats", n);
    else if (json_object_get(subject, "tree") != NULL)
        svi_text_add(text, "%s", svi_subject_text(subject, "tree"));
    else
        svi_text_add(
            text, "%.32s",
            svi_subject_text(json_array_get(json_object_get(subject, "digests"), 0), "digest"));
    if (different != NULL)
        svi_text_add(text, " (%lld of %lld results are not the contract's, by up to %lld ulp)",
                     (long long)json_integer_value(different),
                     (long long)json_integer_value(json_object_get(subject, "inputs")),
                     (long long)json_integer_value(json_object_get(subject, "largest_ulp")));
    svi_text_add(text, "\n");
}

static json_t *side_json(const json_t *subject)
{
    json_t *copy = subject == NULL ? json_null() : json_deep_copy(subject);
    json_object_del(copy, "subject");
    json_object_del(copy, "promise");
    return copy;
}

static void add_subject(comparison *c, const json_t *a, const json_t *b)
{
    const json_t *one = a != NULL ? a : b;
    const char *name = svi_subject_text(one, "subject");
    verdict v = judge(a, b);
    c->n[svi_subject_is_promised(one)][v]++;
    if (v == EQUAL) return;
    json_t *row = json_object();
    svi_json_set(&row, "subject", svi_json_string(name));
    svi_json_set(&row, "promise", svi_json_string(svi_subject_text(one, "promise")));
    svi_json_set(&row, "verdict", json_string(verdict_names[v]));
    svi_json_set(&row, "a", side_json(a));
    svi_json_set(&row, "b", side_json(b));
    svi_json_append(&c->rows, row);
    if (v == MISSING && svi_subject_n_digests(a) + svi_subject_n_digests(b) == 0) return;
    svi_text_add(&c->text, "\n  %s (%s): %s\n", name, svi_subject_text(one, "promise"),
                 verdict_names[v]);
    add_side(&c->text, 'A', a);
    add_side(&c->text, 'B', b);
}

static void compare_all(comparison *c)
{
    const json_t *subject;
    size_t i;
    json_array_foreach((json_t *)svi_fingerprint_subjects(&c->a), i, subject)
    {
        add_subject(c, subject, svi_fingerprint_find(&c->b, svi_subject_text(subject, "subject")));
    }
    json_array_foreach((json_t *)svi_fingerprint_subjects(&c->b), i, subject)
    {
        if (svi_fingerprint_find(&c->a, svi_subject_text(subject, "subject")) == NULL)
            add_subject(c, NULL, subject);
    }
}

static size_t n_forbidden(const comparison *c) { return c->n[1][DIFFERENT] + c->n[1][VARYING]; }

static json_t *file_json(const svi_fingerprint *f)
{
    json_t *object = json_object();
    svi_json_set(&object, "file", svi_json_string(f->file));
    svi_json_set(&object, "machine", svi_json_string(f->machine));
    return object;
}

static json_t *counts_json(const size_t n[N_VERDICTS])
{
    json_t *object = json_object();
    for (int v = 0; v < N_VERDICTS; v++)
        svi_json_set(&object, verdict_names[v], svi_json_count(n[v]));
    return object;
}

static sv_status write_json(comparison *c, char **text, sv_error *error)
{
    json_t *root = json_object();
    svi_json_set(&root, "schema", json_string("seedvar.compare/1"));
    svi_json_set(&root, "kind", json_string("fingerprints"));
    svi_json_set(&root, "a", file_json(&c->a));
    svi_json_set(&root, "b", file_json(&c->b));
    svi_json_set(&root, "forbidden", svi_json_count(n_forbidden(c)));
    svi_json_set(&root, "contract", counts_json(c->n[1]));
    svi_json_set(&root, "measured", counts_json(c->n[0]));
    svi_json_set(&root, "subjects", json_incref(c->rows));
    return svi_json_take(root, text, error);
}

static void add_counts(svi_text *out, const char *name, const size_t n[N_VERDICTS])
{
    svi_text_add(out, "%-9s %4zu equal, %zu different, %zu varying, %zu missing on one or both\n",
                 name, n[EQUAL], n[DIFFERENT], n[VARYING], n[MISSING]);
}

static sv_status write_text(comparison *c, char **text, sv_error *error)
{
    svi_text out = {0};
    svi_text_add(&out, "A  %s\n   %s\nB  %s\n   %s\n\n", c->a.file, c->a.machine, c->b.file,
                 c->b.machine);
    add_counts(&out, "contract", c->n[1]);
    add_counts(&out, "measured", c->n[0]);
    if (c->text.n > 0) svi_text_add_bytes(&out, c->text.bytes, c->text.n);
    if (n_forbidden(c) > 0)
        svi_text_add(&out, "\nThe contract forbids %zu of these differences.\n", n_forbidden(c));
    else
        svi_text_add(&out, "\nNothing differs that the contract fixes.\n");
    return svi_text_take(&out, text, error);
}

static sv_status compare(comparison *c, const char *path_a, const char *path_b, bool as_json,
                         char **text, sv_error *error)
{
    SVI_TRY(svi_fingerprint_read(path_a, &c->a, error));
    SVI_TRY(svi_fingerprint_read(path_b, &c->b, error));
    compare_all(c);
    SVI_TRY(as_json ? write_json(c, text, error) : write_text(c, text, error));
    if (n_forbidden(c) == 0) return SV_OK;
    return svi_fail(error, SV_DIFFERENT, "the contract fixes %zu subject%s that %s", n_forbidden(c),
                    svi_plural(n_forbidden(c)), n_forbidden(c) == 1 ? "differs" : "differ");
}

sv_status svi_compare_fingerprints(const char *path_a, const char *path_b, bool as_json,
                                   char **text, sv_error *error)
{
    comparison c = {.rows = json_array()};
    sv_status status = compare(&c, path_a, path_b, as_json, text, error);
    svi_fingerprint_clear(&c.a);
    svi_fingerprint_clear(&c.b);
    json_decref(c.rows);
    svi_text_clear(&c.text);
    return status;
}
