#include "settings.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "emulator.h"

namespace emulator
{

/* A setting is a number or a text. */
static const struct {
    const char *name;
    uint64_t settings::*number;
    std::string settings::*text;
} table[] = {
    {"seed", &settings::seed, nullptr},       {"resident", &settings::resident, nullptr},
    {"devices", &settings::devices, nullptr}, {"processors", &settings::processors, nullptr},
    {"shared", &settings::shared, nullptr},   {"memory", &settings::memory, nullptr},
    {"preempt", &settings::preempt, nullptr}, {"fault", &settings::fault, nullptr},
    {"at", &settings::at, nullptr},           {"error", &settings::error, nullptr},
    {"quiet", &settings::quiet, nullptr},     {"without", nullptr, &settings::without},
    {"diverge", nullptr, &settings::diverge}, {"sass", &settings::sass, nullptr},
    {"ptx", &settings::ptx, nullptr},
};

static const char *set(settings &s, const std::string &name, const std::string &value)
{
    for (const auto &row : table) {
        if (name != row.name) continue;
        if (row.text != nullptr) {
            s.*row.text = value;
            return nullptr;
        }
        char *end = nullptr;
        s.*row.number = strtoull(value.c_str(), &end, 10);
        return value.empty() || *end != '\0' ? "a setting of the emulator is not a number"
                                             : nullptr;
    }
    return "the emulator has no such setting";
}

static const char *read(settings &s, const char *text)
{
    for (;;) {
        text += strspn(text, " ");
        if (*text == '\0') return nullptr;
        size_t n = strcspn(text, " "), n_name = strcspn(text, " =");
        if (n_name == n) return "a setting of the emulator lacks its value: NAME=VALUE";
        const char *wrong =
            set(s, std::string(text, n_name), std::string(text + n_name + 1, n - n_name - 1));
        if (wrong != nullptr) return wrong;
        text += n;
    }
}

static settings first_settings()
{
    settings s;
    const char *text = getenv("SEEDVAR_EMULATOR"), *wrong = text == nullptr ? text : read(s, text);
    if (wrong == nullptr) return s;
    fprintf(stderr, "SEEDVAR_EMULATOR='%s': %s\n", text, wrong);
    exit(2);
}

settings &current_settings()
{
    static settings s = first_settings();
    return s;
}

} // namespace emulator

const char *emulator_configure(const char *text)
{
    return emulator::read(emulator::current_settings(), text);
}
