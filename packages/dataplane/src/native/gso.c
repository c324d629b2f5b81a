#include "gso.h"

#include "bytes.h"
#include "checksum.h"
#include "ip.h"

enum { TCP_FIN = 0x01, TCP_PSH = 0x08, TCP_CWR = 0x80 };

/* Completes a checksum that the kernel has begun: its field holds the sum of the pseudo-header. */
static bool complete_checksum(uint8_t *packet, size_t length, size_t start, size_t offset)
{
	if (start + offset + 2 > length)
		return false;
	uint8_t *field = packet + start + offset;
	uint16_t folded = (uint16_t)~checksum_fold(checksum_add(0, packet + start, length - start));
	/* A UDP checksum of zero would mean that there is none (RFC 768). */
	checksum_store(field, folded == 0 ? 0xffff : folded);
	return true;
}

static bool open_segmented(struct gso *gso, const uint8_t *vnet)
{
	uint16_t l3_length;
	uint8_t version = gso->packet[0] >> 4;
	size_t l4_minimum = gso->type == VNET_GSO_UDP_L4 ? 8 : 20;

	memcpy(&gso->segment_size, vnet + 4, 2);
	memcpy(&l3_length, vnet + 6, 2);
	if (gso->segment_size == 0)
		return false;
	if ((gso->type == VNET_GSO_TCPV4 && version != 4) || (gso->type == VNET_GSO_TCPV6 && version != 6))
		return false;
	if (l3_length < (version == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES))
		return false;
	if (version == 4 && l3_length != (gso->packet[0] & 15) * 4)
		return false;
	if (l3_length + l4_minimum > gso->length)
		return false;
	/* hdr_len of the virtio header is not to be trusted: a forwarded frame may name its first packet's length. */
	size_t l4_length = gso->type == VNET_GSO_UDP_L4 ? 8 : (size_t)(gso->packet[l3_length + 12] >> 4) * 4;
	if (l4_length < l4_minimum || l3_length + l4_length > gso->length ||
	    l3_length + l4_length > GSO_MAX_HEADER_BYTES)
		return false;
	gso->l3_length = l3_length;
	gso->header_length = (uint16_t)(l3_length + l4_length);
	gso->offset = gso->header_length;
	memcpy(gso->header, gso->packet, gso->header_length);
	return true;
}

bool gso_open(struct gso *gso, uint8_t *frame, size_t length)
{
	struct ip_view view;

	if (length < VNET_HEADER_BYTES)
		return false;
	gso->packet = frame + VNET_HEADER_BYTES;
	gso->length = length - VNET_HEADER_BYTES;
	gso->type = frame[1] & (uint8_t)~VNET_GSO_ECN;
	gso->index = 0;
	gso->is_done = false;
	switch (gso->type) {
	case VNET_GSO_NONE: {
		uint16_t start, offset;

		memcpy(&start, frame + 6, 2);
		memcpy(&offset, frame + 8, 2);
		/* Anything may be sent over a TUN device; what is no IP packet is dropped further on. */
		return (frame[0] & VNET_NEEDS_CSUM) == 0 ||
		       complete_checksum(gso->packet, gso->length, start, offset);
	}
	case VNET_GSO_TCPV4:
	case VNET_GSO_TCPV6:
	case VNET_GSO_UDP_L4:
		if (!ip_view(gso->packet, gso->length, &view))
			return false;
		gso->length = view.total_length;
		return open_segmented(gso, frame);
	default:
		return false;
	}
}

static void finish_l3(const struct gso *gso, uint8_t *packet, size_t length)
{
	if (packet[0] >> 4 == 4) {
		store_be16(packet + 2, (uint32_t)length);
		store_be16(packet + 4, load_be16(gso->header + 4) + gso->index);
		ip_store_header_checksum(packet, gso->l3_length);
	} else {
		store_be16(packet + 4, (uint32_t)(length - IPV6_HEADER_BYTES));
	}
}

static void finish_l4(const struct gso *gso, uint8_t *packet, size_t length)
{
	uint8_t *l4 = packet + gso->l3_length;
	uint32_t l4_length = (uint32_t)(length - gso->l3_length);
	bool is_udp = gso->type == VNET_GSO_UDP_L4;
	uint8_t *field = l4 + (is_udp ? 6 : 16);

	if (is_udp) {
		store_be16(l4 + 4, l4_length);
	} else {
		store_be32(l4 + 4, load_be32(gso->header + gso->l3_length + 4) + gso->index * gso->segment_size);
		if (!gso->is_done)
			l4[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
		if (gso->index > 0)
			l4[13] &= (uint8_t)~TCP_CWR;
	}
	field[0] = field[1] = 0;
	uint64_t sum = checksum_pseudo(packet, is_udp ? PROTOCOL_UDP : PROTOCOL_TCP, l4_length);
	uint16_t folded = (uint16_t)~checksum_fold(checksum_add(sum, l4, l4_length));
	checksum_store(field, folded == 0 && is_udp ? 0xffff : folded);
}

uint8_t *gso_next(struct gso *gso, size_t *length)
{
	if (gso->is_done)
		return NULL;
	if (gso->type == VNET_GSO_NONE) {
		gso->is_done = true;
		*length = gso->length;
		return gso->packet;
	}
	size_t left = gso->length - gso->offset;
	size_t payload = left < gso->segment_size ? left : gso->segment_size;
	uint8_t *packet = gso->packet + gso->offset - gso->header_length;

	gso->is_done = payload == left;
	memcpy(packet, gso->header, gso->header_length);
	*length = gso->header_length + payload;
	finish_l3(gso, packet, *length);
	finish_l4(gso, packet, *length);
	gso->offset += (uint32_t)payload;
	gso->index++;
	return packet;
}
