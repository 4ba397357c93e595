# The targets of the package; read by vicinalConfig.cmake, which knows where things are.
if(NOT TARGET vicinal::vicinal)
  add_library(vicinal::vicinal SHARED IMPORTED)
  set_target_properties(vicinal::vicinal PROPERTIES
      IMPORTED_LOCATION ${vicinal_LIBRARY_DIR}/${vicinal_SHARED_NAME}
      INTERFACE_INCLUDE_DIRECTORIES ${vicinal_INCLUDE_DIR}
      INTERFACE_LINK_LIBRARIES MPI::MPI_${vicinal_MPI})
endif()

# The static library brings along what the shared one has inside.
if(NOT TARGET vicinal::vicinal_static)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(VICINAL_PRIVATE QUIET IMPORTED_TARGET openblas libfyaml jansson zlib)
  endif()
  find_library(VICINAL_CSV_LIBRARY csv)
  mark_as_advanced(VICINAL_CSV_LIBRARY)
  if(VICINAL_PRIVATE_FOUND AND VICINAL_CSV_LIBRARY)
    add_library(vicinal::vicinal_static STATIC IMPORTED)
    set_target_properties(vicinal::vicinal_static PROPERTIES
        IMPORTED_LOCATION ${vicinal_LIBRARY_DIR}/libvicinal.a
        IMPORTED_LINK_INTERFACE_LANGUAGES C
        INTERFACE_INCLUDE_DIRECTORIES ${vicinal_INCLUDE_DIR}
        INTERFACE_LINK_LIBRARIES "MPI::MPI_${vicinal_MPI};PkgConfig::VICINAL_PRIVATE;${VICINAL_CSV_LIBRARY};m;pthread")
  endif()
endif()
