/* list: the words that a study file takes, the metrics, the devices. */
#include <stdlib.h>

#include "cli.h"

int cli_list(int argc, char **argv)
{
    bool as_json = false;
    int code = EXIT_SUCCESS;
    const option options[] = {{"json", NULL, "print JSON (seedvar.list/1)", OPTION_FLAG, &as_json}};
    int n = cli_parse(argc, argv, options, N_ITEMS(options),
                      "Without LIST: the lists that there are.", &code);
    if (n < 0) return code;
    if (n > 1) return cli_fail_usage("list", "list: one list at a time");
    char *text = NULL;
    sv_error error = {0};
    sv_status status = sv_list(n == 1 ? argv[1] : NULL, as_json, &text, &error);
    return status == SV_OK ? cli_print(text, NULL) : cli_fail(&error);
}
