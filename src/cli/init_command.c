/* init: a first study of a data file. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct arguments {
    const char *target, *output;
    bool as_json;
} arguments;

/* The data file's name with .yaml, in this folder. */
static char *default_output(const char *data_path)
{
    const char *slash = strrchr(data_path, '/'), *name = slash != NULL ? slash + 1 : data_path;
    size_t n = strcspn(name, ".");
    if (n == 0) n = strlen(name);
    char *output = malloc(n + sizeof ".yaml");
    if (output == NULL) return NULL;
    memcpy(output, name, n);
    strcpy(output + n, ".yaml");
    return output;
}

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    bool is_stdout = a->output != NULL && strcmp(a->output, "-") == 0;
    char *output = default_output(call->operand[0]), *text = NULL;
    sv_init_options chosen = {
        .target = a->target,
        .study_path = is_stdout           ? NULL
                      : a->output != NULL ? a->output
                                          : output,
    };
    sv_error error = {0};
    sv_status status = sv_init(call->operand[0], &chosen, a->as_json, &text, &error);
    free(output);
    return cli_print_if(status, text, NULL, &error);
}

static const cli_option options[] = {
    {"target", "COLUMN", "what is to be predicted: a name or an index from 0 (default: guessed)",
     OPTION_TEXT, offsetof(arguments, target), NULL},
    {"output", "FILE", "the study file (default: the data file's name with .yaml, here); also -o",
     OPTION_TEXT, offsetof(arguments, output), CLI_FILES},
    OPTION_JSON(arguments, as_json, "seedvar.init/1"),
};

const cli_command cli_init = {
    .name = "init",
    .operands = "DATA.csv",
    .summary = "look at a data file and write a study of it",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 1,
    CLI_OPTIONS(options),
    .notes =
        "DATA.csv may be gzip. The study has comments on what was seen; change it as you like.\n"
        "-o - prints it.",
    .examples = "init flowers.csv\n"
                "init flowers.csv --target species -o first.yaml\n"
                "init flowers.csv -o -\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
