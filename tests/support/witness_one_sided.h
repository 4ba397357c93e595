/* Reaching into the memory of another rank; witness.c says what happens to each. */
ONE_SIDED(Put,
          (const void *origin_addr, int origin_count, MPI_Datatype origin_datatype, int target_rank,
           MPI_Aint target_disp, int target_count, MPI_Datatype target_datatype, MPI_Win win),
          (origin_addr, origin_count, origin_datatype, target_rank, target_disp, target_count,
           target_datatype, win))
ONE_SIDED(Get,
          (void *origin_addr, int origin_count, MPI_Datatype origin_datatype, int target_rank,
           MPI_Aint target_disp, int target_count, MPI_Datatype target_datatype, MPI_Win win),
          (origin_addr, origin_count, origin_datatype, target_rank, target_disp, target_count,
           target_datatype, win))
ONE_SIDED(Accumulate,
          (const void *origin_addr, int origin_count, MPI_Datatype origin_datatype, int target_rank,
           MPI_Aint target_disp, int target_count, MPI_Datatype target_datatype, MPI_Op op, MPI_Win win),
          (origin_addr, origin_count, origin_datatype, target_rank, target_disp, target_count,
           target_datatype, op, win))
ONE_SIDED(Get_accumulate,
          (const void *origin_addr, int origin_count, MPI_Datatype origin_datatype, void *result_addr,
           int result_count, MPI_Datatype result_datatype, int target_rank, MPI_Aint target_disp,
           int target_count, MPI_Datatype target_datatype, MPI_Op op, MPI_Win win),
          (origin_addr, origin_count, origin_datatype, result_addr, result_count, result_datatype,
           target_rank, target_disp, target_count, target_datatype, op, win))
ONE_SIDED(Fetch_and_op,
          (const void *origin_addr, void *result_addr, MPI_Datatype type, int target_rank,
           MPI_Aint target_disp, MPI_Op op, MPI_Win win),
          (origin_addr, result_addr, type, target_rank, target_disp, op, win))
ONE_SIDED(Compare_and_swap,
          (const void *origin_addr, const void *compare_addr, void *result_addr, MPI_Datatype type,
           int target_rank, MPI_Aint target_disp, MPI_Win win),
          (origin_addr, compare_addr, result_addr, type, target_rank, target_disp, win))
ONE_SIDED(Rput,
          (const void *origin_addr, int origin_count, MPI_Datatype origin_datatype, int target_rank,
           MPI_Aint target_disp, int target_cout, MPI_Datatype target_datatype, MPI_Win win,
           MPI_Request *request),
          (origin_addr, origin_count, origin_datatype, target_rank, target_disp, target_cout, target_datatype,
           win, request))
ONE_SIDED(Rget,
          (void *origin_addr, int origin_count, MPI_Datatype origin_datatype, int target_rank,
           MPI_Aint target_disp, int target_count, MPI_Datatype target_datatype, MPI_Win win,
           MPI_Request *request),
          (origin_addr, origin_count, origin_datatype, target_rank, target_disp, target_count,
           target_datatype, win, request))
ONE_SIDED(Raccumulate,
          (const void *origin_addr, int origin_count, MPI_Datatype origin_datatype, int target_rank,
           MPI_Aint target_disp, int target_count, MPI_Datatype target_datatype, MPI_Op op, MPI_Win win,
           MPI_Request *request),
          (origin_addr, origin_count, origin_datatype, target_rank, target_disp, target_count,
           target_datatype, op, win, request))
ONE_SIDED(Rget_accumulate,
          (const void *origin_addr, int origin_count, MPI_Datatype origin_datatype, void *result_addr,
           int result_count, MPI_Datatype result_datatype, int target_rank, MPI_Aint target_disp,
           int target_count, MPI_Datatype target_datatype, MPI_Op op, MPI_Win win, MPI_Request *request),
          (origin_addr, origin_count, origin_datatype, result_addr, result_count, result_datatype,
           target_rank, target_disp, target_count, target_datatype, op, win, request))
