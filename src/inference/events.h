/* What happens in the inferences of this rank, as a stream of events. A subscriber changes nothing: the
 * messages and the bits of the results are the same with and without it. */
#ifndef VIC_INFERENCE_EVENTS_H
#define VIC_INFERENCE_EVENTS_H

#include "messages/messages.h"
#include "network/network.h"

typedef struct vic_inference vic_inference;

typedef enum vic_event_kind {
    VIC_EVENT_BEGIN,    /* an inference begins, or a sweep that is not part of one */
    VIC_EVENT_RECEIVED, /* a message has come to a local population */
    VIC_EVENT_ERROR, /* a population has all of its error of the step, which it sends now if it sends one */
    VIC_EVENT_SEND,  /* a local population sends a message */
    VIC_EVENT_STEP_END, /* the local populations have done the step; 0: the sweep of an inference */
    VIC_EVENT_END,      /* all messages lie between VIC_EVENT_BEGIN and this */
    VIC_EVENT_LEAVE,    /* the inference is about to be destroyed */
} vic_event_kind;

#define VIC_EVENT_BIT(kind) (1u << (kind))

typedef struct vic_event {
    vic_event_kind kind;
    vic_inference *inference;
    int step;                    /* -1 of events outside steps */
    int population;              /* that receives, has its error or sends; -1: all local ones */
    int edge;                    /* of messages; else -1 */
    vic_message_kind message;    /* their kind */
    vic_sample_range microbatch; /* samples that the values are of */
    /* Of a message: (shape of the edge's target, microbatch.samples). Of an error, a copy
     * (vic_event_forecast): (shape, batch), micro-batch by micro-batch where vic_inference_microbatch_of
     * returns less than the batch, NULL at the input. They may change after the call. */
    const void *values;
} vic_event;

/* `receive` is called on this rank for events of `kinds`, one at a time, in the order of steps, in a step of
 * populations, of a population of phases: those of a step come when this rank has done it. It must not run,
 * change or destroy the inference. */
typedef struct vic_subscriber {
    void *context;
    unsigned kinds;            /* VIC_EVENT_BIT of each */
    const vic_inference *only; /* NULL: events of all inferences */
    void (*receive)(void *context, const vic_event *event);
    struct vic_subscriber *next; /* belongs to the list of subscribers */
} vic_subscriber;

/* Local. The subscriber has to stay where it is until it is taken from the list; it may take itself from it
 * when it is called. */
void vic_subscribe(vic_subscriber *subscriber);
void vic_unsubscribe(vic_subscriber *subscriber);

/* Local, a pure function of its arguments: what events take at most in an inference of which somebody wants
 * errors, in bytes, on a rank where the populations of here[0..n_populations-1] are: until a step is over, a
 * copy of each of their errors. Values of messages are not copied; the list of a step's events, less than 200
 * bytes for each, is not part of this. */
size_t vic_event_forecast(const vic_network *network, const bool *here, size_t capacity);

#endif
