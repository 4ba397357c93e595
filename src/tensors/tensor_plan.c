#include "tensor.h"

#include <stdlib.h>
#include <string.h>

/* *items, of capacity *capacity items of `size` bytes, grows to hold `wanted` of them. */
static vic_status grow(void *items, size_t *capacity, size_t used, size_t wanted, size_t size) {
    if (wanted <= *capacity)
        return VIC_OK;
    void *old, *larger;
    memcpy(&old, items, sizeof old); /* `items` points to a pointer of any type */
    VIC_TRY(vic_allocate(2 * wanted, size, &larger));
    if (used > 0)
        memcpy(larger, old, used * size);
    vic_release(items);
    memcpy(items, &larger, sizeof larger);
    *capacity = 2 * wanted;
    return VIC_OK;
}

/* FNV-1a */
static size_t hash_of(const char *name) {
    uint64_t hash = 0xcbf29ce484222325;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3;
    return (size_t)hash;
}

/* Where the name is, or would be. There are always free slots. */
static size_t *slot_of(const vic_tensor_plan *plan, const char *name) {
    size_t at = hash_of(name) % plan->n_slots;
    while (plan->slots[at] && strcmp(plan->tensors[plan->slots[at] - 1].name, name) != 0)
        at = (at + 1) % plan->n_slots;
    return &plan->slots[at];
}

/* For one name more, at most half of the slots being taken. */
static vic_status make_slots(vic_tensor_plan *plan) {
    if (2 * (plan->n + 1) <= plan->n_slots)
        return VIC_OK;
    size_t n_slots = 4 * (plan->n + 16), *slots;
    VIC_TRY(vic_allocate(n_slots, sizeof *slots, &slots));
    vic_release(&plan->slots);
    plan->slots = slots;
    plan->n_slots = n_slots;
    for (size_t i = 0; i < plan->n; i++)
        *slot_of(plan, plan->tensors[i].name) = i + 1;
    return VIC_OK;
}

const vic_tensor *vic_tensor_plan_find(const vic_tensor_plan *plan, const char *name) {
    size_t place = plan->n_slots ? *slot_of(plan, name) : 0;
    return place ? &plan->tensors[place - 1] : NULL;
}

static vic_status check_name(const vic_tensor_plan *plan, const char *name, const char *dtype) {
    if (strcmp(dtype, "F32") != 0 && strcmp(dtype, "F64") != 0 && strcmp(dtype, "I64") != 0)
        return vic_fail(VIC_BAD_FILE,
                        "tensor \"%.100s\": cannot write dtype \"%.20s\", expected F32, F64 or I64", name,
                        dtype);
    if (strcmp(name, VIC_TENSOR_METADATA) == 0)
        return vic_fail(VIC_BAD_FILE, "tensor \"%s\": the name is reserved, expected another", name);
    if (vic_tensor_plan_find(plan, name))
        return vic_fail(VIC_BAD_FILE, "tensor \"%.100s\" is to be written twice, expected different names",
                        name);
    return VIC_OK;
}

/* Wider numbers lie first, so that every number is aligned: some readers map the file and insist on it. */
static void assign_offset(vic_tensor_plan *plan, vic_tensor *tensor) {
    bool wide = vic_dtype_bytes(tensor->dtype) == sizeof(double);
    tensor->offset = wide ? plan->wide : plan->bytes;
    for (size_t i = 0; wide && plan->wide < plan->bytes && i < plan->n; i++)
        if (vic_dtype_bytes(plan->tensors[i].dtype) < sizeof(double))
            plan->tensors[i].offset += tensor->bytes;
    plan->bytes += tensor->bytes;
    plan->wide += wide ? tensor->bytes : 0;
}

vic_status vic_tensor_plan_add(vic_tensor_plan *plan, const char *name, const char *dtype, int rank,
                               const size_t *dim) {
    VIC_TRY(check_name(plan, name, dtype));
    VIC_TRY(make_slots(plan));
    VIC_TRY(grow(&plan->tensors, &plan->capacity, plan->n, plan->n + 1, sizeof *plan->tensors));
    vic_tensor *tensor = &plan->tensors[plan->n];
    VIC_TRY(vic_tensor_fill(tensor, name, dtype, rank, dim));
    /* The largest file there can be, less its header. */
    if (tensor->bytes > INT64_MAX - 2 * (uint64_t)VIC_LARGEST_TENSOR_HEADER - plan->bytes) {
        vic_tensor_release(tensor);
        return vic_fail(VIC_BAD_FILE, "tensor \"%.100s\" makes the file larger than 2^63 bytes", name);
    }
    assign_offset(plan, tensor);
    *slot_of(plan, name) = ++plan->n;
    return VIC_OK;
}

vic_status vic_tensor_plan_describe(vic_tensor_plan *plan, const char *key, const char *value) {
    for (size_t i = 0; i < plan->n_metadata; i++)
        if (strcmp(plan->metadata[2 * i], key) == 0)
            return vic_fail(VIC_BAD_FILE,
                            "metadata \"%.100s\" is to be written twice, expected different keys", key);
    size_t used = 2 * plan->n_metadata;
    VIC_TRY(grow(&plan->metadata, &plan->metadata_capacity, used, used + 2, sizeof *plan->metadata));
    char **pair = plan->metadata + used;
    VIC_TRY(vic_format(&pair[0], "%s", key));
    vic_status status = vic_format(&pair[1], "%s", value);
    if (status == VIC_OK)
        plan->n_metadata++;
    else
        vic_release(&pair[0]);
    return status;
}

void vic_tensor_plan_release(vic_tensor_plan *plan) {
    for (size_t i = 0; i < plan->n; i++)
        vic_tensor_release(&plan->tensors[i]);
    for (size_t i = 0; i < 2 * plan->n_metadata; i++)
        vic_release(&plan->metadata[i]);
    vic_release(&plan->tensors);
    vic_release(&plan->metadata);
    vic_release(&plan->slots);
    memset(plan, 0, sizeof *plan);
}

static json_t *tensor_json(const vic_tensor *tensor) {
    json_t *shape = json_array();
    for (int i = 0; i < tensor->rank; i++)
        if (json_array_append_new(shape, json_integer((json_int_t)tensor->dim[i])) != 0) {
            json_decref(shape);
            return NULL;
        }
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", tensor->dtype, "shape", shape, "data_offsets",
                     (json_int_t)tensor->offset, (json_int_t)(tensor->offset + tensor->bytes));
}

/* NULL when memory runs out or a text is no UTF-8. */
static char *plan_json(const vic_tensor_plan *plan) {
    json_t *object = json_object();
    int failed = 0;
    if (plan->n_metadata > 0) {
        json_t *metadata = json_object();
        for (size_t i = 0; i < plan->n_metadata; i++)
            failed |=
                json_object_set_new(metadata, plan->metadata[2 * i], json_string(plan->metadata[2 * i + 1]));
        failed |= json_object_set_new(object, VIC_TENSOR_METADATA, metadata);
    }
    for (size_t i = 0; i < plan->n; i++)
        failed |= json_object_set_new(object, plan->tensors[i].name, tensor_json(&plan->tensors[i]));
    char *text = failed ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

vic_status vic_tensor_plan_header(const vic_tensor_plan *plan, char **header, size_t *size,
                                  uint64_t *data_bytes) {
    *header = NULL;
    *data_bytes = plan->bytes;
    char *text = plan_json(plan);
    if (text == NULL)
        return vic_fail(VIC_BAD_FILE,
                        "the header cannot be made: a name or a text of the metadata is not UTF-8");
    size_t length = (strlen(text) + VIC_TENSOR_PREFIX - 1) / VIC_TENSOR_PREFIX * VIC_TENSOR_PREFIX;
    vic_status status = VIC_OK;
    if (length > VIC_LARGEST_TENSOR_HEADER)
        status = vic_fail(VIC_BAD_FILE, "a header of %zu bytes, at most %d are allowed", length,
                          VIC_LARGEST_TENSOR_HEADER);
    else
        status = vic_allocate(VIC_TENSOR_PREFIX + length, 1, header);
    if (status == VIC_OK) {
        for (int i = 0; i < VIC_TENSOR_PREFIX; i++)
            (*header)[i] = (char)(uint64_t)(length >> 8 * i & 0xff);
        memset(*header + VIC_TENSOR_PREFIX, ' ', length);
        memcpy(*header + VIC_TENSOR_PREFIX, text, strlen(text));
        *size = VIC_TENSOR_PREFIX + length;
    }
    free(text);
    return status;
}
