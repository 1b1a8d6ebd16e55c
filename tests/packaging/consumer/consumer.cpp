// The same from C++: the header stands in both languages.
#include <seedvar.h>

#include <cstdio>
#include <memory>

int main()
{
    const sv_published a{87.8, 0.7, 3}, b{88.2, 0.6, 3};
    sv_error error{};
    char *text = nullptr;
    if (sv_agree(&a, &b, nullptr, false, &text, &error) != SV_OK) return 1;
    const std::unique_ptr<char, decltype(&sv_free)> owned(text, sv_free);
    std::fputs(owned.get(), stdout);
    return 0;
}
