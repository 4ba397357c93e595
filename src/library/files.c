/* Synapses, and the state of the optimizer, in files. */
#include "model.h"

#include "learning/checkpoint.h"
#include "tensors/weights.h"

/* Collective. Do all ranks name the same path, and does the model learn where it has to? */
static vic_status begin(vic_model *m, vic_call call, const char *path, bool needs_trainer) {
    VIC_TRY(vic_model_check_free(m));
    vic_status mine = vic_check_pointer(path, "path");
    if (mine == VIC_OK && needs_trainer && m->trainer == NULL)
        mine = VIC_FAIL_WRONG_USE(
            "the model has no optimizer: it needs VIC_MODEL_LEARNS and learning.optimizer");
    return vic_agreement_begin(&m->agreement, call, mine == VIC_OK ? vic_text_hash(0, path) : 0, mine);
}

static vic_status save(vic_model *m, const char *path) {
    VIC_TRY(begin(m, VIC_CALL_SAVE, path, false));
    return vic_weights_write(m->inference, path);
}

vic_result vic_model_save(vic_model *model, const char *path) {
    return vic_result_of(save(model, path));
}

static vic_status load(vic_model *m, const char *path) {
    VIC_TRY(begin(m, VIC_CALL_LOAD, path, false));
    return vic_agreement_end(&m->agreement, vic_weights_read(m->inference, path), NULL);
}

vic_result vic_model_load(vic_model *model, const char *path) {
    return vic_result_of(load(model, path));
}

/* What a state belongs to, as text; freed by the caller with vic_release. */
static vic_status identify(const vic_model *m, char **text) {
    vic_identity *identity;
    *text = NULL;
    VIC_TRY(vic_identity_of(m->settings, &identity));
    vic_status status = vic_identity_text(identity, text);
    vic_identity_destroy(&identity);
    return status;
}

static vic_status save_state(vic_model *m, const char *path) {
    char *settings;
    VIC_TRY(begin(m, VIC_CALL_SAVE_STATE, path, true));
    vic_status status = vic_agreement_end(&m->agreement, identify(m, &settings), NULL);
    if (status == VIC_OK)
        status = vic_checkpoint_write(m->trainer, m->inference, path, settings);
    vic_release(&settings);
    return status;
}

vic_result vic_model_save_state(vic_model *model, const char *path) {
    return vic_result_of(save_state(model, path));
}

static vic_status load_state(vic_model *m, const char *path) {
    VIC_TRY(begin(m, VIC_CALL_LOAD_STATE, path, true));
    return vic_agreement_end(&m->agreement, vic_checkpoint_read(m->trainer, m->inference, path), NULL);
}

vic_result vic_model_load_state(vic_model *model, const char *path) {
    return vic_result_of(load_state(model, path));
}
