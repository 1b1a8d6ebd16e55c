/* In what order the host's BLAS adds: its sdot, found at run time. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "fingerprint/fingerprint.h"
#include "fingerprint/sum_tree.h"

/* Reference BLAS's Fortran interface, which every one of them has. */
typedef float (*sdot_fn)(const int *n, const float *x, const int *step_x, const float *y,
                         const int *step_y);

static const struct {
    const char *name, *files[2];
} libraries[] = {
    {"libblas", {"libblas.so.3", "libblas.so"}},
    {"libopenblas", {"libopenblas.so.0", "libopenblas.so"}},
};
enum { N_LIBRARIES = sizeof libraries / sizeof *libraries };

static const int lengths[] = {8, 33, 128};
enum { N_LENGTHS = sizeof lengths / sizeof *lengths };

static sv_status sum_by_sdot(void *context, const double *term, int n_terms, size_t n_columns,
                             double *sum, sv_error *error)
{
    float x[SVI_SUM_TREE_MOST], ones[SVI_SUM_TREE_MOST];
    const int one = 1;
    sdot_fn sdot;
    (void)error;
    memcpy(&sdot, context, sizeof sdot);
    for (int p = 0; p < n_terms; p++) ones[p] = 1;
    for (size_t c = 0; c < n_columns; c++) {
        for (int p = 0; p < n_terms; p++) x[p] = (float)term[(size_t)p * n_columns + c];
        sum[c] = (double)sdot(&n_terms, x, &one, ones, &one);
    }
    return SV_OK;
}

static sv_status add_library(svi_subjects *subjects, const char *name, void *sdot, sv_error *error)
{
    for (int i = 0; i < N_LENGTHS; i++) {
        svi_fingerprint_subject *subject;
        char *tree;
        SVI_TRY(svi_subjects_add(subjects, false, "host", &subject, error, "tree sdot of %s n=%d",
                                 name, lengths[i]));
        if (sdot == NULL) {
            svi_subject_set_missing(subject, "the loader finds no such library with sdot");
            continue;
        }
        SVI_TRY(svi_sum_tree_reveal(sum_by_sdot, &sdot, lengths[i], 0x1p+40, &tree, error));
        svi_subject_take_tree(subject, tree);
    }
    return SV_OK;
}

/* A library that was opened stays: threads of its own may be at work in it. */
sv_status svi_add_blas_subjects(svi_subjects *subjects, sv_error *error)
{
    sv_status status = SV_OK;
    for (int l = 0; status == SV_OK && l < N_LIBRARIES; l++) {
        void *library = dlopen(libraries[l].files[0], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) library = dlopen(libraries[l].files[1], RTLD_NOW | RTLD_LOCAL);
        void *sdot = library == NULL ? NULL : dlsym(library, "sdot_");
        status = add_library(subjects, libraries[l].name, sdot, error);
    }
    return status;
}
