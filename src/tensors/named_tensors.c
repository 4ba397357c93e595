/* The tensors of a weight file, by the names that they have here. */
#include "weight_names.h"

#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b) {
    const vic_named_tensor *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int compare_with_name(const void *name, const void *b) {
    const vic_named_tensor *y = b;
    return strcmp(name, y->name);
}

const vic_tensor *vic_named_tensors_find(const vic_named_tensors *tensors, const char *name) {
    const vic_named_tensor *found =
        tensors->n == 0 ? NULL : bsearch(name, tensors->all, tensors->n, sizeof *found, compare_with_name);
    return found ? found->tensor : NULL;
}

bool vic_tensor_is_weight(const vic_tensor_file *file, const char *name) {
    char owner[128];
    const char *dot = strrchr(name, '.');
    if (strncmp(name, "sums.", 5) == 0 && name[5] && name[5 + strspn(name + 5, "0123456789")] == '\0')
        return false;
    if (dot == NULL || (size_t)(dot - name) >= sizeof owner)
        return true;
    memcpy(owner, name, (size_t)(dot - name));
    owner[dot - name] = '\0';
    return vic_tensor_file_find(file, owner) == NULL;
}

static bool begins_with(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* *name becomes what the longest renaming that fits makes of it. */
static vic_status rename_one(const char *old, vic_renames renames, bool *used, char **name) {
    size_t longest = renames.n;
    for (size_t i = 0; i < renames.n; i++)
        if (begins_with(old, renames.all[i].from) &&
            (longest == renames.n || strlen(renames.all[i].from) > strlen(renames.all[longest].from)))
            longest = i;
    if (longest == renames.n)
        return vic_format(name, "%s", old);
    used[longest] = true;
    return vic_format(name, "%s%s", renames.all[longest].to, old + strlen(renames.all[longest].from));
}

static vic_status take_all(vic_named_tensors *tensors, vic_renames renames, bool *used) {
    const vic_tensor_file *file = tensors->file;
    bool checkpoint = vic_tensor_file_metadata(file, "vicinal.checkpoint") != NULL;
    for (size_t i = 0; i < vic_tensor_file_count(file); i++) {
        const vic_tensor *tensor = vic_tensor_file_at(file, i);
        if (checkpoint && !vic_tensor_is_weight(file, tensor->name))
            continue;
        tensors->all[tensors->n].tensor = tensor;
        VIC_TRY(rename_one(tensor->name, renames, used, &tensors->all[tensors->n].name));
        tensors->n++;
    }
    return VIC_OK;
}

/* A renaming that no tensor has got. */
static vic_status idle(const vic_named_tensors *tensors, vic_rename rename) {
    char list[VIC_TENSOR_LIST];
    const char *path = vic_tensor_file_path(tensors->file);
    for (size_t i = 0; i < tensors->n; i++)
        if (begins_with(tensors->all[i].tensor->name, rename.from))
            return vic_fail(VIC_BAD_FILE,
                            "%s: --rename %s=%s does nothing: other renamings take all tensors whose names "
                            "begin with \"%s\"",
                            path, rename.from, rename.to, rename.from);
    return vic_fail(VIC_BAD_FILE, "%s: no tensor's name begins with \"%s\" (--rename %s=%s); the file has %s",
                    path, rename.from, rename.from, rename.to, vic_list_file(tensors->file, list));
}

static vic_status check_renames(const vic_named_tensors *tensors, vic_renames renames, const bool *used) {
    for (size_t i = 0; i < renames.n; i++)
        if (!used[i])
            return idle(tensors, renames.all[i]);
    for (size_t i = 1; i < tensors->n; i++)
        if (strcmp(tensors->all[i - 1].name, tensors->all[i].name) == 0)
            return vic_fail(VIC_BAD_FILE,
                            "%s: tensors \"%.80s\" and \"%.80s\" would both be \"%.80s\" (--rename)",
                            vic_tensor_file_path(tensors->file), tensors->all[i - 1].tensor->name,
                            tensors->all[i].tensor->name, tensors->all[i].name);
    return VIC_OK;
}

vic_status vic_named_tensors_open(vic_named_tensors *tensors, const vic_tensor_file *file,
                                  vic_renames renames) {
    bool *used = NULL;
    *tensors = (vic_named_tensors){.file = file};
    VIC_TRY(vic_allocate(vic_tensor_file_count(file), sizeof *tensors->all, &tensors->all));
    VIC_TRY(vic_allocate(renames.n, sizeof *used, &used));
    vic_status status = take_all(tensors, renames, used);
    if (status == VIC_OK && tensors->n > 0)
        qsort(tensors->all, tensors->n, sizeof *tensors->all, compare_names);
    if (status == VIC_OK)
        status = check_renames(tensors, renames, used);
    vic_release(&used);
    return status;
}

void vic_named_tensors_release(vic_named_tensors *tensors) {
    for (size_t i = 0; i < tensors->n; i++)
        vic_release(&tensors->all[i].name);
    vic_release(&tensors->all);
}
