/* plan and spec: what a study file says, without running it. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static int plan(const char *path, const text_list *sets, bool as_json)
{
    sv_study *study;
    sv_error error = {0};
    char *text = NULL;
    if (sv_study_open(path, sets->item, sets->n, &study, &error) != SV_OK) return cli_fail(&error);
    sv_status status = sv_study_plan(study, as_json, &text, &error);
    sv_study_close(study);
    return status == SV_OK ? cli_print(text, NULL) : cli_fail(&error);
}

int cli_plan(int argc, char **argv)
{
    text_list sets = {0};
    bool as_json = false;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"set", "KEY=VALUE", "override a key of the study; may be repeated", OPTION_TEXTS, &sets},
        {"json", NULL, "print JSON", OPTION_FLAG, &as_json},
    };
    int n = cli_parse(argc, argv, options, N_ITEMS(options), NULL, &code);
    if (n == 1)
        code = plan(argv[1], &sets, as_json);
    else if (n >= 0)
        code = cli_fail_usage("plan", "plan: name one study file");
    free(sets.item);
    return code;
}

static int check(const char *path, const text_list *sets, bool as_json)
{
    sv_study *study;
    sv_error error = {0};
    if (sv_study_open(path, sets->item, sets->n, &study, &error) != SV_OK) return cli_fail(&error);
    sv_study_close(study);
    if (as_json)
        printf("{\"schema\": \"seedvar.spec-check/1\", \"valid\": true}\n");
    else
        printf("%s: a valid study file\n", path);
    return EXIT_SUCCESS;
}

static int print_schema(void)
{
    char *json;
    sv_error error = {0};
    if (sv_study_schema(&json, &error) != SV_OK) return cli_fail(&error);
    return cli_print(json, NULL);
}

int cli_spec(int argc, char **argv)
{
    text_list sets = {0};
    bool as_json = false, wants_schema = false;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"schema", NULL, "print the JSON Schema of study files", OPTION_FLAG, &wants_schema},
        {"set", "KEY=VALUE", "override a key of the study; may be repeated", OPTION_TEXTS, &sets},
        {"json", NULL, "print JSON", OPTION_FLAG, &as_json},
    };
    int n = cli_parse(argc, argv, options, N_ITEMS(options), NULL, &code);
    if (n == 0 && wants_schema)
        code = print_schema();
    else if (n == 2 && strcmp(argv[1], "check") == 0)
        code = check(argv[2], &sets, as_json);
    else if (n >= 0)
        code = cli_fail_usage("spec", "spec: say 'spec check STUDY' or 'spec --schema'");
    free(sets.item);
    return code;
}
