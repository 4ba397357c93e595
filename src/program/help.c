#include "program.h"

#include "functions/level.h"

static void print_program(FILE *to) {
    fprintf(to,
            "vicinal: predictive coding as messages between populations, one MPI rank each\n\n"
            "    vicinal COMMAND CONFIG [options]                 alone\n"
            "    mpirun -np N vicinal COMMAND CONFIG [options]    on N ranks; the results are the same\n\n"
            "Commands:\n");
    for (const vic_command *const *c = vic_commands; *c; c++)
        fprintf(to, "    %-10s %s\n", (*c)->name, (*c)->summary);
    fprintf(
        to,
        "\n    vicinal COMMAND --help     its options and an example\n"
        "    vicinal help config        every key of a config: what it may be, its default, what it means\n"
        "    vicinal help completion    completion for bash: eval \"$(vicinal help completion)\"\n"
        "    vicinal --version\n\n"
        "Results go to stdout (as JSON with --json), talk and progress to stderr.\n"
        "Exit codes: 0 done; 1 a check failed; 2 the command line or the config is wrong;\n"
        "3 another file is missing, corrupt or does not fit; 4 numbers that are not finite;\n"
        "5 interrupted and saved; 6 out of memory; 7 a message did not come.\n\n"
        "Processes that were started together but do not see each other, by the mpirun of another MPI, "
        "are refused;\n"
        "VICINAL_ALONE=1 in the environment lets each of them run by itself.\n\n"
        "Results are the same bits for one instruction level (vicinal --version, --level) and one kernel of "
        "OpenBLAS\n"
        "(OPENBLAS_CORETYPE in the environment), which all ranks have to share.\n\n"
        "A first run: mpirun -np 5 vicinal train configs/digits.yaml\n");
}

static void print_option(FILE *to, const vic_command_option *option) {
    char word[40];
    snprintf(word, sizeof word, "--%s%s%s", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    fprintf(to, "    %-20s %s%s\n", word, option->help, option->required ? " (required)" : "");
}

void vic_print_help(FILE *to, const vic_command *command) {
    if (command == NULL) {
        print_program(to);
        return;
    }
    fprintf(to, "vicinal %s %s [options]: %s\n\n%s\nOptions:\n", command->name,
            command->operand ? command->operand : "CONFIG", command->summary, command->description);
    for (const vic_command_option *const *o = command->options; *o; o++)
        print_option(to, *o);
    for (const vic_command_option *const *o = vic_common_options; *o; o++)
        print_option(to, *o);
    fprintf(to, "    %-20s this text\n\nExample:\n    %s\n", "--help", command->example);
}

void vic_print_version(FILE *to) {
    fprintf(to, "vicinal %s\ninstruction levels:", VICINAL_VERSION);
    for (int level = 0; level < vic_level_count(); level++)
        fprintf(to, " %s", vic_level_name(level));
    if (vic_level_highest() < 0)
        fprintf(to, ", of which this processor can run none, but %s\n", vic_processor_level());
    else
        fprintf(to, ", of which this processor computes with %s\n", vic_level_name(vic_level()));
    fprintf(to, "OpenBLAS kernel: %s\n", vic_blas_kernel());
}
