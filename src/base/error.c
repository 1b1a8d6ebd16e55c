#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/version.h"

sv_status svi_fail(sv_error *error, sv_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list args;
        error->status = status;
        va_start(args, format);
        vsnprintf(error->message, sizeof error->message, format, args);
        va_end(args);
    }
    return status;
}

sv_status svi_fail_memory(sv_error *error, size_t size_bytes, const char *what)
{
    return svi_fail(error, SV_ERR_MEMORY, "out of memory: %zu bytes for %s", size_bytes, what);
}

static const struct {
    int exit_code;
    const char *text;
} status_table[] = {
#define STATUS_ROW(name, exit_code, text) {exit_code, text},
    SV_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

const char *sv_status_text(sv_status status) { return status_table[status].text; }

int sv_status_exit_code(sv_status status) { return status_table[status].exit_code; }

const char *sv_version(void) { return SVI_VERSION; }

void sv_free(void *text) { free(text); }
