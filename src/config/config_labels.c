/* How labels are found in data files: data.label, data.label_offset. */
#include "config_schema.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static vic_status need_columns(const config_node *node, const vic_config *config) {
    if (config->data.format->has_columns)
        return VIC_OK;
    return config_fail(node->place,
                       "data.%s is for formats that have columns (csv), not for %s: leave it out",
                       node->key->text, config->data.format->name);
}

vic_status config_check_header(const config_node *node, const vic_config *config, const void *at) {
    return *(const vic_header *)at == VIC_HEADER_AUTO ? VIC_OK : need_columns(node, config);
}

vic_status config_read_label(const config_node *node, vic_config *config) {
    const char *text;
    char *label = NULL;
    if (node == NULL)
        return VIC_OK;
    VIC_TRY(config_string(node, &text));
    if (text[0] == '\0')
        return config_expected(node, "the name or the number of a column");
    VIC_TRY(need_columns(node, config));
    VIC_TRY(vic_format(&label, "%s", text));
    config->data.reading.label = label;
    return VIC_OK;
}

vic_status config_write_label(FILE *out, const vic_config *config, int indent) {
    (void)indent;
    if (config->data.reading.label)
        config_write_text(out, config->data.reading.label);
    return VIC_OK;
}

/* What a float64 holds exactly, so that no label is taken for another. */
vic_status config_read_label_offset(const config_node *node, vic_config *config) {
    const double most = 9007199254740992.0;
    double value = 0;
    if (node == NULL)
        return VIC_OK;
    VIC_TRY(config_number(node, (config_range){.lowest = -most, .below = most}, &value));
    if (value != floor(value))
        return config_expected(node, "a whole number");
    config->data.reading.label_offset = (int64_t)value;
    return VIC_OK;
}

vic_status config_write_label_offset(FILE *out, const vic_config *config, int indent) {
    (void)indent;
    fprintf(out, "%" PRId64, config->data.reading.label_offset);
    return VIC_OK;
}
