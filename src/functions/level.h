/* Instruction levels. Arithmetic is compiled for each level of the build; the registries of functions,
 * losses, optimisers and encodings, and vic_arithmetic_of, give the tables of one of them, the level of this
 * process. Results of two levels may differ in the last bits. Levels are numbers from 0, the lowest. Nothing
 * here is collective. */
#ifndef VIC_FUNCTIONS_LEVEL_H
#define VIC_FUNCTIONS_LEVEL_H

#include "base/base.h"

int vic_level_count(void);
/* As "v3", which stands for x86-64-v3. */
const char *vic_level_name(int level);
/* Can this processor, and its operating system, run it? */
bool vic_level_runs(int level);
/* The highest that runs here; -1 where none does. */
int vic_level_highest(void);
/* What this processor can run, as a name, whether the build has that level or not. */
const char *vic_processor_level(void);
/* *level becomes the one of this name. Errors: VIC_BAD_CONFIG, with a list, also where it does not run here.
 */
vic_status vic_level_find(const char *name, int *level);

/* The level of this process: the highest that runs here, unless it has been set. */
int vic_level(void);
/* Before networks are made: they keep the tables of the level at which they were made. */
void vic_level_set(int level);

#endif
