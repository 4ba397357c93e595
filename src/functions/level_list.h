/* VIC_LEVELS(X): X(level) for each instruction level that arithmetic is compiled for, from the lowest to the
 * highest. VIC_WITH_LEVEL is defined by src/CMakeLists.txt. For the registries alone. */
#ifndef VIC_FUNCTIONS_LEVEL_LIST_H
#define VIC_FUNCTIONS_LEVEL_LIST_H

#ifdef VIC_WITH_v1
#define VIC_LEVEL_v1(X) X(v1)
#else
#define VIC_LEVEL_v1(X)
#endif
#ifdef VIC_WITH_v2
#define VIC_LEVEL_v2(X) X(v2)
#else
#define VIC_LEVEL_v2(X)
#endif
#ifdef VIC_WITH_v3
#define VIC_LEVEL_v3(X) X(v3)
#else
#define VIC_LEVEL_v3(X)
#endif
#ifdef VIC_WITH_v4
#define VIC_LEVEL_v4(X) X(v4)
#else
#define VIC_LEVEL_v4(X)
#endif
#ifdef VIC_WITH_arm64
#define VIC_LEVEL_arm64(X) X(arm64)
#else
#define VIC_LEVEL_arm64(X)
#endif
#ifdef VIC_WITH_generic
#define VIC_LEVEL_generic(X) X(generic)
#else
#define VIC_LEVEL_generic(X)
#endif

#define VIC_LEVELS(X)                                                                                        \
    VIC_LEVEL_v1(X) VIC_LEVEL_v2(X) VIC_LEVEL_v3(X) VIC_LEVEL_v4(X) VIC_LEVEL_arm64(X) VIC_LEVEL_generic(X)

#endif
