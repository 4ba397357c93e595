/* Making, setting and destroying a model. */
#include "level.h"
#include "model.h"
#include "threads.h"
#include "transport.h"

#include "messages/group_mpi.h"

#include <string.h>

static void release(vic_model **model) {
    vic_model *m = *model;
    if (m == NULL)
        return;
    vic_subscriptions_release(m);
    vic_trainer_destroy(&m->trainer);
    vic_inference_destroy(&m->inference);
    vic_release(&m->rank_of);
    vic_release(&m->classes);
    if (m->settings != m->config)
        vic_config_destroy(&m->settings);
    vic_config_destroy(&m->config);
    vic_design_release(&m->design);
    vic_agreement_close(&m->agreement);
    if (!m->agreement.is_pending)
        vic_group_destroy(&m->group);
    if (m->uses_threads)
        vic_library_end_threads();
    vic_release(model);
}

/* The options of the config, with those that follow from the model's flags. */
static vic_inference_options options_of(const vic_model *m, const vic_config *config) {
    vic_inference_options options = config->inference;
    options.record = m->flags & VIC_MODEL_KEEPS_TENSORS;
    return options;
}

static void use_timeout(vic_model *m, const vic_config *config) {
    m->agreement.timeout = config->timeout;
    vic_group_set_timeout(m->group, config->timeout);
}

static vic_status place(vic_model *m) {
    const vic_network *network = m->config->network;
    size_t n = (size_t)network->n_populations;
    VIC_TRY(vic_allocate(n, sizeof *m->rank_of, &m->rank_of));
    if (m->design->n_places == 0)
        return vic_inference_place(network, m->config->inference, vic_group_size(m->group), m->rank_of);
    memcpy(m->rank_of, m->design->rank_of, n * sizeof *m->rank_of);
    return VIC_OK;
}

static void draw_parameters(vic_model *m) {
    for (int id = 0; id < m->config->network->n_populations; id++) {
        vic_population *population = vic_inference_population(m->inference, id);
        if (population == NULL)
            continue;
        vic_population_initialise(population, m->config->seed);
        if (m->config->grain > 0)
            vic_population_round(population, m->config->grain);
    }
}

static vic_status make_trainer(vic_model *m, size_t capacity) {
    vic_learning_options options = m->config->learning;
    if (!(m->flags & VIC_MODEL_LEARNS) || !m->config->has_learning)
        return VIC_OK;
    options.batch = capacity;
    return vic_trainer_create(&m->trainer, m->inference, options, m->config->seed);
}

/* Local: what needs no other rank. */
static vic_status prepare(vic_model *m, const vic_design *design) {
    if (!vic_handle_is(design, VIC_HANDLE_DESIGN))
        return VIC_FAIL_WRONG_USE("there is no such design");
    VIC_TRY(vic_design_copy(&m->design, design));
    VIC_TRY(vic_design_config(m->design, &m->config));
    m->settings = m->config;
    use_timeout(m, m->config);
    return place(m);
}

static vic_status assemble(vic_model *m, size_t capacity) {
    VIC_TRY(vic_inference_create(&m->inference, m->group, m->config->network, m->rank_of, capacity,
                                 m->flags & VIC_MODEL_LEARNS, options_of(m, m->config)));
    draw_parameters(m);
    VIC_TRY(make_trainer(m, capacity));
    return vic_group_agree_on_status(m->group, vic_allocate(capacity, sizeof *m->classes, &m->classes));
}

static vic_status check_arguments(vic_model **model, size_t capacity, unsigned flags) {
    VIC_TRY(vic_check_pointer(model, "model"));
    if (capacity == 0 || capacity > VIC_MOST_NUMBERS)
        return VIC_FAIL_WRONG_USE("room for %zu samples", capacity);
    if (flags & ~(unsigned)(VIC_MODEL_LEARNS | VIC_MODEL_KEEPS_TENSORS))
        return VIC_FAIL_WRONG_USE("%#x has bits that are no flag of a model", flags);
    return VIC_OK;
}

/* Collective; *made belongs to the caller, also after a failure. */
static vic_status make(vic_model **made, vic_group *group, const vic_design *design, size_t capacity,
                       unsigned flags, vic_status mine) {
    if (mine == VIC_OK)
        mine = vic_allocate(1, sizeof **made, made);
    VIC_TRY(vic_group_agree_on_status(group, mine));
    vic_model *m = *made;
    m->flags = flags;
    m->correct = -1;
    VIC_TRY(vic_group_agree_on_status(group, vic_agreement_open(&m->agreement, group)));
    m->group = group;
    VIC_TRY(vic_library_agree_on_level(group));
    VIC_TRY(vic_library_agree_on_transport(group));
    VIC_TRY(vic_library_begin_threads(group));
    m->uses_threads = true;
    mine = prepare(m, design);
    uint64_t argument = mine == VIC_OK ? vic_design_hash(m->design) : 0;
    argument = (argument ^ (uint64_t)capacity * 2654435761u ^ flags) >> 2;
    VIC_TRY(vic_agreement_begin(&m->agreement, VIC_CALL_CREATE, argument, mine));
    return assemble(m, capacity);
}

static vic_status create(vic_model **model, const vic_design *design, MPI_Comm communicator, size_t capacity,
                         unsigned flags) {
    vic_model *made = NULL;
    vic_group *group;
    if (model)
        *model = NULL;
    VIC_TRY(vic_check_communicator(communicator));
    VIC_TRY(vic_group_create(&group, communicator));
    vic_status status = make(&made, group, design, capacity, flags, check_arguments(model, capacity, flags));
    if (made == NULL || made->group == NULL)
        vic_group_destroy(&group);
    if (status != VIC_OK) {
        release(&made);
        return status;
    }
    vic_handle_register(&made->handle, VIC_HANDLE_MODEL);
    *model = made;
    return VIC_OK;
}

vic_result vic_model_create(vic_model **model, const vic_design *design, MPI_Comm communicator,
                            size_t capacity, unsigned flags) {
    return vic_result_of(create(model, design, communicator, capacity, flags));
}

vic_result vic_model_destroy(vic_model **model) {
    vic_status status = vic_check_pointer(model, "model");
    if (status == VIC_OK && *model == NULL)
        return VIC_RESULT_OK;
    if (status == VIC_OK)
        status = vic_model_check_free(*model);
    if (status != VIC_OK)
        return vic_result_of(status);
    if (!(*model)->agreement.lost)
        status = vic_agreement_begin(&(*model)->agreement, VIC_CALL_DESTROY, 0, VIC_OK);
    vic_handle_unregister(&(*model)->handle);
    release(model);
    return vic_result_of(status);
}

/* ---- setting ---- */

static bool is_under(const char *key, const char *section) {
    size_t length = strlen(section);
    return strncmp(key, section, length) == 0 && (key[length] == '\0' || key[length] == '.');
}

/* The state of one optimizer means nothing to another. */
static vic_status check_optimizer(const vic_model *m, const vic_config *config) {
    if (m->trainer == NULL || vic_trainer_options(m->trainer)->optimizer == config->learning.optimizer)
        return VIC_OK;
    return VIC_FAIL_WRONG_USE("the optimizer of a model stays %s, only its settings change",
                              vic_trainer_options(m->trainer)->optimizer->name);
}

/* Local. Adds the setting to the design; *config becomes the config that it stands for. */
static vic_status read_setting(vic_model *m, const char *key, const char *value, vic_config **config) {
    VIC_TRY(vic_check_pointer(key, "key"));
    VIC_TRY(vic_check_pointer(value, "value"));
    if (!is_under(key, "inference") && !is_under(key, "channels") && strcmp(key, "learning.optimizer") != 0)
        return VIC_FAIL_WRONG_USE(
            "%s cannot be set in a model, only what is under inference and channels, and "
            "learning.optimizer",
            key);
    if (m->trainer == NULL && is_under(key, "learning"))
        return VIC_FAIL_WRONG_USE(
            "the model has no optimizer whose settings could change: learning.optimizer "
            "belongs to the design, and VIC_MODEL_LEARNS to the flags");
    VIC_TRY(vic_design_push(m->design, key, value));
    vic_status status = vic_design_config(m->design, config);
    if (status == VIC_OK)
        status = check_optimizer(m, *config);
    if (status == VIC_OK)
        return VIC_OK;
    vic_design_pop(m->design);
    vic_config_destroy(config);
    return status;
}

/* Collective: where one rank has no memory for the new settings, all go back to the old ones. */
static vic_status use(vic_model *m, const vic_config *config) {
    vic_status status = vic_inference_set_options(m->inference, options_of(m, config));
    if (status == VIC_OK && m->trainer)
        status = vic_trainer_follow(m->trainer);
    status = vic_agreement_end(&m->agreement, status, NULL);
    if (status != VIC_OK && !m->agreement.lost)
        vic_inference_set_options(m->inference, options_of(m, m->settings));
    return status;
}

static void keep(vic_model *m, vic_config *config) {
    if (m->settings != m->config)
        vic_config_destroy(&m->settings);
    m->settings = config;
    m->state = VIC_MODEL_FRESH;
    if (m->trainer)
        vic_trainer_set_settings(m->trainer, config->learning.settings);
    use_timeout(m, config);
}

static vic_status set(vic_model *m, const char *key, const char *value) {
    vic_config *config = NULL;
    VIC_TRY(vic_model_check_free(m));
    vic_status mine = read_setting(m, key, value, &config);
    uint64_t argument = mine == VIC_OK ? vic_text_hash(vic_text_hash(0, key), value) : 0;
    vic_status status = vic_agreement_begin(&m->agreement, VIC_CALL_SET, argument, mine);
    if (status == VIC_OK)
        status = use(m, config);
    if (status == VIC_OK) {
        keep(m, config);
        return VIC_OK;
    }
    if (mine == VIC_OK)
        vic_design_pop(m->design);
    vic_config_destroy(&config);
    return status;
}

vic_result vic_model_set(vic_model *model, const char *key, const char *value) {
    return vic_result_of(set(model, key, value));
}
