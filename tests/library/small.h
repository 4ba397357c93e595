/* A small design and model for the tests of the library: 3 numbers, three layers, 2 classes. */
#ifndef VICINAL_TESTS_LIBRARY_SMALL_H
#define VICINAL_TESTS_LIBRARY_SMALL_H

#include "vicinal.h"

#include "support/together.h"

enum { SMALL_CAPACITY = 4, SMALL_FEATURES = 3, SMALL_LAYERS = 3, SMALL_OUTPUTS = 2, SMALL_WEIGHTS = 12 };

static const double small_inputs[SMALL_CAPACITY * SMALL_FEATURES] = {0.5,  -1, 0.25, 1,     0.75, -0.5,
                                                                     -0.3, 1,  0,    0.125, 2,    -1.5};
static const int64_t small_classes[SMALL_CAPACITY] = {0, 1, 1, 0};

/* Local. Ends the test where it cannot be made. */
static inline vic_design *small_design(void) {
    static const char *const layers[SMALL_LAYERS] = {"{linear: 4}, tanh", "{linear: 5}, tanh", "linear: 2"};
    const size_t dim[] = {SMALL_FEATURES};
    vic_design *design;
    ck_assert_int_eq(vic_design_create(&design, 1, dim), VIC_RESULT_OK);
    for (int l = 0; l < SMALL_LAYERS; l++)
        ck_assert_int_eq(vic_design_add_layer(design, layers[l]), VIC_RESULT_OK);
    ck_assert_int_eq(vic_design_set(design, "learning.optimizer", "{adam: {rate: 0.01}}"), VIC_RESULT_OK);
    return design;
}

/* Collective. The result is what is expected, on every rank. */
#define together_assert_result(call, expected)                                                               \
    do {                                                                                                     \
        vic_result together_result_ = (call);                                                                \
        together_assert_msg(together_result_ == (expected), "%s: %s: %s", #call,                             \
                            vic_result_name(together_result_), vic_last_message());                          \
    } while (0)

#define OK(call)         together_assert_result(call, VIC_RESULT_OK)
#define WRONG(call)      together_assert_result(call, VIC_RESULT_WRONG_USE)
#define BAD_DESIGN(call) together_assert_result(call, VIC_RESULT_BAD_DESIGN)

/* Collective. A model of the small design over all ranks. */
static inline vic_model *small_model(unsigned flags) {
    vic_model *model;
    vic_design *design = small_design();
    OK(vic_model_create(&model, design, MPI_COMM_WORLD, SMALL_CAPACITY, flags));
    OK(vic_design_destroy(&design));
    return model;
}

/* Collective. Gives it the first samples of the small data. */
static inline void small_batch(vic_model *model, size_t samples) {
    OK(vic_model_set_inputs_f64(model, samples, small_inputs, samples * SMALL_FEATURES));
    OK(vic_model_set_classes(model, samples, small_classes, samples));
}

#endif
