/* status and verify: what a store holds, whether it is whole. */
#include "cli.h"

typedef struct arguments {
    bool as_json;
} arguments;

typedef sv_status (*store_text_fn)(const char *path, bool as_json, char **text, sv_error *error);

/* Prints one text about one store, also when the status is not SV_OK. */
static int print_about_store(const cli_call *call, store_text_fn describe)
{
    const arguments *a = call->arguments;
    char *text = NULL;
    sv_error error = {0};
    sv_status status = describe(call->operand[0], a->as_json, &text, &error);
    int code = text != NULL ? cli_print(text, NULL) : 0;
    if (status == SV_OK) return code;
    return status == SV_ERR_INCOMPLETE ? sv_status_exit_code(status) : cli_fail(&error);
}

static int run_status(const cli_call *call) { return print_about_store(call, sv_store_status); }

static int run_verify(const cli_call *call) { return print_about_store(call, sv_store_verify); }

static const cli_option status_options[] = {OPTION_JSON(arguments, as_json, "seedvar.status/1")};

const cli_command cli_status = {
    .name = "status",
    .operands = "STORE",
    .summary = "say what a store holds",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 1,
    CLI_OPTIONS(status_options),
    .notes = "The exit code is 3 while runs are missing.",
    .examples = "status digits.db\n"
                "status digits.db --json\n",
    .size_arguments = sizeof(arguments),
    .run = run_status,
};

static const cli_option verify_options[] = {OPTION_JSON(arguments, as_json, "seedvar.verify/1")};

const cli_command cli_verify = {
    .name = "verify",
    .operands = "STORE",
    .summary = "recompute every checksum",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 1,
    CLI_OPTIONS(verify_options),
    .examples = "verify digits.db\n",
    .size_arguments = sizeof(arguments),
    .run = run_verify,
};
