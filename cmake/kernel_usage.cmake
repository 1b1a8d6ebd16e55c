# What the compiler makes of the CUDA kernels, for one architecture: their PTX (SVI_KERNEL_PTX) and, in SVI_KERNEL_USAGE, registers,
# spills and memory. Targets kernel_usage, and kernel_table, which writes them into kernels/README.md.
set(SEEDVAR_KERNEL_ARCH 90 CACHE STRING "Compute capability for which registers and spills of the kernels are measured")
find_package(Python3 COMPONENTS Interpreter)
find_program(SEEDVAR_PTXAS ptxas HINTS ${CUDAToolkit_BIN_DIR})
if(NOT Python3_FOUND OR NOT SEEDVAR_PTXAS)
    message(STATUS "Resources of kernels: not measured (they need Python and ptxas)")
    return()
endif()

add_library(svk_cuda_ptx OBJECT EXCLUDE_FROM_ALL ${svi_cuda_kernels})
target_include_directories(svk_cuda_ptx PRIVATE $<TARGET_PROPERTY:svk_cuda,INCLUDE_DIRECTORIES>)
target_compile_options(svk_cuda_ptx PRIVATE ${SVI_CUDA_CONTRACT_FLAGS})
set_target_properties(svk_cuda_ptx PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON CUDA_EXTENSIONS OFF
                      CUDA_PTX_COMPILATION ON CUDA_ARCHITECTURES ${SEEDVAR_KERNEL_ARCH}-virtual)

set(SVI_KERNEL_PTX $<TARGET_OBJECTS:svk_cuda_ptx>)
set(SVI_KERNEL_USAGE ${CMAKE_CURRENT_BINARY_DIR}/kernel_usage.json)
set(SVI_KERNEL_USAGE_SCRIPT ${PROJECT_SOURCE_DIR}/scripts/kernel_usage.py)
add_custom_command(OUTPUT ${SVI_KERNEL_USAGE}
    COMMAND ${Python3_EXECUTABLE} ${SVI_KERNEL_USAGE_SCRIPT} measure ${SVI_KERNEL_USAGE} ${SEEDVAR_PTXAS}
            ${CMAKE_CUDA_COMPILER_VERSION} sm_${SEEDVAR_KERNEL_ARCH} ${SVI_KERNEL_PTX}
    DEPENDS ${SVI_KERNEL_PTX} ${SVI_KERNEL_USAGE_SCRIPT}
    COMMENT "Measuring the CUDA kernels" COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(kernel_usage DEPENDS ${SVI_KERNEL_USAGE})
add_custom_target(kernel_table
    COMMAND ${Python3_EXECUTABLE} ${SVI_KERNEL_USAGE_SCRIPT} write ${SVI_KERNEL_USAGE}
            ${PROJECT_SOURCE_DIR}/kernels/README.md
    DEPENDS ${SVI_KERNEL_USAGE} VERBATIM)
