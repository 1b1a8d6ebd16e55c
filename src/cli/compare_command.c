/* compare: two fingerprints, two stores, or a folder of fingerprints. */
#include <stdlib.h>

#include "cli.h"

/* What was found is printed in either case. */
static int print_found(sv_status status, char *text, const char *output, const sv_error *error)
{
    if (status != SV_OK && status != SV_DIFFERENT) return cli_fail(error);
    int code = cli_print(text, output);
    return code == EXIT_SUCCESS ? sv_status_exit_code(status) : code;
}

int cli_compare(int argc, char **argv)
{
    sv_analysis_options chosen = {0};
    const char *folder = NULL, *output = NULL;
    bool as_json = false;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"all", "DIR", "all fingerprints of a folder: machines against subjects", OPTION_TEXT,
         &folder},
        {"metric", "NAME", "stores: metric to judge by (default: as analyze)", OPTION_TEXT,
         (void *)&chosen.metric},
        {"level", "SHARE", "stores: confidence of the intervals (default 0.95)", OPTION_REAL,
         &chosen.level},
        {"margin", "D", "stores: difference of means that counts as equal", OPTION_REAL,
         &chosen.margin},
        {"json", NULL, "print JSON (seedvar.compare/1, seedvar.atlas/1)", OPTION_FLAG, &as_json},
        {"output", "FILE", "where to (default: stdout); also -o", OPTION_TEXT, &output},
    };
    int n = cli_parse(argc, argv, options, N_ITEMS(options),
                      "Two stores must hold one study, but for its numerics. The exit code is 1 "
                      "where bits differ that docs/numerics.md fixes.",
                      &code);
    if (n < 0) return code;
    char *text = NULL;
    sv_error error = {0};
    if (n != (folder == NULL ? 2 : 0))
        return cli_fail_usage("compare", "name two fingerprints or two stores, or --all DIR");
    sv_status status = folder != NULL
                           ? sv_compare_all(folder, as_json, &text, &error)
                           : sv_compare(argv[1], argv[2], &chosen, as_json, &text, &error);
    return print_found(status, text, output, &error);
}
