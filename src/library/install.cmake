# The installed libraries, shared and static, what finds them, and the one header.
add_library(vicinal_shared SHARED $<TARGET_OBJECTS:vicinal> ${arithmetic_objects})
set_target_properties(vicinal_shared PROPERTIES OUTPUT_NAME vicinal VERSION ${PROJECT_VERSION} SOVERSION 0
    LINKER_LANGUAGE C LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/installed)
target_link_libraries(vicinal_shared PRIVATE
    MPI::MPI_C Threads::Threads PkgConfig::OPENBLAS PkgConfig::FYAML PkgConfig::JANSSON PkgConfig::ZLIB ${CSV_LIBRARY} m)

# One object in which hidden symbols are local, so that a program that links it statically may have functions of the
# same names. The tools are those of the toolchain, also where it compiles for another machine. The objects of a
# sanitized build go through it alike; a program that links them has to be linked with the same sanitizers.
set(static_library ${CMAKE_CURRENT_BINARY_DIR}/installed/libvicinal.a)
set(static_object ${CMAKE_CURRENT_BINARY_DIR}/vicinal_whole.o)
add_custom_command(OUTPUT ${static_library}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/installed
    COMMAND ${CMAKE_LINKER} -r --whole-archive $<TARGET_FILE:vicinal> -o ${static_object}
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${static_object}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${static_library}
    COMMAND ${CMAKE_AR} qc ${static_library} ${static_object}
    COMMAND ${CMAKE_RANLIB} ${static_library}
    DEPENDS vicinal VERBATIM)
add_custom_target(vicinal_static ALL DEPENDS ${static_library})

install(TARGETS vicinal_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${static_library} DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${PROJECT_SOURCE_DIR}/include/vicinal.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

# Relative paths, so that `cmake --install --prefix` may put it elsewhere.
file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(library/vicinal.pc.in ${CMAKE_CURRENT_BINARY_DIR}/vicinal.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/vicinal.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/vicinal)
configure_package_config_file(library/vicinalConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/vicinalConfig.cmake
    INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
# Before 1.0 the header may change with the second number.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/vicinalConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/vicinalConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/vicinalConfigVersion.cmake
    library/vicinalTargets.cmake DESTINATION ${package})
