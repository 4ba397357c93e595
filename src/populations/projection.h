/* Making and clearing a projection in place, and the blocks that it works in; its rules are in
 * populations.h. */
#ifndef VIC_POPULATIONS_PROJECTION_H
#define VIC_POPULATIONS_PROJECTION_H

#include "populations.h"

#include "network/boundaries.h"

/* `p` is zeroed; vic_projection_clear frees what was made, also after a failure. */
vic_status vic_projection_init(vic_projection *p, const vic_network *network, int edge,
                               vic_population_needs needs);
void vic_projection_clear(vic_projection *p);

/* Visits every array of the projection. */
void vic_projection_list(const vic_projection *p, vic_inventory_visitor visitor);

/* Numbers of the room for errors on their way, and of scratch of the functions. */
size_t vic_block_scratch_count(const vic_projection *p);
size_t vic_function_scratch_count(const vic_projection *p);

/* Numbers of packed synapses of function k, for forward and change, or `back` for vjp. */
size_t vic_packing_count(const vic_projection *p, size_t k, bool back);
void vic_projection_clear_packings(vic_projection *p);
/* The synapses of function k, theta, packed for one more product; NULL where it is the first since they have
 * changed, for which packing does not pay, or there is no room for that. */
const void *vic_packed_synapses(const vic_projection *p, size_t k, bool back, const void *const *theta);

/* Does a batch come as one block? Then nothing is copied. */
bool vic_is_whole(const vic_projection *p);

/* Micro-batches are processed in blocks. *block becomes the next one, from {microbatch.first, 0} on; false
 * when there is none. */
bool vic_next_block(const vic_projection *p, vic_sample_range microbatch, vic_sample_range *block);

/* Copies the samples of a block from a micro-batch, (count, microbatch.samples), to (count, block.samples);
 * or back. */
void vic_to_block(const vic_projection *p, size_t count, vic_sample_range microbatch, vic_sample_range block,
                  const void *from, void *to);
void vic_from_block(const vic_projection *p, size_t count, vic_sample_range microbatch,
                    vic_sample_range block, const void *from, void *to);

#endif
