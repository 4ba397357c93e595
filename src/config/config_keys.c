/* Every key of a config. A section stands before its keys; the resolved form and the reference page keep this
 * order. Options of functions, settings of optimisers, names of losses, algorithms, encodings and data
 * formats are in their own tables. */
#include "config_schema.h"

#include <math.h>
#include <stddef.h>

#define KEPT_IN_CONFIG(member)  .home = CONFIG_IN_CONFIG, .offset = offsetof(vic_config, member)
#define KEPT_IN_NETWORK(member) .home = CONFIG_IN_NETWORK, .offset = offsetof(vic_network, member)
#define KEPT_IN_WIRE(member)    .home = CONFIG_IN_WIRE, .offset = offsetof(vic_wire, member)
#define WHOLE_IN(member, from, to)                                                                           \
    .type = CONFIG_WHOLE, KEPT_IN_CONFIG(member), .size = sizeof(((vic_config *)NULL)->member),              \
    .least = (from), .most = (to)

#define ABOVE_0                                                                                              \
    { .lowest = 0, .below = INFINITY, .open = true }

enum { MOST_STEPS = 1000000, MOST_MICROBATCHES = 100000 };

/* ---- defaults that are no constants ---- */

static void derive_steps(vic_config *config) {
    config->inference.steps = vic_network_output(config->network);
}

static void derive_coordinates(vic_config *config) {
    bool beliefs = vic_algorithm_traits_of(config->inference.algorithm)->in_beliefs_alone;
    config->inference.coordinates = beliefs ? VIC_COORDINATES_BELIEF : VIC_COORDINATES_ERROR;
}

static void derive_encoding(vic_config *config) {
    config->wire.encoding = vic_encoding_exact(config->precision);
}

/* ---- sections that may be missing ---- */

static vic_status note_learning(const config_node *node, vic_config *config) {
    config->has_learning = node != NULL;
    return VIC_OK;
}

static vic_status note_data(const config_node *node, vic_config *config) {
    config->has_data = node != NULL;
    return VIC_OK;
}

static bool has_learning(const vic_config *config) {
    return config->has_learning;
}

/* When a run saves itself changes nothing of what it computes. */
static vic_status identify_nothing(const vic_config *config, vic_identity *identity) {
    (void)config, (void)identity;
    return VIC_OK;
}

static bool has_comparison(const vic_config *config) {
    return config->compare.every > 0;
}

static bool has_data(const vic_config *config) {
    return config->has_data;
}

static bool has_train(const vic_config *config) {
    return config->data.train_inputs.n > 0;
}

static bool has_test(const vic_config *config) {
    return config->data.test_inputs.n > 0;
}

/* ---- the rows ---- */

/* What a wire does, for all edges and for one. */
#define WIRE_KEYS(section)                                                                                   \
    {.path = section ".delay",                                                                               \
     .type = CONFIG_WHOLE,                                                                                   \
     KEPT_IN_WIRE(delay),                                                                                    \
     .size = sizeof(int),                                                                                    \
     .most = CONFIG_MOST,                                                                                    \
     .fallback = "0",                                                                                        \
     .unit = "inference steps",                                                                              \
     .check = config_check_delay,                                                                            \
     .help = "how late messages arrive; fewer than there are steps"},                                        \
        {.path = section ".drop",                                                                            \
         .type = CONFIG_REAL,                                                                                \
         KEPT_IN_WIRE(drop),                                                                                 \
         .range = {.lowest = 0, .below = 1},                                                                 \
         .fallback = "0",                                                                                    \
         .help = "the probability that a sample of a message is lost"},                                      \
        {.path = section ".noise",                                                                           \
         .type = CONFIG_REAL,                                                                                \
         KEPT_IN_WIRE(noise),                                                                                \
         .range = {.lowest = 0, .below = 1000},                                                              \
         .fallback = "0",                                                                                    \
         .help = "the standard deviation of what is added, relative to the root mean square of a sample"},   \
        {.path = section ".encoding",                                                                        \
         .type = CONFIG_ONE_OF,                                                                              \
         KEPT_IN_WIRE(encoding),                                                                             \
         .names = &config_encodings,                                                                         \
         .derive = derive_encoding,                                                                          \
         .fallback_is = "that of the run's precision",                                                       \
         .check = config_check_encoding,                                                                     \
         .help = "how numbers are written into messages; not wider than the precision"},                     \
    {                                                                                                        \
        .path = section ".keep", .type = CONFIG_REAL, KEPT_IN_WIRE(keep),                                    \
        .range = {.lowest = 0, .below = 1, .open = true, .closed = true}, .fallback = "1",                   \
        .help = "the fraction of a sample's numbers that is sent, the largest ones"                          \
    }

#define DATA_SET(set, is_there_, what)                                                                       \
    {.path = "data." #set,                                                                                   \
     .type = CONFIG_SECTION,                                                                                 \
     .is_there = is_there_,                                                                                  \
     .fallback_is = "none",                                                                                  \
     .help = what},                                                                                          \
        {.path = "data." #set ".inputs",                                                                     \
         .type = CONFIG_OTHER,                                                                               \
         .required = true,                                                                                   \
         .may_change = true,                                                                                 \
         .form = "a path, or a list of paths",                                                               \
         .hint = "write {inputs: FILE, labels: FILE}",                                                       \
         .read = config_read_##set##_inputs,                                                                 \
         .write = config_write_##set##_inputs,                                                               \
         .help = "the files of the samples, relative to the config; several are read as if they were one"},  \
    {                                                                                                        \
        .path = "data." #set ".labels", .type = CONFIG_OTHER, .required = true, .may_change = true,          \
        .form = "a path, or a list of paths", .hint = "write {inputs: FILE, labels: FILE}",                  \
        .read = config_read_##set##_labels, .write = config_write_##set##_labels,                            \
        .help = "the files of their labels; for cifar10 and csv the same files"                              \
    }

const config_key config_keys[] = {
    {.path = "name",
     .type = CONFIG_OTHER,
     .may_change = true,
     .form = "text that can be the name of a folder",
     .fallback_is = "that of the file",
     .read = config_read_name,
     .write = config_write_name,
     .help = "the name of the run; its folder is runs/NAME unless --out says otherwise"},
    {.path = "precision",
     .type = CONFIG_ONE_OF,
     KEPT_IN_CONFIG(precision),
     .names = &config_precisions,
     .fallback = "float32",
     .help = "in which all numbers are computed, sent and written"},
    {.path = "seed",
     WHOLE_IN(seed, 0, UINT64_MAX),
     .fallback = "1",
     .help = "of initial parameters, of the order of samples, and of what wires do at random"},

    {.path = "network",
     .type = CONFIG_SECTION,
     .required = true,
     .hint = "write its input and its layers",
     .help = "the network"},
    {.path = "network.input",
     .type = CONFIG_OTHER,
     .required = true,
     .form = "1 to 4 whole numbers, for example [1, 28, 28]",
     .hint = "write the shape of one sample, for example [1, 28, 28]",
     .read = config_read_input,
     .write = config_write_input,
     .help = "the shape of one sample, channels first"},
    {.path = "network.layers",
     .type = CONFIG_OTHER,
     .required = true,
     .form = "a list of layers, each a function or a list of functions",
     .hint = "write a list of layers, for example [[linear: 50, relu], linear: 10]",
     .read = config_read_layers,
     .write = config_write_layers,
     .identify = config_identify_layers,
     .help = "the functions between each population and the next"},
    {.path = "network.loss",
     .type = CONFIG_ONE_OF,
     KEPT_IN_NETWORK(loss),
     .names = &config_losses,
     .fallback = "cross-entropy",
     .help =
         "what the output population compares with; class labels become one-hot values for squared-error"},
    {.path = "network.reduction",
     .type = CONFIG_ONE_OF,
     KEPT_IN_NETWORK(reduction),
     .names = &config_reductions,
     .fallback = "mean",
     .help = "of the loss over a batch, as PyTorch reduces it"},
    {.path = "network.grain",
     .type = CONFIG_REAL,
     KEPT_IN_CONFIG(grain),
     .range = {.lowest = 0, .below = 1},
     .fallback_is = "none",
     .help = "initial parameters are rounded to multiples of it, for calculations by hand"},

    {.path = "inference", .type = CONFIG_SECTION, .help = "how the populations find their errors"},
    {.path = "inference.algorithm",
     .type = CONFIG_ONE_OF,
     KEPT_IN_CONFIG(inference.algorithm),
     .names = &config_algorithms,
     .first_by_default = true,
     .help = "the rule by which populations find their errors; see the algorithms below"},
    {.path = "inference.eta",
     .type = CONFIG_REAL,
     KEPT_IN_CONFIG(inference.eta),
     .range = ABOVE_0,
     .fallback = "1",
     .help = "the step size of inference"},
    {.path = "inference.steps",
     WHOLE_IN(inference.steps, 1, MOST_STEPS),
     .derive = derive_steps,
     .fallback_is = "as many as there are layers",
     .help = "the number of inference steps"},
    {.path = "inference.penalty",
     .type = CONFIG_REAL,
     KEPT_IN_CONFIG(inference.penalty),
     .range = ABOVE_0,
     .fallback = "1",
     .help = "of an error beside its multiplier, rho, where populations keep multipliers"},
    {.path = "inference.dual_rate",
     .type = CONFIG_REAL,
     KEPT_IN_CONFIG(inference.dual_rate),
     .range = ABOVE_0,
     .fallback = "1",
     .help = "how fast multipliers take up errors, alpha"},
    {.path = "inference.coordinates",
     .type = CONFIG_ONE_OF,
     KEPT_IN_CONFIG(inference.coordinates),
     .names = &config_coordinates,
     .derive = derive_coordinates,
     .fallback_is = "error, or belief where the algorithm has no other",
     .help = "what is carried from step to step; beliefs lose digits, as the paper's own tool does"},
    {.path = "inference.messages",
     .type = CONFIG_ONE_OF,
     KEPT_IN_CONFIG(inference.always),
     .names = &config_messages,
     .may_change = true,
     .fallback = "event-driven",
     .help = "always sends every message in every step, for comparison; the numbers are the same"},
    {.path = "inference.microbatches",
     WHOLE_IN(inference.microbatches, 1, MOST_MICROBATCHES),
     .fallback = "1",
     .check = config_check_microbatches,
     .help = "how many pieces a batch is cut into, where the algorithm takes it as a pipeline"},
    {.path = "inference.precision_weights",
     .type = CONFIG_OTHER,
     .form = "a number above 0, or a list with a number, or a list of numbers, for each hidden population",
     .fallback_is = "1 everywhere",
     .read = config_read_precision_weights,
     .write = config_write_precision_weights,
     .identify = config_identify_precision_weights,
     .help = "how much the errors of each hidden population weigh"},

    {.path = "channels",
     .type = CONFIG_SECTION,
     .help = "how long to wait for messages, and what wires do to them"},
    {.path = "channels.timeout",
     .type = CONFIG_REAL,
     KEPT_IN_CONFIG(timeout),
     .may_change = true,
     .range = ABOVE_0,
     .fallback_is = "none",
     .unit = "seconds",
     .help = "a run ends when a message of an inference takes longer"},
    WIRE_KEYS("channels"),
    {.path = "channels.edges",
     .type = CONFIG_OTHER,
     .form = "a list such as [{from: 0, to: 1, noise: 0.1}]",
     .fallback_is = "none",
     .read = config_read_edges,
     .write = config_write_edges,
     .help = "edges that differ from the others"},
    {.path = "channels.edges[].from",
     .type = CONFIG_WHOLE,
     .required = true,
     .most = CONFIG_MOST,
     .hint = "write the populations at its ends, such as from: 0, to: 1",
     .help = "the population at the lower end of the edge"},
    {.path = "channels.edges[].to",
     .type = CONFIG_WHOLE,
     .required = true,
     .most = CONFIG_MOST,
     .hint = "write the populations at its ends, such as from: 0, to: 1",
     .help = "the population at its upper end"},
    {.path = "channels.edges[].kind",
     .type = CONFIG_ONE_OF,
     .names = &config_edge_kinds,
     .fallback = "both",
     .help = "the messages meant"},
    WIRE_KEYS("channels.edges[]"),

    {.path = "learning",
     .type = CONFIG_SECTION,
     .read = note_learning,
     .is_there = has_learning,
     .fallback_is = "none; only train needs it",
     .help = "how synapses learn from the errors"},
    {.path = "learning.optimizer",
     .type = CONFIG_OTHER,
     .form = "one optimizer with its settings, for example {adam: {rate: 0.001}}",
     .fallback_is = "{adam: {rate: 0.001}}",
     .read = config_read_optimizer,
     .write = config_write_optimizer,
     .identify = config_identify_optimizer,
     .help = "the rule by which each population changes its synapses"},
    {.path = "learning.batch",
     WHOLE_IN(learning.batch, 1, CONFIG_MOST),
     .fallback = "64",
     .unit = "samples",
     .help = "the size of a batch"},
    {.path = "learning.epochs",
     WHOLE_IN(learning.epochs, 1, CONFIG_MOST),
     .may_change = true,
     .fallback = "1",
     .help = "how often all samples are learned from"},
    {.path = "learning.drop_last",
     .type = CONFIG_ON_OFF,
     KEPT_IN_CONFIG(learning.drop_last),
     .fallback = "false",
     .help = "leave out the last batch of an epoch where it is short"},
    {.path = "learning.checkpoint",
     .type = CONFIG_SECTION,
     .fallback_is = "at the end of each epoch",
     .help = "when a run saves itself, besides the end of each epoch; learning goes on meanwhile"},
    {.path = "learning.checkpoint.steps",
     WHOLE_IN(checkpoint.steps, 0, CONFIG_MOST),
     .may_change = true,
     .identify = identify_nothing,
     .fallback = "0",
     .unit = "batches",
     .help = "after every so many batches; 0: not by their number"},
    {.path = "learning.checkpoint.minutes",
     .type = CONFIG_REAL,
     KEPT_IN_CONFIG(checkpoint.minutes),
     .range = {.lowest = 0, .below = 1e6},
     .may_change = true,
     .identify = identify_nothing,
     .fallback = "0",
     .unit = "minutes",
     .help = "after every so many minutes; 0: not by time"},
    {.path = "learning.checkpoint.keep",
     WHOLE_IN(checkpoint.keep, 1, CONFIG_MOST),
     .may_change = true,
     .identify = identify_nothing,
     .fallback = "2",
     .help = "so many of the latest checkpoints stay"},
    {.path = "learning.compare",
     .type = CONFIG_SECTION,
     .is_there = has_comparison,
     .fallback_is = "none",
     .help = "updates beside exact ones, in compare.csv of the run folder"},
    {.path = "learning.compare.every",
     WHOLE_IN(compare.every, 1, CONFIG_MOST),
     .required = true,
     .may_change = true,
     .unit = "batches",
     .hint = "write a number of batches, for example {every: 10}",
     .help = "how often"},
    {.path = "learning.compare.weights_only",
     .type = CONFIG_ON_OFF,
     KEPT_IN_CONFIG(compare.weights_only),
     .may_change = true,
     .fallback = "false",
     .help = "compare weights alone, no biases"},

    {.path = "data",
     .type = CONFIG_SECTION,
     .read = note_data,
     .is_there = has_data,
     .fallback_is = "none",
     .help = "what is learned from; what the files hold belongs to the identity of a run"},
    {.path = "data.format",
     .type = CONFIG_ONE_OF,
     KEPT_IN_CONFIG(data.format),
     .names = &config_formats,
     .may_change = true,
     .fallback = "idx",
     .help = "of all its files, plain or gzipped"},
    {.path = "data.scale",
     .type = CONFIG_REAL,
     KEPT_IN_CONFIG(data.scale),
     .range = ABOVE_0,
     .fallback = "1",
     .help = "inputs are divided by it"},
    {.path = "data.header",
     .type = CONFIG_ONE_OF,
     KEPT_IN_CONFIG(data.reading.header),
     .names = &config_headers,
     .fallback = "auto",
     .check = config_check_header,
     .help = "of csv: does the first row name the columns? auto: where none of its cells is a number"},
    {.path = "data.label",
     .type = CONFIG_OTHER,
     .form = "the name or the number of a column",
     .fallback_is = "the column named label, class or target, else the last",
     .read = config_read_label,
     .write = config_write_label,
     .help = "of csv: the class; numbers count from 1, or from the end when negative"},
    {.path = "data.label_offset",
     .type = CONFIG_OTHER,
     .form = "a whole number",
     .fallback_is = "0",
     .read = config_read_label_offset,
     .write = config_write_label_offset,
     .help = "subtracted from every label, and from class indices of --batch and --target: 1 where "
             "classes count from 1"},
    DATA_SET(train, has_train, "what is learned from"),
    DATA_SET(test, has_test, "what is evaluated after each epoch, and by evaluate"),
};

const size_t config_n_keys = sizeof config_keys / sizeof config_keys[0];
