#include <stdlib.h>

#include "cli.h"

typedef struct replay_arguments {
    const char *folder;
    uint64_t n_threads;
    bool as_json;
    sv_replay_options options;
} replay_arguments;

static void print_summary(const sv_replay_summary *s)
{
    printf("%llu runs trained again in %.1f s: ", (unsigned long long)s->n_replayed, s->elapsed_s);
    if (s->n_different == 0)
        printf("every bit is the same\n");
    else
        printf("%llu differ, the first is run %llu\n", (unsigned long long)s->n_different,
               (unsigned long long)s->first_different);
}

static void print_summary_json(const sv_replay_summary *s)
{
    printf("{\"schema\": \"seedvar.replay/1\", \"replayed\": %llu, \"different\": %llu, "
           "\"first_different\": ",
           (unsigned long long)s->n_replayed, (unsigned long long)s->n_different);
    if (s->n_different == 0)
        printf("null");
    else
        printf("%llu", (unsigned long long)s->first_different);
    printf(", \"elapsed_s\": %.6f}\n", s->elapsed_s);
}

static int replay(const char *path, replay_arguments *a)
{
    sv_study *study;
    sv_error error = {0};
    sv_replay_summary summary;
    a->options.store_path = path;
    if (sv_study_open_store(path, a->folder, &study, &error) != SV_OK) return cli_fail(&error);
    a->options.n_threads = a->n_threads > 100000 ? 100000 : (int)a->n_threads;
    sv_status status = sv_replay(study, &a->options, &summary, &error);
    sv_study_close(study);
    if (status != SV_OK && status != SV_DIFFERENT) return cli_fail(&error);
    if (a->as_json)
        print_summary_json(&summary);
    else
        print_summary(&summary);
    return sv_status_exit_code(status);
}

int cli_replay(int argc, char **argv)
{
    replay_arguments a = {.options.run = UINT64_MAX};
    const option options[] = {
        {"run", "N", "this run alone (default: all)", OPTION_COUNT, &a.options.run},
        {"folder", "DIR", "where the study's data files are (default: beside the store)",
         OPTION_TEXT, (void *)&a.folder},
        {"device", "NAME", "cpu (default) or cuda:0", OPTION_TEXT, &a.options.device},
        {"threads", "N", "threads on the CPU (default: one a core)", OPTION_COUNT, &a.n_threads},
        {"simd", "NAME", "auto (default), avx512, avx2 or plain", OPTION_TEXT, &a.options.simd},
        {"json", NULL, "print JSON", OPTION_FLAG, &a.as_json},
    };
    int code = EXIT_SUCCESS;
    int n = cli_parse(argc, argv, options, N_ITEMS(options),
                      "Runs on path arrival follow the orders that were logged when a GPU trained "
                      "them; no device can repeat a run on the atomic paths.",
                      &code);
    if (n < 0) return code;
    return n == 1 ? replay(argv[1], &a) : cli_fail_usage("replay", "replay takes one STORE");
}
