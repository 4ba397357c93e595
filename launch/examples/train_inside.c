/* Trains a network on all ranks of a program but the last, which stands for the rest of the program. The
 * accuracy is the same on any number of ranks. */
#include <math.h>
#include <stdio.h>
#include <vicinal.h>

enum { BATCH = 100, UPDATES = 400, FEATURES = 2 };

/* Ends all ranks, saying why, where a call has failed. */
static void need(vic_result result) {
    if (result == VIC_RESULT_OK)
        return;
    fprintf(stderr, "%s: %s\n", vic_result_name(result), vic_last_message());
    MPI_Abort(MPI_COMM_WORLD, 1);
}

static float uniform(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / 16777216.0f;
}

/* Points of the square from -1 to 1, and whether each lies within a ring. Every rank makes the same. */
static void make_batch(uint32_t *state, float points[BATCH][FEATURES], int64_t classes[BATCH]) {
    for (int b = 0; b < BATCH; b++) {
        for (int f = 0; f < FEATURES; f++)
            points[b][f] = 2 * uniform(state) - 1;
        float radius = hypotf(points[b][0], points[b][1]);
        classes[b] = radius > 0.4f && radius < 0.8f;
    }
}

static vic_design *describe(void) {
    vic_design *design;
    need(vic_design_create(&design, 1, (const size_t[]){FEATURES}));
    need(vic_design_add_layer(design, "{linear: 32}, tanh"));
    need(vic_design_add_layer(design, "{linear: 32}, tanh"));
    need(vic_design_add_layer(design, "{linear: 2}"));
    need(vic_design_set(design, "learning.optimizer", "{adam: {rate: 0.02}}"));
    return design;
}

/* Frees the communicator. Returns the share of a further batch that is classified rightly. */
static double train(MPI_Comm communicator) {
    float points[BATCH][FEATURES];
    int64_t classes[BATCH];
    uint32_t state = 1;
    size_t correct;
    vic_model *model;
    vic_design *design = describe();
    need(vic_model_create(&model, design, communicator, BATCH, VIC_MODEL_LEARNS));
    need(vic_design_destroy(&design));
    for (int update = 0; update <= UPDATES; update++) {
        make_batch(&state, points, classes);
        need(vic_model_set_inputs_f32(model, BATCH, &points[0][0], BATCH * FEATURES));
        need(vic_model_set_classes(model, BATCH, classes, BATCH));
        need(update < UPDATES ? vic_model_learn(model, BATCH) : vic_model_predict(model, BATCH));
    }
    need(vic_model_correct(model, &correct));
    need(vic_model_destroy(&model));
    MPI_Comm_free(&communicator);
    return (double)correct / BATCH;
}

int main(int argc, char **argv) {
    int rank, ranks;
    double accuracy = 0;
    MPI_Comm learners;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    int learns = ranks == 1 || rank < ranks - 1;
    MPI_Comm_split(MPI_COMM_WORLD, learns ? 0 : MPI_UNDEFINED, rank, &learners);
    if (learns)
        accuracy = train(learners);
    MPI_Bcast(&accuracy, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    if (rank == ranks - 1)
        printf("%.0f %% of the points are classified rightly\n", 100 * accuracy);
    MPI_Finalize();
    return 0;
}
