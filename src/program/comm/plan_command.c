/* What an inference would take on a machine that is described, for each algorithm and number of ranks. */
#include "planning.h"

#include "config/machine_file.h"

#include <string.h>

/* ---- the machine ---- */

static vic_status read_machine(vic_machine **machine, vic_group *group, const char *path) {
    char *text = NULL;
    size_t size = 0;
    vic_status status = VIC_OK;
    if (vic_group_rank(group) == 0)
        status = vic_read_file(path, VIC_BAD_FILE, &text, &size);
    status = vic_group_agree_on_status(group, status);
    if (status == VIC_OK)
        status = vic_group_broadcast(group, &text, &size);
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, vic_machine_parse(machine, path, text, size));
    vic_release(&text);
    return status;
}

/* ---- the settings: what is swept over, and the numbers of ranks ---- */

/* --ranks 2 --ranks 5 is --sweep ranks=2,5. */
static vic_status ranks_axis(const vic_command_line *line, char **axis) {
    *axis = NULL;
    for (size_t i = 0; i < line->n_ranks; i++) {
        char *longer;
        long ranks;
        VIC_TRY(vic_option_number("ranks", line->ranks[i], 1, 1000000, &ranks));
        VIC_TRY(vic_format(&longer, "%s%s%s", *axis ? *axis : "ranks=", *axis ? "," : "", line->ranks[i]));
        vic_release(axis);
        *axis = longer;
    }
    return VIC_OK;
}

static vic_status read_grid(vic_sweep_grid *grid, const vic_command_line *line) {
    const char **sweeps = NULL;
    char *axis = NULL;
    vic_status status = vic_allocate(line->n_sweeps + 1, sizeof *sweeps, &sweeps);
    if (status == VIC_OK)
        status = ranks_axis(line, &axis);
    if (status == VIC_OK) {
        for (size_t i = 0; i < line->n_sweeps; i++)
            sweeps[i] = line->sweeps[i];
        sweeps[line->n_sweeps] = axis;
        status = vic_sweep_grid_read(grid, sweeps, line->n_sweeps + (axis != NULL));
    }
    vic_release(&axis);
    vic_release(&sweeps);
    return status;
}

static vic_status choose(vic_comm_setting *s, const vic_sweep_grid *grid, size_t index) {
    size_t batch, ranks;
    VIC_TRY(vic_sweep_grid_number(grid, index, "batch", &batch));
    VIC_TRY(vic_sweep_grid_number(grid, index, "ranks", &ranks));
    int populations = s->session.config->network->n_populations;
    s->batch = batch > 0 ? batch : vic_session_batch(&s->session);
    s->ranks = ranks > 0 ? (int)ranks : populations;
    if (s->ranks > populations)
        fprintf(stderr, "warning: %d populations on %d ranks: the others stay idle\n", populations, s->ranks);
    return vic_session_cut(&s->session, s->batch, VIC_BAD_CONFIG);
}

/* ---- one run ---- */

static vic_status estimate_memory(const vic_planning *planning, const vic_comm_setting *s,
                                  vic_inference_options options, vic_plan_estimate *estimate) {
    const vic_machine *m = planning->machine;
    const vic_demand demand = {.capacity = s->batch, .options = options};
    int ranks = s->session.rank_of[s->session.config->network->n_populations - 1] + 1;
    VIC_TRY(vic_allocate((size_t)ranks, sizeof *estimate->memory, &estimate->memory));
    VIC_TRY(vic_forecast(s->session.config, s->session.rank_of, &demand, estimate->memory));
    double here = 0;
    for (size_t rank = 0; rank < (size_t)ranks; rank++) {
        here = rank % vic_machine_ranks_of_node(m) == 0 ? 0 : here;
        here += estimate->memory[rank];
        estimate->node_memory = here > estimate->node_memory ? here : estimate->node_memory;
    }
    estimate->fits = estimate->node_memory <= m->memory;
    return VIC_OK;
}

static vic_status estimate_run(const vic_planning *planning, const vic_comm_setting *s, vic_comm_run *run,
                               vic_plan_estimate *estimate) {
    VIC_TRY(estimate_memory(planning, s, run->options, estimate));
    if (!estimate->fits) {
        fprintf(
            stderr,
            "warning: %s on %d ranks does not fit: %.2f GB on a node that has %.2f GB; nothing is planned\n",
            vic_algorithm_name(run->options.algorithm), s->ranks, estimate->node_memory / 1e9,
            planning->machine->memory / 1e9);
        return VIC_OK;
    }
    VIC_TRY(vic_plan_make(&estimate->plan, planning->machine, s->session.config->network, s->session.rank_of,
                          s->batch, run->options));
    run->communication = estimate->plan.communication; /* released with the run */
    return VIC_OK;
}

static vic_status estimate_setting(vic_planning *planning, size_t index, bool alone) {
    vic_comm_setting *s = &planning->comm.settings[index];
    VIC_TRY(choose(s, &planning->comm.grid, index));
    vic_comm_choose_runs(s, alone);
    for (size_t i = 0; i < s->n_runs; i++)
        VIC_TRY(estimate_run(planning, s, &s->runs[i], &planning->estimates[index * VIC_MOST_RUNS + i]));
    return VIC_OK;
}

static vic_status estimate_all(vic_planning *planning, vic_group *group, const vic_command_line *line) {
    vic_comm *comm = &planning->comm;
    size_t n = comm->grid.n_combinations;
    vic_status status = vic_allocate(n, sizeof *comm->settings, &comm->settings);
    if (status == VIC_OK)
        status = vic_allocate(n * VIC_MOST_RUNS, sizeof *planning->estimates, &planning->estimates);
    VIC_TRY(vic_group_agree_on_status(group, status));
    for (size_t i = 0; i < n; i++) {
        vic_comm_setting *s = &comm->settings[comm->n_settings++];
        size_t ranks;
        VIC_TRY(vic_comm_open_config(&s->session, &comm->grid, i, group, line));
        VIC_TRY(vic_sweep_grid_number(&comm->grid, i, "ranks", &ranks));
        VIC_TRY(vic_session_place(&s->session,
                                  ranks > 0 ? (int)ranks : s->session.config->network->n_populations));
        VIC_TRY(vic_group_agree_on_status(
            group, vic_session_prints(&s->session) ? estimate_setting(planning, i, line->alone) : VIC_OK));
    }
    return VIC_OK;
}

/* ---- the command ---- */

static bool all_fit(const vic_planning *planning) {
    for (size_t i = 0; i < planning->comm.n_settings; i++)
        for (size_t k = 0; k < planning->comm.settings[i].n_runs; k++)
            if (!vic_plan_estimate_of(planning, i, k)->fits)
                return false;
    return true;
}

static vic_status report(const vic_planning *planning, const vic_command_line *line) {
    if ((line->csv || line->svg) && !all_fit(planning))
        return vic_fail(VIC_BAD_CONFIG, "rows and pictures need plans that fit the machine's memory");
    if (line->csv)
        VIC_TRY(vic_comm_write_csv(&planning->comm, line->csv));
    if (line->svg)
        VIC_TRY(vic_comm_draw(&planning->comm, line->svg));
    if (line->json)
        return vic_plan_print_json(planning);
    vic_plan_print_table(planning);
    return VIC_OK;
}

static void clear(vic_planning *planning) {
    for (size_t i = 0; planning->estimates && i < planning->comm.n_settings * VIC_MOST_RUNS; i++)
        vic_release(&planning->estimates[i].memory);
    for (size_t i = 0; i < planning->comm.n_settings; i++)
        vic_comm_setting_release(&planning->comm.settings[i]);
    vic_release(&planning->comm.settings);
    vic_release(&planning->estimates);
    vic_sweep_grid_release(&planning->comm.grid);
    vic_machine_destroy(&planning->machine);
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    vic_planning planning = {0};
    vic_status status = vic_group_agree_on_status(group, read_grid(&planning.comm.grid, line));
    if (status == VIC_OK)
        status = read_machine(&planning.machine, group, line->machine);
    if (status == VIC_OK)
        status = estimate_all(&planning, group, line);
    if (status == VIC_OK)
        status =
            vic_group_agree_on_status(group, vic_group_rank(group) == 0 ? report(&planning, line) : VIC_OK);
    clear(&planning);
    return status;
}

static const vic_command_option option_machine = {
    "machine", "F", "the machine, a file as comm --calibrate writes it; see launch/guide/machines.md", true};
static const vic_command_option option_ranks = {
    "ranks", "N", "plan for N ranks (repeatable; default: one for each population)", false};
static const vic_command_option option_csv = {"csv", "F", "the rows that comm --csv would write", false};
static const vic_command_option option_svg = {"svg", "F", "the picture that comm --svg would draw", false};

static const vic_command_option *const options[] = {
    &option_machine,   &option_ranks,    &vic_option_sweep,
    &vic_option_alone, &vic_option_set,  &option_csv,
    &option_svg,       &vic_option_json, NULL,
};

const vic_command vic_command_plan = {
    .name = "plan",
    .summary = "what an inference would take on a described machine: time, memory, messages",
    .description =
        "Predicts inferences of one batch on any number of ranks of a machine that need not be here: time "
        "per\n"
        "step and per inference, the share of communication, the critical path, memory, messages and bytes,\n"
        "for the configured algorithm beside those that comm compares it with. A core does what the "
        "network's\n"
        "arithmetic asks of it at the machine's speed; messages take what LogGP says of its wires. Nothing "
        "is\n"
        "run and no data are read. launch/guide/machines.md explains machine files, every column, and the "
        "model.\n",
    .example = "vicinal plan configs/digits.yaml --machine launch/machines/fat-tree.yaml --ranks 1 --ranks 5",
    .options = options,
    .run = run,
};
