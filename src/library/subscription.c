/* Subscriptions to the events of a model's inferences. */
#include "model.h"
#include "numbers.h"

struct vic_subscription {
    vic_handle handle;
    vic_model *model;
    vic_subscriber subscriber;
    vic_event_callback *callback;
    void *context;
    vic_subscription *next; /* of the model's */
};

/* The event that a callback is called for. */
static const vic_model_event *shown;
static const vic_event *happening;

static const struct {
    vic_model_event_kind shown;
    vic_event_kind kind;
} kinds[] = {
    {VIC_ON_BEGIN, VIC_EVENT_BEGIN}, {VIC_ON_RECEIVED, VIC_EVENT_RECEIVED}, {VIC_ON_ERROR, VIC_EVENT_ERROR},
    {VIC_ON_SENT, VIC_EVENT_SEND},   {VIC_ON_STEP, VIC_EVENT_STEP_END},     {VIC_ON_END, VIC_EVENT_END},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static vic_model_event_kind kind_of(vic_event_kind kind) {
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].kind == kind)
            return kinds[i].shown;
    return VIC_ON_END;
}

static vic_model_event describe(const vic_event *event) {
    const vic_network *network = vic_inference_network(event->inference);
    const vic_edge *edge = event->edge >= 0 ? &network->edges[event->edge] : NULL;
    vic_model_event e = {
        .kind = kind_of(event->kind), .step = event->step, .population = event->population, .neighbour = -1};
    if (edge) {
        e.neighbour = event->population == edge->from ? edge->to : edge->from;
        e.is_error = event->message == VIC_ERROR;
    }
    if (event->values) {
        e.first = event->microbatch.first;
        e.samples = event->microbatch.samples;
        e.features = vic_shape_count(network->shapes[edge ? edge->to : event->population]);
    }
    return e;
}

/* The subscription may end while its callback runs, and lives on until the inference is over. */
static void receive(void *context, const vic_event *event) {
    const vic_subscription *s = context;
    const vic_model_event described = describe(event), *outer_shown = shown;
    const vic_event *outer = happening; /* where a callback runs another model */
    shown = &described;
    happening = event;
    s->callback(s->context, &described);
    shown = outer_shown;
    happening = outer;
}

static vic_status subscribe(vic_model *m, unsigned wanted, vic_event_callback *callback, void *context,
                            vic_subscription **subscription) {
    VIC_TRY(vic_check_pointer(subscription, "subscription"));
    *subscription = NULL;
    VIC_TRY(vic_model_check_free(m));
    if (callback == NULL)
        return VIC_FAIL_WRONG_USE("callback is NULL");
    if (wanted == 0 || wanted >= 1u << KINDS)
        return VIC_FAIL_WRONG_USE("%#x are no kinds of events", wanted);
    vic_subscription *s;
    VIC_TRY(vic_allocate(1, sizeof *s, &s));
    *s = (vic_subscription){.model = m, .callback = callback, .context = context, .next = m->subscriptions};
    s->subscriber = (vic_subscriber){.context = s, .only = m->inference, .receive = receive};
    for (int i = 0; i < KINDS; i++)
        if (wanted & kinds[i].shown)
            s->subscriber.kinds |= VIC_EVENT_BIT(kinds[i].kind);
    m->subscriptions = s;
    vic_subscribe(&s->subscriber);
    vic_handle_register(&s->handle, VIC_HANDLE_SUBSCRIPTION);
    *subscription = s;
    return VIC_OK;
}

vic_result vic_model_subscribe(vic_model *model, unsigned wanted, vic_event_callback *callback, void *context,
                               vic_subscription **subscription) {
    return vic_result_of(subscribe(model, wanted, callback, context, subscription));
}

static void end(vic_subscription *s) {
    vic_unsubscribe(&s->subscriber);
    s->subscriber.kinds = 0;
    vic_handle_unregister(&s->handle);
    for (vic_subscription **place = &s->model->subscriptions; *place; place = &(*place)->next)
        if (*place == s) {
            *place = s->next;
            break;
        }
    s->next = s->model->ended;
    s->model->ended = s;
}

vic_result vic_model_unsubscribe(vic_subscription **subscription) {
    if (subscription == NULL)
        return vic_result_of(vic_check_pointer(subscription, "subscription"));
    if (*subscription == NULL)
        return VIC_RESULT_OK;
    if (!vic_handle_is(*subscription, VIC_HANDLE_SUBSCRIPTION))
        return vic_result_of(VIC_FAIL_WRONG_USE("there is no such subscription"));
    vic_model *model = (*subscription)->model;
    end(*subscription);
    *subscription = NULL;
    if (!model->is_running)
        vic_subscriptions_bury(model);
    return VIC_RESULT_OK;
}

void vic_subscriptions_bury(vic_model *model) {
    while (model->ended) {
        vic_subscription *s = model->ended;
        model->ended = s->next;
        vic_release(&s);
    }
}

void vic_subscriptions_release(vic_model *model) {
    while (model->subscriptions)
        end(model->subscriptions);
    vic_subscriptions_bury(model);
}

/* ---- values of an event ---- */

/* An error lies part by part where the batch is cut. */
static vic_status read_microbatches(vic_array array) {
    const vic_inference *x = happening->inference;
    vic_precision precision = vic_inference_network(x)->precision;
    size_t samples = shown->samples, features = shown->features;
    void *whole;
    VIC_TRY(vic_allocate(features * samples, vic_precision_bytes(precision), &whole));
    for (size_t sample = 0; sample < samples;) {
        vic_sample_range microbatch = vic_inference_microbatch_of(x, shown->population, sample);
        vic_insert_microbatch(precision, features, samples, happening->values, microbatch, whole);
        sample = microbatch.first + microbatch.samples;
    }
    vic_status status = vic_columns_to_rows(precision, whole, features, samples, array);
    vic_release(&whole);
    return status;
}

static vic_status read_values(const vic_model_event *event, vic_array array) {
    VIC_TRY(vic_check_pointer(event, "event"));
    if (event != shown)
        return VIC_FAIL_WRONG_USE("the event is over, or none of this library");
    if (happening->values == NULL)
        return VIC_FAIL_WRONG_USE("the event has no values");
    VIC_TRY(vic_array_check(array, shown->samples * shown->features));
    if (happening->edge < 0 &&
        vic_inference_microbatch_of(happening->inference, shown->population, 0).samples != shown->samples)
        return read_microbatches(array);
    return vic_columns_to_rows(vic_inference_network(happening->inference)->precision, happening->values,
                               shown->features, shown->samples, array);
}

vic_result vic_model_event_read_f32(const vic_model_event *event, float *values, size_t count) {
    return vic_result_of(read_values(event, vic_array_f32(values, count)));
}

vic_result vic_model_event_read_f64(const vic_model_event *event, double *values, size_t count) {
    return vic_result_of(read_values(event, vic_array_f64(values, count)));
}
