#include "result.h"

#include "inference/infer.h"

vic_result vic_result_of(vic_status status) {
    switch ((int)status) {
    case VIC_OK:
        return VIC_RESULT_OK;
    case VIC_BAD_CONFIG:
        return VIC_RESULT_BAD_DESIGN;
    case VIC_BAD_FILE:
        return VIC_RESULT_BAD_FILE;
    case VIC_NOT_FINITE:
        return VIC_RESULT_NOT_FINITE;
    case VIC_NO_MEMORY:
        return VIC_RESULT_NO_MEMORY;
    case VIC_NO_PEER:
        return VIC_RESULT_NO_PEER;
    case VIC_STATUS_NOT_HERE:
        return VIC_RESULT_NOT_HERE;
    default:
        return VIC_RESULT_WRONG_USE;
    }
}

vic_status vic_check_pointer(const void *pointer, const char *argument) {
    return pointer ? VIC_OK : VIC_FAIL_WRONG_USE("%s is NULL", argument);
}

const char *vic_result_name(vic_result result) {
    static const char *const names[] = {"ok",         "wrong use", "bad design",    "bad file",
                                        "not finite", "not here",  "out of memory", "no peer"};
    size_t known = sizeof names / sizeof *names;
    return (size_t)result < known ? names[result] : "unknown result";
}

const char *vic_last_message(void) {
    return vic_error_text();
}

const char *vic_library_version(void) {
    return VICINAL_VERSION;
}

const char *vic_library_algorithm(size_t index) {
    size_t count;
    const vic_algorithm *const *all = vic_algorithms(&count);
    return index < count ? vic_algorithm_name(all[index]) : NULL;
}
