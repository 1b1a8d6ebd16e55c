/* What commands print: help, results, failures. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { HELP_COLUMN = 26 };

static void print_option(FILE *file, const cli_option *option)
{
    bool is_flag = option->argument == NULL;
    int n = fprintf(file, "  --%s%s%s", option->name, is_flag ? "" : " ",
                    is_flag ? "" : option->argument);
    fprintf(file, "%*s%s\n", n < HELP_COLUMN + 2 ? HELP_COLUMN + 3 - n : 1, "", option->help);
}

void cli_print_help(FILE *file, const cli_command *command)
{
    fprintf(file, "usage: seedvar %s%s%s [OPTIONS]\n%s\n\n", command->name,
            command->operands[0] != '\0' ? " " : "", command->operands, command->summary);
    for (size_t i = 0; i < command->n_options; i++) print_option(file, &command->options[i]);
    if (command->notes != NULL) fprintf(file, "\n%s\n", command->notes);
    fprintf(file, "\nexamples:\n");
    for (const char *line = command->examples; *line != '\0';) {
        int n = (int)strcspn(line, "\n");
        fprintf(file, "  seedvar %.*s\n", n, line);
        line += n + (line[n] != '\0');
    }
}

int cli_fail(const sv_error *error)
{
    fprintf(stderr, "seedvar: %s\n",
            error->message[0] != '\0' ? error->message : sv_status_text(error->status));
    return sv_status_exit_code(error->status);
}

int cli_fail_usage(const char *command, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fprintf(stderr, "seedvar: ");
    vfprintf(stderr, format, values);
    va_end(values);
    fprintf(stderr, " (see seedvar %s%s--help)\n", command != NULL ? command : "",
            command != NULL ? " " : "");
    return sv_status_exit_code(SV_ERR_USAGE);
}

int cli_print(char *text, const char *path)
{
    bool is_stdout = path == NULL || strcmp(path, "-") == 0;
    FILE *file = is_stdout ? stdout : fopen(path, "w");
    bool is_written = file != NULL && fputs(text, file) >= 0;
    if (file != NULL && !is_stdout) is_written &= fclose(file) == 0;
    sv_free(text);
    if (is_written) return EXIT_SUCCESS;
    fprintf(stderr, "seedvar: %s cannot be written: %s; check the folder and the disk's space\n",
            is_stdout ? "stdout" : path, strerror(errno));
    return sv_status_exit_code(SV_ERR_IO);
}

int cli_print_if(sv_status status, char *text, const char *path, const sv_error *error)
{
    return status == SV_OK ? cli_print(text, path) : cli_fail(error);
}

void cli_print_json_text(FILE *file, const char *text)
{
    fputc('"', file);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(file, "\\u%04x", *c);
        else
            fputc(*c, file);
    }
    fputc('"', file);
}
