#include "analysis/metric_names.h"

#include <stdio.h>
#include <string.h>

#include "vocabulary.h"

enum { N_WORDS_MAX = 32 };

static bool is_small(char c) { return c >= 'a' && c <= 'z'; }
static bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_in_word(char c) { return is_small(c) || is_capital(c) || is_digit(c); }

/* Where split_at_capitals, also before a capital that follows a small letter or a digit. Bytes
 * beyond ASCII are kept: they belong to words of other languages. */
static void write_plain(const char *name, bool split_at_capitals, char plain[64])
{
    size_t n = 0;
    for (size_t i = 0; name[i] != '\0' && n < 62; i++) {
        char c = name[i];
        bool is_word = is_in_word(c) || (unsigned char)c >= 0x80;
        bool starts_word = split_at_capitals && n > 0 && is_capital(c) &&
                           (is_small(name[i - 1]) || is_digit(name[i - 1]));
        if (starts_word || (!is_word && n > 0 && plain[n - 1] != '_')) plain[n++] = '_';
        if (is_word) plain[n++] = is_capital(c) ? (char)(c - 'A' + 'a') : c;
    }
    while (n > 0 && plain[n - 1] == '_') n--;
    plain[n] = '\0';
}

void svi_plain_name(const char *name, char plain[64]) { write_plain(name, true, plain); }

typedef struct known_word {
    const char *word;
    svi_metric_kind kind;
    int better;
} known_word;

static const known_word known_words[] = {
    {"accuracy", SVI_KIND_ACCURACY, 1}, {"acc", SVI_KIND_ACCURACY, 1},
    {"acc1", SVI_KIND_ACCURACY, 1},     {"acc5", SVI_KIND_ACCURACY, 1},
    {"top1", SVI_KIND_ACCURACY, 1},     {"top5", SVI_KIND_ACCURACY, 1},
    {"auc", SVI_KIND_SCORE, 1},         {"auroc", SVI_KIND_SCORE, 1},
    {"auprc", SVI_KIND_SCORE, 1},       {"aupr", SVI_KIND_SCORE, 1},
    {"ap", SVI_KIND_SCORE, 1},          {"map", SVI_KIND_SCORE, 1},
    {"iou", SVI_KIND_SCORE, 1},         {"miou", SVI_KIND_SCORE, 1},
    {"dice", SVI_KIND_SCORE, 1},        {"f1", SVI_KIND_SCORE, 1},
    {"fscore", SVI_KIND_SCORE, 1},      {"precision", SVI_KIND_SCORE, 1},
    {"recall", SVI_KIND_SCORE, 1},      {"sensitivity", SVI_KIND_SCORE, 1},
    {"specificity", SVI_KIND_SCORE, 1}, {"mcc", SVI_KIND_SCORE, 1},
    {"kappa", SVI_KIND_SCORE, 1},       {"r2", SVI_KIND_SCORE, 1},
    {"bleu", SVI_KIND_SCORE, 1},        {"sacrebleu", SVI_KIND_SCORE, 1},
    {"rouge", SVI_KIND_SCORE, 1},       {"rouge1", SVI_KIND_SCORE, 1},
    {"rouge2", SVI_KIND_SCORE, 1},      {"rougel", SVI_KIND_SCORE, 1},
    {"meteor", SVI_KIND_SCORE, 1},      {"chrf", SVI_KIND_SCORE, 1},
    {"em", SVI_KIND_SCORE, 1},          {"ndcg", SVI_KIND_SCORE, 1},
    {"mrr", SVI_KIND_SCORE, 1},         {"psnr", SVI_KIND_SCORE, 1},
    {"ssim", SVI_KIND_SCORE, 1},        {"reward", SVI_KIND_SCORE, 1},
    {"rewards", SVI_KIND_SCORE, 1},     {"return", SVI_KIND_SCORE, 1},
    {"returns", SVI_KIND_SCORE, 1},     {"success", SVI_KIND_SCORE, 1},
    {"likelihood", SVI_KIND_SCORE, 1},  {"elbo", SVI_KIND_SCORE, 1},
    {"pearson", SVI_KIND_SCORE, 1},     {"spearman", SVI_KIND_SCORE, 1},
    {"loss", SVI_KIND_LOSS, -1},        {"logloss", SVI_KIND_LOSS, -1},
    {"entropy", SVI_KIND_LOSS, -1},     {"error", SVI_KIND_LOSS, -1},
    {"errors", SVI_KIND_LOSS, -1},      {"err", SVI_KIND_LOSS, -1},
    {"mse", SVI_KIND_LOSS, -1},         {"rmse", SVI_KIND_LOSS, -1},
    {"mae", SVI_KIND_LOSS, -1},         {"mape", SVI_KIND_LOSS, -1},
    {"nll", SVI_KIND_LOSS, -1},         {"ppl", SVI_KIND_LOSS, -1},
    {"perplexity", SVI_KIND_LOSS, -1},  {"bpc", SVI_KIND_LOSS, -1},
    {"bpb", SVI_KIND_LOSS, -1},         {"bpd", SVI_KIND_LOSS, -1},
    {"brier", SVI_KIND_LOSS, -1},       {"ece", SVI_KIND_LOSS, -1},
    {"wer", SVI_KIND_LOSS, -1},         {"cer", SVI_KIND_LOSS, -1},
    {"eer", SVI_KIND_LOSS, -1},         {"fid", SVI_KIND_LOSS, -1},
    {"fpr", SVI_KIND_LOSS, -1},         {"fnr", SVI_KIND_LOSS, -1},
    {"regret", SVI_KIND_LOSS, -1},      {"inertia", SVI_KIND_LOSS, -1},
    {"latency", SVI_KIND_COST, -1},     {"time", SVI_KIND_COST, -1},
    {"runtime", SVI_KIND_COST, -1},     {"duration", SVI_KIND_COST, -1},
    {"seconds", SVI_KIND_COST, -1},     {"memory", SVI_KIND_COST, -1},
    {"flops", SVI_KIND_COST, -1},       {"throughput", SVI_KIND_COST, 1},
    {"speedup", SVI_KIND_COST, 1},
};

/* What may follow the word that tells: "error rate", "acc best", "latency ms". Any other word is
 * the noun itself: an "accuracy index" or a "loss weight" is something else. */
static const char *const following_words[] = {
    "rate", "score", "ratio", "percent", "pct",   "mean",     "avg", "best", "final",
    "last", "max",   "min",   "macro",   "micro", "weighted", "on",  "at",   "set",
    "k",    "ms",    "s",     "sec",     "mb",    "gb",       "eval"};

/* The spread of an accuracy is no accuracy. */
static const char *const spread_words[] = {"std", "sd", "stdev", "se", "sem", "var", "variance"};

static const struct {
    const char *word;
    svi_metric_data data;
} data_words[] = {
    {"test", SVI_DATA_TEST},         {"val", SVI_DATA_VALIDATION},
    {"valid", SVI_DATA_VALIDATION},  {"validation", SVI_DATA_VALIDATION},
    {"dev", SVI_DATA_VALIDATION},    {"train", SVI_DATA_TRAINING},
    {"training", SVI_DATA_TRAINING},
};

#define N_ITEMS(array) (sizeof(array) / sizeof *(array))

static const struct {
    const char *name;
    int better;
} own_metrics[] = {
#define METRIC_ROW(id, name, better, help) {name, better},
    SVK_METRICS(METRIC_ROW)
#undef METRIC_ROW
};

static const known_word *find_known(const char *word)
{
    for (size_t i = 0; i < N_ITEMS(known_words); i++)
        if (strcmp(word, known_words[i].word) == 0) return &known_words[i];
    return NULL;
}

static svi_metric_data data_of(const char *word)
{
    for (size_t i = 0; i < N_ITEMS(data_words); i++)
        if (strcmp(word, data_words[i].word) == 0) return data_words[i].data;
    return SVI_DATA_UNSAID;
}

static bool is_among(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0) return true;
    return false;
}

static bool may_follow(const char *word)
{
    return is_digit(word[0]) || data_of(word) != SVI_DATA_UNSAID ||
           is_among(word, following_words, N_ITEMS(following_words));
}

/* "neg_mean_squared_error" is more the better it is; the "false_negative_rate" is not. */
static bool turns(const char *word, const char *before)
{
    bool is_negative = strcmp(word, "neg") == 0 || strcmp(word, "negative") == 0;
    return is_negative && strcmp(before, "false") != 0 && strcmp(before, "true") != 0;
}

/* Words of a plain name, which is cut into them. */
static size_t cut(char plain[64], const char *words[N_WORDS_MAX])
{
    size_t n = 0;
    char *rest = NULL;
    for (char *word = strtok_r(plain, "_", &rest); word != NULL; word = strtok_r(NULL, "_", &rest))
        if (n < N_WORDS_MAX) words[n++] = word;
    return n;
}

/* The last known word tells: an "accuracy loss" is a loss. */
static svi_metric_sense read_words(const char *const *words, size_t n)
{
    static const known_word unknown = {.kind = SVI_KIND_UNKNOWN};
    svi_metric_sense sense = {0};
    const known_word *telling = &unknown;
    bool is_turned = false, is_spread = false;
    for (size_t i = 0; i < n; i++) {
        const known_word *known = find_known(words[i]);
        svi_metric_data data = data_of(words[i]);
        if (known != NULL)
            telling = known;
        else if (!may_follow(words[i]))
            telling = &unknown;
        if (data != SVI_DATA_UNSAID) sense.data = data;
        is_turned = is_turned != turns(words[i], i > 0 ? words[i - 1] : "");
        is_spread = is_spread || is_among(words[i], spread_words, N_ITEMS(spread_words));
    }
    if (is_spread) telling = &unknown;
    sense.kind = telling->kind;
    sense.better = is_turned ? -telling->better : telling->better;
    if (is_turned && sense.kind != SVI_KIND_UNKNOWN)
        sense.kind = sense.better > 0 ? SVI_KIND_SCORE : SVI_KIND_LOSS;
    return sense;
}

svi_metric_sense svi_metric_sense_of(const char *name)
{
    char plain[64];
    const char *words[N_WORDS_MAX];
    write_plain(name, false, plain); /* "mIoU", "mAP" are one word */
    svi_metric_sense sense = read_words(words, cut(plain, words));
    write_plain(name, true, plain); /* "testAcc" is two */
    svi_metric_sense split = read_words(words, cut(plain, words));
    if (sense.kind == SVI_KIND_UNKNOWN) sense = split;
    sense.data = split.data;
    for (size_t i = 0; i < N_ITEMS(own_metrics); i++)
        if (strcmp(name, own_metrics[i].name) == 0) sense.better = own_metrics[i].better;
    sense.is_percent = strchr(name, '%') != NULL;
    return sense;
}

bool svi_is_own_metric(const char *name)
{
    for (size_t i = 0; i < N_ITEMS(own_metrics); i++)
        if (strcmp(name, own_metrics[i].name) == 0) return true;
    return false;
}

/* The name's words without those that tell the data. */
static void name_without_data(const char *name, char rest[64])
{
    char plain[64];
    const char *words[N_WORDS_MAX];
    svi_plain_name(name, plain);
    size_t n_words = cut(plain, words), n = 0;
    rest[0] = '\0';
    for (size_t i = 0; i < n_words; i++) {
        if (data_of(words[i]) != SVI_DATA_UNSAID) continue;
        n += (size_t)snprintf(rest + n, 64 - n, "%s_", words[i]);
        if (n >= 63) return;
    }
}

bool svi_is_validation_of(const char *name, const char *test_name)
{
    char rest[64], test_rest[64];
    if (svi_metric_sense_of(name).data != SVI_DATA_VALIDATION) return false;
    if (svi_metric_sense_of(test_name).data != SVI_DATA_TEST) return false;
    name_without_data(name, rest);
    name_without_data(test_name, test_rest);
    return strcmp(rest, test_rest) == 0;
}

bool svi_is_plain_accuracy(const char *name)
{
    char rest[64];
    svi_metric_data data = svi_metric_sense_of(name).data;
    name_without_data(name, rest);
    return (data == SVI_DATA_TEST || data == SVI_DATA_UNSAID) &&
           (strcmp(rest, "accuracy_") == 0 || strcmp(rest, "acc_") == 0);
}

int svi_headline_rank(const char *name)
{
    svi_metric_sense sense = svi_metric_sense_of(name);
    if (sense.kind == SVI_KIND_COST) return 40;
    if (sense.kind == SVI_KIND_UNKNOWN) return 20;
    static const int of_data[] = {[SVI_DATA_TEST] = 0,
                                  [SVI_DATA_UNSAID] = 1, /* mostly of the test data */
                                  [SVI_DATA_VALIDATION] = 10,
                                  [SVI_DATA_TRAINING] = 30};
    return of_data[sense.data] + 2 * ((int)sense.kind - (int)SVI_KIND_ACCURACY);
}
