# cmake --install: program, library, header, pkg-config file, CMake package, completions, documents; and the .deb
# (cpack -G DEB in the build folder).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# A wheel takes the library alone, beside the Python that calls it.
if(SKBUILD)
    install(FILES $<TARGET_FILE:seedvar> DESTINATION seedvar RENAME libseedvar.so)
    return()
endif()

install(TARGETS seedvar_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS seedvar EXPORT seedvarTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES include/seedvar.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

file(RELATIVE_PATH SVI_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/seedvar.pc.in generated/seedvar.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/generated/seedvar.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(SVI_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/seedvar)
install(EXPORT seedvarTargets FILE seedvarTargets.cmake NAMESPACE seedvar:: DESTINATION ${SVI_PACKAGE_DIR})
configure_package_config_file(cmake/seedvarConfig.cmake.in generated/seedvarConfig.cmake
                              INSTALL_DESTINATION ${SVI_PACKAGE_DIR})
write_basic_package_version_file(generated/seedvarConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/generated/seedvarConfig.cmake
        ${CMAKE_CURRENT_BINARY_DIR}/generated/seedvarConfigVersion.cmake DESTINATION ${SVI_PACKAGE_DIR})

# What the program writes about itself: completions and the manual page.
set(svi_written)
foreach(form bash zsh fish man)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/generated/seedvar.${form})
    add_custom_command(OUTPUT ${output} COMMAND seedvar_program completions ${form} > ${output}
                       DEPENDS seedvar_program COMMENT "Writing seedvar.${form}" VERBATIM)
    list(APPEND svi_written ${output})
endforeach()
add_custom_target(seedvar_written ALL DEPENDS ${svi_written})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/generated/seedvar.bash RENAME seedvar
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/generated/seedvar.zsh RENAME _seedvar
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/generated/seedvar.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/generated/seedvar.man RENAME seedvar.1
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.json")
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY results/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples FILES_MATCHING PATTERN "study.yaml")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the seedvar developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "instrument of seed variance in machine learning")
set(CPACK_PACKAGE_DESCRIPTION "Trains very many tiny models, one random seed each, and says with confidence intervals what the spread of their results is made of.")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
