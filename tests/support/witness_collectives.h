/* What all ranks of a communicator do together; witness.c says what happens to each. */
COLLECTIVE(Barrier, (MPI_Comm comm), (comm))
COLLECTIVE(Ibarrier, (MPI_Comm comm, MPI_Request *request), (comm, request))
COLLECTIVE(Bcast, (void *buffer, int count, MPI_Datatype type, int root, MPI_Comm comm),
           (buffer, count, type, root, comm))
COLLECTIVE(Ibcast,
           (void *buffer, int count, MPI_Datatype type, int root, MPI_Comm comm, MPI_Request *request),
           (buffer, count, type, root, comm, request))
COLLECTIVE(Gather,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            int root, MPI_Comm comm),
           (out, n_out, out_type, in, n_in, in_type, root, comm))
COLLECTIVE(Igather,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            int root, MPI_Comm comm, MPI_Request *request),
           (out, n_out, out_type, in, n_in, in_type, root, comm, request))
COLLECTIVE(Gatherv,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, const int in_counts[],
            const int places[], MPI_Datatype in_type, int root, MPI_Comm comm),
           (out, n_out, out_type, in, in_counts, places, in_type, root, comm))
COLLECTIVE(Igatherv,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, const int in_counts[],
            const int places[], MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request),
           (out, n_out, out_type, in, in_counts, places, in_type, root, comm, request))
COLLECTIVE(Scatter,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            int root, MPI_Comm comm),
           (out, n_out, out_type, in, n_in, in_type, root, comm))
COLLECTIVE(Iscatter,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            int root, MPI_Comm comm, MPI_Request *request),
           (out, n_out, out_type, in, n_in, in_type, root, comm, request))
COLLECTIVE(Scatterv,
           (const void *out, const int out_counts[], const int places[], MPI_Datatype out_type, void *in,
            int n_in, MPI_Datatype in_type, int root, MPI_Comm comm),
           (out, out_counts, places, out_type, in, n_in, in_type, root, comm))
COLLECTIVE(Iscatterv,
           (const void *out, const int out_counts[], const int places[], MPI_Datatype out_type, void *in,
            int n_in, MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request),
           (out, out_counts, places, out_type, in, n_in, in_type, root, comm, request))
COLLECTIVE(Allgather,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            MPI_Comm comm),
           (out, n_out, out_type, in, n_in, in_type, comm))
COLLECTIVE(Iallgather,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            MPI_Comm comm, MPI_Request *request),
           (out, n_out, out_type, in, n_in, in_type, comm, request))
COLLECTIVE(Allgatherv,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, const int in_counts[],
            const int places[], MPI_Datatype in_type, MPI_Comm comm),
           (out, n_out, out_type, in, in_counts, places, in_type, comm))
COLLECTIVE(Iallgatherv,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, const int in_counts[],
            const int places[], MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request),
           (out, n_out, out_type, in, in_counts, places, in_type, comm, request))
COLLECTIVE(Alltoall,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            MPI_Comm comm),
           (out, n_out, out_type, in, n_in, in_type, comm))
COLLECTIVE(Ialltoall,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            MPI_Comm comm, MPI_Request *request),
           (out, n_out, out_type, in, n_in, in_type, comm, request))
COLLECTIVE(Alltoallv,
           (const void *out, const int out_counts[], const int out_places[], MPI_Datatype out_type, void *in,
            const int in_counts[], const int in_places[], MPI_Datatype in_type, MPI_Comm comm),
           (out, out_counts, out_places, out_type, in, in_counts, in_places, in_type, comm))
COLLECTIVE(Ialltoallv,
           (const void *out, const int out_counts[], const int out_places[], MPI_Datatype out_type, void *in,
            const int in_counts[], const int in_places[], MPI_Datatype in_type, MPI_Comm comm,
            MPI_Request *request),
           (out, out_counts, out_places, out_type, in, in_counts, in_places, in_type, comm, request))
COLLECTIVE(Alltoallw,
           (const void *out, const int out_counts[], const int out_places[], const MPI_Datatype out_types[],
            void *in, const int in_counts[], const int in_places[], const MPI_Datatype in_types[],
            MPI_Comm comm),
           (out, out_counts, out_places, out_types, in, in_counts, in_places, in_types, comm))
COLLECTIVE(Ialltoallw,
           (const void *out, const int out_counts[], const int out_places[], const MPI_Datatype out_types[],
            void *in, const int in_counts[], const int in_places[], const MPI_Datatype in_types[],
            MPI_Comm comm, MPI_Request *request),
           (out, out_counts, out_places, out_types, in, in_counts, in_places, in_types, comm, request))
COLLECTIVE(Reduce,
           (const void *out, void *in, int count, MPI_Datatype type, MPI_Op op, int root, MPI_Comm comm),
           (out, in, count, type, op, root, comm))
COLLECTIVE(Ireduce,
           (const void *out, void *in, int count, MPI_Datatype type, MPI_Op op, int root, MPI_Comm comm,
            MPI_Request *request),
           (out, in, count, type, op, root, comm, request))
COLLECTIVE(Allreduce, (const void *out, void *in, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
           (out, in, count, type, op, comm))
COLLECTIVE(Iallreduce,
           (const void *out, void *in, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
            MPI_Request *request),
           (out, in, count, type, op, comm, request))
COLLECTIVE(Reduce_scatter,
           (const void *out, void *in, const int in_counts[], MPI_Datatype type, MPI_Op op, MPI_Comm comm),
           (out, in, in_counts, type, op, comm))
COLLECTIVE(Ireduce_scatter,
           (const void *out, void *in, const int in_counts[], MPI_Datatype type, MPI_Op op, MPI_Comm comm,
            MPI_Request *request),
           (out, in, in_counts, type, op, comm, request))
COLLECTIVE(Reduce_scatter_block,
           (const void *out, void *in, int n_in, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
           (out, in, n_in, type, op, comm))
COLLECTIVE(Ireduce_scatter_block,
           (const void *out, void *in, int n_in, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
            MPI_Request *request),
           (out, in, n_in, type, op, comm, request))
COLLECTIVE(Scan, (const void *out, void *in, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
           (out, in, count, type, op, comm))
COLLECTIVE(Iscan,
           (const void *out, void *in, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
            MPI_Request *request),
           (out, in, count, type, op, comm, request))
COLLECTIVE(Exscan, (const void *out, void *in, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
           (out, in, count, type, op, comm))
COLLECTIVE(Iexscan,
           (const void *out, void *in, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
            MPI_Request *request),
           (out, in, count, type, op, comm, request))
COLLECTIVE(Neighbor_allgather,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            MPI_Comm comm),
           (out, n_out, out_type, in, n_in, in_type, comm))
COLLECTIVE(Ineighbor_allgather,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            MPI_Comm comm, MPI_Request *request),
           (out, n_out, out_type, in, n_in, in_type, comm, request))
COLLECTIVE(Neighbor_allgatherv,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, const int in_counts[],
            const int places[], MPI_Datatype in_type, MPI_Comm comm),
           (out, n_out, out_type, in, in_counts, places, in_type, comm))
COLLECTIVE(Ineighbor_allgatherv,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, const int in_counts[],
            const int places[], MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request),
           (out, n_out, out_type, in, in_counts, places, in_type, comm, request))
COLLECTIVE(Neighbor_alltoall,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            MPI_Comm comm),
           (out, n_out, out_type, in, n_in, in_type, comm))
COLLECTIVE(Ineighbor_alltoall,
           (const void *out, int n_out, MPI_Datatype out_type, void *in, int n_in, MPI_Datatype in_type,
            MPI_Comm comm, MPI_Request *request),
           (out, n_out, out_type, in, n_in, in_type, comm, request))
COLLECTIVE(Neighbor_alltoallv,
           (const void *out, const int out_counts[], const int out_places[], MPI_Datatype out_type, void *in,
            const int in_counts[], const int in_places[], MPI_Datatype in_type, MPI_Comm comm),
           (out, out_counts, out_places, out_type, in, in_counts, in_places, in_type, comm))
COLLECTIVE(Ineighbor_alltoallv,
           (const void *out, const int out_counts[], const int out_places[], MPI_Datatype out_type, void *in,
            const int in_counts[], const int in_places[], MPI_Datatype in_type, MPI_Comm comm,
            MPI_Request *request),
           (out, out_counts, out_places, out_type, in, in_counts, in_places, in_type, comm, request))
COLLECTIVE(Neighbor_alltoallw,
           (const void *out, const int out_counts[], const MPI_Aint out_places[],
            const MPI_Datatype out_types[], void *in, const int in_counts[], const MPI_Aint in_places[],
            const MPI_Datatype in_types[], MPI_Comm comm),
           (out, out_counts, out_places, out_types, in, in_counts, in_places, in_types, comm))
COLLECTIVE(Ineighbor_alltoallw,
           (const void *out, const int out_counts[], const MPI_Aint out_places[],
            const MPI_Datatype out_types[], void *in, const int in_counts[], const MPI_Aint in_places[],
            const MPI_Datatype in_types[], MPI_Comm comm, MPI_Request *request),
           (out, out_counts, out_places, out_types, in, in_counts, in_places, in_types, comm, request))
COLLECTIVE(Comm_dup, (MPI_Comm comm, MPI_Comm *newcomm), (comm, newcomm))
COLLECTIVE(Comm_dup_with_info, (MPI_Comm comm, MPI_Info info, MPI_Comm *newcomm), (comm, info, newcomm))
COLLECTIVE(Comm_idup, (MPI_Comm comm, MPI_Comm *newcomm, MPI_Request *request), (comm, newcomm, request))
COLLECTIVE(Comm_create, (MPI_Comm comm, MPI_Group group, MPI_Comm *newcomm), (comm, group, newcomm))
COLLECTIVE(Comm_create_group, (MPI_Comm comm, MPI_Group group, int tag, MPI_Comm *newcomm),
           (comm, group, tag, newcomm))
COLLECTIVE(Comm_split, (MPI_Comm comm, int color, int key, MPI_Comm *newcomm), (comm, color, key, newcomm))
COLLECTIVE(Comm_split_type, (MPI_Comm comm, int split_type, int key, MPI_Info info, MPI_Comm *newcomm),
           (comm, split_type, key, info, newcomm))
COLLECTIVE(Comm_free, (MPI_Comm * comm), (comm))
COLLECTIVE(Comm_disconnect, (MPI_Comm * comm), (comm))
COLLECTIVE(Comm_accept, (const char *port_name, MPI_Info info, int root, MPI_Comm comm, MPI_Comm *newcomm),
           (port_name, info, root, comm, newcomm))
COLLECTIVE(Comm_connect, (const char *port_name, MPI_Info info, int root, MPI_Comm comm, MPI_Comm *newcomm),
           (port_name, info, root, comm, newcomm))
COLLECTIVE(Comm_spawn,
           (const char *command, char *argv[], int maxprocs, MPI_Info info, int root, MPI_Comm comm,
            MPI_Comm *intercomm, int array_of_errcodes[]),
           (command, argv, maxprocs, info, root, comm, intercomm, array_of_errcodes))
COLLECTIVE(Comm_spawn_multiple,
           (int count, char *array_of_commands[], char **array_of_argv[], const int array_of_maxprocs[],
            const MPI_Info array_of_info[], int root, MPI_Comm comm, MPI_Comm *intercomm,
            int array_of_errcodes[]),
           (count, array_of_commands, array_of_argv, array_of_maxprocs, array_of_info, root, comm, intercomm,
            array_of_errcodes))
COLLECTIVE(Comm_join, (int fd, MPI_Comm *intercomm), (fd, intercomm))
COLLECTIVE(Intercomm_create,
           (MPI_Comm local_comm, int local_leader, MPI_Comm bridge_comm, int remote_leader, int tag,
            MPI_Comm *newintercomm),
           (local_comm, local_leader, bridge_comm, remote_leader, tag, newintercomm))
COLLECTIVE(Intercomm_merge, (MPI_Comm intercomm, int high, MPI_Comm *newintercomm),
           (intercomm, high, newintercomm))
COLLECTIVE(Cart_create,
           (MPI_Comm old_comm, int ndims, const int dims[], const int periods[], int reorder,
            MPI_Comm *comm_cart),
           (old_comm, ndims, dims, periods, reorder, comm_cart))
COLLECTIVE(Cart_sub, (MPI_Comm comm, const int remain_dims[], MPI_Comm *new_comm),
           (comm, remain_dims, new_comm))
COLLECTIVE(Graph_create,
           (MPI_Comm comm_old, int nnodes, const int index[], const int edges[], int reorder,
            MPI_Comm *comm_graph),
           (comm_old, nnodes, index, edges, reorder, comm_graph))
COLLECTIVE(Dist_graph_create,
           (MPI_Comm comm_old, int n, const int nodes[], const int degrees[], const int targets[],
            const int weights[], MPI_Info info, int reorder, MPI_Comm *newcomm),
           (comm_old, n, nodes, degrees, targets, weights, info, reorder, newcomm))
COLLECTIVE(Dist_graph_create_adjacent,
           (MPI_Comm comm_old, int indegree, const int sources[], const int sourceweights[], int outdegree,
            const int destinations[], const int destweights[], MPI_Info info, int reorder,
            MPI_Comm *comm_dist_graph),
           (comm_old, indegree, sources, sourceweights, outdegree, destinations, destweights, info, reorder,
            comm_dist_graph))
COLLECTIVE(Win_create, (void *base, MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm, MPI_Win *win),
           (base, size, disp_unit, info, comm, win))
COLLECTIVE(Win_allocate,
           (MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm, void *baseptr, MPI_Win *win),
           (size, disp_unit, info, comm, baseptr, win))
COLLECTIVE(Win_allocate_shared,
           (MPI_Aint size, int disp_unit, MPI_Info info, MPI_Comm comm, void *baseptr, MPI_Win *win),
           (size, disp_unit, info, comm, baseptr, win))
COLLECTIVE(Win_create_dynamic, (MPI_Info info, MPI_Comm comm, MPI_Win *win), (info, comm, win))
COLLECTIVE(Win_free, (MPI_Win * win), (win))
COLLECTIVE(Win_fence, (int assert, MPI_Win win), (assert, win))
COLLECTIVE(File_open, (MPI_Comm comm, const char *filename, int amode, MPI_Info info, MPI_File *fh),
           (comm, filename, amode, info, fh))
COLLECTIVE(File_close, (MPI_File * fh), (fh))
