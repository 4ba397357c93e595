/* The memory that a command will allocate, printed before it does. */
#include "memory_use.h"

#include "base/open_file.h"
#include "base/pool.h"
#include "learning/checkpoint.h"
#include "verify/verify.h"

#include <math.h>

static size_t data_of(const vic_config *config, const bool *here, const vic_demand *demand) {
    const vic_data_options *data = &config->data;
    size_t bytes = 0;
    if (demand->training_data)
        bytes = vic_size_sum(bytes, vic_dataset_forecast(config->network, here, data->format,
                                                         data->train_inputs, data->train_labels));
    if (demand->test_data)
        bytes = vic_size_sum(bytes, vic_dataset_forecast(config->network, here, data->format,
                                                         data->test_inputs, data->test_labels));
    return bytes;
}

/* What is on its way between a file and a population: of a data set that is gone through the next batch, and,
 * where samples are not innermost, of a batch its input, of what is written one array. */
static size_t passage(const vic_network *network, const bool *here, const vic_demand *demand) {
    if (demand->trains || demand->test_data)
        return vic_feed_forecast(network, here, demand->capacity);
    if (demand->training_data)
        return 0;
    size_t largest = here[0] ? vic_shape_count(network->shapes[0]) : 0;
    for (int p = 1; demand->writes && p < network->n_populations; p++)
        if (here[p] && vic_shape_count(network->shapes[p]) > largest)
            largest = vic_shape_count(network->shapes[p]);
    return vic_size_product(vic_size_product(largest, demand->capacity),
                            vic_precision_bytes(network->precision));
}

/* What comes and goes, one after the other. */
static size_t meanwhile(const vic_config *config, const bool *here, const vic_demand *demand) {
    size_t read = passage(config->network, here, demand), written = 0;
    if (demand->trains)
        written = vic_checkpoint_forecast(config->network, here, vic_training_options(config));
    return read > written ? read : written;
}

static vic_status forecast(const vic_config *config, const bool *here, const vic_demand *demand,
                           double *bytes) {
    const vic_network *network = config->network;
    size_t inference;
    VIC_TRY(vic_demand_check(demand, config));
    VIC_TRY(vic_inference_forecast(&inference, network, here, demand->capacity, vic_demand_learns(demand),
                                   demand->options));
    double more = (double)data_of(config, here, demand) + (double)meanwhile(config, here, demand);
    if (demand->trains) {
        vic_learning_options learning = vic_training_options(config);
        more += (double)vic_trainer_forecast(network, here, learning);
        more += (double)vic_checkpoint_copy_forecast(network, here, learning, config->checkpoint);
    }
    more += (double)vic_session_learn_forecast(config, demand, here);
    if (demand->records)
        more += (double)vic_event_forecast(network, here, demand->capacity);
    if (demand->compares)
        more += (double)vic_verify_forecast(network, here, network->precision);
    *bytes = (double)inference + more;
    return VIC_OK;
}

/* ---- printing ---- */

enum { LISTED = 8 };

/* The populations of a rank are neighbours. */
static void print_rank(const int *rank_of, int populations, int rank, int ranks, double bytes) {
    char text[VIC_AMOUNT_TEXT];
    int first = 0, last;
    while (rank_of[first] != rank)
        first++;
    for (last = first; last + 1 < populations && rank_of[last + 1] == rank; last++)
        ;
    if (ranks > 1)
        fprintf(stderr, "%srank %d ", rank > 0 ? ", " : "", rank);
    fprintf(stderr, "%s (population%s %d", vic_amount(bytes, text), last > first ? "s" : "", first);
    if (last > first)
        fprintf(stderr, " to %d", last);
    fputc(')', stderr);
}

static void print_many(int ranks, const double *bytes) {
    char all[VIC_AMOUNT_TEXT], most[VIC_AMOUNT_TEXT];
    double sum = 0;
    int largest = 0;
    for (int rank = 0; rank < ranks; rank++) {
        sum += bytes[rank];
        largest = bytes[rank] > bytes[largest] ? rank : largest;
    }
    fprintf(stderr, "%s on %d ranks, at most %s (rank %d); MiB from rank 0 on:", vic_amount(sum, all), ranks,
            vic_amount(bytes[largest], most), largest);
    for (int rank = 0; rank < ranks; rank++)
        fprintf(stderr, " %.0f", bytes[rank] / (1 << 20));
}

enum { FIRST_USE = 1 << 20 }; /* what BLAS and MPI take for themselves when work begins */

static vic_status forecast_rank(const vic_config *config, const int *rank_of, int rank,
                                const vic_demand *demand, double *bytes) {
    int populations = config->network->n_populations;
    bool *here;
    VIC_TRY(vic_allocate((size_t)populations, sizeof *here, &here));
    for (int p = 0; p < populations; p++)
        here[p] = rank_of[p] == rank;
    vic_status status = forecast(config, here, demand, bytes);
    vic_release(&here);
    return status;
}

/* Of each rank up to that of the output. */
static vic_status forecast_all(const vic_config *config, const int *rank_of, const vic_demand *demand,
                               double already, double *bytes) {
    int ranks = rank_of[config->network->n_populations - 1] + 1;
    for (int rank = 0; rank < ranks; rank++) {
        VIC_TRY(forecast_rank(config, rank_of, rank, demand, &bytes[rank]));
        bytes[rank] += already;
    }
    return VIC_OK;
}

vic_status vic_forecast(const vic_config *config, const int *rank_of, const vic_demand *demand,
                        double *bytes) {
    return forecast_all(config, rank_of, demand, vic_memory_resident() + FIRST_USE, bytes);
}

vic_status vic_forecast_own(const vic_session *session, const vic_demand *demand, double already,
                            double *bytes) {
    int rank = vic_group_rank(session->group);
    VIC_TRY(forecast_rank(session->config, session->rank_of, rank, demand, bytes));
    *bytes += already + FIRST_USE;
    return VIC_OK;
}

static void print_all(const vic_config *config, const int *rank_of, int ranks, const double *bytes,
                      bool in_all) {
    fputs(in_all ? "memory: " : "memory in addition: ", stderr);
    for (int rank = 0; ranks <= LISTED && rank < ranks; rank++)
        print_rank(rank_of, config->network->n_populations, rank, ranks, bytes[rank]);
    if (ranks > LISTED)
        print_many(ranks, bytes);
    if (in_all && vic_pool_threads() > 1)
        fprintf(stderr, "; %d threads a rank", vic_pool_threads());
    fputc('\n', stderr);
}

static vic_status check_rank(int rank, double bytes, double there) {
    char needed[VIC_AMOUNT_TEXT], all[VIC_AMOUNT_TEXT];
    if (bytes <= there)
        return VIC_OK;
    return vic_fail(VIC_NO_MEMORY,
                    "out of memory: rank %d needs %s, its machine has %s: use a smaller batch or more "
                    "machines",
                    rank, vic_amount(bytes, needed), vic_amount(there, all));
}

static vic_status check_sum(int ranks, int rank, double bytes, double there) {
    char needed[VIC_AMOUNT_TEXT], all[VIC_AMOUNT_TEXT];
    if (bytes <= there)
        return VIC_OK;
    return vic_fail(VIC_NO_MEMORY,
                    "out of memory: %d ranks on the machine of rank %d need %s together, it has %s: use a "
                    "smaller batch or more machines",
                    ranks, rank, vic_amount(bytes, needed), vic_amount(there, all));
}

/* The lowest rank of each machine answers for all that share it. A forecast that fails is left to what it
 * forecasts. */
static vic_status check_machine(const vic_session *session, const int *node_of, const vic_demand *demand) {
    const vic_config *config = session->config;
    int rank = vic_group_rank(session->group), n = 0;
    int ranks = session->rank_of[config->network->n_populations - 1] + 1;
    double there = vic_machine_memory(), together = 0;
    for (int r = rank; r < ranks && node_of[rank] == rank; r++) {
        double bytes;
        if (node_of[r] != rank)
            continue;
        if (forecast_rank(config, session->rank_of, r, demand, &bytes) != VIC_OK)
            return VIC_OK;
        VIC_TRY(check_rank(r, bytes, there));
        together += bytes;
        n++;
    }
    return check_sum(n, rank, together, there);
}

/* Systems overcommit memory, and kill a process that uses it. Simulated ranks share one machine, whatever the
 * hosts are called. A dry run needs no memory, but has the same barriers, so that simulated times are the
 * same. */
vic_status vic_check_memory(const vic_session *session, const vic_demand *demand) {
    vic_group *group = session->group;
    int *node_of = NULL;
    vic_status status = vic_allocate((size_t)vic_group_size(group), sizeof *node_of, &node_of);
    VIC_TRY(vic_group_agree_on_status(group, status));
    if (!vic_time_is_simulated())
        status = vic_group_nodes(group, node_of);
    if (status == VIC_OK && !vic_arithmetic_is_dry())
        status = check_machine(session, node_of, demand);
    status = vic_group_agree_on_status(group, status);
    vic_release(&node_of);
    return status;
}

/* Simulated ranks share one process: what it holds already belongs to none of them. A forecast that fails is
 * left to what it forecasts: that fails with the same text. */
void vic_print_forecast(const vic_config *config, const int *rank_of, const vic_demand *demand, bool in_all) {
    int ranks = rank_of[config->network->n_populations - 1] + 1;
    double already = in_all && !vic_time_is_simulated() ? vic_memory_resident() + FIRST_USE : 0,
           *bytes = NULL;
    vic_status status = vic_allocate((size_t)ranks, sizeof *bytes, &bytes);
    if (status == VIC_OK)
        status = forecast_all(config, rank_of, demand, already, bytes);
    if (status == VIC_OK)
        print_all(config, rank_of, ranks, bytes, in_all);
    vic_release(&bytes);
}
