#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const struct command {
    const char *name, *arguments, *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
#define COMMAND_ROW(name, arguments, summary) {#name, arguments, summary, cli_##name},
    CLI_COMMANDS(COMMAND_ROW)
#undef COMMAND_ROW
};

static void print_help(FILE *file)
{
    fprintf(file, "seedvar %s: is this result the method or the seed?\n\n", sv_version());
    fprintf(file, "usage: seedvar COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; i < N_ITEMS(commands); i++)
        fprintf(file, "  %-11s %-28s %s\n", commands[i].name, commands[i].arguments,
                commands[i].summary);
    fprintf(file, "\n'seedvar COMMAND --help' shows the options of a command.\n");
}

/* Letters that two words do not share at their start and end: enough to find a slip of the finger.
 */
static size_t difference(const char *a, const char *b)
{
    size_t n_a = strlen(a), n_b = strlen(b), start = 0, end = 0;
    while (start < n_a && start < n_b && a[start] == b[start]) start++;
    while (end < n_a - start && end < n_b - start && a[n_a - 1 - end] == b[n_b - 1 - end]) end++;
    size_t longer = n_a > n_b ? n_a : n_b;
    return longer - start - end;
}

static int fail_unknown(const char *name)
{
    size_t best = 0;
    for (size_t i = 1; i < N_ITEMS(commands); i++)
        if (difference(name, commands[i].name) < difference(name, commands[best].name)) best = i;
    fprintf(stderr, "seedvar: there is no command '%s'", name);
    if (difference(name, commands[best].name) <= 2)
        fprintf(stderr, "; did you mean '%s'?", commands[best].name);
    fprintf(stderr, "\nTry 'seedvar --help'.\n");
    return sv_status_exit_code(SV_ERR_USAGE);
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return sv_status_exit_code(SV_ERR_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("seedvar %s\n", sv_version());
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < N_ITEMS(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
    return fail_unknown(argv[1]);
}

/* Output that did not reach its reader is a failure, whatever the command made of it. */
int main(int argc, char **argv)
{
    int code = run_command(argc, argv), failed = sv_status_exit_code(SV_ERR_IO);
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    if (code != failed)
        fprintf(stderr,
                "seedvar: writing to stdout failed: is the disk full or the reader gone?\n");
    return failed;
}
