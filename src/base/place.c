#include "base/place.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int write_place(char *text, size_t size, const svi_place *place)
{
    if (place->line == 0) return snprintf(text, size, "%s: ", place->file);
    unsigned long long line = place->line;
    if (place->name == NULL)
        return snprintf(text, size, "%s:%llu:%d: ", place->file, line, place->column);
    bool has_name = place->name[0] != '\0';
    return snprintf(text, size, "%s:%llu:%d: column %d%s%.*s%s: ", place->file, line, place->column,
                    place->column, has_name ? " (" : "", (int)svi_whole_bytes(place->name, 60),
                    place->name, has_name ? ")" : "");
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
                    "%s: cannot read the file: %s; check the file name", file, strerror(errno));
}

const char *svi_quote(const char *text, char quoted[SVI_QUOTE_SIZE])
{
    const size_t n_max = SVI_QUOTE_SIZE - 6; /* two quotation marks, "...", NUL */
    size_t n = svi_whole_bytes(text, n_max);
    char *out = quoted;
    *out++ = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        *out++ = c < 0x20 || c == 0x7f ? '?' : text[i];
    }
    strcpy(out, text[n] != '\0' ? "...\"" : "\"");
    return quoted;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The digits at *at go on in *digits; returns how many there are. */
static int read_digits(const char **at, uint64_t *digits)
{
    const char *start = *at;
    for (; is_digit(**at); ++*at) *digits = *digits * 10 + (uint64_t)(**at - '0');
    return (int)(*at - start);
}

/* A plain decimal number of up to 19 digits whose digits, as a whole number, are below 2^53 and
 * whose power of ten is exact in binary64: one operation on exact numbers rounds rightly (Clinger,
 * How to read floating point numbers accurately, PLDI 1990). False for all others. */
static bool parse_short(const char *text, double *value)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *at = text + (text[0] == '-');
    uint64_t digits = 0;
    int n_after = 0, n_digits = read_digits(&at, &digits);
    if (*at == '.') {
        at++;
        n_after = read_digits(&at, &digits);
    }
    n_digits += n_after;
    if (*at != '\0' || n_digits == 0 || n_digits > 19 || digits >> 53 != 0) return false;
    *value = (double)digits / power[n_after];
    if (text[0] == '-') *value = -*value;
    return true;
}

svi_number_kind svi_parse_number(const char *text, double *value)
{
    char *end;
    if (parse_short(text, value)) return SVI_NUMBER_FINITE;
    *value = strtod(text, &end);
    if (end == text || *end != '\0') return SVI_NUMBER_TEXT;
    if (strpbrk(text, "xX") != NULL)
        return SVI_NUMBER_TEXT; /* hexadecimal is more likely a code than a number */
    return isfinite(*value) ? SVI_NUMBER_FINITE : SVI_NUMBER_NOT_FINITE;
}
