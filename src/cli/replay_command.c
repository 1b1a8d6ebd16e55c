/* replay: runs of a store, trained again. */
#include "cli.h"

typedef struct arguments {
    const char *folder;
    sv_replay_options options;
    bool as_json;
} arguments;

static void print_summary(const sv_replay_summary *s, const char *parting)
{
    printf("%llu run%s trained again in %.1f s: ", (unsigned long long)s->n_replayed,
           s->n_replayed == 1 ? "" : "s", s->elapsed_s);
    if (s->n_different == 0)
        printf("every bit is the same\n");
    else
        printf("%llu differ%s, the first is run %llu\n", (unsigned long long)s->n_different,
               s->n_different == 1 ? "s" : "", (unsigned long long)s->first_different);
    if (s->n_left_out > 0)
        printf("%llu run%s left out: the order of the sums was the hardware's and was not "
               "logged\n",
               (unsigned long long)s->n_left_out, s->n_left_out == 1 ? "" : "s");
    printf("%s", parting);
}

static void print_summary_json(const sv_replay_summary *s, const char *parting)
{
    printf("{\"schema\": \"seedvar.replay/1\", \"replayed\": %llu, \"left_out\": %llu, "
           "\"different\": %llu, \"first_different\": ",
           (unsigned long long)s->n_replayed, (unsigned long long)s->n_left_out,
           (unsigned long long)s->n_different);
    if (s->n_different == 0)
        printf("null");
    else
        printf("%llu", (unsigned long long)s->first_different);
    printf(", \"parting\": %s, \"elapsed_s\": %.6f}\n", parting, s->elapsed_s);
}

static int run(const cli_call *call)
{
    const arguments *a = call->arguments;
    sv_replay_options chosen = a->options;
    sv_study *study;
    sv_error error = {0};
    sv_replay_summary summary;
    chosen.store_path = call->operand[0];
    if (sv_study_open_store(chosen.store_path, a->folder, &study, &error) != SV_OK)
        return cli_fail(&error);
    sv_status status = sv_replay(study, &chosen, &summary, &error);
    sv_study_close(study);
    if (status != SV_OK && status != SV_DIFFERENT) return cli_fail(&error);
    char *parting = NULL;
    if (status == SV_DIFFERENT && sv_replay_parting(&chosen, a->folder, summary.first_different,
                                                    a->as_json, &parting, &error) != SV_OK)
        return cli_fail(&error);
    const char *nothing = a->as_json ? "null" : "";
    (a->as_json ? print_summary_json : print_summary)(&summary,
                                                      parting == NULL ? nothing : parting);
    sv_free(parting);
    return sv_status_exit_code(status);
}

static const cli_option options[] = {
    {"run", "N", "this run alone (default: all)", OPTION_COUNT, offsetof(arguments, options.run),
     NULL},
    OPTION_FOLDER(arguments, folder),
    OPTION_ONE_DEVICE(arguments, options.device),
    OPTION_N_THREADS(arguments, options.n_threads),
    OPTION_SIMD(arguments, options.simd),
    OPTION_JSON(arguments, as_json, "seedvar.replay/1"),
};

const cli_command cli_replay = {
    .name = "replay",
    .operands = "STORE",
    .summary = "train its runs again and compare the bits",
    .operand_words = CLI_FILES,
    .n_operands_min = 1,
    .n_operands_max = 1,
    CLI_OPTIONS(options),
    .notes = "Runs on path arrival follow the orders that were logged when a GPU trained them; no "
             "device can repeat\na run on the atomic paths, which a CPU leaves out. Of the first "
             "run that differs it says "
             "since which checkpoint of the "
             "store,\nand of one on a GPU that a CPU can train, too, the step, the layer and the "
             "parameter.",
    .examples = "replay digits.db\n"
                "replay digits.db --run 7\n",
    .size_arguments = sizeof(arguments),
    .defaults = &(const arguments){.options.run = UINT64_MAX},
    .run = run,
};
