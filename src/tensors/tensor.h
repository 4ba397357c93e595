/* What readers and writers of safetensors share: one tensor, a header, a plan as header text. */
#ifndef VIC_TENSORS_TENSOR_H
#define VIC_TENSORS_TENSOR_H

#include "number_type.h"
#include "safetensors.h"

#include <jansson.h>

#define VIC_TENSOR_METADATA "__metadata__"

/* What a tensor takes in the plan of a file, in its writer's copy and in the header while that is made:
 * measured, in bytes. */
enum { VIC_PLANNED_TENSOR = 2048 };

enum { VIC_TENSOR_PREFIX = 8, VIC_DIMS_TEXT = 96, VIC_LARGEST_TENSOR_HEADER = 100 * 1000 * 1000 };

/* A numpy array as a file of one tensor; memory holds all of it. Close with vic_tensor_file_close. Errors:
 * VIC_BAD_FILE. */
vic_status vic_tensor_file_open_npy(vic_tensor_file **file, const char *path, const char *name);

/* Are its numbers integers, or bool? */
bool vic_tensor_is_whole(const vic_tensor *tensor);
/* Are they floating-point numbers that can be read? */
bool vic_tensor_is_real(const vic_tensor *tensor);

/* Bytes of one number of a safetensors type, 0 when the type is unknown. */
size_t vic_dtype_bytes(const char *dtype);

/* *tensor becomes a copy of all this, with its count and bytes; the offset stays 0. Free with
 * vic_tensor_release. Errors: VIC_BAD_FILE, without a path, for an unknown type and a shape that overflows.
 */
vic_status vic_tensor_fill(vic_tensor *tensor, const char *name, const char *dtype, int rank,
                           const size_t *dim);
void vic_tensor_release(vic_tensor *tensor);

bool vic_dims_equal(int rank_a, const size_t *a, int rank_b, const size_t *b);
/* "[1, 28, 28]" into `text`, which has VIC_DIMS_TEXT bytes; long shapes end in "...". Returns `text`. */
const char *vic_dims_text(int rank, const size_t *dim, char *text);

/* "0.weight" [16, 64], ... and 3 more: what a file has, into `text`, which has VIC_TENSOR_LIST bytes. Returns
 * the text. */
enum { VIC_TENSOR_LIST = 480 };
typedef const vic_tensor *vic_tensor_at(const void *tensors, size_t i);
const char *vic_list_tensors(vic_tensor_at *at, const void *tensors, size_t n, char *text);
const char *vic_list_file(const vic_tensor_file *file, char *text);

typedef struct vic_tensor_header {
    size_t n;
    vic_tensor *tensors; /* in the order of their data */
    json_t *metadata;    /* an object of strings, or NULL */
} vic_tensor_header;

/* Parses `size` bytes of header text; the data are `data_bytes` bytes from `data_start` on and must be
 * covered exactly. Free with vic_tensor_header_release, also after an error. Errors: VIC_BAD_FILE, without a
 * path. */
vic_status vic_tensor_header_parse(vic_tensor_header *header, const char *text, size_t size,
                                   uint64_t data_start, uint64_t data_bytes);
void vic_tensor_header_release(vic_tensor_header *header);

/* *header becomes the beginning of the planned file, up to the data; freed by the caller with vic_release.
 * *data_bytes becomes the size of the data. The same on every rank. */
vic_status vic_tensor_plan_header(const vic_tensor_plan *plan, char **header, size_t *size,
                                  uint64_t *data_bytes);

#endif
