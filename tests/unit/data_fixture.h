/* Data files written by a test, and the specs that read them. */
#ifndef DATA_FIXTURE_H
#define DATA_FIXTURE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/dataset.h"

/* Writes n bytes to a new file; path: room for 64 bytes. */
static inline void write_bytes(char *path, const void *bytes, size_t n)
{
    strcpy(path, "/tmp/seedvar-test-XXXXXX");
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

static inline svi_data_spec csv_spec(char *path)
{
    return (svi_data_spec){.set = SVI_SET_CSV, .file = path, .target = "-1", .split = {.train = 1}};
}

/* Opens text as a CSV file with the settings of spec, whose file is set here, and removes it again.
 */
static inline sv_status open_text(const char *text, size_t n, svi_data_spec spec,
                                  svi_dataset **dataset, sv_error *error)
{
    char path[64];
    write_bytes(path, text, n);
    spec.file = path;
    sv_status status = svi_dataset_open(&spec, dataset, error);
    unlink(path);
    return status;
}

/* The dataset of a CSV text that must be readable. */
static inline svi_dataset *must_open(const char *text, svi_data_spec spec)
{
    svi_dataset *dataset;
    sv_error error = {0};
    sv_status status = open_text(text, strlen(text), spec, &dataset, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return dataset;
}

/* The text must be refused at place "LINE:COLUMN" with a message that holds fragment. */
static inline void must_refuse(const char *text, size_t n, svi_data_spec spec, const char *place,
                               const char *fragment)
{
    svi_dataset *dataset;
    sv_error error = {0};
    sv_status status = open_text(text, n, spec, &dataset, &error);
    cr_assert_eq(status, SV_ERR_DATA, "%s", error.message);
    cr_assert_null(dataset);
    const char *after_path = strchr(error.message, ':');
    cr_assert_not_null(after_path, "%s", error.message);
    cr_assert_eq(strncmp(after_path + 1, place, strlen(place)), 0, "%s, not at %s", error.message,
                 place);
    cr_assert_not_null(strstr(error.message, fragment), "%s lacks: %s", error.message, fragment);
}

#endif
