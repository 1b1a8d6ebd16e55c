/* A command's line, read by its table. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

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

static bool read_int(const char *text, int *value)
{
    uint64_t count;
    if (!cli_read_count(text, &count)) return false;
    *value = count > INT_MAX ? INT_MAX : (int)count;
    return true;
}

static bool append_text(text_list *list, const char *text)
{
    const char **grown = realloc(list->item, (list->n + 1) * sizeof *grown);
    if (grown == NULL) return false;
    list->item = grown;
    list->item[list->n++] = text;
    return true;
}

static bool store_value(const cli_option *o, char *arguments, const char *text)
{
    void *value = arguments + o->offset;
    switch (o->kind) {
    case OPTION_FLAG: *(bool *)value = true; return true;
    case OPTION_TEXT: *(const char **)value = text; return true;
    case OPTION_COUNT: return cli_read_count(text, value);
    case OPTION_INT: return read_int(text, value);
    case OPTION_REAL: return cli_read_real(text, value);
    case OPTION_TEXTS: return append_text(value, text);
    }
    return false;
}

static int fail_unknown(const cli_command *command, const char *word, size_t n)
{
    const char **names = calloc(command->n_options + 1, sizeof *names), *nearest = NULL;
    char *alone = strndup(word, n);
    for (size_t i = 0; names != NULL && i < command->n_options; i++)
        names[i] = command->options[i].name;
    if (names != NULL && alone != NULL)
        nearest = sv_nearest_word(alone + strspn(alone, "-"), names, command->n_options);
    int code = nearest == NULL
                   ? cli_fail_usage(command->name, "%.200s: no such option", word)
                   : cli_fail_usage(command->name, "%.200s: no such option; did you mean --%s?",
                                    word, nearest);
    free(alone);
    free(names);
    return code;
}

/* The option that a word with dashes names, or NULL. "-o" stands for "--output". *n: bytes of the
 * word before its '='. */
static const cli_option *find_option(const cli_command *command, const char *word, size_t *n)
{
    *n = strcspn(word, "=");
    for (size_t i = 0; i < command->n_options; i++) {
        const cli_option *o = &command->options[i];
        if (strcmp(word, "-o") == 0 && strcmp(o->name, "output") == 0) return o;
        if (*n == strlen(o->name) + 2 && strncmp(word, "--", 2) == 0 &&
            strncmp(word + 2, o->name, *n - 2) == 0)
            return o;
    }
    return NULL;
}

/* Reads the option at argv[*i], and its value, which may be the next word. */
static int read_option(const cli_command *command, char *arguments, int argc, char **argv, int *i)
{
    size_t n;
    const char *word = argv[*i];
    const cli_option *o = find_option(command, word, &n);
    if (o == NULL) return fail_unknown(command, word, n);
    const char *value = word[n] == '=' ? word + n + 1 : NULL;
    if (o->kind != OPTION_FLAG && value == NULL && *i + 1 < argc) value = argv[++*i];
    if (o->kind == OPTION_FLAG && value != NULL)
        return cli_fail_usage(command->name, "%.200s: takes no value", word);
    if (o->kind != OPTION_FLAG && value == NULL)
        return cli_fail_usage(command->name, "%.200s: expects %s", word, o->argument);
    if (!store_value(o, arguments, value))
        return cli_fail_usage(command->name, "--%s: expects %s, %s, not '%.200s'", o->name,
                              o->argument, o->kind == OPTION_REAL ? "a number" : "a whole number",
                              value);
    return EXIT_SUCCESS;
}

/* A number may begin with a minus, and "-" alone stands for stdout. */
static bool is_option(const char *word)
{
    double number;
    return word[0] == '-' && word[1] != '\0' && !cli_read_real(word, &number);
}

static int read_line(cli_call *call, char *arguments)
{
    const cli_command *command = call->command;
    for (int i = 1; i < call->argc; i++) {
        int code = EXIT_SUCCESS;
        if (is_option(call->argv[i]))
            code = read_option(command, arguments, call->argc, call->argv, &i);
        else
            call->operand[call->n_operands++] = call->argv[i];
        if (code != EXIT_SUCCESS) return code;
    }
    if (call->n_operands < command->n_operands_min)
        return cli_fail_usage(command->name, "%s lacks %s", command->name, command->operands);
    if (call->n_operands > command->n_operands_max)
        return cli_fail_usage(command->name, "'%.200s' is too much: %s takes %s",
                              call->operand[command->n_operands_max], command->name,
                              command->operands[0] != '\0' ? command->operands : "options only");
    return EXIT_SUCCESS;
}

static void free_lists(const cli_command *command, char *arguments)
{
    for (size_t i = 0; i < command->n_options; i++)
        if (command->options[i].kind == OPTION_TEXTS)
            free(((text_list *)(void *)(arguments + command->options[i].offset))->item);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

int cli_call_command(const cli_command *command, int argc, char **argv)
{
    if (asks_for_help(argc, argv)) {
        cli_print_help(stdout, command);
        return EXIT_SUCCESS;
    }
    char *arguments = calloc(1, command->size_arguments);
    cli_call call = {.command = command,
                     .arguments = arguments,
                     .operand = calloc((size_t)argc, sizeof *call.operand),
                     .argc = argc,
                     .argv = argv};
    int code = sv_status_exit_code(SV_ERR_MEMORY);
    if (arguments != NULL && call.operand != NULL) {
        if (command->defaults != NULL)
            memcpy(arguments, command->defaults, command->size_arguments);
        code = read_line(&call, arguments);
        if (code == EXIT_SUCCESS) code = command->run(&call);
        free_lists(command, arguments);
    }
    free(call.operand);
    free(arguments);
    return code;
}
