#include <dlfcn.h>
#include <string.h>

#include "backend/cublas_calls.h"

#define TEXT_OF(x) #x
#define LIBRARY_OF(major) "libcublas.so." TEXT_OF(major)
#define LIBRARY LIBRARY_OF(CUBLAS_VER_MAJOR)

/* Where the loader looks; else where the library was when this program was built. */
static void *open_library(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) library = dlopen(SVI_CUBLAS_FOLDER "/" LIBRARY, RTLD_NOW | RTLD_LOCAL);
    return library;
}

/* Also of the libraries that this one needs. call: where the pointer to the function goes. */
static bool find_call(void *library, const char *name, void *call)
{
    void *found = dlsym(library, name);
    memcpy(call, &found, sizeof found);
    return found != NULL;
}

static bool find_calls(void *library, svi_cublas_calls *calls)
{
    bool is_found = find_call(library, "cublasGetStatusName", &calls->status_name);
#define FIND(member, name, arguments)                                                              \
    is_found = find_call(library, #name, &calls->member) && is_found;
    SVI_CUBLAS_CALLS(FIND)
#undef FIND
    return is_found;
}

static svi_cublas_calls found;
static bool is_loaded;

const svi_cublas_calls *svi_cublas_loaded(void) { return is_loaded ? &found : NULL; }

sv_status svi_cublas_load(const svi_cublas_calls **calls, sv_error *error)
{
    *calls = &found;
    if (is_loaded) return SV_OK;
    void *library = open_library();
    if (library == NULL)
        return svi_fail(error, SV_ERR_DEVICE,
                        "engine cublas needs %s, which is not there (%s); install cuBLAS of CUDA "
                        "%d, or use engine: native",
                        LIBRARY, dlerror(), CUBLAS_VER_MAJOR);
    is_loaded = find_calls(library, &found);
    if (is_loaded) return SV_OK;
    dlclose(library);
    return svi_fail(error, SV_ERR_DEVICE,
                    "engine cublas: %s is older than that of this build (%d.%d); install a newer "
                    "one, or use engine: native",
                    LIBRARY, CUBLAS_VER_MAJOR, CUBLAS_VER_MINOR);
}
