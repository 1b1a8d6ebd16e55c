/* The command line: one table a command (options, examples, notes), from which come its parser, its
 * help and the shell completions; one file a command or a family of them; the public header and
 * nothing else of the library. */
#ifndef CLI_H
#define CLI_H

#include <stddef.h>
#include <stdio.h>

#include "seedvar.h"

/* In the order of the help. Each is a `const cli_command cli_NAME`. */
#define CLI_COMMANDS(X)                                                                            \
    X(init)                                                                                        \
    X(run)                                                                                         \
    X(plan)                                                                                        \
    X(replay)                                                                                      \
    X(bisect)                                                                                      \
    X(status)                                                                                      \
    X(analyze)                                                                                     \
    X(import)                                                                                      \
    X(howmany)                                                                                     \
    X(claim)                                                                                       \
    X(agree)                                                                                       \
    X(report)                                                                                      \
    X(export)                                                                                      \
    X(verify)                                                                                      \
    X(fingerprint)                                                                                 \
    X(compare)                                                                                     \
    X(bench)                                                                                       \
    X(spec)                                                                                        \
    X(list)                                                                                        \
    X(doctor)                                                                                      \
    X(completions)

/* What an option's value is: bool, const char *, uint64_t, int (capped), double or text_list. */
typedef enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_COUNT,
    OPTION_INT,
    OPTION_REAL,
    OPTION_TEXTS
} option_kind;

typedef struct text_list {
    const char **item;
    size_t n;
} text_list;

typedef struct cli_option {
    const char *name, *argument, *help; /* argument: NULL for a flag */
    option_kind kind;
    size_t offset;     /* of its value, in the command's arguments */
    const char *words; /* what may stand there, for completions: words with blanks between, "@LIST"
                          (of `seedvar list`), CLI_FILES; NULL: anything */
} cli_option;

#define CLI_FILES "*"

/* A command as it was called. */
typedef struct cli_call {
    const struct cli_command *command;
    const void *arguments; /* what the options filled */
    int n_operands;
    char **operand;
    int argc; /* the whole line, command first */
    char **argv;
} cli_call;

typedef struct cli_command {
    const char *name, *operands, *summary;
    const char *operand_words;          /* as cli_option.words */
    int n_operands_min, n_operands_max; /* checked before run is called */
    const cli_option *options;
    size_t n_options;
    const char *notes;    /* after the options; may be NULL */
    const char *examples; /* what follows "seedvar", each ended by a newline */
    size_t size_arguments;
    const void *defaults;             /* of the arguments; NULL: all zero */
    int (*run)(const cli_call *call); /* returns the exit code */
} cli_command;

#define CLI_DECLARE(name) extern const cli_command cli_##name;
CLI_COMMANDS(CLI_DECLARE)
#undef CLI_DECLARE

#define N_ITEMS(array) (sizeof(array) / sizeof((array)[0]))
#define CLI_OPTIONS(array) .options = (array), .n_options = N_ITEMS(array)

/* Options that several commands have. */
#define OPTION_JSON(type, member, schema)                                                          \
    {                                                                                              \
        "json", NULL, "print JSON (" schema ")", OPTION_FLAG, offsetof(type, member), NULL         \
    }
#define OPTION_OUTPUT(type, member)                                                                \
    {                                                                                              \
        "output", "FILE", "where to (default: stdout); also -o", OPTION_TEXT,                      \
            offsetof(type, member), CLI_FILES                                                      \
    }
#define OPTION_SET(type, member)                                                                   \
    {                                                                                              \
        "set", "KEY=VALUE", "replace a value of the study; may be repeated", OPTION_TEXTS,         \
            offsetof(type, member), NULL                                                           \
    }
#define OPTION_FOLDER(type, member)                                                                \
    {                                                                                              \
        "folder", "DIR", "where the study's data files are (default: beside the store)",           \
            OPTION_TEXT, offsetof(type, member), CLI_FILES                                         \
    }
#define OPTION_N_THREADS(type, member)                                                             \
    {                                                                                              \
        "threads", "N", "threads on the CPU (default, and 0: one a core)", OPTION_INT,             \
            offsetof(type, member), NULL                                                           \
    }
#define OPTION_SIMD(type, member)                                                                  \
    {                                                                                              \
        "simd", "SET", "auto (default), avx512, avx2 or plain; the bits are the same",             \
            OPTION_TEXT, offsetof(type, member), "auto avx512 avx2 plain"                          \
    }
#define OPTION_DEVICES(type, member)                                                               \
    {                                                                                              \
        "device", "DEVICE",                                                                        \
            "auto (default), cpu, cuda:N, several with commas between, or cuda:all", OPTION_TEXT,  \
            offsetof(type, member), "auto cpu cuda:0 cuda:all"                                     \
    }
#define OPTION_LAUNCH(type, member)                                                                \
    {                                                                                              \
        "launch", "N",                                                                             \
            "runs a launch (default: about half a second); the bits are the same but of engine "   \
            "cublas",                                                                              \
            OPTION_COUNT, offsetof(type, member), NULL                                             \
    }
#define OPTION_ONE_DEVICE(type, member)                                                            \
    {                                                                                              \
        "device", "DEVICE", "cpu (default) or cuda:N", OPTION_TEXT, offsetof(type, member),        \
            "cpu cuda:0"                                                                           \
    }
#define OPTION_METRIC(type, member)                                                                \
    {                                                                                              \
        "metric", "NAME", "metric to judge by (default: test_accuracy, else the first that fits)", \
            OPTION_TEXT, offsetof(type, member), "@metrics"                                        \
    }
#define OPTION_LEVEL(type, member)                                                                 \
    {                                                                                              \
        "level", "SHARE", "confidence of the intervals (default 0.95)", OPTION_REAL,               \
            offsetof(type, member), NULL                                                           \
    }
#define OPTION_MARGIN(type, member)                                                                \
    {                                                                                              \
        "margin", "D",                                                                             \
            "difference of means that counts as equal, as 0.01 for a point of accuracy",           \
            OPTION_REAL, offsetof(type, member), NULL                                              \
    }

#define OPTION_ARM(type, member)                                                                   \
    {                                                                                              \
        "arm", "COLUMN", "of a CSV: what names the arms (default: arm, model, ...), or none",      \
            OPTION_TEXT, offsetof(type, member), NULL                                              \
    }
#define OPTION_MORE_IS_BETTER(type, member)                                                        \
    {                                                                                              \
        "more-is-better", NULL, "large values of the metric are good (default: by its name)",      \
            OPTION_FLAG, offsetof(type, member), NULL                                              \
    }
#define OPTION_LESS_IS_BETTER(type, member)                                                        \
    {                                                                                              \
        "less-is-better", NULL, "small values of the metric are good (default: by its name)",      \
            OPTION_FLAG, offsetof(type, member), NULL                                              \
    }

/* All commands, in order; NULL where there are no more. */
const cli_command *cli_command_at(size_t i);
const cli_command *cli_command_find(const char *name);

/* Reads a line (command first), and runs the command. Returns the exit code. */
int cli_call_command(const cli_command *command, int argc, char **argv);
void cli_print_help(FILE *file, const cli_command *command);

/* Reads a number; false for anything else. */
bool cli_read_real(const char *text, double *value);
bool cli_read_count(const char *text, uint64_t *value);

/* Prints "seedvar: MESSAGE" to stderr; returns the exit code. */
int cli_fail(const sv_error *error);
/* The same, with where the options are explained. command may be NULL. */
int cli_fail_usage(const char *command, const char *format, ...);

/* Prints text to stdout, or to the file named (NULL or "-": stdout), and frees it. Returns an exit
 * code. */
int cli_print(char *text, const char *path);
/* The same where status is SV_OK; else fails. */
int cli_print_if(sv_status status, char *text, const char *path, const sv_error *error);

/* text as a JSON string, quotes included. */
void cli_print_json_text(FILE *file, const char *text);

#endif
