/* The section `data`. */
#include "config_sections.h"

#include <math.h>
#include <string.h>

static vic_status read_format(const config_node *node, const vic_data_format **format) {
    size_t count, index = 0;
    const vic_data_format *const *formats = vic_data_formats(&count);
    const char **names;
    VIC_TRY(vic_allocate(count, sizeof *names, &names));
    for (size_t i = 0; i < count; i++)
        names[i] = formats[i]->name;
    vic_status status = config_choice(node, "format", names, count, &index);
    vic_release(&names);
    if (status == VIC_OK)
        *format = formats[index];
    return status;
}

/* A path that is not absolute starts at the folder of the config. */
static vic_status read_path(const config_node *node, const char *config_path, char **path) {
    const char *text, *slash = strrchr(config_path, '/');
    VIC_TRY(config_string(node, &text));
    if (text[0] == '\0')
        return config_expected(node, "the path of a file");
    int folder = text[0] == '/' || slash == NULL ? 0 : (int)(slash + 1 - config_path);
    return vic_format(path, "%.*s%s", folder, config_path, text);
}

/* One path, or a list of them. */
static vic_status read_files(const config_node *node, const char *config_path, vic_file_list *files) {
    bool list = node->kind == CONFIG_SEQUENCE;
    if (list ? node->count == 0 : node->kind != CONFIG_SCALAR || config_node_is_null(node))
        return config_expected(node, "the path of a file, or a list of paths");
    VIC_TRY(vic_allocate(list ? node->count : 1, sizeof *files->paths, &files->paths));
    files->n = list ? node->count : 1;
    const config_node *entry = list ? node->first : node;
    for (size_t i = 0; i < files->n; i++, entry = entry->next)
        VIC_TRY(read_path(entry, config_path, &files->paths[i]));
    return VIC_OK;
}

static vic_status read_set(const config_node *data, const char *name, const char *config_path,
                           vic_file_list *inputs, vic_file_list *labels) {
    static const char *const keys[] = {"inputs", "labels"};
    static const char hint[] = "write {inputs: FILE, labels: FILE}";
    const config_node *set, *inputs_node, *labels_node;
    VIC_TRY(config_section(data, name, keys, 2, &set));
    if (set == NULL)
        return VIC_OK;
    VIC_TRY(config_require(set, "inputs", hint, &inputs_node));
    VIC_TRY(config_require(set, "labels", hint, &labels_node));
    VIC_TRY(read_files(inputs_node, config_path, inputs));
    return read_files(labels_node, config_path, labels);
}

vic_status config_read_data(const config_node *root, vic_config *config) {
    static const char *const keys[] = {"format", "scale", "train", "test"};
    static const config_range positive = {.lowest = 0, .below = INFINITY, .open = true};
    const config_node *section;
    vic_data_options *data = &config->data;
    VIC_TRY(config_section(root, "data", keys, 4, &section));
    if (section == NULL)
        return VIC_OK;
    config->has_data = true;
    data->format = vic_data_format_find("idx");
    data->scale = 1;
    const config_node *format = config_node_find(section, "format"),
                      *scale = config_node_find(section, "scale");
    if (format != NULL)
        VIC_TRY(read_format(format, &data->format));
    if (scale != NULL)
        VIC_TRY(config_number(scale, positive, &data->scale));
    VIC_TRY(read_set(section, "train", config->path, &data->train_inputs, &data->train_labels));
    return read_set(section, "test", config->path, &data->test_inputs, &data->test_labels);
}
