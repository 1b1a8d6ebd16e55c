/* Every file of tests/cli/malformed_studies ends with "# expect LINE:COLUMN FRAGMENT". */
#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "spec/study_spec.h"

static const char folder[] = SVI_SOURCE_DIR "/tests/cli/malformed_studies";

/* The last line's "LINE:COLUMN" and fragment; the bytes before it may be anything. */
static void read_expectation(const char *path, char place[32], char fragment[512])
{
    static char bytes[1 << 20];
    static const char mark[] = "# expect ";
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t n = fread(bytes, 1, sizeof bytes - 1, file);
    fclose(file);
    while (n > 0 && bytes[n - 1] == '\n') n--;
    bytes[n] = '\0';
    size_t start = n;
    while (start > 0 && bytes[start - 1] != '\n') start--;
    cr_assert_eq(strncmp(bytes + start, mark, strlen(mark)), 0,
                 "%s: the last line is no expectation", path);
    int n_read = sscanf(bytes + start + strlen(mark), "%31s %511[^\n]", place, fragment);
    cr_assert_eq(n_read, 2, "%s", path);
}

static void check_file(const char *path)
{
    char place[32], fragment[512], expected[1100];
    static svi_study_spec untouched;
    svi_study_spec *spec = &untouched;
    sv_error error = {0};
    read_expectation(path, place, fragment);
    sv_status status = svi_study_spec_read(path, NULL, 0, &spec, &error);
    cr_expect_eq(status, SV_ERR_STUDY, "%s: status %d", path, (int)status);
    cr_expect_eq(error.status, SV_ERR_STUDY, "%s", path);
    cr_expect_null(spec, "%s", path);
    snprintf(expected, sizeof expected, "%s:%s: ", path, place);
    cr_expect_eq(strncmp(error.message, expected, strlen(expected)), 0, "wanted at %s: %s", place,
                 error.message);
    cr_expect_not_null(strstr(error.message, fragment), "wanted `%s`: %s", fragment, error.message);
}

Test(spec_malformed, every_file)
{
    DIR *dir = opendir(folder);
    int n_files = 0;
    cr_assert_not_null(dir, "%s", folder);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[1024];
        if (strstr(entry->d_name, ".yaml") == NULL) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        check_file(path);
        n_files++;
    }
    closedir(dir);
    cr_assert_geq(n_files, 97);
}
