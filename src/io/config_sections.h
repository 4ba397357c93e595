/* The sections of a config, each read from its node. Private to the io room. */
#ifndef VICINAL_CONFIG_SECTIONS_H
#define VICINAL_CONFIG_SECTIONS_H

#include "config_reader.h"
#include "vicinal/io.h"

/* *network becomes the network that `section` describes; free with vic_network_destroy. */
vic_status config_read_network(const config_node *section, vic_precision precision, vic_network **network);

/* Reads the sections `inference` and then `channels`, which may be missing, with the network already there.
 */
vic_status config_read_inference(const config_node *root, vic_config *config);
vic_status config_read_precision_weights(const config_node *node, vic_config *config);
vic_status config_read_channels(const config_node *root, vic_config *config);

/* Reads the sections `learning` and `data`, which may be missing. */
vic_status config_read_learning(const config_node *root, vic_config *config);
/* There cannot be more micro-batches than samples in learning.batch. */
vic_status config_check_microbatches(const config_node *root, const vic_config *config);
vic_status config_read_data(const config_node *root, vic_config *config);

#endif
