/* Positive control of nondeterminism: cublasSsymv has a form that adds with atomics. Where they are
 * allowed, repeats of the same product should differ in some bit; where they are not, never.
 *
 *   symv_control [N [REPEATS]]
 *
 * prints a line of JSON: how many different results there were. Exit code 0: as it should be, 1:
 * not so, 2: usage, 4: no GPU that could do it. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

enum { DEFAULT_N = 2048, DEFAULT_REPEATS = 100, N_MOST = 16384, REPEATS_MOST = 100000 };
enum { AS_EXPECTED = 0, UNEXPECTED = 1, USAGE = 2, NO_DEVICE = 4 };

typedef struct control {
    int n, n_repeats;
    float *host; /* [n][n], then [n] */
    float *matrix, *x, *y;
    cublasHandle_t handle;
    uint64_t *hash; /* [n_repeats] */
} control;

static bool is_done(int status, const char *what)
{
    if (status == 0) return true;
    fprintf(stderr, "symv_control: %s failed with %d\n", what, status);
    return false;
}

/* Numbers of many sizes, so that the order of a sum shows. */
static void fill(float *values, size_t n)
{
    uint32_t state = 1;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(int32_t)state / (float)(1u << (state >> 8) % 31);
    }
}

static bool set_up(control *c)
{
    size_t n = (size_t)c->n, n_matrix = n * n;
    c->host = malloc((n_matrix + n) * sizeof *c->host);
    c->hash = malloc((size_t)c->n_repeats * sizeof *c->hash);
    if (c->host == NULL || c->hash == NULL) return is_done(1, "malloc");
    fill(c->host, n_matrix + n);
    if (!is_done(cudaMalloc((void **)&c->matrix, (n_matrix + 2 * n) * sizeof(float)), "cudaMalloc"))
        return false;
    c->x = c->matrix + n_matrix;
    c->y = c->x + n;
    return is_done(cudaMemcpy(c->matrix, c->host, (n_matrix + n) * sizeof(float),
                              cudaMemcpyHostToDevice),
                   "cudaMemcpy") &&
           is_done(cublasCreate(&c->handle), "cublasCreate");
}

/* 64-bit FNV-1a of the result's bytes. */
static bool multiply(control *c, uint64_t *hash)
{
    const float one = 1.0f, zero = 0.0f;
    const unsigned char *byte = (const unsigned char *)c->host;
    size_t size_bytes = (size_t)c->n * sizeof(float);
    if (!is_done(cublasSsymv(c->handle, CUBLAS_FILL_MODE_LOWER, c->n, &one, c->matrix, c->n, c->x,
                             1, &zero, c->y, 1),
                 "cublasSsymv") ||
        !is_done(cudaMemcpy(c->host, c->y, size_bytes, cudaMemcpyDeviceToHost), "cudaMemcpy"))
        return false;
    *hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size_bytes; i++) *hash = (*hash ^ byte[i]) * UINT64_C(1099511628211);
    return true;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool count_distinct(control *c, cublasAtomicsMode_t mode, int *n_distinct)
{
    if (!is_done(cublasSetAtomicsMode(c->handle, mode), "cublasSetAtomicsMode")) return false;
    for (int i = 0; i < c->n_repeats; i++)
        if (!multiply(c, &c->hash[i])) return false;
    qsort(c->hash, (size_t)c->n_repeats, sizeof *c->hash, compare);
    *n_distinct = 1;
    for (int i = 1; i < c->n_repeats; i++) *n_distinct += c->hash[i] != c->hash[i - 1];
    return true;
}

static int run(control *c)
{
    int n_with = 0, n_without = 0, version = 0;
    if (!set_up(c) || !is_done(cublasGetVersion(c->handle, &version), "cublasGetVersion") ||
        !count_distinct(c, CUBLAS_ATOMICS_NOT_ALLOWED, &n_without) ||
        !count_distinct(c, CUBLAS_ATOMICS_ALLOWED, &n_with))
        return NO_DEVICE;
    printf("{\"routine\": \"cublasSsymv\", \"cublas\": %d, \"n\": %d, \"repeats\": %d, "
           "\"distinct_with_atomics\": %d, \"distinct_without_atomics\": %d}\n",
           version, c->n, c->n_repeats, n_with, n_without);
    return n_with > 1 && n_without == 1 ? AS_EXPECTED : UNEXPECTED;
}

static bool read_count(const char *text, int most, int *count)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 2 || value > most) return false;
    *count = (int)value;
    return true;
}

int main(int argc, char **argv)
{
    control c = {.n = DEFAULT_N, .n_repeats = DEFAULT_REPEATS};
    if (argc > 3 || (argc > 1 && !read_count(argv[1], N_MOST, &c.n)) ||
        (argc > 2 && !read_count(argv[2], REPEATS_MOST, &c.n_repeats))) {
        fprintf(stderr, "usage: symv_control [N [REPEATS]], N from 2 to %d, REPEATS to %d\n",
                N_MOST, REPEATS_MOST);
        return USAGE;
    }
    int code = run(&c);
    if (c.handle != NULL) cublasDestroy(c.handle);
    cudaFree(c.matrix);
    free(c.host);
    free(c.hash);
    return code;
}
