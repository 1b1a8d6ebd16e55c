/* status, verify, export: what a store holds, whether it is whole, its rows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef sv_status (*store_text_fn)(const char *path, bool as_json, char **text, sv_error *error);

/* A command that prints one text about one store, also when the status is not SV_OK. */
static int print_about_store(int argc, char **argv, store_text_fn describe)
{
    bool as_json = false;
    int code = EXIT_SUCCESS;
    const option options[] = {{"json", NULL, "print JSON", OPTION_FLAG, &as_json}};
    int n = cli_parse(argc, argv, options, N_ITEMS(options), NULL, &code);
    if (n < 0) return code;
    if (n != 1) return cli_fail_usage(argv[0], "name one store");
    char *text = NULL;
    sv_error error = {0};
    sv_status status = describe(argv[1], as_json, &text, &error);
    if (text != NULL) code = cli_print(text, NULL);
    if (status == SV_OK) return code;
    if (status == SV_ERR_INCOMPLETE) return sv_status_exit_code(status);
    return cli_fail(&error);
}

int cli_status(int argc, char **argv) { return print_about_store(argc, argv, sv_store_status); }

int cli_verify(int argc, char **argv) { return print_about_store(argc, argv, sv_store_verify); }

static sv_status write_file(void *context, const char *bytes, size_t n)
{
    return fwrite(bytes, 1, n, context) == n ? SV_OK : SV_ERR_IO;
}

static int export_to(const char *store, const char *table, const char *format, const char *output)
{
    sv_error error = {0};
    bool is_stdout = output == NULL || strcmp(output, "-") == 0;
    FILE *file = is_stdout ? stdout : fopen(output, "w");
    if (file == NULL) {
        fprintf(stderr, "seedvar: %s cannot be written: %s\n", output, strerror(errno));
        return sv_status_exit_code(SV_ERR_IO);
    }
    sv_status status = sv_store_export(store, table, format, write_file, file, &error);
    if (!is_stdout && fclose(file) != 0 && status == SV_OK) {
        fprintf(stderr, "seedvar: %s cannot be written: %s\n", output, strerror(errno));
        return sv_status_exit_code(SV_ERR_IO);
    }
    return status == SV_OK ? EXIT_SUCCESS : cli_fail(&error);
}

int cli_export(int argc, char **argv)
{
    const char *table = "runs", *format = "csv", *output = NULL;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"table", "TABLE",
         "runs (default), arms, numerics, launches, machines, predictions, "
         "checkpoints, curves, distances",
         OPTION_TEXT, &table},
        {"format", "FORMAT", "csv (default) or jsonl", OPTION_TEXT, &format},
        {"output", "FILE", "where to (default: stdout); also -o", OPTION_TEXT, &output},
    };
    int n = cli_parse(argc, argv, options, N_ITEMS(options), NULL, &code);
    if (n < 0) return code;
    if (n != 1) return cli_fail_usage("export", "export: name one store");
    return export_to(argv[1], table, format, output);
}
