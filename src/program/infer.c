#include "json.h"
#include "program.h"

#include "base/pool.h"
#include "tensors/dump.h"

#include <string.h>

/* Each step's free energy, and where the tensors went. */
static vic_status print_result(const vic_session *session, const vic_command_line *line, size_t batch,
                               const double *energy) {
    int steps = vic_inference_steps(session->inference);
    const char *algorithm = vic_algorithm_name(session->config->inference.algorithm);
    if (!line->json) {
        printf(
            "%s, %d step%s, batch %zu: loss %.9g, free energy %.9g at the first step, %.9g at the last\n%s\n",
            algorithm, steps, steps == 1 ? "" : "s", batch, energy[0], energy[1], energy[steps], line->out);
        return VIC_OK;
    }
    json_t *energies = json_array();
    for (int i = 1; i <= steps; i++)
        json_array_append_new(energies, vic_json_number(energy[i]));
    return vic_json_print(json_pack("{s:s, s:i, s:I, s:i, s:i, s:o, s:o, s:s}", "algorithm", algorithm,
                                    "steps", steps, "batch", (json_int_t)batch, "ranks",
                                    vic_group_size(session->group), "threads", vic_pool_threads(), "loss",
                                    vic_json_number(energy[0]), "free_energy", energies, "out", line->out));
}

static vic_status run_and_write(vic_session *session, const vic_command_line *line, size_t batch,
                                double *energy) {
    vic_inference *x = session->inference;
    VIC_TRY(vic_inference_run(x, batch));
    VIC_TRY(vic_inference_check(x));
    VIC_TRY(vic_inference_collect_energy(x, energy));
    VIC_TRY(vic_inference_write(x, batch, line->out));
    return vic_session_prints(session) ? print_result(session, line, batch, energy) : VIC_OK;
}

static vic_status infer(vic_session *session, const vic_command_line *line, size_t batch) {
    double *energy = NULL;
    vic_status status =
        vic_allocate((size_t)vic_inference_steps(session->inference) + 1, sizeof *energy, &energy);
    status = vic_group_agree_on_status(session->group, status);
    if (status == VIC_OK)
        status = run_and_write(session, line, batch, energy);
    vic_release(&energy);
    return status;
}

/* ---- without a target ---- */

static vic_status print_prediction(const vic_session *session, const vic_command_line *line, size_t batch) {
    int ranks = vic_group_size(session->group);
    if (line->json)
        return vic_json_print(json_pack("{s:I, s:i, s:i, s:s}", "batch", (json_int_t)batch, "ranks", ranks,
                                        "threads", vic_pool_threads(), "out", line->out));
    printf("predictions of %zu sample%s; without a target, no errors and no gradients\n%s\n", batch,
           batch == 1 ? "" : "s", line->out);
    return VIC_OK;
}

static vic_status predict(vic_session *session, const vic_command_line *line, size_t batch) {
    vic_inference *x = session->inference;
    VIC_TRY(vic_inference_sweep(x, batch));
    VIC_TRY(vic_group_agree_on_status(session->group, vic_inference_check(x)));
    VIC_TRY(vic_predictions_write(x, batch, line->out));
    return vic_session_prints(session) ? print_prediction(session, line, batch) : VIC_OK;
}

static vic_status take_batch(vic_session *session, const vic_command_line *line) {
    vic_inference_options options = session->config->inference;
    bool takes_initial = vic_algorithm_traits_of(options.algorithm)->takes_initial_beliefs;
    vic_batch_files files;
    vic_batch batch = {0};
    VIC_TRY(vic_session_batch_files(session, line, &files));
    vic_status status = vic_batch_inspect(files, session->config->network, &batch);
    if (status == VIC_OK)
        status = vic_session_cut(session, batch.samples, VIC_BAD_FILE);
    VIC_TRY(vic_group_agree_on_status(session->group, status));
    options.record = true;
    options.initial_beliefs = takes_initial && batch.initial && batch.target;
    vic_demand demand = {.capacity = batch.samples,
                         .learns = batch.target,
                         .sweeps = !batch.target,
                         .keeps = true,
                         .writes = true,
                         .options = options};
    VIC_TRY(vic_session_assemble(session, &demand, line->weights));
    VIC_TRY(vic_group_agree_on_status(session->group, vic_batch_read(files, session->inference)));
    return batch.target ? infer(session, line, batch.samples) : predict(session, line, batch.samples);
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    vic_session session;
    vic_status status = vic_session_open(&session, group, line);
    if (status == VIC_OK)
        status = take_batch(&session, line);
    vic_session_close(&session);
    return status;
}

static const vic_command_option *const options[] = {
    &vic_option_weights,        &vic_option_rename,
    &vic_option_batch_required, &vic_option_target,
    &vic_option_out_file,       &vic_option_set,
    &vic_option_trace,          &vic_option_detect_anomalies,
    &vic_option_json,           NULL,
};

const vic_command vic_command_infer = {
    .name = "infer",
    .summary = "one inference on a given batch, everything written out",
    .description =
        "Writes for l = 1..L prediction.l (of the sweep), belief.l (after n updates) and error.l "
        "(after n-1),\n"
        "each (batch, ...), grad.NAME for every parameter, and loss; dual.l where populations keep "
        "multipliers, and\n"
        "parameter.NAME, after n steps, where steps learn. Without a target there are predictions alone, "
        "and\n"
        "under cross-entropy `class`, the place of each sample's largest output.\n"
        "Inputs are floating-point numbers or integers, taken as they are: data.scale divides data sets "
        "alone.\n"
        "A target is class indices (integers), one-hot rows, or, under squared-error, values.\n",
    .example =
        "vicinal infer configs/digits.yaml --weights W.safetensors --batch B.safetensors --out O.safetensors",
    .options = options,
    .run = run,
};
