/* A recording: one inference, step by step. */
#ifndef VIC_OBSERVE_RECORDING_H
#define VIC_OBSERVE_RECORDING_H

#include "inference/infer.h"
#include "inference/rules.h"

typedef struct vic_recording vic_recording;

/* Collective. Runs the configured inference on a batch that has been fed, and records of it the samples
 * samples[0..n_samples-1], each below `batch`. Messages, results and updates are the same bits as without it.
 * The reads below are for rank 0. Free with vic_recording_destroy, on every rank. Errors: VIC_NOT_FINITE,
 * VIC_NO_MEMORY. */
vic_status vic_recording_create(vic_recording **recording, vic_inference *inference, size_t batch,
                                size_t n_samples, const size_t *samples);
void vic_recording_destroy(vic_recording **recording);

/* n: steps 0..n are recorded. */
int vic_recording_steps(const vic_recording *recording);
/* The numbers of population `population`, in the order of its shape; `sample` counts those recorded. They
 * belong to the recording. */
const double *vic_recording_state(const vic_recording *recording, int population, vic_quantity quantity,
                                  int step, size_t sample);
/* The message along an edge in a step, for each neuron of its target; NULL: none was sent. */
const double *vic_recording_message(const vic_recording *recording, int edge, vic_message_kind kind, int step,
                                    size_t sample);
/* Of the whole batch: the share of a population in the free energy, as in vic_inference_energy (the loss of
 * the sweep is that of the output population in step 0), and all of it. */
double vic_recording_energy(const vic_recording *recording, int population, int step);
double vic_recording_free_energy(const vic_recording *recording, int step);

#endif
