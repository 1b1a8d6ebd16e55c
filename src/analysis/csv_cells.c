#include "analysis/csv_cells.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/run_table.h"
#include "base/nearest_word.h"
#include "base/text.h"
#include "net.h"

enum { N_NUMBER_MAX = 64 };

sv_status svi_csv_fail(const char *path, const svi_csv_field *field, sv_error *error,
                       const char *found, const char *mend)
{
    return svi_fail(error, SV_ERR_DATA, "%s:%" PRIu64 ":%d: %s '%.*s'; %s", path, field->line,
                    field->column, found, (int)svi_whole_bytes(field->text, 60), field->text, mend);
}

/* A table's own summary at its end. */
static bool is_summary_word(const char *text)
{
    static const char *const words[] = {"",   "mean", "avg",   "average", "median", "std",
                                        "sd", "sem",  "total", "min",     "max",    "all"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (svi_is_same_word(text, words[i])) return true;
    return false;
}

sv_status svi_csv_read_whole(const char *path, const svi_csv_field *field, uint64_t *value,
                             sv_error *error)
{
    char *end;
    errno = 0;
    *value = strtoull(field->text, &end, 10);
    bool is_digit = isdigit((unsigned char)field->text[0]) != 0;
    if (is_digit && *end == '.') end += 1 + strspn(end + 1, "0");
    if (is_digit && *end == '\0' && errno == 0) return SV_OK;
    return svi_csv_fail(path, field, error, "found",
                        is_summary_word(field->text)
                            ? "every run has its seed: a row of means is no run, remove it"
                            : "seeds and replicates are whole numbers from 0 to "
                              "18446744073709551615");
}

sv_status svi_csv_read_status(const char *path, const svi_csv_field *field, uint8_t *status,
                              sv_error *error)
{
    static const struct {
        const char *word;
        uint8_t status;
    } words[] = {
#define STATUS_WORD(id, name, help) {name, SVK_RUN_##id},
        SVK_RUN_STATUSES(STATUS_WORD)
#undef STATUS_WORD
            {"finished", SVK_RUN_OK},
        {"completed", SVK_RUN_OK},
        {"failed", SVK_RUN_DIVERGED},
        {"crashed", SVK_RUN_DIVERGED},
        {"killed", SVK_RUN_DIVERGED},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        *status = words[i].status;
        if (svi_is_same_word(field->text, words[i].word)) return SV_OK;
    }
    if (svi_is_same_word(field->text, "running") || svi_is_same_word(field->text, "pending"))
        return svi_csv_fail(path, field, error, "found status",
                            "a run under way has no result yet; wait for it or remove it");
    return svi_csv_fail(path, field, error, "found status",
                        "it is ok (or finished, completed), diverged (or failed, crashed, killed), "
                        "saturated or unsupported");
}

sv_status svi_csv_read_digest(const char *path, const svi_csv_field *field, uint32_t digest[4],
                              sv_error *error)
{
    size_t n = strlen(field->text);
    bool is_hex = n == 32 && strspn(field->text, "0123456789abcdefABCDEF") == n;
    if (!is_hex) return svi_csv_fail(path, field, error, "found digest", "it is 32 hex digits");
    for (int w = 0; w < 4; w++) {
        char word[9] = "";
        memcpy(word, field->text + (size_t)w * 8, 8);
        digest[w] = (uint32_t)strtoul(word, NULL, 16);
    }
    return SV_OK;
}

static bool is_missing(const char *text)
{
    static const char *const words[] = {"", "na", "n/a", "null", "none"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (svi_is_same_word(text, words[i])) return true;
    return false;
}

/* The text without its '%', and with a point for a comma before the decimals. False: there is more
 * than a number is written with. */
static bool make_plain(const char *text, bool decimal_comma, char plain[N_NUMBER_MAX],
                       svi_cell *cell)
{
    size_t n = strlen(text);
    if (n >= N_NUMBER_MAX) return false;
    memcpy(plain, text, n + 1);
    cell->has_percent = n > 1 && plain[n - 1] == '%';
    if (cell->has_percent) n--;
    while (cell->has_percent && n > 0 && plain[n - 1] == ' ') n--;
    plain[n] = '\0';
    char *point = strchr(plain, '.'), *comma = strchr(plain, ',');
    cell->decimal = point != NULL ? '.' : '\0';
    if (comma == NULL) return true;
    if (!decimal_comma || point != NULL) return false;
    *comma = '.';
    cell->decimal = ',';
    return true;
}

svi_cell svi_csv_read_cell(const char *text, bool decimal_comma)
{
    svi_cell cell = {.kind = SVI_CELL_TEXT, .value = NAN};
    char plain[N_NUMBER_MAX];
    bool is_number = !decimal_comma && svi_parse_number(text, &cell.value) != SVI_NUMBER_TEXT;
    if (!is_number && is_missing(text)) return (svi_cell){.kind = SVI_CELL_MISSING, .value = NAN};
    if (!is_number)
        is_number = make_plain(text, decimal_comma, plain, &cell) &&
                    svi_parse_number(plain, &cell.value) != SVI_NUMBER_TEXT;
    if (is_number) cell.kind = isnan(cell.value) ? SVI_CELL_MISSING : SVI_CELL_NUMBER;
    cell.value = is_number ? svi_result_value(cell.value) : NAN;
    return cell;
}

bool svi_csv_begins_like_number(const char *text)
{
    return isdigit((unsigned char)text[text[0] == '+' || text[0] == '-']) != 0;
}

bool svi_csv_looks_like_number(const char *text)
{
    return svi_csv_begins_like_number(text) && strchr(text, ',') != NULL &&
           text[strspn(text, "0123456789+-., %")] == '\0';
}
