/* issuer_address.c: addresses that nobody outside may have us call. */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "server/issuer.h"

/* Private, shared, loopback, link-local, benchmark, multicast and reserved networks (RFC 6890). */
static const struct {
    uint32_t network;
    int bits;
} networks[] = {{0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},
                {0xa9fe0000, 16}, {0xac100000, 12}, {0xc0000000, 24}, {0xc0a80000, 16},
                {0xc6120000, 15}, {0xe0000000, 4},  {0xf0000000, 4}};

static bool is_internal_number(uint32_t address)
{
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++)
        if ((address ^ networks[i].network) >> (32 - networks[i].bits) == 0)
            return true;
    return false;
}

static uint32_t number_of(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* What is written as an address of the older kind, or leads to one, counts as that. */
static bool is_internal_long(const unsigned char bytes[16])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff}, nothing[12] = {0};
    static const unsigned char translated[12] = {0x00, 0x64, 0xff, 0x9b};
    if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, nothing, 12) == 0 || memcmp(bytes, translated, 12) == 0)
        return is_internal_number(number_of(bytes + 12));
    if (bytes[0] == 0x20 && bytes[1] == 0x02) /* 6to4 */
        return is_internal_number(number_of(bytes + 2));
    return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0x80) == 0x80) || bytes[0] == 0xff;
}

bool issuer_is_internal(const struct sockaddr *address)
{
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    if (address->sa_family == AF_INET) {
        memcpy(&four, address, sizeof four);
        return is_internal_number(ntohl(four.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6)
        return true;
    memcpy(&six, address, sizeof six);
    return is_internal_long(six.sin6_addr.s6_addr);
}
