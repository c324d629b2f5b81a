#include "gro.h"

#include "bytes.h"
#include "checksum.h"
#include "gso.h"
#include "ip.h"

enum { TCP_PSH = 0x08, TCP_ACK = 0x10 };
enum { MAX_FRAME_BYTES = 65535 };

/* What decides whether packets may go into one frame. */
struct headers {
	uint8_t *ip;
	uint8_t *l4;
	uint32_t length; /* of the packet */
	uint16_t header_length;
	uint8_t l3_length;
	uint8_t protocol;
	bool is_mergeable;
};

void gro_reset(struct gro *gro)
{
	gro->n_packets = gro->n_items = 0;
	for (int i = 0; i < GRO_FLOWS; i++)
		gro->flows[i] = -1;
}

/* Reads the headers of a TCP or UDP packet. False where it belongs to no flow that is known by its ports. */
static bool parse(const struct gro *gro, uint8_t *packet, uint32_t length, struct headers *headers)
{
	bool is_v4 = packet[0] >> 4 == 4;

	if (is_v4) {
		/* No options, no fragments. */
		if (packet[0] != 0x45 || (load_be16(packet + 6) & 0x3fff) != 0)
			return false;
		*headers = (struct headers){ .l3_length = IPV4_HEADER_BYTES, .protocol = packet[9] };
	} else {
		*headers = (struct headers){ .l3_length = IPV6_HEADER_BYTES, .protocol = packet[6] };
	}
	headers->ip = packet;
	headers->l4 = packet + headers->l3_length;
	headers->length = length;
	uint32_t l4_length = length - headers->l3_length;
	if (headers->protocol == PROTOCOL_TCP) {
		if (l4_length < 20)
			return false;
		uint32_t tcp_length = (uint32_t)(headers->l4[12] >> 4) * 4;
		if (tcp_length < 20 || tcp_length > l4_length)
			return false;
		headers->header_length = (uint16_t)(headers->l3_length + tcp_length);
		headers->is_mergeable = gro->merges_tcp && l4_length > tcp_length &&
					(headers->l4[13] & ~TCP_PSH) == TCP_ACK;
		return true;
	}
	if (headers->protocol == PROTOCOL_UDP) {
		if (l4_length < 8)
			return false;
		headers->header_length = headers->l3_length + 8;
		headers->is_mergeable = gro->merges_udp && l4_length > 8 &&
					load_be16(headers->l4 + 4) == l4_length &&
					load_be16(headers->l4 + 6) != 0;
		return true;
	}
	return false;
}

static uint32_t flow_of(const struct headers *headers)
{
	const uint8_t *addresses = headers->ip + (headers->l3_length == IPV4_HEADER_BYTES ? 12 : 8);
	uint32_t n_words = headers->l3_length == IPV4_HEADER_BYTES ? 2 : 8;
	uint32_t hash = headers->protocol;
	uint32_t word;

	for (uint32_t i = 0; i < n_words; i++) {
		memcpy(&word, addresses + i * 4, 4);
		hash = (hash ^ word) * 0x9e3779b1;
	}
	memcpy(&word, headers->l4, 4);
	hash = (hash ^ word) * 0x9e3779b1;
	return hash >> 24;
}

static bool is_same_flow(const struct gro_item *item, const uint8_t *first, const struct headers *headers)
{
	uint32_t addresses = headers->l3_length == IPV4_HEADER_BYTES ? 12 : 8;

	return item->protocol == headers->protocol && item->l3_length == headers->l3_length &&
	       memcmp(first + addresses, headers->ip + addresses, headers->l3_length - addresses) == 0 &&
	       memcmp(first + item->l3_length, headers->l4, 4) == 0;
}

/* Whether all that a frame has only one of is equal in both packets. */
static bool is_same_header(const struct gro_item *item, const uint8_t *first, const struct headers *headers)
{
	const uint8_t *ip = headers->ip;
	const uint8_t *first_l4 = first + item->l3_length;

	if (item->header_length != headers->header_length)
		return false;
	if (item->l3_length == IPV4_HEADER_BYTES) {
		/* Type of service, flags, time to live. */
		if (first[1] != ip[1] || first[6] != ip[6] || first[8] != ip[8])
			return false;
	} else if (memcmp(first, ip, 4) != 0 || first[7] != ip[7]) {
		/* Version, traffic class and flow label; hop limit. */
		return false;
	}
	if (item->protocol == PROTOCOL_UDP)
		return true;
	/* Acknowledgement, data offset, window, options. */
	return memcmp(first_l4 + 8, headers->l4 + 8, 5) == 0 && memcmp(first_l4 + 14, headers->l4 + 14, 2) == 0 &&
	       memcmp(first_l4 + 20, headers->l4 + 20,
		      item->protocol == PROTOCOL_TCP ? item->header_length - item->l3_length - 20u : 0) == 0;
}

static bool is_checksum_valid(const uint8_t *packet, uint32_t length, uint8_t l3_length, uint8_t protocol)
{
	uint32_t l4_length = length - l3_length;
	uint64_t sum = checksum_pseudo(packet, protocol, l4_length);

	if (l3_length == IPV4_HEADER_BYTES && checksum_fold(checksum_add(0, packet, l3_length)) != 0xffff)
		return false;
	return checksum_fold(checksum_add(sum, packet + l3_length, l4_length)) == 0xffff;
}

static bool may_append(struct gro *gro, struct gro_item *item, const struct headers *headers)
{
	const struct gro_packet *first = &gro->packets[item->first];
	uint32_t payload = headers->length - headers->header_length;

	if (item->is_closed || !headers->is_mergeable || !is_same_header(item, first->bytes, headers))
		return false;
	if (payload > item->segment_size || item->n_segments >= GRO_MAX_SEGMENTS ||
	    item->header_length + item->payload_length + payload > MAX_FRAME_BYTES)
		return false;
	if (item->protocol == PROTOCOL_TCP && load_be32(headers->l4 + 4) != item->next_sequence)
		return false;
	if (!item->is_verified) {
		item->is_verified =
			is_checksum_valid(first->bytes, first->length, item->l3_length, item->protocol);
		item->is_closed = !item->is_verified;
	}
	return item->is_verified &&
	       is_checksum_valid(headers->ip, headers->length, headers->l3_length, headers->protocol);
}

static void append(struct gro *gro, struct gro_item *item, const struct headers *headers, int32_t index)
{
	uint32_t payload = headers->length - headers->header_length;

	gro->packets[item->last].next = index;
	item->last = index;
	item->payload_length += payload;
	item->next_sequence += payload;
	item->n_segments++;
	/* The last one may be shorter, and says whether the receiver is to be told at once. */
	item->has_push = headers->protocol == PROTOCOL_TCP && (headers->l4[13] & TCP_PSH) != 0;
	item->is_closed = payload < item->segment_size || item->has_push;
}

void gro_add(struct gro *gro, uint8_t *packet, uint32_t length)
{
	struct headers headers;
	int32_t index = (int32_t)gro->n_packets++;
	int32_t *flow = NULL;

	gro->packets[index] = (struct gro_packet){ packet, length, -1 };
	if (parse(gro, packet, length, &headers)) {
		flow = &gro->flows[flow_of(&headers)];
		if (*flow >= 0) {
			struct gro_item *item = &gro->items[*flow];
			uint8_t *first = gro->packets[item->first].bytes;

			if (is_same_flow(item, first, &headers) && may_append(gro, item, &headers)) {
				append(gro, item, &headers, index);
				return;
			}
		}
	}
	struct gro_item *item = &gro->items[gro->n_items];
	*item = (struct gro_item){ .first = index, .last = index, .n_segments = 1, .is_closed = true };
	if (flow != NULL) {
		*flow = (int32_t)gro->n_items;
		item->l3_length = headers.l3_length;
		item->protocol = headers.protocol;
		if (headers.is_mergeable) {
			item->header_length = headers.header_length;
			item->payload_length = length - headers.header_length;
			item->segment_size = (uint16_t)item->payload_length;
			if (headers.protocol == PROTOCOL_TCP) {
				item->next_sequence = load_be32(headers.l4 + 4) + item->payload_length;
				item->has_push = (headers.l4[13] & TCP_PSH) != 0;
			}
			item->is_closed = item->has_push;
		}
	}
	gro->n_items++;
}

static void finish_headers(struct gro_item *item, uint8_t *packet)
{
	uint8_t *l4 = packet + item->l3_length;
	uint32_t l4_length = item->header_length - item->l3_length + item->payload_length;
	uint8_t *field = l4 + (item->protocol == PROTOCOL_TCP ? 16 : 6);

	if (item->l3_length == IPV4_HEADER_BYTES) {
		store_be16(packet + 2, item->l3_length + l4_length);
		ip_store_header_checksum(packet, item->l3_length);
	} else {
		store_be16(packet + 4, l4_length);
	}
	if (item->protocol == PROTOCOL_UDP)
		store_be16(l4 + 4, l4_length);
	else if (item->has_push)
		l4[13] |= TCP_PSH;
	/* The kernel completes it, or trusts us: the field holds the sum of the pseudo-header. */
	checksum_store(field, checksum_fold(checksum_pseudo(packet, item->protocol, l4_length)));
}

static void write_vnet_header(const struct gro_item *item, uint8_t *vnet, bool is_v4)
{
	uint16_t fields[4] = { item->header_length, item->segment_size, item->l3_length,
			       item->protocol == PROTOCOL_TCP ? 16 : 6 };

	vnet[0] = VNET_NEEDS_CSUM;
	vnet[1] = item->protocol == PROTOCOL_UDP ? VNET_GSO_UDP_L4 : is_v4 ? VNET_GSO_TCPV4 : VNET_GSO_TCPV6;
	memcpy(vnet + 2, fields, 8);
}

int gro_finish(struct gro *gro, struct gro_item *item, struct iovec *vectors)
{
	struct gro_packet *first = &gro->packets[item->first];
	uint8_t *vnet = first->bytes - VNET_HEADER_BYTES;
	int n_vectors = 1;

	vectors[0] = (struct iovec){ vnet, VNET_HEADER_BYTES + first->length };
	if (item->n_segments == 1) {
		memset(vnet, 0, VNET_HEADER_BYTES);
		return 1;
	}
	finish_headers(item, first->bytes);
	write_vnet_header(item, vnet, item->l3_length == IPV4_HEADER_BYTES);
	for (int32_t i = first->next; i >= 0; i = gro->packets[i].next) {
		struct gro_packet *packet = &gro->packets[i];

		vectors[n_vectors++] =
			(struct iovec){ packet->bytes + item->header_length, packet->length - item->header_length };
	}
	return n_vectors;
}
