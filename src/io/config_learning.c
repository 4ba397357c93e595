/* The section `learning`. Which optimisers there are, and their settings, is in their tables. */
#include "config_sections.h"

#include <math.h>
#include <string.h>

static vic_status missing_setting(const config_node *node, const char *setting,
                                  const vic_optimizer_kind *kind) {
    char path[CONFIG_KEY_PATH];
    return config_fail(node->place, "%s: %s needs '%s'; write %s", config_key_path(node, path), kind->name,
                       setting, kind->help);
}

/* `settings` is what stands after the name, NULL for nothing; `optimizer` is the whole value. */
static vic_status read_settings(const config_node *optimizer, const config_node *settings,
                                vic_learning_options *learning) {
    const vic_optimizer_kind *kind = learning->optimizer;
    const char *names[VIC_MAX_SETTINGS];
    for (size_t i = 0; i < kind->n_settings; i++)
        names[i] = kind->settings[i].name;
    if (settings != NULL)
        VIC_TRY(config_mapping(settings, names, kind->n_settings));
    for (size_t i = 0; i < kind->n_settings; i++) {
        const vic_setting *setting = &kind->settings[i];
        const config_node *entry = settings != NULL ? config_node_find(settings, setting->name) : NULL;
        if (entry == NULL && isnan(setting->fallback))
            return missing_setting(optimizer, setting->name, kind);
        learning->settings[i] = setting->fallback;
        config_range range = {setting->lowest, setting->below, setting->open};
        if (entry != NULL)
            VIC_TRY(config_number(entry, range, &learning->settings[i]));
    }
    return VIC_OK;
}

static vic_status read_kind(const config_node *name, vic_precision precision,
                            const vic_optimizer_kind **kind) {
    size_t count, index;
    const vic_optimizer_kind *const *kinds = vic_optimizer_kinds(precision, &count);
    const char **names;
    VIC_TRY(vic_allocate(count, sizeof *names, &names));
    for (size_t i = 0; i < count; i++)
        names[i] = kinds[i]->name;
    vic_status status = config_choice(name, "optimizer", names, count, &index);
    vic_release(&names);
    if (status == VIC_OK)
        *kind = kinds[index];
    return status;
}

static vic_status read_optimizer(const config_node *node, vic_precision precision,
                                 vic_learning_options *learning) {
    const config_node *name = node, *settings = NULL;
    if (node->kind == CONFIG_SEQUENCE || (node->kind == CONFIG_MAPPING && node->count != 1) ||
        config_node_is_null(node))
        return config_expected(node, "one optimizer with its settings, for example {adam: {rate: 0.001}}");
    if (node->kind == CONFIG_MAPPING) {
        name = node->first->key;
        settings = config_node_is_null(node->first) ? NULL : node->first;
    }
    VIC_TRY(read_kind(name, precision, &learning->optimizer));
    return read_settings(node, settings, learning);
}

/* adam: {rate: 0.001}, in whatever order its table has the settings. */
static void default_optimizer(vic_precision precision, vic_learning_options *learning) {
    const vic_optimizer_kind *adam = vic_optimizer_find(precision, "adam");
    learning->optimizer = adam;
    for (size_t i = 0; i < adam->n_settings; i++)
        learning->settings[i] =
            strcmp(adam->settings[i].name, "rate") == 0 ? 0.001 : adam->settings[i].fallback;
}

/* The value stays as it is where the key is left out, here and below. */
static vic_status read_count(const config_node *section, const char *key, size_t *value) {
    const config_node *node = config_node_find(section, key);
    uint64_t number;
    if (node == NULL)
        return VIC_OK;
    VIC_TRY(config_integer(node, 1, CONFIG_MOST, &number));
    *value = (size_t)number;
    return VIC_OK;
}

static vic_status read_switch(const config_node *section, const char *key, bool *value) {
    const config_node *node = config_node_find(section, key);
    return node != NULL ? config_switch(node, value) : VIC_OK;
}

static vic_status read_compare(const config_node *learning, vic_compare_options *compare) {
    static const char *const keys[] = {"every", "weights_only"};
    const config_node *section, *every;
    VIC_TRY(config_section(learning, "compare", keys, 2, &section));
    if (section == NULL)
        return VIC_OK;
    VIC_TRY(config_require(section, "every", "write a number of batches, for example {every: 10}", &every));
    VIC_TRY(read_count(section, "every", &compare->every));
    return read_switch(section, "weights_only", &compare->weights_only);
}

vic_status config_read_learning(const config_node *root, vic_config *config) {
    static const char *const keys[] = {"optimizer", "batch", "epochs", "drop_last", "compare"};
    const config_node *section;
    vic_learning_options *learning = &config->learning;
    vic_precision precision = config->network->precision;
    VIC_TRY(config_section(root, "learning", keys, 5, &section));
    if (section == NULL)
        return VIC_OK;
    config->has_learning = true;
    *learning = (vic_learning_options){.batch = 64, .epochs = 1};
    default_optimizer(precision, learning);
    const config_node *optimizer = config_node_find(section, "optimizer");
    if (optimizer != NULL)
        VIC_TRY(read_optimizer(optimizer, precision, learning));
    VIC_TRY(read_count(section, "batch", &learning->batch));
    VIC_TRY(read_count(section, "epochs", &learning->epochs));
    VIC_TRY(read_switch(section, "drop_last", &learning->drop_last));
    return read_compare(section, &config->compare);
}
