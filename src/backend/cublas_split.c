#include "backend/cublas_split.h"

#include <string.h>

#define DEFAULT_WORKSPACE_BYTES ((uint64_t)64 << 20)

/* Ways to make a product among which one is looked for that can be cut; products that one call
 * makes, whose count is the third side of a grid. */
enum { CANDIDATES = 32, PRODUCTS_MOST = 65535 };

/* Where a call begins whose calls before it took a multiple of so many runs, it does so on a
 * boundary of 16 bytes. */
enum { ALIGNED_RUNS = 4 };

/* A product as cublasLt has it. */
typedef struct problem {
    cublasLtMatmulDesc_t operation;
    cublasLtMatrixLayout_t a, b, c;
    uint32_t alignment_bytes; /* of all matrices */
} problem;

cublasOperation_t svi_cublas_operation(const svi_cublas_matrix *m)
{
    return m->is_transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
}

uint64_t svi_cublas_split_bytes(const svi_numerics_spec *numerics)
{
    uint64_t given = (uint64_t)numerics->workspace_kib << 10;
    return given > 0 ? given : DEFAULT_WORKSPACE_BYTES;
}

static cublasComputeType_t compute_of(int math_mode)
{
    switch (math_mode) {
    case SVK_MATH_MODE_PEDANTIC: return CUBLAS_COMPUTE_32F_PEDANTIC;
    case SVK_MATH_MODE_TF32: return CUBLAS_COMPUTE_32F_FAST_TF32;
#if SVI_CUBLAS_HAS_BF16X9
    case SVK_MATH_MODE_BF16X9: return CUBLAS_COMPUTE_32F_EMULATED_16BFX9;
#endif
    default: return CUBLAS_COMPUTE_32F;
    }
}

cublasStatus_t svi_cublas_splitter_prepare(svi_cublas_splitter *s, const svi_cublas_calls *calls,
                                           const svi_numerics_spec *numerics)
{
    s->calls = calls;
    s->compute = compute_of(numerics->math_mode);
    s->n_parts = numerics->n_parts;
    s->workspace_bytes = svi_cublas_split_bytes(numerics);
    s->n_known = 0;
    return s->handle == NULL ? calls->lt_create(&s->handle) : CUBLAS_STATUS_SUCCESS;
}

void svi_cublas_splitter_close(svi_cublas_splitter *s)
{
    if (s->handle != NULL) s->calls->lt_destroy(s->handle);
    s->handle = NULL;
}

/* ---- problems ---- */

static void close_problem(const svi_cublas_calls *calls, problem *p)
{
    if (p->operation != NULL) calls->operation_destroy(p->operation);
    if (p->a != NULL) calls->layout_destroy(p->a);
    if (p->b != NULL) calls->layout_destroy(p->b);
    if (p->c != NULL) calls->layout_destroy(p->c);
}

/* n_columns: as the matrix lies. */
static bool open_layout(const svi_cublas_calls *calls, const svi_cublas_matrix *m, int n_columns,
                        uint64_t n_runs, cublasLtMatrixLayout_t *layout)
{
    int32_t count = (int32_t)n_runs;
    int64_t stride = (int64_t)m->stride;
    return calls->layout_create(layout, CUDA_R_32F, (uint64_t)m->n_rows, (uint64_t)n_columns,
                                m->n_rows) == CUBLAS_STATUS_SUCCESS &&
           calls->layout_set(*layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count) ==
               CUBLAS_STATUS_SUCCESS &&
           calls->layout_set(*layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride,
                             sizeof stride) == CUBLAS_STATUS_SUCCESS;
}

static bool open_operation(const svi_cublas_splitter *s, const svi_cublas_product *product,
                           cublasLtMatmulDesc_t *operation)
{
    int32_t a = (int32_t)svi_cublas_operation(&product->a),
            b = (int32_t)svi_cublas_operation(&product->b);
    const svi_cublas_calls *calls = s->calls;
    return calls->operation_create(operation, s->compute, CUDA_R_32F) == CUBLAS_STATUS_SUCCESS &&
           calls->operation_set(*operation, CUBLASLT_MATMUL_DESC_TRANSA, &a, sizeof a) ==
               CUBLAS_STATUS_SUCCESS &&
           calls->operation_set(*operation, CUBLASLT_MATMUL_DESC_TRANSB, &b, sizeof b) ==
               CUBLAS_STATUS_SUCCESS;
}

/* To be closed whether or not it opens. n_most: runs that a call takes. */
static bool open_problem(const svi_cublas_splitter *s, const svi_cublas_product *product,
                         uint64_t n_most, problem *p)
{
    const svi_cublas_matrix *a = &product->a, *b = &product->b, *c = &product->c;
    *p = (problem){.alignment_bytes = n_most < ALIGNED_RUNS ? sizeof(float) : 16};
    return open_operation(s, product, &p->operation) &&
           open_layout(s->calls, a, a->is_transposed ? c->n_rows : product->n_inner,
                       product->n_runs, &p->a) &&
           open_layout(s->calls, b, b->is_transposed ? product->n_inner : product->n_columns,
                       product->n_runs, &p->b) &&
           open_layout(s->calls, c, product->n_columns, product->n_runs, &p->c);
}

/* ---- algorithms ---- */

/* cublasLt takes 256 bytes for granted. */
static bool tell_alignment(const svi_cublas_calls *calls, cublasLtMatmulPreference_t preference,
                           uint32_t alignment_bytes)
{
    static const cublasLtMatmulPreferenceAttributes_t matrices[] = {
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES};
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        if (calls->preference_set(preference, matrices[i], &alignment_bytes,
                                  sizeof alignment_bytes) != CUBLAS_STATUS_SUCCESS)
            return false;
    return true;
}

static int suggest(const svi_cublas_splitter *s, const problem *p,
                   cublasLtMatmulHeuristicResult_t suggested[CANDIDATES])
{
    const svi_cublas_calls *calls = s->calls;
    cublasLtMatmulPreference_t preference = NULL;
    uint32_t scheme = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
    int n = 0;
    if (calls->preference_create(&preference) != CUBLAS_STATUS_SUCCESS) return 0;
    bool is_found =
        calls->preference_set(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                              &s->workspace_bytes,
                              sizeof s->workspace_bytes) == CUBLAS_STATUS_SUCCESS &&
        calls->preference_set(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &scheme,
                              sizeof scheme) == CUBLAS_STATUS_SUCCESS &&
        tell_alignment(calls, preference, p->alignment_bytes) &&
        calls->suggest_algorithms(s->handle, p->operation, p->a, p->b, p->c, p->c, preference,
                                  CANDIDATES, suggested, &n) == CUBLAS_STATUS_SUCCESS;
    calls->preference_destroy(preference);
    return is_found ? n : 0;
}

/* The algorithm, told to cut sums of n_inner terms; false where it cannot. */
static bool cut(const svi_cublas_splitter *s, const problem *p, int n_inner,
                cublasLtMatmulAlgo_t *algorithm)
{
    const svi_cublas_calls *calls = s->calls;
    int32_t n_parts = s->n_parts < n_inner ? s->n_parts : n_inner;
    uint32_t scheme =
        n_parts > 1 ? CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE : CUBLASLT_REDUCTION_SCHEME_NONE;
    cublasLtMatmulHeuristicResult_t found;
    return calls->algorithm_set(algorithm, CUBLASLT_ALGO_CONFIG_SPLITK_NUM, &n_parts,
                                sizeof n_parts) == CUBLAS_STATUS_SUCCESS &&
           calls->algorithm_set(algorithm, CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME, &scheme,
                                sizeof scheme) == CUBLAS_STATUS_SUCCESS &&
           calls->check_algorithm(s->handle, p->operation, p->a, p->b, p->c, p->c, algorithm,
                                  &found) == CUBLAS_STATUS_SUCCESS &&
           found.workspaceSize <= s->workspace_bytes;
}

/* *algorithm is set in any case. */
static bool find(const svi_cublas_splitter *s, const problem *p, int n_inner,
                 cublasLtMatmulAlgo_t *algorithm)
{
    cublasLtMatmulHeuristicResult_t suggested[CANDIDATES];
    memset(algorithm, 0, sizeof *algorithm);
    int n = suggest(s, p, suggested);
    for (int i = 0; i < n; i++) {
        *algorithm = suggested[i].algo;
        if (cut(s, p, n_inner, algorithm)) return true;
    }
    return false;
}

static bool is_of(const svi_cublas_algorithm *known, const svi_cublas_product *product,
                  const problem *p)
{
    return known->alignment_bytes == p->alignment_bytes && known->n_rows == product->c.n_rows &&
           known->n_columns == product->n_columns && known->n_inner == product->n_inner &&
           known->n_runs == product->n_runs;
}

/* Each shape is searched for once, as that takes longer than a product. */
static bool look_up(svi_cublas_splitter *s, const svi_cublas_product *product, const problem *p,
                    cublasLtMatmulAlgo_t *algorithm)
{
    for (size_t i = 0; i < s->n_known; i++)
        if (is_of(&s->known[i], product, p)) {
            *algorithm = s->known[i].algorithm;
            return s->known[i].is_there;
        }
    bool is_there = find(s, p, product->n_inner, algorithm);
    if (s->n_known < SVI_CUBLAS_ALGORITHMS)
        s->known[s->n_known++] = (svi_cublas_algorithm){
            product->c.n_rows,  product->n_columns, product->n_inner, product->n_runs,
            p->alignment_bytes, is_there,           *algorithm};
    return is_there;
}

/* Runs whose parts the workspace should hold. */
static uint64_t runs_at_once(const svi_cublas_splitter *s, const svi_cublas_product *product)
{
    uint64_t n_values =
        (uint64_t)s->n_parts * (uint64_t)product->c.n_rows * (uint64_t)product->n_columns;
    uint64_t n = s->workspace_bytes / (n_values * sizeof(float));
    return n < 1 ? 1 : n < PRODUCTS_MOST ? n : PRODUCTS_MOST;
}

static uint64_t round_down(uint64_t n)
{
    return n < ALIGNED_RUNS ? n : n / ALIGNED_RUNS * ALIGNED_RUNS;
}

bool svi_cublas_splits(svi_cublas_splitter *s, svi_cublas_product product)
{
    problem p;
    cublasLtMatmulAlgo_t algorithm;
    product.n_runs = 1;
    bool is_found = open_problem(s, &product, runs_at_once(s, &product), &p) &&
                    find(s, &p, product.n_inner, &algorithm);
    close_problem(s->calls, &p);
    return is_found;
}

/* ---- products ---- */

/* Of all runs at once; CUBLAS_STATUS_NOT_SUPPORTED where the parts of so many take more than the
 * workspace, or cannot be made. */
static cublasStatus_t multiply(svi_cublas_splitter *s, const svi_cublas_product *product,
                               uint64_t n_most, void *workspace, cudaStream_t stream)
{
    const float one = 1.0f, zero = 0.0f;
    problem p;
    cublasLtMatmulAlgo_t algorithm;
    cublasStatus_t status = CUBLAS_STATUS_NOT_SUPPORTED;
    if (open_problem(s, product, n_most, &p) && look_up(s, product, &p, &algorithm))
        status = s->calls->lt_multiply(s->handle, p.operation, &one, product->a.at, p.a,
                                       product->b.at, p.b, &zero, product->c.at, p.c, product->c.at,
                                       p.c, &algorithm, workspace, s->workspace_bytes, stream);
    close_problem(s->calls, &p);
    return status;
}

static void advance(svi_cublas_matrix *m, uint64_t n_runs) { m->at += n_runs * m->stride; }

cublasStatus_t svi_cublas_split(svi_cublas_splitter *s, svi_cublas_product product, void *workspace,
                                cudaStream_t stream)
{
    uint64_t n_left = product.n_runs, n_most = round_down(runs_at_once(s, &product));
    while (n_left > 0) {
        product.n_runs = n_left < n_most ? n_left : n_most;
        cublasStatus_t status = multiply(s, &product, n_most, workspace, stream);
        if (status == CUBLAS_STATUS_NOT_SUPPORTED && product.n_runs > 1) {
            n_most = round_down(product.n_runs / 2);
            continue;
        }
        if (status != CUBLAS_STATUS_SUCCESS) return status;
        advance(&product.a, product.n_runs);
        advance(&product.b, product.n_runs);
        advance(&product.c, product.n_runs);
        n_left -= product.n_runs;
    }
    return CUBLAS_STATUS_SUCCESS;
}
