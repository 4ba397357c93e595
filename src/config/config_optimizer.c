/* learning.optimizer. Which optimisers there are, and their settings, is in their tables. */
#include "config_schema.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static vic_status missing_setting(const config_node *node, const char *setting,
                                  const vic_optimizer_kind *kind) {
    char path[CONFIG_KEY_PATH];
    return config_fail(node->place, "%s: %s needs '%s'; write %s", config_key_path(node, path), kind->name,
                       setting, kind->help);
}

/* In float32 small numbers become 0, and large ones infinite. */
static vic_status check_rounded(const config_node *entry, const vic_setting *setting, double value) {
    char expected[CONFIG_NAMES];
    float rounded = (float)value;
    if (isfinite(rounded) && !(setting->open && rounded <= (float)setting->lowest))
        return VIC_OK;
    snprintf(expected, sizeof expected, "a number that is %s in float32, for example 1e%d",
             isfinite(rounded) ? "not 0" : "finite", isfinite(rounded) ? FLT_MIN_10_EXP : FLT_MAX_10_EXP);
    return config_expected(entry, expected);
}

static vic_status read_setting(const config_node *entry, const vic_setting *setting, vic_precision precision,
                               double *value) {
    config_range range = {.lowest = setting->lowest, .below = setting->below, .open = setting->open};
    VIC_TRY(config_number(entry, range, value));
    return precision == VIC_FLOAT32 ? check_rounded(entry, setting, *value) : VIC_OK;
}

/* `settings` is what stands after the name, NULL for nothing; `optimizer` is the whole value. */
static vic_status read_settings(const config_node *optimizer, const config_node *settings,
                                vic_precision precision, vic_learning_options *learning) {
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
        if (entry != NULL)
            VIC_TRY(read_setting(entry, setting, precision, &learning->settings[i]));
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
    return read_settings(node, settings, precision, learning);
}

static void default_optimizer(vic_precision precision, vic_learning_options *learning) {
    learning->optimizer = vic_optimizer_find(precision, "adam");
    for (size_t i = 0; i < learning->optimizer->n_settings; i++)
        learning->settings[i] = learning->optimizer->settings[i].fallback;
}

vic_status config_read_optimizer(const config_node *node, vic_config *config) {
    if (node != NULL)
        return read_optimizer(node, config->precision, &config->learning);
    default_optimizer(config->precision, &config->learning);
    return VIC_OK;
}

vic_status config_write_optimizer(FILE *out, const vic_config *config, int indent) {
    const vic_learning_options *learning = &config->learning;
    const vic_optimizer_kind *kind = learning->optimizer;
    (void)indent;
    fprintf(out, "{%s: {", kind->name);
    for (size_t i = 0; i < kind->n_settings; i++) {
        fprintf(out, "%s%s: ", i > 0 ? ", " : "", kind->settings[i].name);
        VIC_TRY(config_write_number(out, learning->settings[i]));
    }
    fputs("}}", out);
    return VIC_OK;
}

/* Setting by setting: some of them may change. */
vic_status config_identify_optimizer(const vic_config *config, vic_identity *identity) {
    const vic_learning_options *learning = &config->learning;
    const vic_optimizer_kind *kind = learning->optimizer;
    char key[CONFIG_KEY_PATH], value[VIC_NUMBER_TEXT];
    VIC_TRY(vic_identity_add(identity, "learning.optimizer", false, "%s", kind->name));
    for (size_t i = 0; i < kind->n_settings; i++) {
        const vic_setting *setting = &kind->settings[i];
        snprintf(key, sizeof key, "learning.optimizer.%s.%s", kind->name, setting->name);
        VIC_TRY(vic_number_write(learning->settings[i], value));
        VIC_TRY(vic_identity_add(identity, key, setting->may_change, "%s", value));
    }
    return VIC_OK;
}
