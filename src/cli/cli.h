/* The command line: one table of commands, one file a command, the public header and nothing else
 * of the library. */
#ifndef CLI_H
#define CLI_H

#include <stdio.h>

#include "seedvar.h"

/* Name, arguments, what it does. Each has a function cli_NAME(argc, argv) that returns an exit
 * code; argv[0] is the command's name. */
#define CLI_COMMANDS(X)                                                                            \
    X(run, "STUDY", "train what the store lacks")                                                  \
    X(plan, "STUDY", "say what a study would run, and check its data")                             \
    X(replay, "STORE", "train its runs again and compare the bits")                                \
    X(bisect, "A [B]", "find the step and the parameter at which two runs part")                   \
    X(status, "STORE", "say what a store holds")                                                   \
    X(analyze, "STORE", "estimate, compare, judge")                                                \
    X(import, "RUNS.csv", "analyze the results of another program")                                \
    X(howmany, "STORE | RUNS.csv | M SD M SD", "say how many seeds a comparison needs")            \
    X(claim, "STORE | RUNS.csv | M SD N", "hold a claimed value against a search over seeds")      \
    X(agree, "M SD N M SD N", "say whether two published results agree")                           \
    X(export, "STORE", "write a table as CSV or JSON lines")                                       \
    X(verify, "STORE", "recompute every checksum")                                                 \
    X(fingerprint, "", "write down what this machine computes")                                    \
    X(compare, "A B | --all DIR", "hold two stores or fingerprints side by side")                  \
    X(bench, "", "measure training speed beside the machine's peak")                               \
    X(spec, "check STUDY | --schema", "check a study file, or print its JSON Schema")              \
    X(list, "[LIST]", "list models, data, paths, devices and the like")

#define CLI_DECLARE(name, arguments, summary) int cli_##name(int argc, char **argv);
CLI_COMMANDS(CLI_DECLARE)
#undef CLI_DECLARE

typedef enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_COUNT,
    OPTION_REAL,
    OPTION_TEXTS
} option_kind;

typedef struct text_list {
    const char **item;
    size_t n;
} text_list;

/* One option of a command; value points to bool, const char *, uint64_t, double or text_list. */
typedef struct option {
    const char *name, *argument, *help;
    option_kind kind;
    void *value;
} option;

/* Reads the options out of argv (also "--name=value") and leaves the rest in argv[1..]; returns how
 * many are left, or -1 after a message (or help) was printed, with *exit_code set. more_help
 * follows the options, may be NULL. */
int cli_parse(int argc, char **argv, const option *options, size_t n_options, const char *more_help,
              int *exit_code);

/* Reads a number; false for anything else. */
bool cli_read_real(const char *text, double *value);
bool cli_read_count(const char *text, uint64_t *value);

/* Prints "seedvar: MESSAGE" to stderr; returns the exit code. */
int cli_fail(const sv_error *error);
int cli_fail_usage(const char *command, const char *message);

/* Prints text to stdout, or to the file named (NULL or "-": stdout), and frees it. Returns an exit
 * code. */
int cli_print(char *text, const char *path);

/* text as a JSON string, quotes included. */
void cli_print_json_text(FILE *file, const char *text);

#define N_ITEMS(array) (sizeof(array) / sizeof((array)[0]))

#endif
