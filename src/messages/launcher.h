/* A process that the launcher of another MPI has started is the only rank of its MPI_COMM_WORLD, one of
 * several processes that are not connected: what they print of locality would be wrong, and they would all
 * write the same files. */
#ifndef VIC_MESSAGES_LAUNCHER_H
#define VIC_MESSAGES_LAUNCHER_H

#include "base/base.h"

/* What a launcher has left in the environment of its processes. */
typedef struct vic_launch {
    const char *variable; /* that says so; NULL: no launcher of several processes */
    long processes;       /* 0: several */
    bool prints;          /* this process is the first, or which one it is is not known */
} vic_launch;

/* As getenv. */
typedef char *vic_environment(const char *name);

/* Before MPI_Init, which may add variables of its own. VICINAL_ALONE=1 in the environment: as without a
 * launcher. */
vic_launch vic_launch_read(vic_environment *environment);

/* `world`: the ranks that MPI sees; `mpi`: its name. Errors: VIC_BAD_CONFIG when it sees one of several
 * processes. */
vic_status vic_launch_check(const vic_launch *launch, int world, const char *mpi);

#endif
