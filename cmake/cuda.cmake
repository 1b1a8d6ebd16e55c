# The CUDA backend, added to seedvar_core. Included when SEEDVAR_CUDA is AUTO or ON; AUTO goes on without nvcc, ON stops.
find_program(SEEDVAR_NVCC nvcc HINTS $ENV{CUDA_HOME}/bin /usr/local/cuda/bin)
if(NOT SEEDVAR_NVCC AND NOT CMAKE_CUDA_COMPILER)
    if(SEEDVAR_CUDA STREQUAL "ON")
        message(FATAL_ERROR "SEEDVAR_CUDA is ON but there is no nvcc: install the CUDA Toolkit 12.8 or later, put its bin "
                            "folder on PATH, or configure with -DSEEDVAR_CUDA=OFF")
    endif()
    message(STATUS "CUDA backend: off (no nvcc)")
    return()
endif()

# SASS for Ampere, Hopper and both Blackwells; PTX of the oldest for every GPU between and after them.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80 90-real 100-real 120-real)
endif()
if(NOT CMAKE_CUDA_COMPILER)
    set(CMAKE_CUDA_COMPILER ${SEEDVAR_NVCC})
endif()
set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
enable_language(CUDA)
if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12.8)
    message(FATAL_ERROR "nvcc ${CMAKE_CUDA_COMPILER_VERSION} does not know sm_120: install the CUDA Toolkit 12.8 or "
                        "later, or configure with -DSEEDVAR_CUDA=OFF")
endif()
find_package(CUDAToolkit REQUIRED)
message(STATUS "CUDA backend: on (nvcc ${CMAKE_CUDA_COMPILER_VERSION}, ${CMAKE_CUDA_ARCHITECTURES})")

# The arithmetic contract on the device: nothing contracted, flushed or approximated.
set(SVI_CUDA_CONTRACT_FLAGS -fmad=false -ftz=false -prec-div=true -prec-sqrt=true)
foreach(flags "${CMAKE_CUDA_FLAGS}" "${CMAKE_CUDA_FLAGS_${CMAKE_BUILD_TYPE}}")
    if(flags MATCHES "use_fast_math|use-fast-math|fmad=true|ftz=true")
        message(FATAL_ERROR "--use_fast_math breaks the arithmetic contract; take it out of CUDAFLAGS")
    endif()
endforeach()

file(GLOB svi_cuda_kernels CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/cuda/*.cu)
add_library(svk_cuda OBJECT ${svi_cuda_kernels})
target_include_directories(svk_cuda PRIVATE kernels/arith kernels/cuda)
target_compile_options(svk_cuda PRIVATE ${SVI_CUDA_CONTRACT_FLAGS} -Xcompiler=-ffp-contract=off)
if(SEEDVAR_WERROR) # no kernel may spill, on any architecture
    target_compile_options(svk_cuda PRIVATE
                           -Xptxas=--warn-on-spills,--warn-on-local-memory-usage,--warning-as-error)
endif()
set_target_properties(svk_cuda PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON CUDA_EXTENSIONS OFF
                      POSITION_INDEPENDENT_CODE ON)

file(GLOB svi_cuda_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/backend/cuda_*.c)
target_sources(seedvar_core PRIVATE ${svi_cuda_sources} $<TARGET_OBJECTS:svk_cuda>)
target_compile_definitions(seedvar_core PUBLIC SVI_HAS_CUDA)
target_include_directories(seedvar_core PRIVATE kernels/cuda)
target_link_libraries(seedvar_core PUBLIC CUDA::cudart_static)

# cuBLAS is opened when a study asks for it (src/backend/cublas_library.c): linked, it would take most of a second to
# load at every start of the program.
find_path(SVI_CUBLAS_INCLUDE_DIR cublas_v2.h PATHS ${CUDAToolkit_INCLUDE_DIRS} NO_DEFAULT_PATH)
if(SVI_CUBLAS_INCLUDE_DIR)
    message(STATUS "Engine cublas: on")
    set(svi_cublas_sources cublas_handles.c cublas_library.c cublas_split.c cublas_support.c cublas_train.c)
    target_compile_definitions(seedvar_core PRIVATE SVI_CUBLAS_FOLDER="${CUDAToolkit_LIBRARY_DIR}")
    target_link_libraries(seedvar_core PUBLIC ${CMAKE_DL_LIBS})
else()
    message(STATUS "Engine cublas: off (no cublas_v2.h)")
    set(svi_cublas_sources cublas_absent.c)
endif()
list(TRANSFORM svi_cublas_sources PREPEND ${PROJECT_SOURCE_DIR}/src/backend/)
target_sources(seedvar_core PRIVATE ${svi_cublas_sources})

include(cmake/kernel_usage.cmake)
