#include "program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const vic_command *find_command(const char *name) {
    for (const vic_command *const *c = vic_commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static vic_status unknown_command(const char *name) {
    const char *names[16];
    size_t n = 0;
    for (const vic_command *const *c = vic_commands; *c; c++)
        names[n++] = (*c)->name;
    const char *near = vic_nearest(name, names, n);
    if (near)
        return vic_fail(VIC_BAD_CONFIG, "there is no command '%s': did you mean '%s'? (see vicinal --help)",
                        name, near);
    return vic_fail(VIC_BAD_CONFIG, "there is no command '%s': see vicinal --help", name);
}

static const vic_command_option *find_among(const vic_command_option *const *options, const char *name,
                                            size_t length) {
    for (const vic_command_option *const *o = options; *o; o++)
        if (strlen((*o)->name) == length && strncmp((*o)->name, name, length) == 0)
            return *o;
    return NULL;
}

static const vic_command_option *find_option(const vic_command *command, const char *name, size_t length) {
    const vic_command_option *own = find_among(command->options, name, length);
    return own ? own : find_among(vic_common_options, name, length);
}

static vic_status unknown_option(const vic_command *command, const char *word) {
    const char *names[24];
    size_t n = 0;
    for (const vic_command_option *const *o = command->options; *o; o++)
        names[n++] = (*o)->name;
    for (const vic_command_option *const *o = vic_common_options; *o; o++)
        names[n++] = (*o)->name;
    const char *near = vic_nearest(word + strspn(word, "-"), names, n);
    if (near)
        return vic_fail(VIC_BAD_CONFIG, "vicinal %s has no option %s: did you mean --%s?", command->name,
                        word, near);
    return vic_fail(VIC_BAD_CONFIG, "vicinal %s has no option %s: see vicinal %s --help", command->name, word,
                    command->name);
}

/* Where a switch is kept; NULL when the option is none. */
static bool *switch_of(vic_command_line *line, const char *name) {
    return strcmp(name, "json") == 0               ? &line->json
           : strcmp(name, "resume") == 0           ? &line->resume
           : strcmp(name, "keep") == 0             ? &line->keep
           : strcmp(name, "weights-only") == 0     ? &line->weights_only
           : strcmp(name, "trajectory") == 0       ? &line->trajectory
           : strcmp(name, "learn") == 0            ? &line->learn
           : strcmp(name, "alone") == 0            ? &line->alone
           : strcmp(name, "audit") == 0            ? &line->audit
           : strcmp(name, "quiet-steps") == 0      ? &line->quiet_steps
           : strcmp(name, "timing") == 0           ? &line->timing
           : strcmp(name, "state") == 0            ? &line->state
           : strcmp(name, "detect-anomalies") == 0 ? &line->detect_anomalies
                                                   : NULL;
}

/* Where the value of an option is kept; NULL when it can be given often, or has none. */
static const char **value_of(vic_command_line *line, const char *name) {
    return strcmp(name, "out") == 0          ? &line->out
           : strcmp(name, "weights") == 0    ? &line->weights
           : strcmp(name, "batch") == 0      ? &line->batch
           : strcmp(name, "target") == 0     ? &line->target
           : strcmp(name, "csv") == 0        ? &line->csv
           : strcmp(name, "svg") == 0        ? &line->svg
           : strcmp(name, "repeat") == 0     ? &line->repeat
           : strcmp(name, "trace") == 0      ? &line->trace
           : strcmp(name, "calibrate") == 0  ? &line->calibrate
           : strcmp(name, "machine") == 0    ? &line->machine
           : strcmp(name, "transport") == 0  ? &line->transport
           : strcmp(name, "population") == 0 ? &line->population
           : strcmp(name, "sample") == 0     ? &line->sample
           : strcmp(name, "level") == 0      ? &line->level
           : strcmp(name, "threads") == 0    ? &line->threads
                                             : NULL;
}

/* OLD=NEW; either may be empty. */
static vic_status add_rename(vic_command_line *line, const char *value) {
    const char *equals = strchr(value, '=');
    if (equals == NULL)
        return vic_fail(VIC_BAD_CONFIG, "--rename %s: expected OLD=NEW, how names begin in the file and here",
                        value);
    vic_rename *rename = &line->renames[line->n_renames++];
    VIC_TRY(vic_format(&rename->from, "%.*s", (int)(equals - value), value));
    return vic_format(&rename->to, "%s", equals + 1);
}

/* "F" or "DIR": the option's value is a path. */
static vic_status check_path(const vic_command_option *option, const char *value) {
    bool is_file = option->argument && strcmp(option->argument, "F") == 0;
    bool is_folder = option->argument && strcmp(option->argument, "DIR") == 0;
    if ((!is_file && !is_folder) || *value)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "--%s needs a %s's name", option->name, is_file ? "file" : "folder");
}

static vic_status store(vic_command_line *line, const vic_command_option *option, const char *value) {
    bool *is_on = switch_of(line, option->name);
    const char **place = value_of(line, option->name);
    VIC_TRY(check_path(option, value));
    if (is_on)
        *is_on = true;
    else if (strcmp(option->name, "set") == 0)
        line->overrides[line->n_overrides++] = value;
    else if (strcmp(option->name, "against") == 0)
        line->against[line->n_against++] = value;
    else if (strcmp(option->name, "sweep") == 0)
        line->sweeps[line->n_sweeps++] = value;
    else if (strcmp(option->name, "rename") == 0)
        return add_rename(line, value);
    else if (strcmp(option->name, "ranks") == 0)
        line->ranks[line->n_ranks++] = value;
    else if (*place)
        return vic_fail(VIC_BAD_CONFIG, "--%s is given twice", option->name);
    else
        *place = value;
    return VIC_OK;
}

/* "--name", "--name value" or "--name=value"; *used becomes the number of words. */
static vic_status read_option(vic_command_line *line, char **words, int left, int *used) {
    const char *name = words[0] + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const vic_command_option *option = find_option(line->command, name, length);
    *used = 1;
    if (strncmp(words[0], "--", 2) != 0 || option == NULL)
        return unknown_option(line->command, words[0]);
    if (option->argument == NULL) {
        if (equals)
            return vic_fail(VIC_BAD_CONFIG, "--%s takes no value", option->name);
        return store(line, option, NULL);
    }
    if (equals)
        return store(line, option, equals + 1);
    if (left < 2)
        return vic_fail(VIC_BAD_CONFIG, "--%s needs a value: --%s %s", option->name, option->name,
                        option->argument);
    *used = 2;
    return store(line, option, words[1]);
}

static bool is_given(vic_command_line *line, const vic_command_option *option) {
    const char **place = value_of(line, option->name);
    return place == NULL || *place != NULL;
}

vic_status vic_option_number(const char *option, const char *text, long least, long most, long *value) {
    char *end;
    if (text == NULL)
        return VIC_OK;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno || number < least || number > most)
        return vic_fail(VIC_BAD_CONFIG, "--%s %s: a whole number from %ld to %ld is needed", option, text,
                        least, most);
    *value = number;
    return VIC_OK;
}

static vic_status read_threads(vic_command_line *line) {
    enum { MOST = 1024 };
    long threads = 0;
    VIC_TRY(vic_option_number("threads", line->threads, 1, MOST, &threads));
    line->n_threads = (int)threads;
    return VIC_OK;
}

static vic_status check_complete(vic_command_line *line) {
    if (line->config == NULL || *line->config == '\0')
        return vic_fail(VIC_BAD_CONFIG, "vicinal %s needs a %s: see vicinal %s --help", line->command->name,
                        line->command->operand ? line->command->operand : "CONFIG", line->command->name);
    for (const vic_command_option *const *o = line->command->options; *o; o++)
        if ((*o)->required && !is_given(line, *o))
            return vic_fail(VIC_BAD_CONFIG, "vicinal %s needs --%s %s: %s", line->command->name, (*o)->name,
                            (*o)->argument, (*o)->help);
    if (line->n_renames > 0 && line->weights == NULL)
        return vic_fail(VIC_BAD_CONFIG, "--rename maps names of --weights: give both");
    return read_threads(line);
}

static bool is_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static vic_status read_words(vic_command_line *line, int argc, char **argv) {
    for (int i = 2, used; i < argc; i += used) {
        used = 1;
        if (is_help(argv[i])) {
            line->help = true;
            return VIC_OK;
        }
        if (argv[i][0] == '-' && argv[i][1] != '\0')
            VIC_TRY(read_option(line, argv + i, argc - i, &used));
        else if (line->config == NULL)
            line->config = argv[i];
        else
            return vic_fail(VIC_BAD_CONFIG, "'%s' is one word too many: the %s is %s", argv[i],
                            line->command->operand_is ? line->command->operand_is : "config", line->config);
    }
    return check_complete(line);
}

/* help [COMMAND | config [KEY] | completion], or --help */
static vic_status read_help(vic_command_line *line, int argc, char **argv) {
    line->help = true;
    if (argc < 3)
        return VIC_OK;
    line->help_config = strcmp(argv[2], "config") == 0;
    line->help_completion = strcmp(argv[2], "completion") == 0;
    if (line->help_config)
        line->help_key = argc > 3 ? argv[3] : NULL;
    if (line->help_config || line->help_completion)
        return VIC_OK;
    line->command = find_command(argv[2]);
    return line->command ? VIC_OK : unknown_command(argv[2]);
}

vic_status vic_command_line_read(vic_command_line *line, int argc, char **argv) {
    *line = (vic_command_line){0};
    if (argc < 2)
        return vic_fail(VIC_BAD_CONFIG, "no command is given: see vicinal --help");
    if (is_help(argv[1]) || strcmp(argv[1], "help") == 0)
        return read_help(line, argc, argv);
    line->version = strcmp(argv[1], "--version") == 0;
    if (line->version)
        return VIC_OK;
    line->command = find_command(argv[1]);
    if (line->command == NULL)
        return unknown_command(argv[1]);
    VIC_TRY(vic_allocate((size_t)argc, sizeof *line->overrides, &line->overrides));
    VIC_TRY(vic_allocate((size_t)argc, sizeof *line->against, &line->against));
    VIC_TRY(vic_allocate((size_t)argc, sizeof *line->sweeps, &line->sweeps));
    VIC_TRY(vic_allocate((size_t)argc, sizeof *line->ranks, &line->ranks));
    VIC_TRY(vic_allocate((size_t)argc, sizeof *line->renames, &line->renames));
    return read_words(line, argc, argv);
}

void vic_command_line_release(vic_command_line *line) {
    vic_release(&line->overrides);
    vic_release(&line->against);
    vic_release(&line->sweeps);
    vic_release(&line->ranks);
    for (size_t i = 0; i < line->n_renames; i++) {
        vic_release(&line->renames[i].from);
        vic_release(&line->renames[i].to);
    }
    vic_release(&line->renames);
}
