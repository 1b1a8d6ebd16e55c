# sv_embed_file(TARGET SYMBOL FILE): compiles FILE into TARGET as `const unsigned char SYMBOL[]` and
# `const size_t SYMBOL_size`. FILE is absolute, or relative to the project's root.
set(SV_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/EmbedFile.cmake")

function(sv_embed_file target symbol file)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE input)
    set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.c")
    add_custom_command(
        OUTPUT "${output}"
        COMMAND "${CMAKE_COMMAND}" -D "INPUT=${input}" -D "OUTPUT=${output}" -D "SYMBOL=${symbol}"
                -P "${SV_EMBED_SCRIPT}"
        DEPENDS "${input}" "${SV_EMBED_SCRIPT}"
        COMMENT "Embedding ${file}"
        VERBATIM)
    target_sources(${target} PRIVATE "${output}")
endfunction()
