/* Checks exp, log, tanh, sine and cosine of pi x for every binary32 input. Minutes each; not part
 * of the usual tests: ninja exhaustive_elementary && tests/exhaustive_elementary [NAME...]
 *
 * The C library's binary64 functions decide wherever their error, a few units in the last place,
 * cannot change the rounding to binary32; MPFR decides the rest, and each of these hard cases is
 * printed as name, input, right result: tests/kat/elementary_hard_cases.txt holds them. Exit code
 * 1: a result is rounded wrongly.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "elementary.h"
#include "mpfr_reference.h"

#define CHUNK (UINT64_C(1) << 20)
#define N_INPUTS (UINT64_C(1) << 32)
/* Relative; far above what the C library errs by. */
#define LIBRARY_ERROR 0x1p-46

enum { MAX_THREADS = 256 };

typedef struct search {
    const char *name;
    float (*ours)(float x);
    double (*library)(double x);
    mpfr_function exact;
    _Atomic uint64_t next, n_wrong, n_by_mpfr;
} search;

static float exp_f32(float x) { return svk_exp_f32(x); }
static float log_f32(float x) { return svk_log_f32(x); }
static float tanh_f32(float x) { return svk_tanh_f32(x); }

static float sinpi_f32(float x)
{
    float sine, cosine;
    svk_sincospi_f32(x, &sine, &cosine);
    return sine;
}

static float cospi_f32(float x)
{
    float sine, cosine;
    svk_sincospi_f32(x, &sine, &cosine);
    return cosine;
}

/* The folding to |x| <= 1/2 is exact, so that the C library only sees arguments at which it errs by
 * little. */
static double library_sinpi(double x)
{
    double folded = x - 2.0 * rint(0.5 * x);
    if (fabs(folded) > 0.5) folded = copysign(1.0, folded) - folded;
    return copysign(sin(M_PI * fabs(folded)), folded == 0.0 ? x : folded);
}

static double library_cospi(double x)
{
    double folded = fabs(x - 2.0 * rint(0.5 * x));
    return sin(M_PI * (0.5 - folded));
}

static int is_same(float a, float b)
{
    return svk_bits_f32(a) == svk_bits_f32(b) || (isnan(a) && isnan(b));
}

static void check_input(search *s, uint32_t bits)
{
    float x = svk_from_bits_f32(bits), y = s->ours(x);
    double near = s->library((double)x);
    float low = (float)(near * (1.0 - LIBRARY_ERROR)), high = (float)(near * (1.0 + LIBRARY_ERROR));
    if (is_same(low, high) && is_same(low, y)) return;
    float right = reference_f32(s->exact, x);
    s->n_by_mpfr++;
    printf("%s %08" PRIx32 " %08" PRIx32 "\n", s->name, bits, svk_bits_f32(right));
    if (is_same(y, right)) return;
    s->n_wrong++;
    printf("WRONG: %s(%a) = %a, should be %a\n", s->name, (double)x, (double)y, (double)right);
}

static void *check_inputs(void *context)
{
    search *s = context;
    for (uint64_t first; (first = atomic_fetch_add(&s->next, CHUNK)) < N_INPUTS;)
        for (uint64_t i = first; i < first + CHUNK; i++) check_input(s, (uint32_t)i);
    mpfr_free_cache();
    return NULL;
}

/* Returns the number of wrong results. */
static uint64_t check_function(search *s)
{
    pthread_t thread[MAX_THREADS];
    long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    int n = 0;
    while (n < n_cores && n < MAX_THREADS && pthread_create(&thread[n], NULL, check_inputs, s) == 0)
        n++;
    if (n == 0) check_inputs(s);
    for (int i = 0; i < n; i++) pthread_join(thread[i], NULL);
    printf("%s: %" PRIu64 " of 2^32 inputs rounded wrongly; MPFR was asked %" PRIu64 " times\n",
           s->name, (uint64_t)s->n_wrong, (uint64_t)s->n_by_mpfr);
    fflush(stdout);
    return s->n_wrong;
}

static int is_asked_for(const char *name, int n_names, char *const *names)
{
    int is_there = n_names == 0;
    for (int i = 0; i < n_names; i++) is_there |= strcmp(name, names[i]) == 0;
    return is_there;
}

int main(int argc, char **argv)
{
    search searches[] = {
        {.name = "exp", .ours = exp_f32, .library = exp, .exact = mpfr_exp},
        {.name = "log", .ours = log_f32, .library = log, .exact = mpfr_log},
        {.name = "tanh", .ours = tanh_f32, .library = tanh, .exact = mpfr_tanh},
        {.name = "sinpi", .ours = sinpi_f32, .library = library_sinpi, .exact = mpfr_sinpi},
        {.name = "cospi", .ours = cospi_f32, .library = library_cospi, .exact = mpfr_cospi}};
    uint64_t n_wrong = 0;
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++)
        if (is_asked_for(searches[i].name, argc - 1, argv + 1))
            n_wrong += check_function(&searches[i]);
    return n_wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
