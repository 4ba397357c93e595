/* The median time of a learning step, inference and update, on however many ranks: printed in milliseconds.
 */
#include "wide_network.h"

#include "learning/learning.h"

enum { WARM_UP = 3, STEPS = 25 };

static vic_trainer *make_trainer(vic_inference *inference) {
    vic_trainer *trainer;
    vic_learning_options options = {
        .optimizer = vic_optimizer_find(VIC_FLOAT32, "sgd"),
        .settings = {0.001},
        .batch = BATCH,
        .epochs = 1,
    };
    must(vic_trainer_create(&trainer, inference, options, 1));
    return trainer;
}

/* All ranks have ended every step before the next is timed. */
static void learn(vic_group *group, vic_inference *inference, vic_trainer *trainer, double *seconds) {
    for (int i = -WARM_UP; i < STEPS; i++) {
        must(vic_group_agree_on_status(group, VIC_OK));
        double start = vic_now();
        must(vic_inference_run(inference, BATCH));
        vic_trainer_update(trainer);
        must(vic_group_agree_on_status(group, VIC_OK));
        if (i >= 0)
            seconds[i] = vic_now() - start;
    }
}

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    vic_network *network = make_wide();
    int rank_of[LAYERS + 1];
    double seconds[STEPS];
    vic_group *group;
    vic_inference *inference;
    must(vic_group_create(&group, MPI_COMM_WORLD));
    vic_inference_options options = options_of(argc > 1 ? argv[1] : "fixed-prediction");
    must(vic_inference_place(network, options, vic_group_size(group), rank_of));
    must(vic_inference_create(&inference, group, network, rank_of, BATCH, true, options));
    fill(inference);
    vic_trainer *trainer = make_trainer(inference);
    learn(group, inference, trainer, seconds);
    if (vic_group_rank(group) == 0)
        printf("%.3f\n", 1e3 * median(seconds, STEPS));
    vic_trainer_destroy(&trainer);
    vic_inference_destroy(&inference);
    vic_network_destroy(&network);
    vic_group_destroy(&group);
    MPI_Finalize();
    return 0;
}
