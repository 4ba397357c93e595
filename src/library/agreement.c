#include "agreement.h"

#include "messages/group.h"

#include <math.h>
#include <string.h>

static const char *const call_names[] = {
    [VIC_CALL_CREATE] = "vic_model_create",
    [VIC_CALL_DESTROY] = "vic_model_destroy",
    [VIC_CALL_SET] = "vic_model_set",
    [VIC_CALL_PREDICT] = "vic_model_predict",
    [VIC_CALL_INFER] = "vic_model_infer",
    [VIC_CALL_LEARN] = "vic_model_learn",
    [VIC_CALL_ENERGY] = "vic_model_energy",
    [VIC_CALL_SAVE] = "vic_model_save",
    [VIC_CALL_LOAD] = "vic_model_load",
    [VIC_CALL_SAVE_STATE] = "vic_model_save_state",
    [VIC_CALL_LOAD_STATE] = "vic_model_load_state",
};

vic_status vic_check_mpi(void) {
    int initialised, finalised;
    MPI_Initialized(&initialised);
    MPI_Finalized(&finalised);
    if (initialised && !finalised)
        return VIC_OK;
    return VIC_FAIL_WRONG_USE(finalised ? "MPI_Finalize has been called" : "call MPI_Init first");
}

bool vic_mpi_allows_threads(void) {
    int granted;
    return MPI_Query_thread(&granted) == MPI_SUCCESS && granted >= MPI_THREAD_FUNNELED;
}

vic_status vic_check_communicator(MPI_Comm communicator) {
    int is_inter;
    VIC_TRY(vic_check_mpi());
    if (communicator == MPI_COMM_NULL)
        return VIC_FAIL_WRONG_USE("communicator is MPI_COMM_NULL");
    if (MPI_Comm_test_inter(communicator, &is_inter) != MPI_SUCCESS || is_inter)
        return VIC_FAIL_WRONG_USE("a model needs the communicator of one group of ranks");
    return VIC_OK;
}

vic_status vic_agreement_open(vic_agreement *a, vic_group *group) {
    *a = (vic_agreement){.group = group};
    return vic_allocate(1, sizeof *a->exchange, &a->exchange);
}

void vic_agreement_close(vic_agreement *a) {
    vic_release(&a->exchange);
}

/* MPI may still write to an exchange that was given up, and needs its communicator: both stay until the
 * process ends. */
static vic_exchange *given_up;

static void give_up(vic_agreement *a) {
    a->exchange->group = a->group;
    a->exchange->next = given_up;
    given_up = a->exchange;
    a->exchange = NULL;
    a->lost = a->is_pending = true;
}

/* The numbers of the exchange become the largest over the ranks. */
static vic_status exchange_all(vic_agreement *a, size_t n, double timeout) {
    vic_waiter waiter = {.waiting = vic_group_waiting(a->group), .timeout = timeout};
    MPI_Request request;
    int code = MPI_Iallreduce(a->exchange->mine, a->exchange->all, (int)n, MPI_INT64_T, MPI_MAX,
                              a->group->communicator, &request);
    if (code != MPI_SUCCESS)
        return vic_fail(VIC_NO_PEER, "the other ranks cannot be reached");
    return vic_wait(&waiter, &request);
}

/* all[i] becomes the largest mine[i] over the ranks. */
static vic_status find_largest(vic_agreement *a, size_t n, const int64_t *mine, int64_t *all,
                               double timeout) {
    if (vic_group_size(a->group) == 1) {
        memcpy(all, mine, n * sizeof *all);
        return VIC_OK;
    }
    memcpy(a->exchange->mine, mine, n * sizeof *mine);
    vic_status status = exchange_all(a, n, timeout);
    if (status == VIC_OK)
        memcpy(all, a->exchange->all, n * sizeof *all);
    else
        give_up(a);
    return status;
}

/* Two ranks make different calls. The model is lost where one of them destroys it. */
static vic_status refuse_mismatch(vic_agreement *a, vic_call lower, vic_call higher) {
    if (lower != VIC_CALL_DESTROY)
        return VIC_FAIL_WRONG_USE("one rank calls %s and another %s: collective calls are made by all ranks",
                                  call_names[lower], call_names[higher]);
    a->lost = true;
    return vic_fail(VIC_NO_PEER, "a rank has destroyed the model while another calls %s", call_names[higher]);
}

vic_status vic_agreement_begin(vic_agreement *a, vic_call call, uint64_t argument, vic_status mine) {
    enum { HIGHEST, LOWEST, LARGEST, SMALLEST, FAILED };
    int64_t number = (int64_t)argument, all[VIC_AGREED_NUMBERS];
    const int64_t brought[] = {call, -(int64_t)call, number, -number, mine != VIC_OK};
    if (a->lost)
        return vic_fail(VIC_NO_PEER, "another rank has left the model: destroy it");
    VIC_TRY(find_largest(a, VIC_AGREED_NUMBERS, brought, all, a->timeout));
    if (all[HIGHEST] != -all[LOWEST])
        return refuse_mismatch(a, (vic_call)-all[LOWEST], (vic_call)all[HIGHEST]);
    if (all[FAILED])
        return vic_group_agree_on_status(a->group, mine);
    if (all[LARGEST] != -all[SMALLEST])
        return VIC_FAIL_WRONG_USE("ranks pass different arguments to %s", call_names[call]);
    return VIC_OK;
}

static int64_t bits_of(double x) {
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return isnan(x) ? INT64_MIN : bits;
}

static double number_of(int64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return bits == INT64_MIN ? NAN : x;
}

/* Twice the timeout: a rank that has waited for a message in vain comes here later by as long as it waited.
 */
vic_status vic_agreement_end(vic_agreement *a, vic_status mine, vic_outcome *outcome) {
    enum { FAILED, FAULT, LOSS, CORRECT, NUMBERS };
    vic_outcome none = {.loss = NAN, .correct = -1}, *known = outcome ? outcome : &none;
    int64_t all[NUMBERS];
    const int64_t brought[] = {mine != VIC_OK, known->found_fault, bits_of(known->loss), known->correct};
    VIC_TRY(find_largest(a, NUMBERS, brought, all, 2 * a->timeout));
    known->found_fault = all[FAULT] != 0;
    known->loss = number_of(all[LOSS]);
    known->correct = all[CORRECT];
    if (!all[FAILED])
        return VIC_OK;
    vic_status agreed = vic_group_agree_on_status(a->group, mine);
    a->lost = agreed == VIC_NO_PEER;
    return agreed;
}
