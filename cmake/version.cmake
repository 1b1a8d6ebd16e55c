# What is being built, for the machine row of a store: generated/base/version.h, renewed when the commit changes.
execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} rev-parse HEAD OUTPUT_VARIABLE SVI_GIT_COMMIT
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} status --porcelain --untracked-files=no
                OUTPUT_VARIABLE SVI_GIT_CHANGES ERROR_QUIET)
if(NOT SVI_GIT_COMMIT)
    set(SVI_GIT_COMMIT "unknown")
elseif(SVI_GIT_CHANGES)
    string(APPEND SVI_GIT_COMMIT "+changes")
endif()
if(EXISTS ${PROJECT_SOURCE_DIR}/.git/HEAD)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/.git/HEAD
                 ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
endif()
string(TOUPPER "${CMAKE_BUILD_TYPE}" SVI_BUILD_TYPE)
string(JOIN " " SVI_CONTRACT_FLAGS_TEXT ${SVI_CONTRACT_FLAGS})
set(SVI_BUILD_FLAGS_TEXT "${CMAKE_C_FLAGS_${SVI_BUILD_TYPE}} ${CMAKE_C_FLAGS}")
set(SVI_CUDA_TOOLKIT "")
find_program(SVI_NVCC nvcc HINTS /usr/local/cuda/bin $ENV{CUDA_HOME}/bin)
if(NOT SEEDVAR_CUDA STREQUAL "OFF" AND SVI_NVCC)
    execute_process(COMMAND ${SVI_NVCC} --version OUTPUT_VARIABLE nvcc_version ERROR_QUIET)
    string(REGEX MATCH "V[0-9.]+" SVI_CUDA_TOOLKIT "${nvcc_version}")
endif()
configure_file(${PROJECT_SOURCE_DIR}/src/base/version.h.in
               ${CMAKE_CURRENT_BINARY_DIR}/generated/base/version.h @ONLY)
