/* The program with a violation of locality in it, which VIOLATION names: the linker replaces the functions
 * that emit the end of an inference, and its destruction. */
#define _GNU_SOURCE /* mremap */
#include "inference/inference.h"

#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void __real_vic_emit_end(vic_inference *x);
void __real_vic_emit_leave(vic_inference *x);
void __wrap_vic_emit_end(vic_inference *x);
void __wrap_vic_emit_leave(vic_inference *x);

static int me, last;

/* ---- messages ---- */

static void send_word(int from, int to) {
    int word = 1;
    if (me == from)
        MPI_Send(&word, 1, MPI_INT, to, 0, MPI_COMM_WORLD);
    if (me == to)
        MPI_Recv(&word, 1, MPI_INT, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void send_to_stranger(void) {
    send_word(last, 0);
}

static void send_neighbour_extra(void) {
    send_word(0, 1);
}

/* In a communicator that numbers the ranks the other way round. */
static MPI_Comm reversed = MPI_COMM_NULL;

static void send_to_stranger_by_alias(void) {
    int word = 1;
    if (me == last)
        MPI_Send(&word, 1, MPI_INT, last, 0, reversed);
    if (me == 0)
        MPI_Recv(&word, 1, MPI_INT, 0, 0, reversed, MPI_STATUS_IGNORE);
}

static void send_by_request(void) {
    int word = 1;
    MPI_Request request;
    if (me != 0 && me != last)
        return;
    if (me == last)
        MPI_Send_init(&word, 1, MPI_INT, 0, 0, MPI_COMM_WORLD, &request);
    else
        MPI_Recv_init(&word, 1, MPI_INT, last, 0, MPI_COMM_WORLD, &request);
    MPI_Start(&request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Request_free(&request);
}

static void swap_words(void) {
    int word = 1, partner = me == 0 ? last : 0;
    if (me == 0 || me == last)
        MPI_Sendrecv_replace(&word, 1, MPI_INT, partner, 0, partner, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void receive_from_any_source(void) {
    int word = 1;
    if (me == 0)
        MPI_Send(&word, 1, MPI_INT, 1, 0, MPI_COMM_WORLD);
    if (me == 1)
        MPI_Recv(&word, 1, MPI_INT, MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

/* ---- more than messages ---- */

static void barrier(void) {
    MPI_Barrier(MPI_COMM_WORLD);
}

static void barrier_later(void) {
    MPI_Request request;
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
}

static void add_up(void) {
    double mine = me, sum;
    MPI_Allreduce(&mine, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

static MPI_Win window = MPI_WIN_NULL;
static int shown;

static void open_window(void) {
    MPI_Win_create(&shown, sizeof shown, sizeof shown, MPI_INFO_NULL, MPI_COMM_WORLD, &window);
}

static void reach_through_it(void) {
    int word = 1;
    MPI_Win_lock(MPI_LOCK_EXCLUSIVE, last, 0, window);
    if (me == 0)
        MPI_Put(&word, 1, MPI_INT, last, 0, 1, MPI_INT, window);
    MPI_Win_unlock(last, window);
}

static void close_window(void) {
    if (window != MPI_WIN_NULL)
        MPI_Win_free(&window);
}

static void look_at_a_file(void) {
    MPI_File file;
    if (MPI_File_open(MPI_COMM_SELF, "small.yaml", MPI_MODE_RDONLY, MPI_INFO_NULL, &file) == MPI_SUCCESS)
        MPI_File_close(&file);
}

/* ---- shared memory ---- */

/* As that of an edge, but all of it may be written, by these ranks. */
static void map_memory(const char *name, bool takes_part) {
    enum { BYTES = 4096 };
    int file = takes_part ? shm_open(name, O_RDWR | O_CREAT, S_IRUSR | S_IWUSR) : -1;
    if (takes_part && (ftruncate(file, BYTES) != 0 ||
                       mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) == MAP_FAILED))
        exit(EXIT_FAILURE);
    MPI_Barrier(MPI_COMM_WORLD);
    shm_unlink(name);
}

static void map_alone(void) {
    map_memory("/vicinal-lone", me == last);
}

static void map_with_stranger(void) {
    map_memory("/vicinal-tunnel", me == 0 || me == last);
}

static void map_with_all(void) {
    map_memory("/vicinal-hall", true);
}

static void map_with_neighbour(void) {
    map_memory("/vicinal-board", me <= 1);
}

/* As that of an edge in all but that no edge declares it. */
static void map_halves(void) {
    const char *name = "/vicinal-passage";
    long half = sysconf(_SC_PAGESIZE);
    int file = me <= 1 ? shm_open(name, O_RDWR | O_CREAT, S_IRUSR | S_IWUSR) : -1;
    for (int part = 0; part <= 1 && me <= 1; part++)
        if (ftruncate(file, 2 * half) != 0 ||
            mmap(NULL, (size_t)half, part == me ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, file,
                 part * half) == MAP_FAILED)
            exit(EXIT_FAILURE);
    MPI_Barrier(MPI_COMM_WORLD);
    shm_unlink(name);
}

/* What the edges of this rank have mapped already. */
static void map_twice(void) {
    enum { MOST = 16 };
    unsigned long begin[MOST], end[MOST];
    char line[512];
    int n = 0;
    FILE *file = fopen("/proc/self/maps", "r");
    while (file && n < MOST && fgets(line, sizeof line, file))
        n += strstr(line, "/dev/shm/vicinal-") && sscanf(line, "%lx-%lx", &begin[n], &end[n]) == 2;
    for (int i = 0; i < n; i++)
        if (mremap((void *)begin[i], 0, end[i] - begin[i], MREMAP_MAYMOVE) == MAP_FAILED)
            exit(EXIT_FAILURE);
    if (file)
        fclose(file);
}

/* ---- what is held ---- */

/* The next rank's population, synapses and all. */
static void copy_neighbour(vic_inference *x) {
    int id = 0;
    while (x->rank_of[id] != (me + 1) % (last + 1))
        id++;
    vic_population_needs needs = {.capacity = 1, .memory_counter = &x->memory_counter};
    if (vic_population_create(&x->local_populations[x->n_local_populations].population, x->network, id,
                              needs) == VIC_OK)
        x->n_local_populations++;
}

static void *hidden;

static void hide_array(vic_inference *x) {
    if (hidden == NULL && vic_allocate_counted(&x->memory_counter, 1000, 4, &hidden) != VIC_OK)
        exit(EXIT_FAILURE);
}

/* ---- which, and where ---- */

static const struct violation {
    const char *name;
    void (*inside)(void);
    void (*outside)(void);               /* after the first inference */
    void (*allocation)(vic_inference *); /* before an inference goes */
} violations[] = {
    {.name = "stranger", .inside = send_to_stranger},
    {.name = "neighbour", .inside = send_neighbour_extra},
    {.name = "renamed", .inside = send_to_stranger_by_alias},
    {.name = "request", .inside = send_by_request},
    {.name = "swap", .inside = swap_words},
    {.name = "anybody", .inside = receive_from_any_source},
    {.name = "barrier", .inside = barrier},
    {.name = "ibarrier", .inside = barrier_later},
    {.name = "allreduce", .inside = add_up},
    {.name = "window", .outside = open_window},
    {.name = "put", .outside = open_window, .inside = reach_through_it},
    {.name = "file", .inside = look_at_a_file},
    {.name = "lone", .outside = map_alone},
    {.name = "tunnel", .outside = map_with_stranger},
    {.name = "hall", .outside = map_with_all},
    {.name = "board", .outside = map_with_neighbour},
    {.name = "passage", .outside = map_halves},
    {.name = "annex", .outside = map_twice},
    {.name = "copy", .allocation = copy_neighbour},
    {.name = "hidden", .allocation = hide_array},
};

static const struct violation *chosen(void) {
    const char *name = getenv("VIOLATION");
    for (size_t i = 0; name && i < sizeof violations / sizeof *violations; i++)
        if (strcmp(violations[i].name, name) == 0)
            return &violations[i];
    return NULL;
}

static int inferences;

void __wrap_vic_emit_end(vic_inference *x) {
    const struct violation *v = chosen();
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &last);
    last--;
    inferences++;
    if (v && v->inside && inferences == 2)
        v->inside();
    __real_vic_emit_end(x);
    if (reversed == MPI_COMM_NULL)
        MPI_Comm_split(MPI_COMM_WORLD, 0, last - me, &reversed);
    if (v && v->outside && inferences == 1)
        v->outside();
}

void __wrap_vic_emit_leave(vic_inference *x) {
    const struct violation *v = chosen();
    if (v && v->allocation)
        v->allocation(x);
    __real_vic_emit_leave(x);
    close_window();
}
