#include "base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

size_t vic_size_product(size_t a, size_t b) {
    size_t product;
    return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

size_t vic_size_sum(size_t a, size_t b) {
    return b > SIZE_MAX - a ? SIZE_MAX : a + b;
}

/* What a block of `count` items takes. */
static vic_status bytes_of(size_t count, size_t size, size_t *bytes) {
    size_t most = SIZE_MAX - ALIGNMENT;
    if (vic_size_product(count, size) > most)
        return vic_fail(VIC_NO_MEMORY, "out of memory: %zu items of %zu bytes are too many", count, size);
    *bytes = count * size;
    if (*bytes == 0)
        *bytes = size ? size : 1;
    *bytes = (*bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return VIC_OK;
}

vic_status vic_allocate(size_t count, size_t size, void *memory) {
    memset(memory, 0, sizeof(void *));
    size_t bytes = 0;
    VIC_TRY(bytes_of(count, size, &bytes));
    void *block = aligned_alloc(ALIGNMENT, bytes);
    if (block == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory: %zu bytes are not to be had", bytes);
    memset(block, 0, bytes);
    memcpy(memory, &block, sizeof block); /* `memory` points to a pointer of any type */
    return VIC_OK;
}

vic_status vic_allocate_counted(vic_memory_counter *memory_counter, size_t count, size_t size, void *memory) {
    size_t bytes = 0;
    memset(memory, 0, sizeof(void *));
    if (memory_counter == NULL)
        return vic_allocate(count, size, memory);
    VIC_TRY(bytes_of(count, size, &bytes));
    VIC_TRY(vic_allocate(memory_counter->forecast ? 1 : count, size, memory));
    memory_counter->bytes = vic_size_sum(memory_counter->bytes, bytes);
    return VIC_OK;
}

size_t vic_allocated_bytes(size_t count, size_t size) {
    size_t bytes = 0;
    return bytes_of(count, size, &bytes) == VIC_OK ? bytes : SIZE_MAX;
}

void vic_release_counted(vic_memory_counter *memory_counter, size_t count, size_t size, void *memory) {
    void *block;
    memcpy(&block, memory, sizeof block);
    if (memory_counter && block)
        memory_counter->bytes -= vic_allocated_bytes(count, size);
    vic_release(memory);
}

void vic_release(void *memory) {
    void *block;
    memcpy(&block, memory, sizeof block);
    free(block);
    memset(memory, 0, sizeof block);
}

vic_status vic_format_list(char **copy, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    vic_status status = vic_allocate((size_t)length + 1, 1, copy);
    if (status == VIC_OK)
        vsnprintf(*copy, (size_t)length + 1, format, again);
    va_end(again);
    return status;
}

vic_status vic_format(char **copy, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vic_status status = vic_format_list(copy, format, arguments);
    va_end(arguments);
    return status;
}
