#include "level.h"

#include "functions/level.h"
#include "result.h"

/* -1: not set. */
static int wanted = -1;

/* The text of the failure stays. */
static vic_status wrong_use_of(vic_status status) {
    return status == VIC_BAD_CONFIG ? (vic_status)VIC_STATUS_WRONG_USE : status;
}

vic_status vic_library_agree_on_level(vic_group *group) {
    return wrong_use_of(vic_group_agree_on_level(group, wanted < 0 ? NULL : vic_level_name(wanted)));
}

static vic_status set(const char *level) {
    int found;
    VIC_TRY(vic_check_pointer(level, "level"));
    VIC_TRY(wrong_use_of(vic_level_find(level, &found)));
    wanted = found;
    return VIC_OK;
}

vic_result vic_library_set_level(const char *level) {
    return vic_result_of(set(level));
}

const char *vic_library_level(void) {
    return vic_level_name(vic_level());
}

const char *vic_library_kernel(void) {
    return vic_blas_kernel();
}
