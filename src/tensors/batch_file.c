/* One batch: `input` (batch, ...), `target`, and initial beliefs `initial.l`, in one file or two. */
#include "batch.h"
#include "batch_target.h"
#include "npy.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 32 };

/* ---- the files ---- */

typedef struct sources {
    vic_tensor_file *batch, *target; /* the same where one file holds all; target is NULL without one */
} sources;

static vic_status open_file(vic_tensor_file **file, const char *path, const char *name) {
    return vic_is_npy(path) ? vic_tensor_file_open_npy(file, path, name) : vic_tensor_file_open(file, path);
}

static void close_all(sources *s) {
    if (s->target != s->batch)
        vic_tensor_file_close(&s->target);
    vic_tensor_file_close(&s->batch);
}

static vic_status find_target(sources *s, vic_batch_files files) {
    bool within = vic_tensor_file_find(s->batch, "target") != NULL;
    if (files.target == NULL) {
        s->target = within ? s->batch : NULL;
        return VIC_OK;
    }
    if (within)
        return vic_fail(VIC_BAD_FILE,
                        "%s: holds a tensor \"target\", and --target %s another: leave out --target",
                        files.batch, files.target);
    VIC_TRY(open_file(&s->target, files.target, "target"));
    if (vic_tensor_file_find(s->target, "target") == NULL)
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"target\" is missing", files.target);
    return VIC_OK;
}

static vic_status open_all(sources *s, vic_batch_files files) {
    *s = (sources){NULL, NULL};
    VIC_TRY(open_file(&s->batch, files.batch, "input"));
    vic_status status = find_target(s, files);
    if (status != VIC_OK)
        close_all(s);
    return status;
}

static const char *initial_name(int l, char name[NAME]) {
    snprintf(name, NAME, "initial.%d", l);
    return name;
}

/* ---- do they fit the network? ---- */

static vic_status check_values(const vic_tensor_file *file, const vic_tensor *tensor, vic_shape shape,
                               size_t samples) {
    char expected[VIC_SHAPE_TEXT], found[VIC_DIMS_TEXT];
    int rank = tensor->rank - 1;
    if (rank >= 0 && tensor->dim[0] == samples &&
        vic_shape_compare(rank, tensor->dim + 1, shape) == VIC_SHAPE_FITS)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: tensor \"%s\" has shape %s, expected %zu sample%s of %s%s",
                    vic_tensor_file_path(file), tensor->name, vic_dims_text(tensor->rank, tensor->dim, found),
                    samples, samples == 1 ? "" : "s", vic_shape_text(shape, expected),
                    rank < 0 ? "" : vic_shape_advice(rank, tensor->dim + 1, shape));
}

/* ---- names ---- */

static bool is_known(const char *name, const vic_network *network) {
    char known[NAME];
    bool found = strcmp(name, "input") == 0 || strcmp(name, "target") == 0;
    for (int l = 1; !found && l < vic_network_output(network); l++)
        found = strcmp(name, initial_name(l, known)) == 0;
    return found;
}

static vic_status missing_input(const vic_tensor_file *file) {
    char list[VIC_TENSOR_LIST];
    return vic_fail(VIC_BAD_FILE,
                    "%s: tensor \"input\" is missing; the file has %s; a batch is \"input\", \"target\" and, "
                    "for algorithms that start from given beliefs, \"initial.1\", ...",
                    vic_tensor_file_path(file), vic_list_file(file, list));
}

/* Other tensors are passed over, unless one may be meant for what a batch has. */
static vic_status check_names(const sources *s, const vic_network *network) {
    static const char *const known[] = {"input", "target", "initial.1"};
    for (size_t i = 0; i < vic_tensor_file_count(s->batch); i++) {
        const char *name = vic_tensor_file_at(s->batch, i)->name;
        if (is_known(name, network))
            continue;
        if (s->target == NULL)
            return vic_fail(
                VIC_BAD_FILE,
                "%s: tensor \"target\" is missing, and there is \"%.60s\": is it the target? Name it "
                "so, or leave it out",
                vic_tensor_file_path(s->batch), name);
        if (vic_nearest(name, known, sizeof known / sizeof *known))
            return vic_fail(
                VIC_BAD_FILE,
                "%s: tensor \"%.60s\" is not one of a batch for %d populations: \"input\", \"target\", "
                "\"initial.l\" for the populations between: leave it out, or name it so",
                vic_tensor_file_path(s->batch), name, network->n_populations);
    }
    return VIC_OK;
}

static vic_status check_initial(const vic_tensor_file *file, const vic_network *network, vic_batch *batch) {
    char name[NAME];
    int given = 0, missing = 0;
    for (int l = 1; l < vic_network_output(network); l++) {
        const vic_tensor *tensor = vic_tensor_file_find(file, initial_name(l, name));
        if (tensor == NULL) {
            missing = missing ? missing : l;
            continue;
        }
        given++;
        VIC_TRY(check_values(file, tensor, network->shapes[l], batch->samples));
    }
    batch->initial = given > 0;
    if (given > 0 && missing > 0)
        return vic_fail(VIC_BAD_FILE,
                        "%s: tensor \"initial.%d\" is missing: give the initial beliefs of all "
                        "populations 1 to %d, or of none",
                        vic_tensor_file_path(file), missing, vic_network_output(network) - 1);
    return VIC_OK;
}

static vic_status inspect(const sources *s, const vic_network *network, vic_batch *batch) {
    const vic_tensor *input = vic_tensor_file_find(s->batch, "input");
    const char *path = vic_tensor_file_path(s->batch);
    vic_target_form form;
    if (input == NULL)
        return missing_input(s->batch);
    VIC_TRY(check_names(s, network));
    if (input->rank < 1 || input->dim[0] == 0)
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"input\" holds no samples", path);
    batch->samples = input->dim[0];
    batch->target = s->target != NULL;
    VIC_TRY(check_values(s->batch, input, network->shapes[0], batch->samples));
    if (s->target)
        VIC_TRY(vic_target_inspect(s->target, network, batch->samples, &form));
    return check_initial(s->batch, network, batch);
}

vic_status vic_batch_inspect(vic_batch_files files, const vic_network *network, vic_batch *batch) {
    sources s;
    VIC_TRY(open_all(&s, files));
    vic_status status = inspect(&s, network, batch);
    close_all(&s);
    return status;
}

vic_status vic_batch_inspect_whole(vic_batch_files files, const vic_network *network, vic_batch *batch) {
    VIC_TRY(vic_batch_inspect(files, network, batch));
    if (batch->target)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: tensor \"target\" is missing: put it there, or give one with --target",
                    files.batch);
}

/* ---- reading ---- */

static vic_status read_local(const sources *s, int64_t label_offset, vic_inference *inference) {
    const vic_network *network = vic_inference_network(inference);
    char name[NAME];
    if (vic_inference_input(inference))
        VIC_TRY(vic_tensor_read_inward(s->batch, vic_tensor_file_find(s->batch, "input"), network->precision,
                                       vic_inference_input(inference)));
    if (vic_inference_target(inference) && s->target)
        VIC_TRY(vic_target_read(s->target, label_offset, inference));
    for (int l = 1; l < vic_network_output(network); l++) {
        const vic_tensor *tensor = vic_tensor_file_find(s->batch, initial_name(l, name));
        if (vic_inference_initial(inference, l) == NULL)
            continue;
        if (tensor == NULL)
            return vic_fail(VIC_BAD_FILE, "%s: tensor \"%s\" is missing", vic_tensor_file_path(s->batch),
                            name);
        VIC_TRY(vic_tensor_read_inward(s->batch, tensor, network->precision,
                                       vic_inference_initial(inference, l)));
    }
    return VIC_OK;
}

vic_status vic_batch_read(vic_batch_files files, vic_inference *inference) {
    sources s;
    VIC_TRY(open_all(&s, files));
    vic_status status = read_local(&s, files.label_offset, inference);
    close_all(&s);
    return status;
}
