/* How the ranks of a model see, before and after a collective call, that all of them make it and whether it
 * has failed on one of them. */
#ifndef VIC_LIBRARY_AGREEMENT_H
#define VIC_LIBRARY_AGREEMENT_H

#include "result.h"

#include "messages/messages.h"

typedef enum vic_call {
    VIC_CALL_CREATE,
    VIC_CALL_DESTROY,
    VIC_CALL_SET,
    VIC_CALL_PREDICT,
    VIC_CALL_INFER,
    VIC_CALL_LEARN,
    VIC_CALL_ENERGY,
    VIC_CALL_SAVE,
    VIC_CALL_LOAD,
    VIC_CALL_SAVE_STATE,
    VIC_CALL_LOAD_STATE,
} vic_call;

enum { VIC_AGREED_NUMBERS = 5 };

/* What a rank brings and what all come to. */
typedef struct vic_exchange {
    int64_t mine[VIC_AGREED_NUMBERS], all[VIC_AGREED_NUMBERS];
    vic_group *group;
    struct vic_exchange *next; /* of those that MPI may still write to */
} vic_exchange;

/* The ranks of a model, and whether they still answer. */
typedef struct vic_agreement {
    vic_group *group;
    double timeout;  /* of a call, in seconds; 0: none */
    bool lost;       /* a rank did not answer, or has destroyed the model: nothing is sent any more */
    bool is_pending; /* MPI still has a call under way: the group's communicator has to stay */
    vic_exchange *exchange;
} vic_agreement;

/* Errors: wrong use where no model can live on the communicator: before MPI_Init, after MPI_Finalize,
 * MPI_COMM_NULL, between two groups. */
vic_status vic_check_communicator(MPI_Comm communicator);
/* May threads run that do not call MPI? Between MPI_Init and MPI_Finalize. */
bool vic_mpi_allows_threads(void);
/* Errors: wrong use where MPI has been finalised. */
vic_status vic_check_mpi(void);

/* Errors: VIC_NO_MEMORY. Close with vic_agreement_close, which leaves the group alone. */
vic_status vic_agreement_open(vic_agreement *agreement, vic_group *group);
void vic_agreement_close(vic_agreement *agreement);

/* Collective, as the first thing in a call. `argument` is below 2^62 and the same on every rank, as far as a
 * rank is content with what it was given: `mine` is VIC_OK then. Every rank returns the same. */
vic_status vic_agreement_begin(vic_agreement *agreement, vic_call call, uint64_t argument, vic_status mine);

/* What the ranks know of a batch together. */
typedef struct vic_outcome {
    bool found_fault; /* a number that is not finite, on some rank */
    double loss;      /* of the rank that has it; NaN elsewhere, and the same everywhere afterwards */
    int64_t correct;  /* likewise; -1 where it is not known */
} vic_outcome;

/* Collective, as the last thing in a call. Every rank returns the same. `outcome` may be NULL on all. */
vic_status vic_agreement_end(vic_agreement *agreement, vic_status mine, vic_outcome *outcome);

#endif
