#include "ip.h"

#include "bytes.h"
#include "checksum.h"

bool ip_view(const uint8_t *packet, size_t length, struct ip_view *view)
{
	if (length < IPV4_HEADER_BYTES)
		return false;
	switch (packet[0] >> 4) {
	case 4:
		*view = (struct ip_view){ 4, 12, 16, load_be16(packet + 2) };
		return view->total_length >= IPV4_HEADER_BYTES && view->total_length <= length;
	case 6:
		if (length < IPV6_HEADER_BYTES)
			return false;
		*view = (struct ip_view){ 6, 8, 24, IPV6_HEADER_BYTES + (uint32_t)load_be16(packet + 4) };
		return view->total_length <= length;
	default:
		return false;
	}
}

uint8_t ip_ecn(const uint8_t *packet)
{
	return packet[0] >> 4 == 4 ? packet[1] & ECN_MASK : packet[1] >> 4 & ECN_MASK;
}

static void set_ecn(uint8_t *packet, uint8_t ecn)
{
	if (packet[0] >> 4 == 6) {
		packet[1] = (uint8_t)((packet[1] & ~(ECN_MASK << 4)) | ecn << 4);
		return;
	}
	/* RFC 1624: HC' = ~(~HC + ~m + m') */
	uint32_t before = load_be16(packet);
	packet[1] = (uint8_t)((packet[1] & ~ECN_MASK) | ecn);
	uint32_t sum = (uint16_t)~load_be16(packet + 10) + (uint16_t)~before + (uint32_t)load_be16(packet);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	store_be16(packet + 10, (uint16_t)~sum);
}

bool ip_ecn_decapsulate(uint8_t *packet, uint8_t outer_ecn)
{
	uint8_t inner_ecn = ip_ecn(packet);

	if (outer_ecn == ECN_CE) {
		if (inner_ecn == ECN_NOT_ECT)
			return false;
		if (inner_ecn != ECN_CE)
			set_ecn(packet, ECN_CE);
	} else if (outer_ecn == ECN_ECT_1 && inner_ecn == ECN_ECT_0) {
		set_ecn(packet, ECN_ECT_1);
	}
	return true;
}

uint32_t ip_udp_offset(const uint8_t *packet)
{
	enum { FRAGMENT_HEADER = 44, FRAGMENT_HEADER_BYTES = 8 };

	if (packet[0] >> 4 == 4) {
		bool is_first = (load_be16(packet + 6) & 0x1fff) == 0;
		uint32_t header = (packet[0] & 15) * 4u;

		if (packet[9] != PROTOCOL_UDP || !is_first)
			return 0;
		return header < IPV4_HEADER_BYTES ? IPV4_HEADER_BYTES : header;
	}
	if (packet[6] == PROTOCOL_UDP)
		return IPV6_HEADER_BYTES;
	uint32_t total = IPV6_HEADER_BYTES + (uint32_t)load_be16(packet + 4);
	if (packet[6] != FRAGMENT_HEADER || total < IPV6_HEADER_BYTES + FRAGMENT_HEADER_BYTES ||
	    packet[IPV6_HEADER_BYTES] != PROTOCOL_UDP || (load_be16(packet + IPV6_HEADER_BYTES + 2) & 0xfff8) != 0)
		return 0;
	return IPV6_HEADER_BYTES + FRAGMENT_HEADER_BYTES;
}

bool ip_may_fragment(const uint8_t *packet) { return packet[0] >> 4 == 4 && (packet[6] & 0x40) == 0; }

void ip_store_header_checksum(uint8_t *packet, size_t header_length)
{
	packet[10] = packet[11] = 0;
	checksum_store(packet + 10, (uint16_t)~checksum_fold(checksum_add(0, packet, header_length)));
}
