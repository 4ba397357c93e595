/* Where MPI has no profiling interface there is no interposer. */
#include "mpi_interposer.h"

bool vic_interposer_is_available(void) {
    return false;
}

vic_status vic_interposer_record_create(vic_interposer_record **record) {
    return vic_allocate(1, sizeof **record, record);
}

void vic_interposer_record_destroy(vic_interposer_record **record) {
    vic_release(record);
}

vic_interposer_record *vic_interposer_set_record(vic_interposer_record *record) {
    (void)record;
    return NULL;
}

double vic_interposer_overhead(void) {
    return 0;
}
