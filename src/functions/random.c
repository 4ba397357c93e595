/* Philox 4x32-10: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011. Counter-based, so a number depends on its key alone. */
#include "functions.h"

static void philox_round(uint32_t counter[4], const uint32_t key[2]) {
    uint64_t p = (uint64_t)0xD2511F53 * counter[0];
    uint64_t q = (uint64_t)0xCD9E8D57 * counter[2];
    uint32_t next[4] = {
        (uint32_t)(q >> 32) ^ counter[1] ^ key[0],
        (uint32_t)q,
        (uint32_t)(p >> 32) ^ counter[3] ^ key[1],
        (uint32_t)p,
    };
    for (int i = 0; i < 4; i++)
        counter[i] = next[i];
}

uint64_t vic_random_bits(uint64_t seed, vic_random_use use, uint64_t stream, uint64_t index) {
    uint64_t upper = stream ^ ((uint64_t)use << 56);
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)upper,
                           (uint32_t)(upper >> 32)};
    for (int i = 0; i < 10; i++) {
        philox_round(counter, key);
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return (uint64_t)counter[1] << 32 | counter[0];
}
