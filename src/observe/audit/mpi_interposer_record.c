#include "mpi_interposer_record.h"

#include <string.h>

vic_interposer_record *vic_interposer_current;

bool vic_interposer_is_available(void) {
    return true;
}

/* ---- records ---- */

static vic_status make_record(vic_interposer_record *record) {
    PMPI_Comm_size(MPI_COMM_WORLD, &record->n_ranks);
    size_t n = (size_t)record->n_ranks;
    VIC_TRY(vic_allocate(n, sizeof *record->messages, &record->messages));
    VIC_TRY(vic_allocate(n, sizeof *record->bytes, &record->bytes));
    return vic_allocate(n, sizeof *record->received, &record->received);
}

vic_status vic_interposer_record_create(vic_interposer_record **record) {
    VIC_TRY(vic_allocate(1, sizeof **record, record));
    vic_status status = make_record(*record);
    if (status != VIC_OK)
        vic_interposer_record_destroy(record);
    return status;
}

void vic_interposer_record_destroy(vic_interposer_record **record) {
    if (*record == NULL)
        return;
    if (vic_interposer_current == *record)
        vic_interposer_current = NULL;
    vic_release(&(*record)->messages);
    vic_release(&(*record)->bytes);
    vic_release(&(*record)->received);
    vic_release(record);
}

vic_interposer_record *vic_interposer_set_record(vic_interposer_record *record) {
    vic_interposer_record *before = vic_interposer_current;
    vic_interposer_current = record;
    return before;
}

/* ---- the ranks of a communicator in MPI_COMM_WORLD, translated once ---- */

typedef struct directory {
    MPI_Comm communicator;
    int size;
    int *in_world;
    struct directory *next;
} directory;

static directory *directories;

/* Of the other side, where a communicator has two. */
static void get_group(MPI_Comm communicator, MPI_Group *group) {
    int has_two_sides = 0;
    PMPI_Comm_test_inter(communicator, &has_two_sides);
    if (has_two_sides)
        PMPI_Comm_remote_group(communicator, group);
    else
        PMPI_Comm_group(communicator, group);
}

static vic_status translate(directory *d) {
    MPI_Group here, world;
    int *ranks = NULL;
    get_group(d->communicator, &here);
    PMPI_Comm_group(MPI_COMM_WORLD, &world);
    PMPI_Group_size(here, &d->size);
    vic_status status = vic_allocate((size_t)d->size, sizeof *ranks, &ranks);
    if (status == VIC_OK)
        status = vic_allocate((size_t)d->size, sizeof *d->in_world, &d->in_world);
    for (int i = 0; status == VIC_OK && i < d->size; i++)
        ranks[i] = i;
    if (status == VIC_OK)
        PMPI_Group_translate_ranks(here, d->size, ranks, world, d->in_world);
    PMPI_Group_free(&here);
    PMPI_Group_free(&world);
    vic_release(&ranks);
    return status;
}

static directory *look_up(MPI_Comm communicator) {
    directory *d;
    for (d = directories; d; d = d->next)
        if (d->communicator == communicator)
            return d;
    if (vic_allocate(1, sizeof *d, &d) != VIC_OK)
        return NULL;
    d->communicator = communicator;
    if (translate(d) != VIC_OK) {
        vic_release(&d);
        return NULL;
    }
    d->next = directories;
    directories = d;
    return d;
}

/* MPI_UNDEFINED for a process beyond MPI_COMM_WORLD, and where memory ran out. */
static int rank_in_world(int peer, MPI_Comm communicator) {
    const directory *d = look_up(communicator);
    return d && peer >= 0 && peer < d->size ? d->in_world[peer] : MPI_UNDEFINED;
}

void vic_interposer_forget_communicator(MPI_Comm communicator) {
    for (directory **place = &directories; *place; place = &(*place)->next)
        if ((*place)->communicator == communicator) {
            directory *gone = *place;
            *place = gone->next;
            vic_release(&gone->in_world);
            vic_release(&gone);
            return;
        }
}

/* ---- counting ---- */

uint64_t vic_interposer_bytes(long long count, MPI_Datatype type) {
    int size = 0;
    if (count <= 0 || type == MPI_DATATYPE_NULL)
        return 0;
    PMPI_Type_size(type, &size);
    return (uint64_t)count * (uint64_t)size;
}

void vic_interposer_add_send(uint64_t bytes, int peer, MPI_Comm communicator) {
    vic_interposer_record *record = vic_interposer_current;
    if (record == NULL || peer == MPI_PROC_NULL)
        return;
    int rank = rank_in_world(peer, communicator);
    record->all_calls++;
    if (rank < 0) {
        record->outside_world++;
        return;
    }
    record->messages[rank]++;
    record->bytes[rank] += bytes;
}

void vic_interposer_add_receive(int peer, MPI_Comm communicator) {
    vic_interposer_record *record = vic_interposer_current;
    if (record == NULL || peer == MPI_PROC_NULL)
        return;
    if (peer == MPI_ANY_SOURCE) {
        vic_interposer_add_any_source();
        return;
    }
    int rank = rank_in_world(peer, communicator);
    record->all_calls++;
    if (rank < 0)
        record->outside_world++;
    else
        record->received[rank]++;
}

void vic_interposer_add_any_source(void) {
    if (vic_interposer_current == NULL)
        return;
    vic_interposer_current->all_calls++;
    vic_interposer_current->from_any_source++;
}

/* Calls beyond the table of names are counted with the last. */
void vic_interposer_add_call(const char *name, uint64_t bytes) {
    vic_interposer_record *record = vic_interposer_current;
    size_t i = 0;
    if (record == NULL)
        return;
    while (i < record->n_calls && record->calls[i].name != name)
        i++;
    if (i == VIC_INTERPOSER_CALLS)
        i--;
    else if (i == record->n_calls)
        record->calls[record->n_calls++].name = name;
    record->all_calls++;
    record->calls[i].calls++;
    record->calls[i].bytes += bytes;
}

double vic_interposer_overhead(void) {
    enum { TIMES = 2000 };
    vic_interposer_record *scratch, *before = vic_interposer_current;
    if (vic_interposer_record_create(&scratch) != VIC_OK)
        return 0;
    vic_interposer_current = scratch;
    double start = vic_now();
    for (int i = 0; i < TIMES; i++)
        vic_interposer_add_send(vic_interposer_bytes(i, MPI_FLOAT), 0, MPI_COMM_WORLD);
    double seconds = (vic_now() - start) / TIMES;
    vic_interposer_current = before;
    vic_interposer_record_destroy(&scratch);
    return seconds;
}
