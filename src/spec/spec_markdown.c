#include "spec/spec_keys.h"

/* One "for" cell: the values of each group that decides, groups joined by "and". */
static void add_contexts(svi_text *text, svi_contexts contexts)
{
    svi_contexts group = 0;
    const char *comma = "";
    for (int bit = 0; bit < SVI_N_CONTEXTS; bit++) {
        if ((contexts & UINT64_C(1) << bit) == 0) continue;
        if ((group & UINT64_C(1) << bit) == 0 && group != 0) comma = " and ";
        group = svi_context_group_mask(svi_context_group(bit));
        svi_text_add(text, "%s%s", comma, svi_context_value(bit));
        comma = ", ";
    }
}

static void add_default(svi_text *text, const svi_key *key)
{
    const char *comma = "";
    for (size_t i = 0; i < sizeof key->defaults / sizeof key->defaults[0]; i++) {
        const svi_default *d = &key->defaults[i];
        if (d->text == NULL) continue;
        svi_text_add(text, "%s%s", comma, d->text);
        if (d->when != 0) svi_text_add(text, " (");
        add_contexts(text, d->when);
        if (d->when != 0) svi_text_add(text, ")");
        comma = ", ";
    }
    if (key->default_note != NULL) svi_text_add(text, "%s%s", comma, key->default_note);
    if (!key->is_required) return;
    svi_text_add(text, key->defaults[0].text != NULL ? ", else required" : "required");
    if (key->rival != NULL) svi_text_add(text, ", or %s", key->rival);
}

sv_status svi_study_keys_markdown(char **markdown, sv_error *error)
{
    svi_text text = {0};
    svi_text_add(&text, "| key | value | default | for | meaning | example |\n"
                        "| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < svi_n_keys(); i++) {
        const svi_key *key = svi_key_at(i);
        svi_text_add(&text, "| `%s` | ", key->path);
        svi_key_allowed(key, &text);
        svi_text_add(&text, " | ");
        add_default(&text, key);
        svi_text_add(&text, " | ");
        add_contexts(&text, key->contexts);
        svi_text_add(&text, " | %s | ", key->help);
        if (key->example != NULL) svi_text_add(&text, "`%s` ", key->example);
        svi_text_add(&text, "|\n");
    }
    return svi_text_take(&text, markdown, error);
}
