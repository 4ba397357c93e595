/* Files: data sets, safetensors. Reading and checking is local to a rank unless marked collective.
 */
#ifndef VICINAL_IO_H
#define VICINAL_IO_H

#include "vicinal/inference.h"
#include "vicinal/learning.h"

/* Files that are read in this order as if they were one. */
typedef struct vic_file_list {
    size_t n;
    char **paths;
} vic_file_list;

/* Does the first row of a text file name its columns? AUTO: where none of its cells is a number. */
typedef enum vic_header { VIC_HEADER_AUTO, VIC_HEADER_PRESENT, VIC_HEADER_ABSENT } vic_header;

/* How data files are to be understood. All zero: as is usual. */
typedef struct vic_data_reading {
    vic_header header; /* of formats that have columns, and so is `label` */
    /* The column of the class: its name, or its number, which counts from 1, or from the end when negative.
     * NULL: the one column named "label", "class" or "target" in any case, else the last. */
    const char *label;
    int64_t label_offset; /* subtracted from every label, whatever the format */
} vic_data_reading;

/* The whole file in a new zero-terminated array, freed with vic_release. Errors: `on_error` with the path and
 * the system's reason. */
vic_status vic_read_file(const char *path, vic_status on_error, char **data, size_t *size);
/* *checksum becomes the CRC-32 of all bytes of a file. Errors: VIC_BAD_FILE. */
vic_status vic_file_checksum(const char *path, uint32_t *checksum);

/* Whether both paths lead to one regular file. */
bool vic_is_same_file(const char *a, const char *b);

/* ---- data sets ---- */

/* A table of `count` samples in memory as its file holds them. */
typedef struct vic_samples {
    size_t count;
    vic_shape shape;                   /* of one sample; rank 0 for labels */
    const struct vic_element *element; /* how one number is stored */
    unsigned char *data;
    int64_t label_offset; /* subtracted from labels */
    char *path;           /* for messages */
    char *note;           /* which column was taken for the class, where that is not obvious; or NULL */
} vic_samples;

/* A format of data files. A new one is one file and one registry line. */
typedef struct vic_data_format {
    const char *name;
    const char *help;
    /* Errors: VIC_BAD_FILE with the path and the place of the fault. */
    vic_status (*read_inputs)(const char *path, vic_data_reading reading, vic_samples *samples);
    vic_status (*read_labels)(const char *path, vic_data_reading reading, vic_samples *samples);
    bool has_columns; /* reading.header and reading.label mean something */
    bool one_file;    /* holds inputs and labels: both lists name the same files */
    /* How many of a file's bytes, unpacked, stay in memory. */
    double kept_of_inputs, kept_of_labels;
} vic_data_format;

const vic_data_format *const *vic_data_formats(size_t *count);
const vic_data_format *vic_data_format_find(const char *name);
void vic_samples_release(vic_samples *samples);

/* Puts `more` behind `samples`, which may be zeroed; `more` is left empty. Errors: VIC_BAD_FILE when their
 * samples are not alike, VIC_NO_MEMORY; both stay as they are then. */
vic_status vic_samples_append(vic_samples *samples, vic_samples *more);

/* rows becomes (n, features) in `precision`: the samples order[0..n-1], each value divided by scale. */
void vic_samples_gather(const vic_samples *samples, const size_t *order, size_t n, double scale,
                        vic_precision precision, void *rows);
/* Label number i as an integer, less the offset. */
int64_t vic_samples_label(const vic_samples *samples, size_t i);
/* Errors: VIC_BAD_FILE naming the first label that is outside 0..classes-1, less the offset. */
vic_status vic_samples_check_labels(const vic_samples *samples, size_t classes);
/* Errors: VIC_BAD_FILE naming the first value that, divided by scale, is not finite in this precision. */
vic_status vic_samples_check_finite(const vic_samples *samples, double scale, vic_precision precision);

/* ---- safetensors ---- */

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
    size_t n, room;
    vic_tensor *tensors; /* offsets count from the start of the data, until the file is created */
    size_t n_metadata, metadata_room;
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

/* ---- weights ---- */

/* Names that begin with `from` begin with `to` instead; of several renamings the longest that fits
 * counts. */
typedef struct vic_rename {
    char *from, *to;
} vic_rename;

typedef struct vic_renames {
    size_t n;
    const vic_rename *all;
} vic_renames;

/* Reads the parameters of the local populations. The file's tensors, of F64, F32, F16 or BF16, must be the
 * network's, all of them, under their names; all behind "module." or "_orig_mod."; or named as in one
 * nn.Sequential. A checkpoint gives its weights alone. Local; every rank checks all names and shapes. Errors:
 * VIC_BAD_FILE. */
vic_status vic_weights_read(vic_inference *inference, const char *path);
/* The same after renaming; *epoch becomes that of a checkpoint, -1 for other files. */
vic_status vic_weights_read_from(vic_inference *inference, const char *path, vic_renames renames,
                                 int64_t *epoch);
/* Collective. Writes every population's parameters in the run's precision. */
vic_status vic_weights_write(vic_inference *inference, const char *path);

#endif
