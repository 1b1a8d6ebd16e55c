# What draws the charts of a report, embedded as svi_embedded_page_vega: the bundle of scripts/vega-bundle, made once for all
# build folders, or links to the public CDN where it cannot be made.
option(SEEDVAR_VEGA "Bundle Vega, so that reports need no network" ON)
set(SEEDVAR_VEGA_FOLDER "${PROJECT_SOURCE_DIR}/build/vega" CACHE PATH "Where the bundle of Vega is kept")

set(svi_vega src/report/page/vega_links.html)
set(SVI_HAS_VEGA FALSE)
if(SEEDVAR_VEGA)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/vega-bundle "${SEEDVAR_VEGA_FOLDER}" TIMEOUT 300
                    RESULT_VARIABLE vega_code OUTPUT_QUIET ERROR_VARIABLE vega_error)
    if(vega_code EQUAL 0)
        set(svi_vega "${SEEDVAR_VEGA_FOLDER}/vega.html")
        set(SVI_HAS_VEGA TRUE)
        message(STATUS "Charts of reports: drawn by the Vega inside")
    else()
        message(STATUS "Charts of reports: drawn by Vega from the public CDN (scripts/vega-bundle failed: no network, or "
                       "no python3 with venv; -DSEEDVAR_VEGA=OFF does not try)")
    endif()
endif()
sv_embed_file(seedvar_core svi_embedded_page_vega "${svi_vega}")
sv_embed_file(seedvar_core svi_embedded_page_style src/report/page/style.css)
sv_embed_file(seedvar_core svi_embedded_page_script src/report/page/page.js)
file(GLOB svi_charts CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src/report/charts/*.json)
foreach(chart ${svi_charts})
    get_filename_component(name ${chart} NAME_WE)
    sv_embed_file(seedvar_core svi_embedded_chart_${name} ${chart})
endforeach()
