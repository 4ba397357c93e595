/* Creating an inference: its local populations, their arrays, the wiring between them. */
#include "inference.h"

static vic_status list_arrivals(vic_inference *x, vic_local_population *r) {
    const vic_network *network = x->network;
    int first = network->first_in[r->population->id], n = 0;
    for (int e = first; e >= 0; e = network->edges[e].next_in)
        n++;
    VIC_TRY(vic_allocate((size_t)n, sizeof *r->in, &r->in));
    VIC_TRY(vic_allocate((size_t)n, sizeof *r->received, &r->received));
    for (int e = first; e >= 0; e = network->edges[e].next_in)
        r->in[r->n_in++] = e;
    return VIC_OK;
}

/* Where messages are not sent there is a worker for each rank that would have populations. */
static vic_worker *worker_of(vic_inference *x, int id) {
    return &x->workers[x->n_workers > 1 ? x->rank_of[id] : 0];
}

static vic_status make_workers(vic_inference *x, const bool *here) {
    int populations = x->network->n_populations;
    VIC_TRY(vic_allocate((size_t)x->n_workers, sizeof *x->workers, &x->workers));
    for (int id = 0; id < populations; id++)
        worker_of(x, id)->n_local_populations += here[id];
    for (int i = 0; i < x->n_workers; i++) {
        vic_worker *w = &x->workers[i];
        VIC_TRY(vic_allocate((size_t)w->n_local_populations, sizeof(vic_local_population *),
                             &w->local_populations));
        w->n_local_populations = 0;
    }
    return VIC_OK;
}

static vic_status create_local_populations(vic_inference *x, const bool *here) {
    bool dry = x->is_dry || vic_arithmetic_is_dry();
    vic_population_needs needs = {
        .capacity = x->capacity,
        .gradient = x->learns,
        .memory_counter = dry ? &x->unbacked : &x->memory_counter,
        .dry = dry,
    };
    int populations = x->network->n_populations;
    VIC_TRY(make_workers(x, here));
    VIC_TRY(vic_allocate((size_t)populations, sizeof *x->local_populations, &x->local_populations));
    for (int id = 0; id < populations; id++) {
        if (!here[id])
            continue;
        vic_local_population *r = &x->local_populations[x->n_local_populations];
        vic_worker *w = worker_of(x, id);
        needs.done = x->is_dry || vic_time_is_simulated() ? &w->done : NULL;
        VIC_TRY(vic_population_create(&r->population, x->network, id, needs));
        x->n_local_populations++;
        w->local_populations[w->n_local_populations++] = r;
        VIC_TRY(list_arrivals(x, r));
    }
    return VIC_OK;
}

static vic_status make_ends(vic_inference *x) {
    size_t bytes = vic_precision_bytes(x->network->precision);
    int output = vic_network_output(x->network);
    if (vic_inference_population(x, 0))
        VIC_TRY(vic_allocate_counted(&x->memory_counter, vic_shape_count(x->network->shapes[0]) * x->capacity,
                                     bytes, &x->input));
    if (vic_inference_population(x, output) == NULL)
        return VIC_OK;
    if (x->network->loss->target_type == VIC_TARGET_CLASSES)
        return vic_allocate_counted(&x->memory_counter, x->capacity, sizeof(int64_t), &x->target);
    return vic_allocate_counted(&x->memory_counter, vic_shape_count(x->network->shapes[output]) * x->capacity,
                                bytes, &x->target);
}

/* For products that are repeated with the same synapses: not where these change in every step. */
static vic_status make_packings(const vic_inference *x, vic_population *p) {
    bool ahead = false, back = false;
    for (int k = 0; k < p->n_out && !x->options.algorithm->traits.learns_in_steps; k++) {
        int edge = p->out[k].edge_index;
        ahead |= vic_schedule_count(x->schedule, edge, VIC_PREDICTION) > 1;
        back |= !vic_is_input(p) && vic_schedule_count(x->schedule, edge, VIC_ERROR) > 1;
    }
    return vic_population_make_packings(p, ahead, back);
}

/* The arrays that these options need, as far as they are not there. */
static vic_status allocate_arrays(vic_inference *x, vic_local_population *r) {
    vic_population *p = r->population;
    size_t numbers = p->count * x->capacity, bytes = vic_precision_bytes(x->network->precision);
    vic_release_counted(&x->memory_counter, r->n_energy, sizeof *r->energy, &r->energy);
    r->n_energy = (size_t)x->schedule->steps + 1;
    VIC_TRY(vic_allocate_counted(x->is_dry ? NULL : &x->memory_counter, r->n_energy, sizeof *r->energy,
                                 &r->energy));
    if (x->options.algorithm->allocate)
        VIC_TRY(x->options.algorithm->allocate(x->options, p));
    VIC_TRY(make_packings(x, p));
    if (vic_is_input(p))
        return VIC_OK;
    if (x->options.initial_beliefs && r->initial == NULL)
        VIC_TRY(vic_allocate_counted(&x->memory_counter, numbers, bytes, &r->initial));
    if (x->options.record && r->recorded_prediction == NULL)
        VIC_TRY(vic_allocate_counted(&x->memory_counter, numbers, bytes, &r->recorded_prediction));
    if (x->options.record && r->recorded_belief == NULL)
        VIC_TRY(vic_allocate_counted(&x->memory_counter, numbers, bytes, &r->recorded_belief));
    if (x->options.record && x->options.microbatches > 1 && vic_is_hidden(p) && r->recorded_error == NULL)
        VIC_TRY(vic_allocate_counted(&x->memory_counter, numbers, bytes, &r->recorded_error));
    return VIC_OK;
}

static vic_coordinates coordinates_of(vic_inference_options options) {
    const vic_algorithm_traits *traits = &options.algorithm->traits;
    return traits->in_beliefs_alone  ? VIC_COORDINATES_BELIEF
           : traits->in_errors_alone ? VIC_COORDINATES_ERROR
                                     : options.coordinates;
}

vic_status vic_inference_set_options(vic_inference *x, vic_inference_options options) {
    vic_schedule *schedule;
    if (options.algorithm)
        options.coordinates = coordinates_of(options);
    VIC_TRY(vic_schedule_create(&schedule, x->network, options));
    vic_schedule_destroy(&x->schedule);
    x->schedule = schedule;
    x->options = options;
    for (int i = 0; i < x->n_local_populations; i++)
        VIC_TRY(allocate_arrays(x, &x->local_populations[i]));
    if (x->wiring == NULL)
        return VIC_OK;
    VIC_TRY(vic_wiring_split(x->wiring, options.microbatches));
    return vic_wiring_use(x->wiring, options.wires);
}

static vic_status assemble(vic_inference *x, const bool *here, vic_inference_options options) {
    VIC_TRY(create_local_populations(x, here));
    VIC_TRY(make_ends(x));
    return vic_inference_set_options(x, options);
}

static vic_inference bare(const vic_network *network, size_t capacity, bool learns) {
    return (vic_inference){
        .network = network,
        .arithmetic = vic_arithmetic_of(network->precision),
        .unbacked.forecast = true,
        .capacity = capacity,
        .n_workers = 1,
        .learns = learns,
    };
}

static vic_status assemble_here(vic_inference *x, vic_inference_options options) {
    int me = vic_group_rank(x->group), populations = x->network->n_populations;
    bool *here;
    VIC_TRY(vic_allocate((size_t)populations, sizeof *here, &here));
    for (int id = 0; id < populations; id++)
        here[id] = x->rank_of[id] == me;
    vic_status status = assemble(x, here, options);
    vic_release(&here);
    return status;
}

static vic_status check_places(const vic_inference *x) {
    int ranks = vic_group_size(x->group);
    for (int id = 0; id < x->network->n_populations; id++)
        if (x->rank_of[id] < 0 || x->rank_of[id] >= ranks)
            return vic_fail(VIC_BAD_CONFIG, "population %d is placed on rank %d of %d", id, x->rank_of[id],
                            ranks);
    return VIC_OK;
}

vic_status vic_inference_create(vic_inference **inference, vic_group *group, const vic_network *network,
                                const int *rank_of, size_t capacity, bool learns,
                                vic_inference_options options) {
    vic_status status = vic_group_agree_on_status(group, vic_allocate(1, sizeof **inference, inference));
    if (status != VIC_OK) {
        vic_release(inference);
        return status;
    }
    vic_inference *x = *inference;
    *x = bare(network, capacity, learns);
    x->group = group;
    x->rank_of = rank_of;
    status = vic_network_check_batch(network, capacity);
    if (status == VIC_OK)
        status = check_places(x);
    if (status == VIC_OK)
        status = vic_blas_reserve();
    if (status == VIC_OK)
        status = assemble_here(x, options);
    status = vic_group_agree_on_status(group, status);
    if (status == VIC_OK)
        status = vic_wiring_create(&x->wiring, group, network, rank_of, capacity, x->schedule->steps);
    if (status == VIC_OK)
        vic_timeline_follow(vic_wiring_timeline(x->wiring), &x->workers[0].done);
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, vic_wiring_split(x->wiring, options.microbatches));
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, vic_wiring_use(x->wiring, options.wires));
    if (status != VIC_OK)
        vic_inference_destroy(inference);
    return status;
}

static void add_array(void *bytes, const vic_allocation *array) {
    size_t *sum = bytes;
    *sum = vic_size_sum(*sum, vic_allocated_bytes(array->count, array->item));
}

vic_status vic_inference_forecast(size_t *bytes, const vic_network *network, const bool *here,
                                  size_t capacity, bool learns, vic_inference_options options) {
    vic_inference *x;
    VIC_TRY(vic_network_check_batch(network, capacity));
    VIC_TRY(vic_allocate(1, sizeof *x, &x));
    *x = bare(network, capacity, learns);
    x->memory_counter.forecast = true;
    vic_status status = assemble(x, here, options);
    size_t coding = 0;
    if (status == VIC_OK)
        status = vic_wiring_forecast_wires(network, here, capacity, options.wires,
                                           (vic_inventory_visitor){.context = &coding, .visit = add_array});
    if (status == VIC_OK)
        *bytes = vic_size_sum(vic_size_sum(x->memory_counter.bytes, coding),
                              vic_wiring_forecast(network, here, capacity, x->schedule->steps));
    vic_inference_destroy(&x);
    return status;
}

static vic_status assemble_dry(vic_inference *x, const vic_dry_messages *messages,
                               vic_inference_options options) {
    bool *here;
    size_t populations = (size_t)x->network->n_populations;
    VIC_TRY(vic_allocate(populations, sizeof *here, &here));
    for (size_t id = 0; id < populations; id++) {
        here[id] = true;
        if (x->rank_of[id] >= x->n_workers)
            x->n_workers = x->rank_of[id] + 1;
    }
    vic_status status = assemble(x, here, options);
    vic_release(&here);
    if (status == VIC_OK)
        status = vic_wiring_create_dry(&x->wiring, x->network, messages);
    return status == VIC_OK ? vic_wiring_split(x->wiring, options.microbatches) : status;
}

vic_status vic_inference_create_dry(vic_inference **inference, const vic_network *network, const int *rank_of,
                                    size_t batch, vic_inference_options options,
                                    const vic_dry_messages *messages) {
    VIC_TRY(vic_network_check_batch(network, batch));
    VIC_TRY(vic_allocate(1, sizeof **inference, inference));
    vic_inference *x = *inference;
    *x = bare(network, batch, false);
    x->is_dry = x->memory_counter.forecast = true;
    x->rank_of = rank_of;
    vic_status status = assemble_dry(x, messages, options);
    if (status != VIC_OK)
        vic_inference_destroy(inference);
    return status;
}

static void clear_out(vic_local_population *r) {
    vic_population_destroy(&r->population);
    vic_release(&r->in);
    vic_release(&r->received);
    vic_release(&r->initial);
    vic_release(&r->recorded_prediction);
    vic_release(&r->recorded_belief);
    vic_release(&r->recorded_error);
    vic_release(&r->energy);
}

void vic_inference_destroy(vic_inference **inference) {
    vic_inference *x = *inference;
    if (x == NULL)
        return;
    if (x->wiring && !x->is_dry)
        vic_emit_leave(x);
    vic_wiring_destroy(&x->wiring);
    for (int i = 0; x->local_populations && i < x->n_local_populations; i++)
        clear_out(&x->local_populations[i]);
    vic_release(&x->local_populations);
    for (int i = 0; x->workers && i < x->n_workers; i++)
        vic_release(&x->workers[i].local_populations);
    vic_release(&x->workers);
    vic_schedule_destroy(&x->schedule);
    vic_event_queue_destroy(&x->events);
    vic_release(&x->input);
    vic_release(&x->target);
    vic_release(inference);
}
