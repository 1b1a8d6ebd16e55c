/* Errors as values: every fallible function returns what svi_fail returns. */
#ifndef SVI_ERROR_H
#define SVI_ERROR_H

#include "seedvar.h"

#if defined(__GNUC__)
#define SVI_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#else
#define SVI_PRINTF(format_at, first_at)
#endif

/* Fills *error (may be NULL; a longer message is cut) and returns status. */
sv_status svi_fail(sv_error *error, sv_status status, const char *format, ...) SVI_PRINTF(3, 4);

/* "out of memory: N bytes for WHAT" */
sv_status svi_fail_memory(sv_error *error, size_t size_bytes, const char *what);

/* Returns from the calling function when call fails. */
#define SVI_TRY(call)                                                                              \
    do {                                                                                           \
        sv_status try_status_ = (call);                                                            \
        if (try_status_ != SV_OK) return try_status_;                                              \
    } while (0)

#endif
