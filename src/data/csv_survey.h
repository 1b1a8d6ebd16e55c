/* What is in the columns of a CSV file of which nothing is known yet. */
#ifndef SVI_CSV_SURVEY_H
#define SVI_CSV_SURVEY_H

#include "base/place.h"

enum { SVI_SURVEY_VALUES_MAX = 256 }; /* different values that are told apart */

typedef struct svi_surveyed_value {
    char *text;
    uint64_t n; /* rows that have it */
} svi_surveyed_value;

typedef struct svi_surveyed_column {
    char *name; /* NULL without a header */
    uint64_t n_numbers, n_texts;
    uint64_t n_missing;        /* empty, or one of NA, N/A, NaN, null, None, ?, in any case */
    double min, max, mean, m2; /* of the numbers; m2: sum of squared deviations */
    bool is_whole;             /* every number is a whole one from 0 */
    bool is_rising;            /* every number is greater than the one before */
    double last;               /* number */
    bool has_many;             /* more than SVI_SURVEY_VALUES_MAX values; values is empty then */
    size_t n_values;
    svi_surveyed_value *values; /* [n_values], sorted by bytes, missing ones apart */
} svi_surveyed_column;

typedef struct svi_csv_survey {
    bool has_header;
    uint64_t n_rows;
    size_t n_columns;
    svi_surveyed_column *columns;
} svi_csv_survey;

/* Reads a file, plain or gzip, to its end. The first line is a header if it holds no number, or has
 * text over a column of numbers. SV_ERR_DATA: not a table, with the place. *survey needs the
 * clearing whatever is returned. */
sv_status svi_csv_survey_read(const char *path, svi_csv_survey *survey, sv_error *error);
void svi_csv_survey_clear(svi_csv_survey *survey);

/* Whether a text stands for a value that is not there. */
bool svi_is_missing(const char *text);

#endif
