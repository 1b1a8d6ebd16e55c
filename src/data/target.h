/* The target column while a file is read: numbers or text, and from it classes or a regression
 * target. The words of a text feature are collected in the same way. */
#ifndef SVI_TARGET_H
#define SVI_TARGET_H

#include "base/place.h"
#include "spec/study_spec.h"

enum { SVI_CLASSES_MAX = 256 };

typedef struct svi_class {
    double value;   /* of a number */
    char *name;     /* of a text, else NULL */
    int first_seen; /* 0, 1, ... in the order of the rows */
} svi_class;

typedef struct svi_target {
    svi_task task;
    bool has_rows, is_text, is_feature;
    bool is_whole;    /* every number so far is a whole number from 0 */
    bool is_too_many; /* more than SVI_CLASSES_MAX values: a regression */
    int n_classes;
    svi_class classes[SVI_CLASSES_MAX]; /* sorted by value or by name, byte by byte */
} svi_target;

void svi_target_start(svi_target *target, svi_task task);
/* Of a feature: whatever stands there is a word, and each word a class. */
void svi_target_start_words(svi_target *words);
void svi_target_clear(svi_target *target);

/* Takes the next row's target; *y is what to store until svi_target_finish.
 * SV_ERR_DATA at the place: not finite, text among numbers or numbers among text, text in a
 * regression, too many classes. */
sv_status svi_target_add_text(svi_target *target, const char *text, const svi_place *place,
                              double *y, sv_error *error);
sv_status svi_target_add_number(svi_target *target, double value, const svi_place *place, double *y,
                                sv_error *error);

/* Decides on the task: text is classes; numbers are classes if all are whole, none is negative and
 * at most SVI_CLASSES_MAX differ, unless the study file says. Turns y[n] into class numbers 0.. in
 * sorted order. n_classes: 0 for a regression. names: [n_classes] texts to free, or NULL where the
 * classes are the numbers 0.. */
sv_status svi_target_finish(svi_target *target, double *y, uint64_t n, int *n_classes,
                            char ***names, sv_error *error);

#endif
