/* Shows how the news of the loss travels down a chain of populations: who receives and who sends an error in
 * which step. Valid in C and in C++. Run it with any number of ranks: the table is the same. */
#include <stdio.h>
#include <vicinal.h>

enum { LAYERS = 5, STEPS = 7, FEATURES = 3, RECEIVED = 1, SENT = 2 };

typedef struct wave {
    int seen[STEPS + 1][LAYERS + 1]; /* of each step and population: RECEIVED, SENT, both or 0 */
} wave;

/* Ends all ranks, saying why, where a call has failed. */
static void need(vic_result result) {
    if (result == VIC_RESULT_OK)
        return;
    fprintf(stderr, "%s: %s\n", vic_result_name(result), vic_last_message());
    MPI_Abort(MPI_COMM_WORLD, 1);
}

static void listen(void *context, const vic_model_event *event) {
    wave *mine = (wave *)context;
    if (event->is_error)
        mine->seen[event->step][event->population] |= event->kind == VIC_ON_SENT ? SENT : RECEIVED;
}

static vic_model *make_model(void) {
    const size_t input[] = {FEATURES};
    vic_design *design;
    vic_model *model;
    need(vic_design_create(&design, 1, input));
    for (int layer = 0; layer < LAYERS; layer++)
        need(vic_design_add_layer(design, "{linear: 3}, tanh"));
    need(vic_design_set(design, "network.loss", "squared-error"));
    need(vic_design_set(design, "inference", "{algorithm: fixed-prediction, eta: 0.5, steps: 7}"));
    need(vic_model_create(&model, design, MPI_COMM_WORLD, 1, VIC_MODEL_LEARNS));
    need(vic_design_destroy(&design));
    return model;
}

/* Each rank has seen its own populations; rank 0 gets the whole wave. */
static void run(vic_model *model, wave *whole) {
    const double values[FEATURES] = {1, -0.5, 0.25};
    wave mine = {{{0}}};
    vic_subscription *subscription;
    need(vic_model_subscribe(model, VIC_ON_RECEIVED | VIC_ON_SENT, listen, &mine, &subscription));
    need(vic_model_set_inputs_f64(model, 1, values, FEATURES));
    need(vic_model_set_targets_f64(model, 1, values, FEATURES));
    need(vic_model_infer(model, 1));
    need(vic_model_unsubscribe(&subscription));
    MPI_Reduce(&mine, whole, (STEPS + 1) * (LAYERS + 1), MPI_INT, MPI_BOR, 0, MPI_COMM_WORLD);
}

static void print(const wave *whole) {
    static const char *const words[] = {".", "receives", "sends", "both"};
    printf("step");
    for (int population = 0; population <= LAYERS; population++)
        printf("%10d", population);
    for (int step = 1; step <= STEPS; step++) {
        printf("\n%4d", step);
        for (int population = 0; population <= LAYERS; population++)
            printf("%10s", words[whole->seen[step][population]]);
    }
    printf("\n");
}

int main(int argc, char **argv) {
    int rank;
    wave whole;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    vic_model *model = make_model();
    run(model, &whole);
    if (rank == 0)
        print(&whole);
    need(vic_model_destroy(&model));
    MPI_Finalize();
    return 0;
}
