#include "backend/cpu_model.h"

#include <stdio.h>
#include <string.h>

void svi_cpu_model(char *name, size_t n)
{
    char line[512];
    snprintf(name, n, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (file == NULL) return;
    while (fgets(line, sizeof line, file) != NULL) {
        char *value = strstr(line, ": ");
        if (strncmp(line, "model name", 10) != 0 || value == NULL) continue;
        value[strcspn(value, "\n")] = '\0';
        snprintf(name, n, "%s", value + 2);
        break;
    }
    fclose(file);
}
