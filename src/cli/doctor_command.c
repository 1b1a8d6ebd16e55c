/* doctor: what is here, what would go wrong. */
#include "cli.h"

typedef struct arguments {
    const char *store;
    bool as_json;
} arguments;

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    char *text = NULL;
    sv_error error = {0};
    sv_status status = sv_doctor(a->store, a->as_json, &text, &error);
    if (status == SV_OK || text == NULL) return cli_print_if(status, text, NULL, &error);
    cli_print(text, NULL);
    return cli_fail(&error);
}

static const cli_option options[] = {
    {"store", "PATH", "where a store would be (default: this folder)", OPTION_TEXT,
     offsetof(arguments, store), CLI_FILES},
    OPTION_JSON(arguments, as_json, "seedvar.doctor/1"),
};

const cli_command cli_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "say what is installed and what would go wrong",
    CLI_OPTIONS(options),
    .notes = "Program, processor, memory, GPUs, and the file system of the store. The exit code is "
             "5 where something\nhas to be mended first.",
    .examples = "doctor\n"
                "doctor --store ./digits.db\n"
                "doctor --json\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
