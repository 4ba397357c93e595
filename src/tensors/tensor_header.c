/* The header of a safetensors file: a JSON object, from names to {"dtype", "shape", "data_offsets"}. */
#include "tensor.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Texts name the tensor; the caller puts the path in front. */
static vic_status bad_entry(const char *name, const char *problem) {
    return vic_fail(VIC_BAD_FILE, "tensor \"%.100s\": %s", name, problem);
}

static vic_status parse_shape(const char *name, const json_t *array, size_t **dim) {
    size_t rank = json_array_size(array);
    if (!json_is_array(array) || rank > INT_MAX)
        return bad_entry(name, "\"shape\" is missing or no array, expected an array of sizes");
    VIC_TRY(vic_allocate(rank, sizeof **dim, dim));
    for (size_t i = 0; i < rank; i++) {
        const json_t *size = json_array_get(array, i);
        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return bad_entry(name, "\"shape\" holds something else than sizes, expected integers from 0 on");
        (*dim)[i] = (size_t)json_integer_value(size);
    }
    return VIC_OK;
}

static vic_status parse_offsets(const char *name, const json_t *array, uint64_t *begin, uint64_t *end) {
    if (!json_is_array(array) || json_array_size(array) != 2)
        return bad_entry(name, "\"data_offsets\" is missing or no pair, expected [begin, end]");
    const json_t *first = json_array_get(array, 0), *last = json_array_get(array, 1);
    if (!json_is_integer(first) || !json_is_integer(last) || json_integer_value(first) < 0 ||
        json_integer_value(last) < 0)
        return bad_entry(name, "\"data_offsets\" are not two offsets, expected integers from 0 on");
    *begin = (uint64_t)json_integer_value(first);
    *end = (uint64_t)json_integer_value(last);
    return VIC_OK;
}

static vic_status check_offsets(const vic_tensor *tensor, uint64_t begin, uint64_t end, uint64_t data_bytes) {
    unsigned long long b = begin, e = end, all = data_bytes, wanted = tensor->bytes;
    if (b > e)
        return vic_fail(VIC_BAD_FILE, "tensor \"%.100s\": data_offsets [%llu, %llu] begin after their end",
                        tensor->name, b, e);
    if (e > all)
        return vic_fail(
            VIC_BAD_FILE,
            "tensor \"%.100s\": data_offsets [%llu, %llu] end beyond the file, which has %llu bytes of "
            "data",
            tensor->name, b, e, all);
    if (e - b != wanted) {
        char shape[VIC_DIMS_TEXT];
        return vic_fail(
            VIC_BAD_FILE,
            "tensor \"%.100s\": data_offsets [%llu, %llu] hold %llu bytes, expected %llu for shape %s of "
            "%s",
            tensor->name, b, e, e - b, wanted, vic_dims_text(tensor->rank, tensor->dim, shape),
            tensor->dtype);
    }
    return VIC_OK;
}

static vic_status parse_tensor(vic_tensor *tensor, const char *name, const json_t *entry, uint64_t data_start,
                               uint64_t data_bytes) {
    if (!json_is_object(entry))
        return bad_entry(name, "no JSON object, expected {\"dtype\", \"shape\", \"data_offsets\"}");
    const json_t *dtype = json_object_get(entry, "dtype"), *shape = json_object_get(entry, "shape");
    if (!json_is_string(dtype))
        return bad_entry(name, "\"dtype\" is missing or no string, expected for example \"F32\"");
    size_t *dim = NULL;
    vic_status status = parse_shape(name, shape, &dim);
    if (status == VIC_OK)
        status = vic_tensor_fill(tensor, name, json_string_value(dtype), (int)json_array_size(shape), dim);
    vic_release(&dim);
    VIC_TRY(status);
    uint64_t begin = 0, end = 0;
    VIC_TRY(parse_offsets(name, json_object_get(entry, "data_offsets"), &begin, &end));
    tensor->offset = data_start + begin;
    return check_offsets(tensor, begin, end, data_bytes);
}

static vic_status parse_metadata(vic_tensor_header *header, json_t *metadata) {
    const char *key;
    json_t *value;
    if (!json_is_object(metadata))
        return vic_fail(VIC_BAD_FILE, "%s is no JSON object, expected an object of strings",
                        VIC_TENSOR_METADATA);
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value))
            return vic_fail(VIC_BAD_FILE, "%s: \"%.100s\" is no string, expected strings only",
                            VIC_TENSOR_METADATA, key);
    }
    header->metadata = json_incref(metadata);
    return VIC_OK;
}

static int by_place(const void *a, const void *b) {
    const vic_tensor *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* Tensors follow each other without holes, from the first byte of the data to the last. */
static vic_status check_cover(const vic_tensor_header *header, uint64_t data_start, uint64_t data_bytes) {
    uint64_t next = data_start;
    for (size_t i = 0; i < header->n; i++) {
        const vic_tensor *tensor = &header->tensors[i];
        if (tensor->offset < next)
            return vic_fail(VIC_BAD_FILE,
                            "tensors \"%.100s\" and \"%.100s\" overlap, expected one after the other",
                            header->tensors[i - 1].name, tensor->name);
        if (tensor->offset > next)
            return vic_fail(VIC_BAD_FILE,
                            "%llu bytes before tensor \"%.100s\" belong to no tensor, expected no holes",
                            (unsigned long long)(tensor->offset - next), tensor->name);
        next += tensor->bytes;
    }
    if (next < data_start + data_bytes)
        return vic_fail(VIC_BAD_FILE,
                        "%llu bytes at the end belong to no tensor, expected the last tensor to end there",
                        (unsigned long long)(data_start + data_bytes - next));
    return VIC_OK;
}

static vic_status parse_object(vic_tensor_header *header, json_t *object, uint64_t data_start,
                               uint64_t data_bytes) {
    if (!json_is_object(object))
        return vic_fail(VIC_BAD_FILE, "the header is no JSON object, expected one entry per tensor");
    VIC_TRY(vic_allocate(json_object_size(object), sizeof *header->tensors, &header->tensors));
    const char *name;
    json_t *entry;
    json_object_foreach(object, name, entry) {
        if (strcmp(name, VIC_TENSOR_METADATA) == 0) {
            VIC_TRY(parse_metadata(header, entry));
            continue;
        }
        VIC_TRY(parse_tensor(&header->tensors[header->n++], name, entry, data_start, data_bytes));
    }
    qsort(header->tensors, header->n, sizeof *header->tensors, by_place);
    return check_cover(header, data_start, data_bytes);
}

vic_status vic_tensor_header_parse(vic_tensor_header *header, const char *text, size_t size,
                                   uint64_t data_start, uint64_t data_bytes) {
    memset(header, 0, sizeof *header);
    json_error_t error;
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL && json_error_code(&error) == json_error_out_of_memory)
        return vic_fail(VIC_NO_MEMORY, "out of memory while reading the header");
    if (object == NULL)
        return vic_fail(VIC_BAD_FILE, "the header is no valid JSON (byte %d of the header): %s",
                        error.position, error.text);
    vic_status status = parse_object(header, object, data_start, data_bytes);
    json_decref(object);
    return status;
}

void vic_tensor_header_release(vic_tensor_header *header) {
    for (size_t i = 0; i < header->n; i++)
        vic_tensor_release(&header->tensors[i]);
    vic_release(&header->tensors);
    json_decref(header->metadata);
    memset(header, 0, sizeof *header);
}
