/* Is it a model, and may it be called now? */
#include "model.h"

vic_status vic_model_check(const vic_model *model) {
    return vic_handle_is(model, VIC_HANDLE_MODEL) ? VIC_OK : VIC_FAIL_WRONG_USE("there is no such model");
}

vic_status vic_model_check_free(const vic_model *model) {
    VIC_TRY(vic_model_check(model));
    if (model->is_running)
        return VIC_FAIL_WRONG_USE("a callback cannot make this call");
    return vic_check_mpi();
}
