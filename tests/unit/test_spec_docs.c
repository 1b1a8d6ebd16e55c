/* The schema and the table of keys that docs/study-file.md holds. */
#include "spec_fixture.h"

#include <jansson.h>

static char *read_document(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    char *text = calloc(1, 1 << 20);
    cr_assert_not_null(text);
    cr_assert_gt(fread(text, 1, (1 << 20) - 1, file), 0);
    fclose(file);
    return text;
}

Test(spec_docs, the_document_holds_the_table)
{
    static const char start_mark[] = "<!-- keys -->\n", end_mark[] = "<!-- /keys -->";
    char *document = read_document(SVI_SOURCE_DIR "/docs/study-file.md"), *table = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_study_keys_markdown(&table, &error), SV_OK);
    char *start = strstr(document, start_mark), *end = strstr(document, end_mark);
    cr_assert(start != NULL && end != NULL && start < end);
    *end = '\0';
    cr_expect_str_eq(start + strlen(start_mark), table,
                     "docs/study-file.md: its table of keys is out of date");
    sv_free(table);
    free(document);
}

/* Reads the text between the first ```yaml after `from` and its end. */
static char *yaml_block(char *from)
{
    char *start = strstr(from, "```yaml\n");
    cr_assert_not_null(start);
    start += strlen("```yaml\n");
    char *end = strstr(start, "```");
    cr_assert_not_null(end);
    *end = '\0';
    return start;
}

/* The section on training shows the keys model and train. */
static void check_training_example(char *rest)
{
    char *section = strstr(rest, "## Training"), text[1000];
    cr_assert_not_null(section);
    snprintf(text, sizeof text, IRIS SWEEP "%s", yaml_block(section));
    svi_study_spec *spec = read_text(text);
    cr_expect_eq(spec->arms[0].train.schedule, SVK_SCHEDULE_COSINE);
    svi_study_spec_free(spec);
}

Test(spec_docs, the_examples_are_valid)
{
    char *document = read_document(SVI_SOURCE_DIR "/docs/study-file.md");
    char *study = yaml_block(document);
    svi_study_spec *spec = read_text(study);
    cr_expect_eq(spec->n_arms, 2);
    svi_study_spec_free(spec);
    char *arms = yaml_block(study + strlen(study) + 1),
         *text = calloc(1, strlen(study) + strlen(arms) + 1);
    char *old_arms = strstr(study, "arms:"), *design = strstr(study, "design:");
    cr_assert(text != NULL && old_arms != NULL && design != NULL);
    memcpy(text, study, (size_t)(old_arms - study));
    strcat(strcat(text, arms), "design: {kind: sweep, seeds: 3}\n");
    spec = read_text(text);
    cr_expect_eq(spec->n_arms, 4);
    svi_study_spec_free(spec);
    free(text);
    check_training_example(arms + strlen(arms) + 1);
    free(document);
}

static const json_t *at(const json_t *schema, const char *key)
{
    const json_t *there = json_object_get(json_object_get(schema, "properties"), key);
    cr_assert_not_null(there, "%s", key);
    return there;
}

static void check_objects(const json_t *schema)
{
    const char *key;
    json_t *child;
    const char *type = json_string_value(json_object_get(schema, "type"));
    if (type != NULL && strcmp(type, "object") == 0)
        cr_expect_not_null(json_object_get(schema, "additionalProperties"));
    json_object_foreach((json_t *)schema, key, child)
    {
        if (json_is_object(child)) check_objects(child);
    }
}

Test(spec_docs, the_schema_follows_the_table)
{
    char *text = NULL;
    sv_error error = {0};
    cr_assert_eq(svi_study_schema_json(&text, &error), SV_OK);
    json_t *schema = json_loads(text, 0, NULL);
    cr_assert_not_null(schema);
    cr_expect_str_eq(json_string_value(json_object_get(schema, "$schema")),
                     "https://json-schema.org/draft/2020-12/schema");
    check_objects(schema);
    const json_t *lr = at(at(at(schema, "train"), "optimizer"), "lr");
    cr_expect_not_null(json_object_get(lr, "exclusiveMinimum"));
    cr_expect_str_eq(json_string_value(json_object_get(lr, "type")), "number");
    const json_t *switches = json_object_get(at(at(schema, "data"), "standardize"), "enum");
    cr_expect(json_is_true(json_array_get(switches, 0)));
    const json_t *arm = json_object_get(at(schema, "arms"), "additionalProperties");
    at(arm, "train.optimizer.lr");
    cr_expect_str_eq(json_string_value(json_array_get(json_object_get(schema, "required"), 0)),
                     "design");
    json_decref(schema);
    sv_free(text);
}
