#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const cli_command *const commands[] = {
#define COMMAND_ROW(name) &cli_##name,
    CLI_COMMANDS(COMMAND_ROW)
#undef COMMAND_ROW
};

const cli_command *cli_command_at(size_t i) { return i < N_ITEMS(commands) ? commands[i] : NULL; }

const cli_command *cli_command_find(const char *name)
{
    for (size_t i = 0; i < N_ITEMS(commands); i++)
        if (strcmp(name, commands[i]->name) == 0) return commands[i];
    return NULL;
}

static void print_overview(FILE *file)
{
    fprintf(file, "seedvar %s: is this result the method or the seed?\n\n", sv_version());
    fprintf(file, "usage: seedvar COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; i < N_ITEMS(commands); i++)
        fprintf(file, "  %-11s %-28s %s\n", commands[i]->name, commands[i]->operands,
                commands[i]->summary);
    fprintf(file, "\n'seedvar COMMAND --help' shows the options of a command, with examples.\n");
}

static int fail_unknown(const char *name)
{
    const char *names[N_ITEMS(commands)];
    for (size_t i = 0; i < N_ITEMS(commands); i++) names[i] = commands[i]->name;
    const char *nearest = sv_nearest_word(name, names, N_ITEMS(commands));
    if (nearest == NULL) return cli_fail_usage(NULL, "there is no command '%s'", name);
    return cli_fail_usage(NULL, "there is no command '%s'; did you mean '%s'?", name, nearest);
}

/* help, or help COMMAND. */
static int print_help(const char *name)
{
    const cli_command *command = name != NULL ? cli_command_find(name) : NULL;
    if (name != NULL && command == NULL) return fail_unknown(name);
    if (command != NULL)
        cli_print_help(stdout, command);
    else
        print_overview(stdout);
    return EXIT_SUCCESS;
}

static int run_command(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return sv_status_exit_code(SV_ERR_USAGE);
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        return print_help(argv[2]);
    if (strcmp(word, "--version") == 0) {
        printf("seedvar %s\n", sv_version());
        return EXIT_SUCCESS;
    }
    const cli_command *command = cli_command_find(word);
    return command != NULL ? cli_call_command(command, argc - 1, argv + 1) : fail_unknown(word);
}

/* Output that did not reach its reader is a failure, whatever the command made of it. */
int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error, and no reason to die */
    int code = run_command(argc, argv), failed = sv_status_exit_code(SV_ERR_IO);
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    if (code != failed)
        fprintf(stderr,
                "seedvar: writing to stdout failed: is the disk full or the reader gone?\n");
    return failed;
}
