#include "data/target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void svi_target_start(svi_target *target, svi_task task)
{
    *target = (svi_target){.task = task, .is_whole = true};
}

void svi_target_start_words(svi_target *words)
{
    *words = (svi_target){.task = SVI_TASK_CLASSIFICATION, .is_text = true, .is_feature = true};
}

void svi_target_clear(svi_target *target)
{
    for (int c = 0; c < target->n_classes; c++) free(target->classes[c].name);
    target->n_classes = 0;
}

static int compare(const svi_class *c, double value, const char *name)
{
    if (name != NULL) return strcmp(c->name, name);
    return c->value < value ? -1 : c->value > value;
}

/* Index of the first class that does not come before the one asked for. */
static int lower_bound(const svi_target *target, double value, const char *name)
{
    int low = 0, high = target->n_classes;
    while (low < high) {
        int middle = (low + high) / 2;
        if (compare(&target->classes[middle], value, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static sv_status fail_too_many(const svi_target *target, const svi_place *place, sv_error *error)
{
    if (target->is_feature)
        return svi_fail_data(error, place,
                             "more than %d different words; leave the column out (key `drop`)",
                             SVI_CLASSES_MAX);
    return svi_fail_data(error, place, "more than %d classes; %s", SVI_CLASSES_MAX,
                         target->is_text ? "is this the target column? (key `target`)"
                                         : "use `task: regression`, or another `target`");
}

static sv_status insert(svi_target *target, int at, double value, const char *name, sv_error *error)
{
    char *copy = name == NULL ? NULL : strdup(name);
    if (name != NULL && copy == NULL)
        return svi_fail_memory(error, strlen(name), "the name of a class");
    svi_class *c = &target->classes[at];
    memmove(c + 1, c, (size_t)(target->n_classes - at) * sizeof *c);
    *c = (svi_class){value, copy, target->n_classes++};
    return SV_OK;
}

/* Finds or adds a class; *y becomes its first_seen for a text, and stays for a number. */
static sv_status add_class(svi_target *target, double value, const char *name,
                           const svi_place *place, double *y, sv_error *error)
{
    if (target->task == SVI_TASK_REGRESSION || target->is_too_many) return SV_OK;
    int at = lower_bound(target, value, name);
    if (at == target->n_classes || compare(&target->classes[at], value, name) != 0) {
        if (target->n_classes == SVI_CLASSES_MAX) {
            target->is_too_many = true;
            bool is_regression = name == NULL && target->task == SVI_TASK_AUTO;
            return is_regression ? SV_OK : fail_too_many(target, place, error);
        }
        SVI_TRY(insert(target, at, value, name, error));
    }
    if (name != NULL) *y = (double)target->classes[at].first_seen;
    return SV_OK;
}

sv_status svi_target_add_number(svi_target *target, double value, const svi_place *place, double *y,
                                sv_error *error)
{
    if (!isfinite(value)) {
        return svi_fail_data(error, place,
                             "the target is %g; a target must be finite: mend it or remove the row",
                             value);
    }
    if (target->has_rows && target->is_text) {
        return svi_fail_data(
            error, place,
            "the target is the number %.17g, but text in the rows above; if the first line holds "
            "names, say `header: yes`",
            value);
    }
    target->has_rows = true;
    if (value < 0 || value != floor(value)) target->is_whole = false;
    *y = value;
    return add_class(target, value, NULL, place, y, error);
}

static sv_status add_name(svi_target *target, const char *name, const svi_place *place, double *y,
                          sv_error *error)
{
    char quoted[SVI_QUOTE_SIZE];
    if (name[0] == '\0')
        return svi_fail_data(error, place, "the target is empty; fill it in or remove the row");
    if (target->task == SVI_TASK_REGRESSION) {
        return svi_fail_data(error, place, "the target is %s, but `task: regression` needs numbers",
                             svi_quote(name, quoted));
    }
    if (target->has_rows && !target->is_text) {
        return svi_fail_data(error, place,
                             "the target is %s, but a number in the rows above; is it misspelt?",
                             svi_quote(name, quoted));
    }
    target->has_rows = true;
    target->is_text = true;
    return add_class(target, 0, name, place, y, error);
}

sv_status svi_target_add_text(svi_target *target, const char *text, const svi_place *place,
                              double *y, sv_error *error)
{
    double value;
    if (target->is_feature) return add_class(target, 0, text, place, y, error);
    svi_number_kind kind = svi_parse_number(text, &value);
    if (kind == SVI_NUMBER_TEXT) return add_name(target, text, place, y, error);
    return svi_target_add_number(target, value, place, y, error);
}

/* Class numbers in sorted order, in place of first_seen or of the numbers themselves. */
static void number_classes(const svi_target *target, double *y, uint64_t n)
{
    double rank[SVI_CLASSES_MAX];
    for (int c = 0; c < target->n_classes; c++) rank[target->classes[c].first_seen] = (double)c;
    for (uint64_t i = 0; i < n; i++) {
        y[i] = target->is_text ? rank[(int)y[i]] : (double)lower_bound(target, y[i], NULL);
    }
}

static bool is_counting(const svi_target *target)
{
    for (int c = 0; c < target->n_classes; c++) {
        if (target->is_text || target->classes[c].value != (double)c) return false;
    }
    return true;
}

static sv_status name_classes(svi_target *target, char ***names, sv_error *error)
{
    size_t n = (size_t)target->n_classes;
    char **list = calloc(n, sizeof *list);
    if (list == NULL) return svi_fail_memory(error, n * sizeof *list, "the names of the classes");
    *names = list;
    for (size_t c = 0; c < n; c++) {
        char number[32];
        double value = target->classes[c].value;
        snprintf(number, sizeof number, "%.15g", value);
        if (strtod(number, NULL) != value) snprintf(number, sizeof number, "%.17g", value);
        list[c] = strdup(target->is_text ? target->classes[c].name : number);
        if (list[c] == NULL) return svi_fail_memory(error, sizeof number, "the name of a class");
    }
    return SV_OK;
}

sv_status svi_target_finish(svi_target *target, double *y, uint64_t n, int *n_classes,
                            char ***names, sv_error *error)
{
    bool is_class = target->task == SVI_TASK_AUTO
                        ? target->is_text || (target->is_whole && !target->is_too_many)
                        : target->task == SVI_TASK_CLASSIFICATION;
    *n_classes = is_class ? target->n_classes : 0;
    *names = NULL;
    if (!is_class) return SV_OK;
    number_classes(target, y, n);
    return is_counting(target) ? SV_OK : name_classes(target, names, error);
}
