/* A run as one page: what its folder holds, and what it shows when its inference is run again. */
#include "report.h"

#include "learning/run_folder.h"
#include "observe/report_page.h"
#include "program/json.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The files of a run folder that a report needs. */
typedef struct paths {
    char *config, *weights, *page;
} paths;

static vic_status name_files(paths *p, const vic_command_line *line) {
    VIC_TRY(vic_format(&p->config, "%s/config.yaml", line->config));
    VIC_TRY(vic_format(&p->weights, "%s/weights.safetensors", line->config));
    return line->out ? vic_format(&p->page, "%s", line->out)
                     : vic_format(&p->page, "%s/report.html", line->config);
}

static void release_files(paths *p) {
    vic_release(&p->config);
    vic_release(&p->weights);
    vic_release(&p->page);
}

static vic_status check_folder(const char *folder, const paths *p) {
    struct stat there;
    if (stat(folder, &there) != 0 || !S_ISDIR(there.st_mode))
        return vic_fail(VIC_BAD_FILE, "%s: is no run folder: make one with vicinal train CONFIG --out %s",
                        folder, folder);
    const char *const needed[] = {p->config, p->weights};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (access(needed[i], R_OK) != 0)
            return vic_fail(
                VIC_BAD_FILE,
                "%s: is missing, so %s is no folder of a run that has ended: make one with vicinal train "
                "CONFIG --out %s",
                needed[i], folder, folder);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        VIC_TRY(vic_output_spares("out", p->page, "the report is made from", needed[i]));
    return vic_run_folder_protect(folder, "out", p->page, "report.html");
}

/* Here the config is a file of the folder, not one of the command line. */
static vic_status open_config(vic_report *r, vic_group *group, const vic_command_line *line) {
    vic_status status = vic_session_open(&r->session, group, line);
    if (status != VIC_BAD_CONFIG || strncmp(vic_error_text(), "--set", 5) == 0)
        return status;
    char *text;
    VIC_TRY(vic_format(&text, "%s", vic_error_text()));
    status = vic_fail(VIC_BAD_FILE, "%s", text);
    vic_release(&text);
    return status;
}

/* ---- the page ---- */

static vic_status write_page(const vic_report *r, const char *path) {
    json_t *json = NULL;
    char *text = NULL;
    vic_status status = vic_report_json(r, &json);
    if (status == VIC_OK)
        text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(7));
    if (status == VIC_OK && text == NULL)
        status = vic_fail(VIC_NO_MEMORY, "out of memory while writing the report");
    if (status == VIC_OK)
        status = vic_report_write(path, text);
    json_decref(json);
    free(text);
    return status;
}

static vic_status print_report(const vic_report *r, const vic_command_line *line, const char *path) {
    struct stat page;
    VIC_TRY(write_page(r, path));
    double megabytes = stat(path, &page) == 0 ? (double)page.st_size / 1e6 : 0;
    if (line->json)
        return vic_json_print(json_pack("{s:o, s:f, s:i}", "out", vic_json_text(path, strlen(path)), "bytes",
                                        1e6 * megabytes, "runs", (int)r->n_runs));
    printf("%s (%.2f MB): open it in a browser\n", path, megabytes);
    return VIC_OK;
}

static vic_status run_on(vic_report *r, const char *weights, vic_dataset *training) {
    const vic_source *data = vic_dataset_source(training);
    size_t batch = vic_session_batch(&r->session);
    r->batch = data->count < batch ? data->count : batch;
    vic_demand demand = {.capacity = r->batch,
                         .learns = true,
                         .compares = true,
                         .records = true,
                         .training_data = true,
                         .options = r->session.config->inference};
    VIC_TRY(vic_session_cut(&r->session, r->batch, VIC_BAD_FILE));
    if (vic_session_prints(&r->session))
        vic_print_forecast(r->session.config, r->session.rank_of, &demand, true);
    return vic_report_run_all(r, weights, data);
}

static vic_status look_into(vic_report *r, const char *weights) {
    vic_session *session = &r->session;
    vic_dataset *training = NULL;
    VIC_TRY(vic_session_need_data(session, session->config->data.train_inputs, "train"));
    VIC_TRY(vic_session_place(session, vic_group_size(session->group)));
    VIC_TRY(vic_session_open_data(session, true, &training));
    vic_status status = run_on(r, weights, training);
    vic_dataset_close(&training);
    return status;
}

static vic_status report_folder(vic_report *r, vic_group *group, const vic_command_line *line,
                                const paths *p) {
    vic_command_line inside = *line;
    inside.config = p->config;
    VIC_TRY(vic_group_agree_on_status(group,
                                      vic_group_rank(group) == 0 ? check_folder(line->config, p) : VIC_OK));
    VIC_TRY(open_config(r, group, &inside));
    VIC_TRY(look_into(r, p->weights));
    return vic_group_agree_on_status(group, vic_session_prints(&r->session) ? print_report(r, line, p->page)
                                                                            : VIC_OK);
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    paths p = {0};
    vic_report r = {.folder = line->config};
    vic_status status = vic_group_agree_on_status(group, name_files(&p, line));
    if (status == VIC_OK)
        status = report_folder(&r, group, line, &p);
    vic_report_release(&r);
    vic_session_close(&r.session);
    release_files(&p);
    return status;
}

static const vic_command_option option_out = {"out", "F", "the page to write (default: DIR/report.html)",
                                              false};

static const vic_command_option *const options[] = {&option_out, &vic_option_set, &vic_option_json, NULL};

const vic_command vic_command_report = {
    .name = "report",
    .operand = "DIR",
    .operand_is = "run folder",
    .summary = "a run as one HTML page, with a player of its inference",
    .description =
        "Takes a run folder that train has left, runs its inference again on the first training batch, as\n"
        "configured and beside exact and the other algorithms that comparisons show, and writes one page\n"
        "that needs nothing else: learning curves, every layer's update against exact and the law, traffic\n"
        "per edge, the audit where train was given --audit, and messages moving between populations step\n"
        "by step.\n"
        "launch/guide/report.md says how to read it.\n",
    .example = "vicinal train configs/digits.yaml --out runs/digits && vicinal report runs/digits",
    .options = options,
    .run = run,
};
