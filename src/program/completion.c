/* vicinal help completion: a script for bash, made from the tables of commands and of config keys. */
#include "program.h"

/* completion_rules.bash, made a string when the build is configured. */
extern const char vic_completion_rules[];

static void print_heading(FILE *to) {
    fputs("# Completion of vicinal for bash, as `vicinal help completion` prints it. To have it in every "
          "shell,\n"
          "# unless it is installed, put into ~/.bashrc: eval \"$(vicinal help completion)\"\n"
          "# shellcheck shell=bash\n\n",
          to);
}

static void print_commands(FILE *to) {
    fputs("_vicinal_commands='", to);
    for (const vic_command *const *c = vic_commands; *c; c++)
        fprintf(to, "%s%s", c == vic_commands ? "" : " ", (*c)->name);
    fputs("'\n", to);
}

static void print_option_words(FILE *to, const vic_command_option *const *options) {
    for (const vic_command_option *const *o = options; *o; o++)
        fprintf(to, "--%s%s%s ", (*o)->name, (*o)->argument ? "=" : "", (*o)->argument ? (*o)->argument : "");
}

static void print_options(FILE *to) {
    fputs("\n# _vicinal_options COMMAND: its options, with = and what their argument is.\n"
          "_vicinal_options() {\n    case $1 in\n",
          to);
    for (const vic_command *const *c = vic_commands; *c; c++) {
        fprintf(to, "    %s) echo '", (*c)->name);
        print_option_words(to, (*c)->options);
        print_option_words(to, vic_common_options);
        fputs("--help' ;;\n", to);
    }
    fputs("    esac\n}\n", to);
}

static void print_operands(FILE *to) {
    fputs("\n# _vicinal_operand COMMAND: what it works on.\n"
          "_vicinal_operand() {\n    case $1 in\n",
          to);
    for (const vic_command *const *c = vic_commands; *c; c++)
        fprintf(to, "    %s) echo %s ;;\n", (*c)->name, (*c)->operand ? (*c)->operand : "CONFIG");
    fputs("    esac\n}\n\n", to);
}

void vic_print_completion(FILE *to) {
    print_heading(to);
    print_commands(to);
    print_options(to);
    print_operands(to);
    vic_config_completion(to);
    fputs(vic_completion_rules, to);
}
