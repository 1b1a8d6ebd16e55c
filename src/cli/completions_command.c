/* completions: what a shell needs to complete a line; the manual page; all commands as JSON. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "completions.h"

typedef struct arguments {
    bool as_json;
} arguments;

static const struct {
    const char *name;
    void (*print)(void);
} forms[] = {
    {"bash", completions_print_bash},
    {"zsh", completions_print_zsh},
    {"fish", completions_print_fish},
    {"man", completions_print_man},
};

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    if (a->as_json && call->n_operands == 0) {
        completions_print_json();
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; !a->as_json && call->n_operands == 1 && i < N_ITEMS(forms); i++) {
        if (strcmp(call->operand[0], forms[i].name) != 0) continue;
        forms[i].print();
        return EXIT_SUCCESS;
    }
    return cli_fail_usage("completions", "say bash, zsh, fish or man, or --json alone");
}

static const cli_option options[] = {OPTION_JSON(arguments, as_json, "seedvar.commands/1")};

const cli_command cli_completions = {
    .name = "completions",
    .operands = "bash | zsh | fish | man",
    .summary = "print shell completions, or the manual page",
    .operand_words = "bash zsh fish man",
    .n_operands_max = 1,
    CLI_OPTIONS(options),
    .notes = "bash: source <(seedvar completions bash), or into\n"
             "      ~/.local/share/bash-completion/completions/seedvar\n"
             "zsh:  into a file _seedvar in a folder of $fpath\n"
             "fish: into ~/.config/fish/completions/seedvar.fish\n"
             "--json describes every command and option, for programs.",
    .examples = "completions bash\n"
                "completions fish\n"
                "completions --json\n",
    .size_arguments = sizeof(arguments),
    .run = run,
};
