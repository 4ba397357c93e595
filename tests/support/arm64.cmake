# For tests/support/arm64.sh: another architecture's compiler and libraries, and what runs its programs here.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
set(MPIEXEC_EXECUTABLE ${CMAKE_CURRENT_LIST_DIR}/alone.sh)
