/* export: the rows of a store. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct arguments {
    const char *table, *format, *output;
    bool as_json;
} arguments;

static sv_status write_file(void *context, const char *bytes, size_t n)
{
    return fwrite(bytes, 1, n, context) == n ? SV_OK : SV_ERR_IO;
}

/* JSON lines become the entries of an array. */
typedef struct array_writer {
    FILE *file;
    bool is_between; /* after the end of a line */
} array_writer;

static sv_status write_entries(void *context, const char *bytes, size_t n)
{
    array_writer *w = context;
    for (size_t i = 0; i < n; i++) {
        if (w->is_between) fputs(",\n", w->file);
        w->is_between = bytes[i] == '\n';
        if (!w->is_between) fputc(bytes[i], w->file);
    }
    return ferror(w->file) ? SV_ERR_IO : SV_OK;
}

static sv_status write_json(const char *store, const arguments *a, FILE *file, sv_error *error)
{
    array_writer writer = {.file = file};
    fprintf(file, "{\"schema\": \"seedvar.export/1\", \"table\": ");
    cli_print_json_text(file, a->table);
    fprintf(file, ", \"rows\": [\n");
    sv_status status = sv_store_export(store, a->table, "jsonl", write_entries, &writer, error);
    fprintf(file, "\n]}\n");
    return status;
}

static int fail_output(const char *output)
{
    fprintf(stderr, "seedvar: %s cannot be written: %s; check the folder and the disk's space\n",
            output, strerror(errno));
    return sv_status_exit_code(SV_ERR_IO);
}

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    const char *store = call->operand[0];
    sv_error error = {0};
    bool is_stdout = a->output == NULL || strcmp(a->output, "-") == 0;
    FILE *file = is_stdout ? stdout : fopen(a->output, "w");
    if (file == NULL) return fail_output(a->output);
    sv_status status = a->as_json
                           ? write_json(store, a, file, &error)
                           : sv_store_export(store, a->table, a->format, write_file, file, &error);
    if (!is_stdout && fclose(file) != 0 && status == SV_OK) return fail_output(a->output);
    return status == SV_OK ? EXIT_SUCCESS : cli_fail(&error);
}

static const cli_option options[] = {
    {"table", "TABLE",
     "runs (default), arms, numerics, launches, machines, predictions, checkpoints, curves, "
     "distances",
     OPTION_TEXT, offsetof(arguments, table),
     "runs arms numerics launches machines predictions checkpoints curves distances"},
    {"format", "FORMAT", "csv (default) or jsonl", OPTION_TEXT, offsetof(arguments, format),
     "csv jsonl"},
    OPTION_JSON(arguments, as_json, "seedvar.export/1"),
    OPTION_OUTPUT(arguments, output),
};

const cli_command cli_export = {
    .name = "export",
    .operands = "STORE",
    .summary = "write a table as CSV or JSON lines",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 1,
    CLI_OPTIONS(options),
    .notes = "The bytes depend on the store's rows alone. docs/store.md explains the columns.",
    .examples = "export digits.db -o runs.csv\n"
                "export digits.db --table machines --format jsonl\n"
                "export digits.db --json\n",
    .size_arguments = sizeof(arguments),
    .defaults = &(const arguments){.table = "runs", .format = "csv"},
    .run = run,
};
