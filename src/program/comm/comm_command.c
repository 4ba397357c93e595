/* What the messages of an inference cost, for each algorithm. */
#include "comm.h"

#include "observe/communication_picture.h"

#include <string.h>

enum { DEFAULT_REPEATS = 5, MOST_REPEATS = 100000, TITLE = 256 };

/* ---- the picture ---- */

static char *add_word(char *title, const char *format, const char *word) {
    size_t used = strlen(title);
    snprintf(title + used, TITLE - used, format, word);
    return title;
}

static void title_of(const vic_comm *comm, size_t index, const vic_comm_run *run, char title[TITLE]) {
    const vic_sweep_grid *grid = &comm->grid;
    char name[VIC_RUN_NAME];
    title[0] = '\0';
    for (size_t a = 0; a < grid->n_axes; a++) {
        add_word(title, "%s ", grid->axes[a].key);
        add_word(title, "%s, ", vic_sweep_grid_value(grid, index, a));
    }
    add_word(title, "%s, ", vic_comm_name(run, name));
    add_word(title, "%s", vic_comm_message_policy(run));
}

vic_status vic_comm_draw(const vic_comm *comm, const char *path) {
    size_t most_views = comm->n_settings * VIC_MOST_RUNS, n = 0;
    const vic_config *config = comm->settings[0].session.config;
    vic_communication_view *views = NULL;
    char(*titles)[TITLE] = NULL;
    vic_status status = vic_allocate(most_views, sizeof *views, &views);
    if (status == VIC_OK)
        status = vic_allocate(most_views, sizeof *titles, &titles);
    for (size_t i = 0; status == VIC_OK && i < comm->n_settings; i++)
        for (size_t k = 0; k < comm->settings[i].n_runs; k++, n++) {
            const vic_comm_run *run = &comm->settings[i].runs[k];
            title_of(comm, i, run, titles[n]);
            views[n] = (vic_communication_view){titles[n], comm->settings[i].session.config->network,
                                                &run->communication};
        }
    if (status == VIC_OK)
        status = vic_communication_draw(path, config->name, comm->grid.n_axes == 0, n, views);
    vic_release(&views);
    vic_release(&titles);
    return status;
}

/* ---- the command ---- */

static vic_status read_repeats(const char *text, int *repeats) {
    long value = vic_time_is_simulated() ? 1 : DEFAULT_REPEATS; /* simulated times are always the same */
    VIC_TRY(vic_option_number("repeat", text, 1, MOST_REPEATS, &value));
    *repeats = (int)value;
    return VIC_OK;
}

static vic_status report(const vic_comm *comm, const vic_command_line *line) {
    if (line->csv)
        VIC_TRY(vic_comm_write_csv(comm, line->csv));
    if (line->svg)
        VIC_TRY(vic_comm_draw(comm, line->svg));
    if (line->json)
        return vic_comm_print_json(comm);
    vic_comm_print_table(comm);
    return VIC_OK;
}

static vic_status measure_all(vic_comm *comm, vic_group *group, const vic_command_line *line) {
    vic_status status = vic_allocate(comm->grid.n_combinations, sizeof *comm->settings, &comm->settings);
    VIC_TRY(vic_group_agree_on_status(group, status));
    if (comm->grid.n_axes > 0)
        VIC_TRY(vic_comm_check(comm, group, line));
    for (size_t i = 0; i < comm->grid.n_combinations; i++) {
        comm->n_settings++;
        VIC_TRY(vic_comm_measure(&comm->settings[i], comm, i, group, line));
    }
    return VIC_OK;
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    if (line->calibrate)
        return vic_comm_calibrate(group, line);
    vic_comm comm = {.learns = line->learn};
    vic_status status = read_repeats(line->repeat, &comm.repeats);
    if (status == VIC_OK)
        status = vic_sweep_grid_read(&comm.grid, line->sweeps, line->n_sweeps);
    if (status == VIC_OK && line->trace && comm.grid.n_axes > 0)
        status = vic_fail(VIC_BAD_CONFIG, "--trace shows one network on its ranks: leave out --sweep, or it");
    if (status == VIC_OK)
        status = measure_all(&comm, group, line);
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, vic_group_rank(group) == 0 ? report(&comm, line) : VIC_OK);
    for (size_t i = 0; i < comm.n_settings; i++)
        vic_comm_setting_release(&comm.settings[i]);
    vic_release(&comm.settings);
    vic_sweep_grid_release(&comm.grid);
    return status;
}

static const vic_command_option option_repeat = {
    "repeat", "R", "inferences to measure; the one with the median time is shown (default: 5)", false};
static const vic_command_option option_learn = {
    "learn", NULL, "form the gradients too, as in learning: the time is that of an update", false};
static const vic_command_option option_csv = {
    "csv", "F", "a row per run, edge, kind and step as a CSV file; of a sweep, per combination and run",
    false};
static const vic_command_option option_svg = {
    "svg", "F", "a picture: edges by steps, and computing against waiting", false};

static const vic_command_option option_calibrate = {
    "calibrate", "F",
    "measure this machine instead, its wires and its speed at this network, and write F for vicinal plan",
    false};

static const vic_command_option *const options[] = {
    &vic_option_sweep, &option_learn,       &vic_option_alone, &option_repeat,
    &option_calibrate, &vic_option_weights, &vic_option_set,   &option_csv,
    &option_svg,       &vic_option_trace,   &vic_option_json,  NULL,
};

const vic_command vic_command_comm = {
    .name = "comm",
    .summary = "what the messages of an inference cost, for each algorithm",
    .description =
        "Runs inferences on the first training batch (random numbers without data) and accounts for every\n"
        "message: per edge, kind and step how many, how many bytes, how long they took to post and to wait "
        "for;\n"
        "per inference computing, waiting and the critical path. Beside the configured algorithm: exact\n"
        "(backpropagation as messages) and the others that comparisons show, event-driven and always\n"
        "speaking. With inference.microbatches: m, a pipeline of m parts of the batch stands beside m = 1.\n"
        "launch/guide/communication.md explains every column. How long a whole training step takes: "
        "vicinal train --timing.\n",
    .example = "mpirun -np 5 vicinal comm configs/digits.yaml --sweep batch=16,64,256 --sweep ranks=1,5",
    .options = options,
    .run = run,
};
