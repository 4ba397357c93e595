#include "npy_header.h"

#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

enum { MOST_AXES = 32, DESCRIPTION = 16 };

/* What is left of the text, and what has been found. */
typedef struct dictionary {
    const char *path, *next;
    char descr[DESCRIPTION];
    bool fortran, has_descr, has_order, has_shape;
    int rank;
    size_t dim[MOST_AXES];
} dictionary;

static vic_status unexpected(const dictionary *d, const char *expected) {
    return vic_fail(VIC_BAD_FILE, "%s: the header of the numpy array has \"%.20s\" where %s is expected",
                    d->path, d->next, expected);
}

static bool take(dictionary *d, const char *word) {
    d->next += strspn(d->next, " \t\n");
    size_t length = strlen(word);
    if (strncmp(d->next, word, length) != 0)
        return false;
    d->next += length;
    return true;
}

static vic_status take_string(dictionary *d, size_t capacity, char *text) {
    char quote = take(d, "'") ? '\'' : take(d, "\"") ? '"' : '\0';
    const char *end = quote ? strchr(d->next, quote) : NULL;
    if (end == NULL || (size_t)(end - d->next) >= capacity)
        return unexpected(d, "a short text in quotes");
    memcpy(text, d->next, (size_t)(end - d->next));
    text[end - d->next] = '\0';
    d->next = end + 1;
    return VIC_OK;
}

static vic_status take_length(dictionary *d, size_t *length) {
    if (*d->next < '0' || *d->next > '9')
        return unexpected(d, "the length of an axis");
    for (*length = 0; *d->next >= '0' && *d->next <= '9'; d->next++)
        if (!vic_multiply(*length, 10, length) ||
            __builtin_add_overflow(*length, (size_t)(*d->next - '0'), length))
            return vic_fail(VIC_BAD_FILE, "%s: the length of axis %d of the numpy array overflows", d->path,
                            d->rank);
    take(d, "L"); /* as Python 2 wrote it */
    return VIC_OK;
}

/* (), (3,) or (3, 4) */
static vic_status take_shape(dictionary *d) {
    if (!take(d, "("))
        return unexpected(d, "a shape");
    while (!take(d, ")")) {
        if (d->rank == MOST_AXES)
            return vic_fail(VIC_BAD_FILE, "%s: the numpy array has more than %d axes", d->path, MOST_AXES);
        VIC_TRY(take_length(d, &d->dim[d->rank++]));
        bool comma = take(d, ",");
        d->next += strspn(d->next, " \t\n");
        if (*d->next != ')' ? !comma : d->rank == 1 && !comma)
            return unexpected(d, "a comma");
    }
    return VIC_OK;
}

static vic_status take_entry(dictionary *d) {
    char key[DESCRIPTION];
    VIC_TRY(take_string(d, sizeof key, key));
    bool *known = strcmp(key, "descr") == 0           ? &d->has_descr
                  : strcmp(key, "fortran_order") == 0 ? &d->has_order
                  : strcmp(key, "shape") == 0         ? &d->has_shape
                                                      : NULL;
    if (known == NULL || *known)
        return vic_fail(
            VIC_BAD_FILE,
            "%s: the header of the numpy array has the key \"%s\"%s, expected descr, fortran_order and "
            "shape, once each",
            d->path, key, known ? " twice" : "");
    *known = true;
    if (!take(d, ":"))
        return unexpected(d, "a colon");
    if (known == &d->has_shape)
        return take_shape(d);
    if (known == &d->has_order) {
        d->fortran = take(d, "True");
        return d->fortran || take(d, "False") ? VIC_OK : unexpected(d, "True or False");
    }
    d->next += strspn(d->next, " ");
    if (*d->next == '[')
        return vic_fail(VIC_BAD_FILE, "%s: a numpy array of records, expected one of numbers", d->path);
    return take_string(d, sizeof d->descr, d->descr);
}

static vic_status take_all(dictionary *d) {
    if (!take(d, "{"))
        return unexpected(d, "{");
    while (!take(d, "}")) {
        VIC_TRY(take_entry(d));
        bool comma = take(d, ",");
        d->next += strspn(d->next, " \t\n");
        if (*d->next != '}' && !comma)
            return unexpected(d, "a comma");
    }
    d->next += strspn(d->next, " \t\n");
    if (*d->next != '\0')
        return unexpected(d, "the end");
    if (d->has_descr && d->has_order && d->has_shape)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: the header of the numpy array lacks %s", d->path,
                    !d->has_descr   ? "descr"
                    : !d->has_order ? "fortran_order"
                                    : "shape");
}

/* The type without its order of bytes, as safetensors call it; NULL when there is none. */
static const vic_number_type *type_of(const char *descr) {
    static const char *const known[][2] = {{"f2", "F16"}, {"f4", "F32"}, {"f8", "F64"}, {"i1", "I8"},
                                           {"i2", "I16"}, {"i4", "I32"}, {"i8", "I64"}, {"u1", "U8"},
                                           {"u2", "U16"}, {"u4", "U32"}, {"u8", "U64"}, {"b1", "BOOL"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(descr + 1, known[i][0]) == 0) {
            const vic_number_type *type = vic_number_type_find(known[i][1]);
            bool ordered = strchr("<>=", descr[0]) != NULL;
            return ordered || (descr[0] == '|' && type->bytes == 1) ? type : NULL;
        }
    return NULL;
}

static vic_status measure(const dictionary *d, vic_npy *array) {
    array->count = 1;
    bool fits = true;
    for (int i = 0; i < d->rank; i++) {
        if (d->dim[i] == 0)
            return vic_fail(VIC_BAD_FILE, "%s: the numpy array is empty: its axis %d has length 0", d->path,
                            i);
        fits = fits && vic_multiply(array->count, d->dim[i], &array->count);
    }
    if (!fits || !vic_multiply(array->count, array->type->bytes, &array->bytes))
        return vic_fail(VIC_BAD_FILE,
                        "%s: the shape of the numpy array overflows, expected fewer than 2^%zu bytes",
                        d->path, 8 * sizeof(size_t));
    VIC_TRY(vic_allocate((size_t)d->rank, sizeof *array->dim, &array->dim));
    memcpy(array->dim, d->dim, (size_t)d->rank * sizeof *array->dim);
    array->rank = d->rank;
    return VIC_OK;
}

vic_status npy_header_parse(const char *path, const char *text, npy_header *header, vic_npy *array) {
    dictionary d = {.path = path, .next = text};
    VIC_TRY(take_all(&d));
    array->type = d.descr[0] ? type_of(d.descr) : NULL;
    if (array->type == NULL)
        return vic_fail(
            VIC_BAD_FILE,
            "%s: a numpy array of type \"%s\", expected floating-point numbers (f2, f4, f8), integers "
            "(i1 to i8, u1 to u8) or bool (b1)",
            path, d.descr);
    *header = (npy_header){.big_endian = d.descr[0] == '>', .fortran = d.fortran};
    return measure(&d, array);
}
