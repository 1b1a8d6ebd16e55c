/* A program of someone else: do two published results agree? */
#include <seedvar.h>
#include <stdio.h>

int main(void)
{
    const sv_published a = {87.8, 0.7, 3}, b = {88.2, 0.6, 3};
    sv_error error = {0};
    char *text = NULL;
    if (sv_agree(&a, &b, NULL, false, &text, &error) != SV_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    fputs(text, stdout);
    sv_free(text);
    return 0;
}
