#include "data/place.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_place(char *text, size_t size, const svi_place *place)
{
    if (place->line == 0) return snprintf(text, size, "%s: ", place->file);
    unsigned long long line = place->line;
    if (place->name == NULL)
        return snprintf(text, size, "%s:%llu:%d: ", place->file, line, place->column);
    bool has_name = place->name[0] != '\0';
    return snprintf(text, size, "%s:%llu:%d: column %d%s%.60s%s: ", place->file, line,
                    place->column, place->column, has_name ? " (" : "", place->name,
                    has_name ? ")" : "");
}

sv_status svi_fail_data(sv_error *error, const svi_place *place, const char *format, ...)
{
    if (error == NULL) return SV_ERR_DATA;
    error->status = SV_ERR_DATA;
    int n = write_place(error->message, sizeof error->message, place);
    if (n < 0 || (size_t)n >= sizeof error->message) return SV_ERR_DATA;
    va_list args;
    va_start(args, format);
    vsnprintf(error->message + n, sizeof error->message - (size_t)n, format, args);
    va_end(args);
    return SV_ERR_DATA;
}

sv_status svi_fail_file(sv_error *error, const char *file)
{
    bool is_name_wrong = errno == ENOENT || errno == ENOTDIR || errno == EISDIR;
    return svi_fail(error, is_name_wrong ? SV_ERR_DATA : SV_ERR_IO,
                    "%s: cannot read the data file: %s; check the file name in the study (relative "
                    "names start at "
                    "the study file's folder)",
                    file, strerror(errno));
}

const char *svi_quote(const char *text, char quoted[SVI_QUOTE_SIZE])
{
    const size_t n_max = SVI_QUOTE_SIZE - 6; /* two quotation marks, "...", NUL */
    size_t n = strlen(text);
    bool is_cut = n > n_max;
    if (is_cut) n = n_max;
    while (is_cut && n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--; /* not inside a character */
    char *out = quoted;
    *out++ = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        *out++ = c < 0x20 || c == 0x7f ? '?' : text[i];
    }
    strcpy(out, is_cut ? "...\"" : "\"");
    return quoted;
}

svi_number_kind svi_parse_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    if (end == text || *end != '\0') return SVI_NUMBER_TEXT;
    if (strpbrk(text, "xX") != NULL)
        return SVI_NUMBER_TEXT; /* hexadecimal is more likely a code than a number */
    return isfinite(*value) ? SVI_NUMBER_FINITE : SVI_NUMBER_NOT_FINITE;
}
