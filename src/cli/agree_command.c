/* agree: two published results. */
#include <stdlib.h>

#include "cli.h"

static bool read_published(char **word, sv_published *result)
{
    return cli_read_real(word[0], &result->mean) && cli_read_real(word[1], &result->sd) &&
           cli_read_count(word[2], &result->n);
}

int cli_agree(int argc, char **argv)
{
    sv_analysis_options chosen = {0};
    sv_published a, b;
    sv_error error = {0};
    bool as_json = false;
    char *text = NULL;
    int code = EXIT_SUCCESS;
    const option options[] = {
        {"margin", "D", "difference of means that counts as equal", OPTION_REAL, &chosen.margin},
        {"level", "SHARE", "confidence of the interval (default 0.95)", OPTION_REAL, &chosen.level},
        {"json", NULL, "print JSON", OPTION_FLAG, &as_json},
    };
    int n = cli_parse(argc, argv, options, N_ITEMS(options),
                      "M SD N: mean, standard deviation between runs, number of runs; as in\n"
                      "seedvar agree 87.8 0.7 3 88.2 0.6 3",
                      &code);
    if (n < 0) return code;
    if (n != 6 || !read_published(argv + 1, &a) || !read_published(argv + 4, &b))
        return cli_fail_usage(argv[0], "give mean, SD and runs of both results: M SD N M SD N");
    return sv_agree(&a, &b, &chosen, as_json, &text, &error) == SV_OK ? cli_print(text, NULL)
                                                                      : cli_fail(&error);
}
