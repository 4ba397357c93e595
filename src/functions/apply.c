/* Functions of each number by itself, in ranges that threads share: a range is a call of the same function on
 * so many samples of one number. */
#include "functions.h"
#include "ranges.h"

/* The arrays of a call; those that it does not have are NULL. */
typedef struct arrays {
    const char *in, *out, *given; /* given: the change of the input, or the error of the output */
    char *result;
} arrays;

typedef struct call call;
typedef void apply_to(const vic_function *f, size_t batch, const arrays *a, const call *c);

struct call {
    const vic_function *f;
    apply_to *apply;
    const void *const *theta;
    arrays whole;
    void *scratch;
};

static const char *at(const char *array, size_t bytes) {
    return array ? array + bytes : NULL;
}

static void apply_to_range(const void *context, size_t first, size_t n) {
    const call *c = context;
    const vic_shape one = {.rank = 1, .dim = {1}};
    const vic_function f = {.kind = c->f->kind, .in = one, .out = one};
    size_t bytes = first * f.kind->element_bytes;
    c->apply(&f, n,
             &(arrays){at(c->whole.in, bytes), at(c->whole.out, bytes), at(c->whole.given, bytes),
                       c->whole.result + bytes},
             c);
}

static void apply(size_t batch, const call *c) {
    if (c->f->kind->element_bytes > 0)
        vic_for_ranges(vic_shape_count(c->f->in) * batch, apply_to_range, c);
    else
        c->apply(c->f, batch, &c->whole, c);
}

static void forward(const vic_function *f, size_t batch, const arrays *a, const call *c) {
    f->kind->forward(f, batch, c->theta, a->in, a->result, c->scratch);
}

static void change(const vic_function *f, size_t batch, const arrays *a, const call *c) {
    f->kind->change(f, batch, c->theta, a->in, a->out, a->given, a->result, c->scratch);
}

static void vjp(const vic_function *f, size_t batch, const arrays *a, const call *c) {
    f->kind->vjp(f, batch, c->theta, a->in, a->out, a->given, a->result, c->scratch);
}

void vic_function_forward(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                          void *out, void *scratch) {
    apply(batch, &(call){f, forward, theta, {.in = in, .result = out}, scratch});
}

void vic_function_change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                         const void *out, const void *change_in, void *change_out, void *scratch) {
    apply(batch, &(call){f, change, theta, {in, out, change_in, change_out}, scratch});
}

void vic_function_vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                      const void *out, const void *error_out, void *error_in, void *scratch) {
    apply(batch, &(call){f, vjp, theta, {in, out, error_out, error_in}, scratch});
}
