/* A .npy file (NumPy's format, versions 1.0 and 2.0) of one or two dimensions, value by value. */
#ifndef SVI_NPY_FILE_H
#define SVI_NPY_FILE_H

#include <stdio.h>

#include "base/error.h"

enum { SVI_NPY_CHUNK = 8192 };

typedef struct svi_npy {
    const char *file;
    FILE *stream;
    char *header;
    char kind;      /* 'f', 'i', 'u', 'b' */
    int item_bytes; /* 1, 2, 4, 8 */
    bool is_big_endian, is_fortran;
    uint64_t n_rows, n_columns; /* one dimension: one column */
    int n_dimensions;
    unsigned char chunk[SVI_NPY_CHUNK];
    size_t at, n; /* of chunk */
} svi_npy;

/* file is borrowed. SV_ERR_DATA where it is not what its header says. Closed with svi_npy_close
 * whatever is returned. */
sv_status svi_npy_open(svi_npy *f, const char *file, sv_error *error);
void svi_npy_close(svi_npy *f);

/* The next value in the order of the file: row by row, column by column where is_fortran. */
sv_status svi_npy_next(svi_npy *f, double *value, sv_error *error);

/* SV_ERR_DATA at the file. */
sv_status svi_npy_fail(const svi_npy *f, sv_error *error, const char *text);

#endif
