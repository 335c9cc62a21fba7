#include "rules/pattern_shim.h"

#include <cstdio>
#include <new>

#include <re2/re2.h>

namespace
{
constexpr int64_t kMemoryMax = 1 << 20;
}

struct pattern {
    re2::RE2 expression;

    pattern(const re2::StringPiece &text, const re2::RE2::Options &options) : expression(text, options) {}
};

extern "C" struct pattern *pattern_new(const char *expression, size_t size, char *message, size_t message_size)
{
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMemoryMax);
    auto *made = new (std::nothrow) pattern(re2::StringPiece(expression, size), options);
    if (made != nullptr && made->expression.ok())
        return made;
    std::snprintf(message, message_size, "%s", made == nullptr ? "no memory" : made->expression.error().c_str());
    delete made;
    return nullptr;
}

extern "C" void pattern_free(struct pattern *pattern)
{
    delete pattern;
}

extern "C" bool pattern_matches(const struct pattern *pattern, const char *text, size_t size)
{
    return re2::RE2::PartialMatch(re2::StringPiece(text, size), pattern->expression);
}
