/* All fingerprints of a folder: machines against subjects. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/place.h"
#include "base/text.h"
#include "compare/fingerprint_file.h"
#include "report/json_value.h"
#include "store/json_text.h"

enum { MOST_MACHINES = 200, VARIES = -1, IS_MISSING = 0 };

typedef struct atlas {
    int n;
    svi_fingerprint machine[MOST_MACHINES];
    json_t *names; /* of all subjects, in the order in which they are met */
    size_t n_forbidden;
} atlas;

static int is_json_file(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + n - 5, ".json") == 0;
}

static sv_status read_machine(atlas *a, const char *folder, const char *name, sv_error *error)
{
    char path[1024];
    if (a->n == MOST_MACHINES)
        return svi_fail(error, SV_ERR_USAGE, "%s: more than %d fingerprints; move some away",
                        folder, (int)MOST_MACHINES);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return svi_fingerprint_read(path, &a->machine[a->n++], error);
}

static sv_status read_machines(atlas *a, const char *folder, sv_error *error)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, is_json_file, alphasort);
    sv_status status = SV_OK;
    if (n < 0) return svi_fail_file(error, folder);
    for (int i = 0; i < n; i++) {
        if (status == SV_OK) status = read_machine(a, folder, entries[i]->d_name, error);
        free(entries[i]);
    }
    free(entries);
    if (status != SV_OK || n > 0) return status;
    return svi_fail(error, SV_ERR_DATA,
                    "%s: there is no *.json in this folder; seedvar fingerprint -o writes one",
                    folder);
}

static void collect_names(atlas *a)
{
    for (int m = 0; m < a->n; m++) {
        const json_t *subject;
        size_t i;
        json_array_foreach((json_t *)svi_fingerprint_subjects(&a->machine[m]), i, subject)
        {
            const char *promise = svi_subject_text(subject, "promise");
            const char *name = svi_subject_text(subject, "subject");
            if (json_object_get(a->names, name) == NULL)
                svi_json_set(&a->names, name, svi_json_string(promise));
        }
    }
}

/* Machines of one class computed the same bits; classes count from 1 in the order of the machines.
 * Returns how many there are. */
static int find_classes(const atlas *a, const char *name, int *class)
{
    int n_classes = 0;
    for (int m = 0; m < a->n; m++) {
        const json_t *subject = svi_fingerprint_find(&a->machine[m], name);
        size_t n = svi_subject_n_digests(subject);
        class[m] = n == 0 ? IS_MISSING : n > 1 ? VARIES : n_classes + 1;
        for (int k = 0; k < m && n == 1; k++)
            if (class[k] > 0 &&
                svi_subject_has_same_digests(subject, svi_fingerprint_find(&a->machine[k], name)))
                class[m] = class[k];
        n_classes += class[m] > n_classes;
    }
    return n_classes;
}

static bool is_forbidden(const atlas *a, const char *promise, const int *class, int n_classes)
{
    bool has_varying = false;
    for (int m = 0; m < a->n; m++) has_varying |= class[m] == VARIES;
    return strcmp(promise, "contract") == 0 && (n_classes > 1 || has_varying);
}

static void add_row(svi_text *out, const atlas *a, const char *name, const char *promise,
                    const int *class)
{
    svi_text_add(out, "%-44s %-9s", name, promise);
    for (int m = 0; m < a->n; m++) {
        if (class[m] > 0)
            svi_text_add(out, " %3d", class[m]);
        else
            svi_text_add(out, "   %c", class[m] == VARIES ? '~' : '-');
    }
    svi_text_add(out, "\n");
}

static json_t *row_json(const atlas *a, const char *name, const char *promise, const int *class)
{
    json_t *row = json_object(), *classes = json_array();
    for (int m = 0; m < a->n; m++)
        svi_json_append(&classes, class[m] > 0         ? json_integer(class[m])
                                  : class[m] == VARIES ? json_string("varies")
                                                       : json_null());
    svi_json_set(&row, "subject", svi_json_string(name));
    svi_json_set(&row, "promise", svi_json_string(promise));
    svi_json_set(&row, "classes", classes);
    return row;
}

static sv_status write_atlas(atlas *a, bool as_json, char **text, sv_error *error)
{
    svi_text out = {0};
    json_t *root = json_object(), *rows = json_array(), *machines = json_array(), *promise;
    const char *name;
    for (int m = 0; m < a->n; m++) {
        json_t *machine = json_object();
        svi_json_set(&machine, "file", svi_json_string(a->machine[m].file));
        svi_json_set(&machine, "machine", svi_json_string(a->machine[m].machine));
        svi_json_append(&machines, machine);
        svi_text_add(&out, "%3d  %s\n     %s\n", m + 1, a->machine[m].file, a->machine[m].machine);
    }
    svi_text_add(&out,
                 "\nEqual numbers in a row: equal bits. ~ varies by itself, - not measured.\n"
                 "\n%-44s %-9s",
                 "subject", "promise");
    for (int m = 0; m < a->n; m++) svi_text_add(&out, " %3d", m + 1);
    svi_text_add(&out, "\n");
    json_object_foreach(a->names, name, promise)
    {
        int class[MOST_MACHINES];
        const char *word = json_string_value(promise);
        a->n_forbidden += is_forbidden(a, word, class, find_classes(a, name, class));
        add_row(&out, a, name, word, class);
        svi_json_append(&rows, row_json(a, name, word, class));
    }
    svi_text_add(&out, "\n%zu difference%s that the contract forbids\n", a->n_forbidden,
                 svi_plural(a->n_forbidden));
    svi_json_set(&root, "schema", json_string("seedvar.atlas/1"));
    svi_json_set(&root, "forbidden", svi_json_count(a->n_forbidden));
    svi_json_set(&root, "machines", machines);
    svi_json_set(&root, "subjects", rows);
    sv_status status =
        as_json ? svi_json_take(json_incref(root), text, error) : svi_text_take(&out, text, error);
    json_decref(root);
    svi_text_clear(&out);
    return status;
}

static sv_status make_atlas(atlas *a, const char *folder, bool as_json, char **text,
                            sv_error *error)
{
    SVI_TRY(read_machines(a, folder, error));
    collect_names(a);
    SVI_TRY(write_atlas(a, as_json, text, error));
    if (a->n_forbidden == 0) return SV_OK;
    return svi_fail(error, SV_DIFFERENT, "the contract fixes %zu subject%s that %s", a->n_forbidden,
                    svi_plural(a->n_forbidden), a->n_forbidden == 1 ? "differs" : "differ");
}

sv_status sv_compare_all(const char *folder, bool as_json, char **text, sv_error *error)
{
    atlas *a = calloc(1, sizeof *a);
    if (a == NULL) return svi_fail_memory(error, sizeof *a, "an atlas");
    a->names = json_object();
    sv_status status = make_atlas(a, folder, as_json, text, error);
    for (int m = 0; m < a->n; m++) svi_fingerprint_clear(&a->machine[m]);
    json_decref(a->names);
    free(a);
    return status;
}
