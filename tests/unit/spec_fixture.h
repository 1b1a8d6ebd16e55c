/* Studies given as text. */
#ifndef SPEC_FIXTURE_H
#define SPEC_FIXTURE_H

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spec/study_spec.h"

#define IRIS "data: {set: iris}\n"
#define MLP "model: {kind: mlp, hidden: [8]}\n"
#define BY_EPOCHS "train: {loss: cross_entropy, optimizer: {lr: 0.1}, epochs: 2}\n"
#define SWEEP "design: {kind: sweep, seeds: 10}\n"
#define POLY "model: {kind: poly, coefficients: [3, -1, 2.5], start: {uniform: [-4, 2]}}\n"
#define BY_STEPS "train: {optimizer: {lr: 1e-2}, steps: 100}\n"

/* Reads a text through a file of its own; *error and the return value are the reader's. */
static inline sv_status read_bytes(const char *bytes, size_t n, const char *const *overrides,
                                   size_t n_overrides, svi_study_spec **spec, sv_error *error)
{
    char path[] = "/tmp/spec-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    *error = (sv_error){0};
    sv_status status = svi_study_spec_read(path, overrides, n_overrides, spec, error);
    unlink(path);
    return status;
}

static inline svi_study_spec *read_set(const char *text, const char *const *overrides,
                                       size_t n_overrides)
{
    svi_study_spec *spec = NULL;
    sv_error error;
    sv_status status = read_bytes(text, strlen(text), overrides, n_overrides, &spec, &error);
    cr_assert_eq(status, SV_OK, "%s", error.message);
    return spec;
}

static inline svi_study_spec *read_text(const char *text) { return read_set(text, NULL, 0); }

/* Reads with one override that must fail; the message is kept in error. */
static inline void refuse_set(const char *text, const char *override, sv_error *error)
{
    svi_study_spec *spec = NULL;
    sv_status status = read_bytes(text, strlen(text), &override, override != NULL, &spec, error);
    cr_assert_eq(status, SV_ERR_STUDY, "`%s` was not refused", override != NULL ? override : text);
    cr_assert_null(spec);
}

static inline void expect_message(const sv_error *error, const char *fragment)
{
    cr_expect_not_null(strstr(error->message, fragment), "wanted `%s`: %s", fragment,
                       error->message);
}

#endif
