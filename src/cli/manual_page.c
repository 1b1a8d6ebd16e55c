/* seedvar(1), in troff's man macros. */
#include <string.h>

#include "cli.h"
#include "completions.h"

/* Text that troff takes as it stands: its escapes and a leading control character are hidden. */
static void print_text(const char *text)
{
    bool is_line_start = true;
    for (const char *c = text; *c != '\0'; c++) {
        if (is_line_start && (*c == '.' || *c == '\'')) printf("\\&");
        is_line_start = *c == '\n';
        if (*c == '-')
            printf("\\-");
        else if (*c == '\\')
            printf("\\e");
        else
            putchar(*c);
    }
}

static void print_paragraph(const char *text)
{
    print_text(text);
    putchar('\n');
}

static void print_option(const cli_option *option)
{
    printf(".TP\n\\fB\\-\\-");
    print_text(option->name);
    if (option->argument != NULL) {
        printf(" \\fI");
        print_text(option->argument);
    }
    printf("\\fR\n");
    print_paragraph(option->help);
}

static void print_command(const cli_command *c)
{
    printf(".SS \"seedvar %s", c->name);
    if (c->operands[0] != '\0') printf(" %s", c->operands);
    printf("\"\n");
    print_paragraph(c->summary);
    if (c->notes != NULL) {
        printf(".PP\n");
        print_paragraph(c->notes);
    }
    for (size_t i = 0; i < c->n_options; i++) print_option(&c->options[i]);
    printf(".PP\n.nf\n");
    for (const char *line = c->examples; *line != '\0'; line = strchr(line, '\n') + 1)
        printf("    seedvar %.*s\n", (int)strcspn(line, "\n"), line);
    printf(".fi\n");
}

static void print_exit_codes(void)
{
    static const sv_status statuses[] = {
#define STATUS_ID(id, exit_code, text) id,
        SV_STATUS_LIST(STATUS_ID)
#undef STATUS_ID
    };
    printf(".SH EXIT STATUS\n");
    for (size_t i = 0; i < N_ITEMS(statuses); i++)
        printf(".TP\n%d\n%s\n", sv_status_exit_code(statuses[i]), sv_status_text(statuses[i]));
}

void completions_print_man(void)
{
    const cli_command *c;
    printf(".TH SEEDVAR 1 \"\" \"seedvar %s\"\n.SH NAME\nseedvar \\- is this result the method or "
           "the seed?\n.SH SYNOPSIS\n.B seedvar\n.I COMMAND\n[OPTIONS]\n.SH DESCRIPTION\n"
           "Trains very many tiny models, one random seed each, and says with confidence intervals "
           "what the spread of their results is made of.\n.SH COMMANDS\n",
           sv_version());
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++) print_command(c);
    print_exit_codes();
}
