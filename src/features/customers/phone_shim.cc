#include "features/customers/phone_shim.h"

#include <cstring>
#include <string>

#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

extern "C" bool phone_normalise(const char *text, size_t size, const char *region, char out[PHONE_SIZE])
{
    const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    std::string formatted;

    if (util->Parse(std::string(text, size), region, &number) != PhoneNumberUtil::NO_PARSING_ERROR)
        return false;
    /* Ranges are opened faster than metadata is updated: possible is enough, valid would refuse new customers. */
    if (!util->IsPossibleNumber(number))
        return false;
    util->Format(number, PhoneNumberUtil::E164, &formatted);
    if (formatted.size() >= PHONE_SIZE)
        return false;
    std::memcpy(out, formatted.c_str(), formatted.size() + 1);
    return true;
}
