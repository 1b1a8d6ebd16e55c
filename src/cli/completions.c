#include "completions.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* The names in a list as people read it: lines that begin with two blanks. */
static void keep_names(char *list)
{
    char *to = list;
    for (char *line = list; line != NULL && *line != '\0';) {
        char *next = strchr(line, '\n');
        size_t n = strncmp(line, "  ", 2) == 0 ? strcspn(line + 2, " \n") : 0;
        memmove(to, line + 2, n);
        to += n;
        if (n > 0) *to++ = ' ';
        line = next != NULL ? next + 1 : NULL;
    }
    if (to > list) to--;
    *to = '\0';
}

char *completions_words(const char *words)
{
    sv_error unused = {0};
    char *list = NULL;
    if (words == NULL || strcmp(words, CLI_FILES) == 0) return NULL;
    if (words[0] != '@') return strdup(words);
    const char *topic = words[1] != '\0' ? words + 1 : NULL;
    if (sv_list(topic, false, &list, &unused) == SV_OK) keep_names(list);
    return list;
}

/* ---- bash ---- */

/* Where nothing is offered bash completes names of files. */
static void print_bash_words(const char *label, const cli_option *option, const char *words)
{
    char *offered = completions_words(words);
    if (offered != NULL)
        printf("    %s%s%s) offered='%s' ;;\n", label, option != NULL ? ":--" : "",
               option != NULL ? option->name : "", offered);
    else if (option != NULL)
        printf("    %s:--%s) return ;;\n", label, option->name);
    free(offered);
}

static void print_bash_options(const cli_command *c)
{
    printf("    %s) offered='", c->name);
    for (size_t i = 0; i < c->n_options; i++) printf("--%s ", c->options[i].name);
    printf("--help' ;;\n");
}

void completions_print_bash(void)
{
    const cli_command *c;
    printf("# bash completion of seedvar\n"
           "_seedvar()\n{\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} offered=\n"
           "    COMPREPLY=()\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        offered='");
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++) printf("%s ", c->name);
    printf("--help --version'\n    else\n    case ${COMP_WORDS[1]}:$before in\n");
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++)
        for (size_t j = 0; j < c->n_options; j++)
            if (c->options[j].argument != NULL)
                print_bash_words(c->name, &c->options[j], c->options[j].words);
    printf("    esac\n    fi\n    if [ -z \"$offered\" ]; then\n"
           "    case ${COMP_WORDS[1]}:$word in\n    *:-*) case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++) print_bash_options(c);
    printf("    esac ;;\n    *) case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++)
        print_bash_words(c->name, NULL, c->operand_words);
    printf("    esac ;;\n    esac\n    fi\n"
           "    COMPREPLY=($(compgen -W \"$offered\" -- \"$word\"))\n}\n"
           "complete -o bashdefault -o default -F _seedvar seedvar\n");
}

/* ---- zsh ---- */

/* Text within single quotes, as part of an _arguments specification. */
static void print_zsh_text(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'')
            printf("'\\''");
        else if (*c == '[' || *c == ']' || *c == ':')
            printf("\\%c", *c);
        else
            putchar(*c);
    }
}

static void print_zsh_action(const char *message, const char *words)
{
    char *offered = completions_words(words);
    putchar(':');
    print_zsh_text(message);
    if (offered != NULL) {
        printf(":(");
        print_zsh_text(offered);
        printf(")");
    } else {
        printf(":%s", words != NULL ? "_files" : "");
    }
    free(offered);
}

static void print_zsh_command(const cli_command *c)
{
    printf("    %s) _arguments", c->name);
    for (size_t i = 0; i < c->n_options; i++) {
        const cli_option *o = &c->options[i];
        printf(" \\\n        '%s--%s%s[", o->kind == OPTION_TEXTS ? "*" : "", o->name,
               o->argument != NULL ? "=" : "");
        print_zsh_text(o->help);
        putchar(']');
        if (o->argument != NULL) print_zsh_action(o->argument, o->words);
        putchar('\'');
    }
    printf(" \\\n        '--help[print the options and examples]'");
    if (c->n_operands_max > 0) {
        printf(" \\\n        '*");
        print_zsh_action(c->operands, c->operand_words);
        putchar('\'');
    }
    printf(" ;;\n");
}

void completions_print_zsh(void)
{
    const cli_command *c;
    printf("#compdef seedvar\n_seedvar()\n{\n    local -a commands\n    commands=(\n");
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++) {
        printf("        '%s:", c->name);
        print_zsh_text(c->summary);
        printf("'\n");
    }
    printf("    )\n    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
           "    shift words\n    (( CURRENT-- ))\n    case $words[1] in\n");
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++) print_zsh_command(c);
    printf("    esac\n}\n"
           "if [ \"$funcstack[1]\" = _seedvar ]; then _seedvar \"$@\"; else compdef _seedvar "
           "seedvar; fi\n");
}

/* ---- fish ---- */

static void print_fish_text(const char *text)
{
    putchar('\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'' || *c == '\\') putchar('\\');
        putchar(*c);
    }
    putchar('\'');
}

static void print_fish_words(const char *words)
{
    char *offered = completions_words(words);
    if (offered != NULL) {
        printf(" -a ");
        print_fish_text(offered);
    }
    free(offered);
}

static void print_fish_command(const cli_command *c)
{
    bool takes_files = c->operand_words != NULL && strcmp(c->operand_words, CLI_FILES) == 0;
    printf("complete -c seedvar -n __fish_use_subcommand -a %s -d ", c->name);
    print_fish_text(c->summary);
    printf("\ncomplete -c seedvar -n '__fish_seen_subcommand_from %s'%s", c->name,
           takes_files ? " -F" : "");
    print_fish_words(c->operand_words);
    printf("\n");
    for (size_t i = 0; i < c->n_options; i++) {
        const cli_option *o = &c->options[i];
        bool is_file = o->words != NULL && strcmp(o->words, CLI_FILES) == 0;
        printf("complete -c seedvar -n '__fish_seen_subcommand_from %s' -l %s%s", c->name, o->name,
               o->argument == NULL ? ""
               : is_file           ? " -r -F"
                                   : " -x");
        print_fish_words(o->words);
        printf(" -d ");
        print_fish_text(o->help);
        printf("\n");
    }
}

void completions_print_fish(void)
{
    const cli_command *c;
    printf("# fish completion of seedvar\ncomplete -c seedvar -f\n"
           "complete -c seedvar -l help -d 'print the options and examples'\n");
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++) print_fish_command(c);
}

/* ---- JSON ---- */

static void print_member(const char *name, const char *text)
{
    printf("\"%s\": ", name);
    if (text != NULL)
        cli_print_json_text(stdout, text);
    else
        printf("null");
}

static void print_json_option(const cli_option *o)
{
    static const char *const kinds[] = {"flag", "text", "count", "count", "number", "texts"};
    printf("{");
    print_member("name", o->name);
    printf(", ");
    print_member("argument", o->argument);
    printf(", ");
    print_member("kind", kinds[o->kind]);
    printf(", ");
    print_member("help", o->help);
    printf("}");
}

static void print_json_examples(const cli_command *c)
{
    printf("\"examples\": [");
    for (const char *line = c->examples; *line != '\0'; line = strchr(line, '\n') + 1) {
        char example[256];
        snprintf(example, sizeof example, "seedvar %.*s", (int)strcspn(line, "\n"), line);
        printf("%s", line == c->examples ? "" : ", ");
        cli_print_json_text(stdout, example);
    }
    printf("]");
}

void completions_print_json(void)
{
    const cli_command *c;
    printf("{\"schema\": \"seedvar.commands/1\", ");
    print_member("version", sv_version());
    printf(", \"commands\": [");
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++) {
        printf("%s\n{", i > 0 ? "," : "");
        print_member("name", c->name);
        printf(", ");
        print_member("operands", c->operands);
        printf(", ");
        print_member("summary", c->summary);
        printf(",\n ");
        print_json_examples(c);
        printf(",\n \"options\": [");
        for (size_t j = 0; j < c->n_options; j++) {
            printf("%s\n  ", j > 0 ? "," : "");
            print_json_option(&c->options[j]);
        }
        printf("]}");
    }
    printf("\n]}\n");
}
