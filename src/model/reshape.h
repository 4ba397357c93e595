/* The layers of a network made wider or deeper, as a config writes them. */
#ifndef VIC_MODEL_RESHAPE_H
#define VIC_MODEL_RESHAPE_H

#include "network/network.h"

/* *text becomes "network.layers=[...]" of a chain like the network; the caller frees it with vic_release.
 * width: what the last function of each hidden layer that has an option `out` is given, 0: as it is.
 * depth: the number of layers, 0: as it is. The first and the last layer stay, those between are repeated
 * in turn; where there are none, the first is. Errors: VIC_BAD_CONFIG when it has one layer and should be
 * deeper, VIC_NO_MEMORY. */
vic_status vic_reshape(const vic_network *network, size_t width, size_t depth, char **text);

#endif
