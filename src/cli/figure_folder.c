#include "figure_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

/* argv: format, then paths without ending. Exit code 9: there is no vl-convert. */
static const char draw[] =
    "import sys\n"
    "try:\n"
    "    import vl_convert\n"
    "except ImportError:\n"
    "    sys.exit(9)\n"
    "form = sys.argv[1]\n"
    "convert = getattr(vl_convert, 'vegalite_to_' + form)\n"
    "for path in sys.argv[2:]:\n"
    "    with open(path + '.json', encoding='utf-8') as file:\n"
    "        image = convert(file.read(), **({'scale': 2} if form == 'png' else {}))\n"
    "    with open(path + '.' + form, 'wb') as file:\n"
    "        file.write(image.encode() if isinstance(image, str) else image)\n";

enum { EXIT_NO_CONVERTER = 9, N_FIXED_WORDS = 4 };

typedef struct folder {
    const char *path;
    text_list words; /* of the converter's command line: python3 -c SCRIPT FORMAT PATH... */
    bool has_failed;
} folder;

static bool add_word(folder *f, const char *word)
{
    const char **grown = realloc(f->words.item, (f->words.n + 2) * sizeof *grown);
    if (grown == NULL) return false;
    f->words.item = grown;
    f->words.item[f->words.n++] = word;
    f->words.item[f->words.n] = NULL;
    return true;
}

static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    bool is_written = file != NULL && fputs(text, file) >= 0;
    if (file != NULL) is_written &= fclose(file) == 0;
    if (!is_written)
        fprintf(stderr,
                "seedvar: %s cannot be written: %s; check the folder and the disk's space\n", path,
                strerror(errno));
    return is_written;
}

static sv_status add_figure(void *context, const char *name, const char *spec, sv_error *error)
{
    folder *f = context;
    size_t n = strlen(f->path) + strlen(name) + sizeof "/.json";
    char *path = malloc(n), *file = malloc(n);
    (void)error;
    f->has_failed = path == NULL || file == NULL;
    if (!f->has_failed) {
        snprintf(path, n, "%s/%s", f->path, name);
        snprintf(file, n, "%s/%s.json", f->path, name);
        f->has_failed = !write_file(file, spec) || !add_word(f, path);
    }
    if (f->has_failed) free(path);
    free(file);
    return f->has_failed ? SV_ERR_IO : SV_OK;
}

static int run_converter(const folder *f)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        execvp(f->words.item[0], (char *const *)f->words.item);
        _exit(EXIT_NO_CONVERTER);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

static int convert(const folder *f, const char *format)
{
    int code = run_converter(f);
    if (code == EXIT_SUCCESS) return EXIT_SUCCESS;
    if (code == EXIT_NO_CONVERTER)
        fprintf(stderr,
                "seedvar: %s has no vl-convert, which draws %s (%s holds Vega-Lite alone): say "
                "python3 -m venv figures-venv && figures-venv/bin/pip install vl-convert-python, "
                "and again with SEEDVAR_PYTHON=figures-venv/bin/python\n",
                f->words.item[0], format, f->path);
    else
        fprintf(stderr, "seedvar: vl-convert failed to draw the figures of %s (exit code %d)\n",
                f->path, code);
    return sv_status_exit_code(SV_ERR_IO);
}

enum { PATH_SIZE = 4096 };

/* The Python that SEEDVAR_PYTHON names; else the one that a build leaves beside the program or its
 * folder (scripts/vega-bundle); else python3. */
static const char *find_python(char path[PATH_SIZE])
{
    static const char *const places[] = {"vega", "../vega"};
    char program[PATH_SIZE - 64];
    const char *named = getenv("SEEDVAR_PYTHON");
    if (named != NULL) return named;
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL) return "python3";
    *slash = '\0';
    for (size_t i = 0; i < N_ITEMS(places); i++) {
        snprintf(path, PATH_SIZE, "%s/%s/venv/bin/python", program, places[i]);
        if (access(path, X_OK) == 0) return path;
    }
    return "python3";
}

static int fill_folder(folder *f, const sv_findings *const *findings, size_t n, const char *atlas,
                       const char *format)
{
    sv_error error = {0};
    char python[PATH_SIZE];
    if (!add_word(f, find_python(python)) || !add_word(f, "-c") || !add_word(f, draw) ||
        !add_word(f, format))
        return sv_status_exit_code(SV_ERR_MEMORY);
    sv_status status = sv_report_figures(findings, n, atlas, add_figure, f, &error);
    if (status != SV_OK) return f->has_failed ? sv_status_exit_code(SV_ERR_IO) : cli_fail(&error);
    if (strcmp(format, "json") != 0) {
        int code = convert(f, format);
        if (code != EXIT_SUCCESS) return code;
    }
    fprintf(stderr, "seedvar: %zu figures are in %s\n", f->words.n - N_FIXED_WORDS, f->path);
    return EXIT_SUCCESS;
}

int cli_write_figures(const sv_findings *const *findings, size_t n, const char *atlas,
                      const char *path, const char *format)
{
    static const char *const formats[] = {"svg", "pdf", "png", "json"};
    folder f = {.path = path};
    bool is_known = false;
    for (size_t i = 0; i < N_ITEMS(formats); i++)
        is_known = is_known || strcmp(format, formats[i]) == 0;
    if (!is_known) return cli_fail_usage("report", "figures are svg, pdf, png or json");
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "seedvar: %s cannot be made: %s\n", path, strerror(errno));
        return sv_status_exit_code(SV_ERR_IO);
    }
    int code = fill_folder(&f, findings, n, atlas, format);
    for (size_t i = N_FIXED_WORDS; i < f.words.n; i++) free((char *)f.words.item[i]);
    free(f.words.item);
    return code;
}
