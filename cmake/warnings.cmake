# sv_warnings(TARGET): the house's warnings and the sanitizers asked for.
function(sv_warnings target)
    target_compile_options(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes>
        $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow>)
    if(SEEDVAR_WERROR)
        target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:C,CXX>:-Werror>)
    endif()
    if(SEEDVAR_SANITIZE)
        target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=${SEEDVAR_SANITIZE}
                               -fno-omit-frame-pointer -fno-sanitize-recover=all>)
        target_link_options(${target} PUBLIC -fsanitize=${SEEDVAR_SANITIZE})
    endif()
endfunction()
