#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static void print_options(FILE *file, const char *command, const option *options, size_t n_options,
                          const char *more_help)
{
    static const struct {
        const char *name, *arguments, *summary;
    } commands[] = {
#define HELP_ROW(name, arguments, summary) {#name, arguments, summary},
        CLI_COMMANDS(HELP_ROW)
#undef HELP_ROW
    };
    for (size_t i = 0; i < N_ITEMS(commands); i++)
        if (strcmp(command, commands[i].name) == 0)
            fprintf(file, "usage: seedvar %s %s [OPTIONS]\n%s\n\n", command, commands[i].arguments,
                    commands[i].summary);
    for (size_t i = 0; i < n_options; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", options[i].name,
                 options[i].argument == NULL ? "" : " ",
                 options[i].argument == NULL ? "" : options[i].argument);
        fprintf(file, "  %-26s %s\n", left, options[i].help);
    }
    if (more_help != NULL) fprintf(file, "\n%s\n", more_help);
}

bool cli_read_count(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    if (text[0] < '0' || text[0] > '9') return false;
    double real = strtod(text, &end); /* so that 1e6 is a count too */
    if (*end != '\0' || real > 9e15 || real != (double)(uint64_t)real) {
        *value = strtoull(text, &end, 10);
        return *end == '\0' && errno == 0;
    }
    *value = (uint64_t)real;
    return true;
}

bool cli_read_real(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value - *value == 0.0;
}

static bool append_text(text_list *list, const char *text)
{
    const char **grown = realloc(list->item, (list->n + 1) * sizeof *grown);
    if (grown == NULL) return false;
    list->item = grown;
    list->item[list->n++] = text;
    return true;
}

static bool store_value(const option *o, const char *text)
{
    switch (o->kind) {
    case OPTION_FLAG: *(bool *)o->value = true; return true;
    case OPTION_TEXT: *(const char **)o->value = text; return true;
    case OPTION_COUNT: return cli_read_count(text, o->value);
    case OPTION_REAL: return cli_read_real(text, o->value);
    case OPTION_TEXTS: return append_text(o->value, text);
    }
    return false;
}

/* The option that `word` (after the dashes, up to '=') names, or NULL. "-o" stands for "--output".
 */
static const option *find_option(const char *word, size_t n, const option *options,
                                 size_t n_options)
{
    for (size_t i = 0; i < n_options; i++)
        if (strlen(options[i].name) == n && strncmp(options[i].name, word, n) == 0)
            return &options[i];
    return NULL;
}

int cli_fail_usage(const char *command, const char *message)
{
    fprintf(stderr, "seedvar: %s\nTry 'seedvar %s --help'.\n", message, command);
    return sv_status_exit_code(SV_ERR_USAGE);
}

static int fail_option(const char *command, const char *word, const char *what)
{
    char message[512];
    snprintf(message, sizeof message, "%.200s: %s", word, what);
    return cli_fail_usage(command, message);
}

int cli_parse(int argc, char **argv, const option *options, size_t n_options, const char *more_help,
              int *exit_code)
{
    int n_left = 0;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            print_options(stdout, argv[0], options, n_options, more_help);
            *exit_code = EXIT_SUCCESS;
            return -1;
        }
        double number; /* -3.1 is one, and no option */
        if (word[0] != '-' || word[1] == '\0' || cli_read_real(word, &number)) {
            argv[1 + n_left++] = argv[i];
            continue;
        }
        const char *name = strcmp(word, "-o") == 0       ? "output"
                           : strncmp(word, "--", 2) == 0 ? word + 2
                                                         : "";
        size_t n = strcspn(name, "=");
        const option *o = find_option(name, n, options, n_options);
        const char *value = name[n] == '=' ? name + n + 1 : NULL;
        if (o == NULL) {
            *exit_code = fail_option(argv[0], word, "no such option");
            return -1;
        }
        if (o->kind != OPTION_FLAG && value == NULL) value = i + 1 < argc ? argv[++i] : NULL;
        if ((o->kind == OPTION_FLAG) != (value == NULL) || !store_value(o, value)) {
            char what[128];
            snprintf(what, sizeof what,
                     o->kind == OPTION_FLAG ? "takes no value%.0s" : "expects %s",
                     o->argument == NULL ? "" : o->argument);
            *exit_code = fail_option(argv[0], word, what);
            return -1;
        }
    }
    return n_left;
}

int cli_fail(const sv_error *error)
{
    fprintf(stderr, "seedvar: %s\n",
            error->message[0] != '\0' ? error->message : sv_status_text(error->status));
    return sv_status_exit_code(error->status);
}

int cli_print(char *text, const char *path)
{
    bool is_stdout = path == NULL || strcmp(path, "-") == 0;
    FILE *file = is_stdout ? stdout : fopen(path, "w");
    bool is_written = file != NULL && fputs(text, file) >= 0;
    if (file != NULL && !is_stdout) is_written &= fclose(file) == 0;
    sv_free(text);
    if (is_written) return EXIT_SUCCESS;
    fprintf(stderr, "seedvar: %s cannot be written: %s\n", is_stdout ? "stdout" : path,
            strerror(errno));
    return sv_status_exit_code(SV_ERR_IO);
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
