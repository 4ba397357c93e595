/* Safetensors. Reading and checking is local to a rank unless marked collective. */
#ifndef VIC_TENSORS_SAFETENSORS_H
#define VIC_TENSORS_SAFETENSORS_H

#include "messages/messages.h"

typedef struct vic_tensor {
    char *name;
    char *dtype; /* "F32", "F64", "I64", ... */
    int rank;
    size_t *dim;
    size_t count;
    uint64_t offset; /* of its first byte in the file */
    uint64_t bytes;
} vic_tensor;

typedef struct vic_tensor_file vic_tensor_file;

/* Opens and checks the whole header. Errors: VIC_BAD_FILE. Close with vic_tensor_file_close. */
vic_status vic_tensor_file_open(vic_tensor_file **file, const char *path);
void vic_tensor_file_close(vic_tensor_file **file);
const char *vic_tensor_file_path(const vic_tensor_file *file);
size_t vic_tensor_file_count(const vic_tensor_file *file);
const vic_tensor *vic_tensor_file_at(const vic_tensor_file *file, size_t index);
/* NULL when there is none of that name. */
const vic_tensor *vic_tensor_file_find(const vic_tensor_file *file, const char *name);
/* The value of a key of __metadata__, or NULL. */
const char *vic_tensor_file_metadata(const vic_tensor_file *file, const char *key);

/* Reads numbers [first, first + n) of a tensor. vic_tensor_read_real takes F64, F32, F16, BF16, integers and
 * BOOL and rounds to `precision`; NaN and infinities are refused, and so are finite values that round to
 * infinity. vic_tensor_read_int64 takes integers and BOOL. Errors: VIC_BAD_FILE. */
vic_status vic_tensor_read_real(const vic_tensor_file *file, const vic_tensor *tensor, size_t first, size_t n,
                                vic_precision precision, void *values);
vic_status vic_tensor_read_int64(const vic_tensor_file *file, const vic_tensor *tensor, size_t first,
                                 size_t n, int64_t *values);

/* What a file to be written will hold, in this order; every rank makes the same list. */
typedef struct vic_tensor_plan {
    size_t n, capacity;
    vic_tensor *tensors; /* offsets count from the start of the data, until the file is created */
    size_t n_metadata, metadata_capacity;
    char **metadata;      /* key, value, key, value ... */
    uint64_t bytes, wide; /* of all tensors, and of those of 8 bytes a number, which lie first */
    size_t n_slots,
        *slots; /* where a name is found by its hash: 1 + its place among the tensors, 0: nowhere */
} vic_tensor_plan;

/* Adds a tensor of `dtype` "F32", "F64" or "I64"; rank 0 is a scalar. A zeroed plan is empty. */
vic_status vic_tensor_plan_add(vic_tensor_plan *plan, const char *name, const char *dtype, int rank,
                               const size_t *dim);
vic_status vic_tensor_plan_describe(vic_tensor_plan *plan, const char *key, const char *value);
void vic_tensor_plan_release(vic_tensor_plan *plan);
/* The tensor of that name, or NULL. */
const vic_tensor *vic_tensor_plan_find(const vic_tensor_plan *plan, const char *name);

/* A file being written by all ranks of a group: it appears under its name only when every rank has written
 * its part, and not at all when one fails. */
typedef struct vic_tensor_writer vic_tensor_writer;

/* Collective. Rank 0 creates the file beside its final place, with its header and its full size.
 * Errors: VIC_BAD_FILE with path and reason, on every rank; *writer is NULL then. */
vic_status vic_tensor_writer_create(vic_tensor_writer **writer, vic_group *group, const char *path,
                                    const vic_tensor_plan *plan);
/* Local. Writes one whole tensor by name. A failure is kept for the finish and returned. */
vic_status vic_tensor_writer_put(vic_tensor_writer *writer, const char *name, const void *values);
/* As vic_tensor_writer_put, of numbers [first, first + n) of the tensor. */
vic_status vic_tensor_writer_put_part(vic_tensor_writer *writer, const char *name, size_t first, size_t n,
                                      const void *values);
/* Collective. `mine` is VIC_OK when this rank has written all its tensors. Renames the file into place when
 * all ranks have, removes it otherwise. Frees *writer. */
vic_status vic_tensor_writer_finish(vic_tensor_writer **writer, vic_status mine);
/* Local. Gives up without the others, and leaves nothing behind. *writer may be NULL. */
void vic_tensor_writer_abandon(vic_tensor_writer **writer);

#endif
