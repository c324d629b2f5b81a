/* What forwarding needs of an IP header (RFC 791, RFC 8200). */
#ifndef FLATLAND_IP_H
#define FLATLAND_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IPV4_HEADER_BYTES = 20, IPV6_HEADER_BYTES = 40 };
enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };
enum { ECN_NOT_ECT = 0, ECN_ECT_1 = 1, ECN_ECT_0 = 2, ECN_CE = 3, ECN_MASK = 3 };

struct ip_view {
	uint8_t family; /* 4 or 6 */
	uint8_t source_offset;
	uint8_t destination_offset;
	uint32_t total_length;
};

/* Looks at a packet; false where it is neither IPv4 nor IPv6, or claims to be longer than it is. */
bool ip_view(const uint8_t *packet, size_t length, struct ip_view *view);

/* The ECN bits of a packet that `ip_view` accepts (RFC 3168). */
uint8_t ip_ecn(const uint8_t *packet);

/*
 * Combines the ECN bits of the outer header into the inner one (RFC 6040 4.2). False where the packet has to be
 * dropped: congestion was experienced, and its ends could not hear of it otherwise.
 */
bool ip_ecn_decapsulate(uint8_t *packet, uint8_t outer_ecn);

/*
 * Where the UDP header of a packet that `ip_view` accepts lies; 0 where it has none, or is a piece of a datagram and
 * not the first one.
 */
uint32_t ip_udp_offset(const uint8_t *packet);

/* Whether a router may cut the packet to pieces: IPv4 without DF. */
bool ip_may_fragment(const uint8_t *packet);

/* Completes the header checksum of an IPv4 packet whose header lies within the buffer. */
void ip_store_header_checksum(uint8_t *packet, size_t header_length);

#endif
