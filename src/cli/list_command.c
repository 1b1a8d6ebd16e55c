/* list: the words that a study file takes, the metrics, the devices. */
#include "cli.h"

typedef struct arguments {
    bool as_json;
} arguments;

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    const char *topic = call->n_operands == 1 ? call->operand[0] : NULL;
    char *text = NULL;
    sv_error error = {0};
    sv_status status = sv_list(topic, a->as_json, &text, &error);
    return cli_print_if(status, text, NULL, &error);
}

static const cli_option options[] = {OPTION_JSON(arguments, as_json, "seedvar.list/1")};

const cli_command cli_list = {
    .name = "list",
    .operands = "[LIST]",
    .summary = "list models, data, paths, devices and the like",
    .operand_words = "@",
    .n_operands_max = 1,
    CLI_OPTIONS(options),
    .notes = "Without LIST: the lists that there are.",
    .examples = "list\n"
                "list models\n"
                "list devices --json\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
