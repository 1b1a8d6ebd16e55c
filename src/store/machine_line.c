#include <stdio.h>
#include <string.h>

#include "store/store_file.h"

typedef struct machine_line {
    char *text;
    size_t size;
} machine_line;

static sv_status add_machine(svi_store *store, sqlite3_stmt *statement, void *context,
                             sv_error *error)
{
    machine_line *line = context;
    size_t n = strlen(line->text);
    const char *detail = (const char *)sqlite3_column_text(statement, 1);
    const char *code = (const char *)sqlite3_column_text(statement, 2);
    (void)store, (void)error;
    snprintf(line->text + n, line->size - n, "%s%s%s%s%s%s; seedvar %s", n > 0 ? " | " : "",
             (const char *)sqlite3_column_text(statement, 0), detail[0] != '\0' ? ", " : "", detail,
             code[0] != '\0' ? ", " : "", code, (const char *)sqlite3_column_text(statement, 3));
    return SV_OK;
}

sv_status svi_store_machine_line(svi_store *store, char *line, size_t size, sv_error *error)
{
    machine_line context = {line, size};
    line[0] = '\0';
    return svi_sql_each(
        store,
        "SELECT device_model, device_detail, cuda_code, program_version FROM machine"
        " GROUP BY 1, 2, 3, 4 ORDER BY min(machine)",
        add_machine, &context, error);
}
