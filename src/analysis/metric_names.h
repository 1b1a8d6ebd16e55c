/* What the name of a metric says. The words are listed in docs/import.md. */
#ifndef SVI_METRIC_NAMES_H
#define SVI_METRIC_NAMES_H

#include <stdbool.h>

typedef enum svi_metric_kind {
    SVI_KIND_UNKNOWN,
    SVI_KIND_ACCURACY, /* a share of what is right */
    SVI_KIND_SCORE,    /* more is better */
    SVI_KIND_LOSS,     /* less is better */
    SVI_KIND_COST      /* time, memory: has a direction, but is not what runs are judged by */
} svi_metric_kind;

typedef enum svi_metric_data {
    SVI_DATA_UNSAID,
    SVI_DATA_TEST,
    SVI_DATA_VALIDATION,
    SVI_DATA_TRAINING
} svi_metric_data;

typedef struct svi_metric_sense {
    svi_metric_kind kind;
    svi_metric_data data;
    int better;      /* +1 more is better, -1 less, 0 neither or unknown */
    bool is_percent; /* the name has a '%': values are percentages */
} svi_metric_sense;

/* Case does not count; words end at anything but letters and digits, and before a capital. */
svi_metric_sense svi_metric_sense_of(const char *name);

/* Whether the two names differ in their data alone: "val_acc" for "test_acc". */
bool svi_is_validation_of(const char *name, const char *test_name);

/* "test_acc", "Accuracy (%)": an accuracy of no validation or training data, and nothing else. */
bool svi_is_plain_accuracy(const char *name);

/* For choosing what findings lead with: the smallest first. Test data before validation data before
 * training data, accuracies before scores before losses. */
int svi_headline_rank(const char *name);

/* A metric of the program itself, by its exact name. */
bool svi_is_own_metric(const char *name);

/* name in small letters, with '_' for whatever is between its words: "Random State" and
 * "randomState" are "random_state". */
void svi_plain_name(const char *name, char plain[64]);

#endif
