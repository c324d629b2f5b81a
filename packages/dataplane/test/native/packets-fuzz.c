/*
 * Runs the packet functions over random input: `packets-fuzz SEED ITERATIONS`. Sound frames must come through whole,
 * broken ones must be refused or passed on without touching memory that is not theirs; built with sanitizers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "gro.h"
#include "gso.h"
#include "ip.h"
#include "replay.h"
#include "trie.h"

enum { MAX_PAYLOAD = 65000, TCP_PSH = 8, TCP_ACK = 16 };

static uint64_t state;
static uint64_t iteration;

static uint32_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

static uint32_t below(uint32_t limit) { return next_random() % limit; }

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "iteration %llu: %s\n", (unsigned long long)iteration, what);
	abort();
}

static void fill(uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)next_random();
}

/* A frame as a TUN device gives it, in a buffer that is exactly as long. */
struct frame {
	uint8_t *bytes;
	size_t length;
	uint16_t l3_length;
	uint16_t header_length;
	uint16_t segment_size;
	bool is_udp;
};

static struct frame sound_frame(void)
{
	bool is_v4 = below(2) == 0;
	struct frame frame = { .is_udp = below(3) == 0, .l3_length = is_v4 ? 20 : 40 };
	size_t payload = 1 + below(below(4) == 0 ? MAX_PAYLOAD : 5000);
	uint8_t options = frame.is_udp ? 0 : (uint8_t)(below(4) * 4);
	uint8_t protocol = frame.is_udp ? PROTOCOL_UDP : PROTOCOL_TCP;
	uint8_t vnet_type = frame.is_udp ? VNET_GSO_UDP_L4 : is_v4 ? VNET_GSO_TCPV4 : VNET_GSO_TCPV6;
	uint16_t fields[4];

	frame.header_length = (uint16_t)(frame.l3_length + (frame.is_udp ? 8 : 20 + options));
	/* So that nothing has more than 64 segments, which is what coalescing gives back in one piece. */
	frame.segment_size = (uint16_t)(payload / 64 + 1 + below(2000));
	frame.length = VNET_HEADER_BYTES + frame.header_length + payload;
	frame.bytes = malloc(frame.length);
	fill(frame.bytes, frame.length);
	fields[0] = (uint16_t)next_random(); /* hdr_len: not to be trusted */
	fields[1] = frame.segment_size;
	fields[2] = frame.l3_length;
	fields[3] = frame.is_udp ? 6 : 16;
	frame.bytes[0] = VNET_NEEDS_CSUM;
	frame.bytes[1] = vnet_type;
	memcpy(frame.bytes + 2, fields, sizeof(fields));
	uint8_t *ip = frame.bytes + VNET_HEADER_BYTES;
	size_t length = frame.length - VNET_HEADER_BYTES;
	if (is_v4) {
		ip[0] = 0x45;
		store_be16(ip + 2, (uint32_t)length);
		store_be16(ip + 6, 0x4000);
		ip[9] = protocol;
		ip_store_header_checksum(ip, 20);
	} else {
		ip[0] = (uint8_t)(0x60 | (ip[0] & 15));
		store_be16(ip + 4, (uint32_t)(length - 40));
		ip[6] = protocol;
	}
	uint8_t *l4 = ip + frame.l3_length;
	if (frame.is_udp) {
		store_be16(l4 + 4, (uint32_t)(length - frame.l3_length));
	} else {
		l4[12] = (uint8_t)((20 + options) / 4 << 4);
		l4[13] = TCP_ACK | (below(2) == 0 ? TCP_PSH : 0);
		l4[18] = l4[19] = 0;
	}
	uint64_t pseudo = checksum_pseudo(ip, protocol, (uint32_t)(length - frame.l3_length));
	checksum_store(l4 + fields[3], checksum_fold(pseudo));
	return frame;
}

static bool is_l4_checksum_valid(const uint8_t *packet, size_t length, size_t l3_length, uint8_t protocol)
{
	uint64_t sum = checksum_pseudo(packet, protocol, (uint32_t)(length - l3_length));

	return checksum_fold(checksum_add(sum, packet + l3_length, length - l3_length)) == 0xffff;
}

/* A copy of a packet with room for the virtio header, as decryption leaves it. */
static uint8_t *received(const uint8_t *packet, size_t length)
{
	uint8_t *bytes = malloc(VNET_HEADER_BYTES + length);

	memcpy(bytes + VNET_HEADER_BYTES, packet, length);
	return bytes + VNET_HEADER_BYTES;
}

static void mutate(uint8_t *bytes, size_t length, size_t reach)
{
	for (uint32_t n = 1 + below(4); n > 0; n--)
		bytes[below((uint32_t)(reach < length ? reach : length))] = (uint8_t)next_random();
}

static struct gro gro;

/* Gives everything gathered back; the bytes of all frames together. */
static size_t emit_all(uint8_t *out, size_t capacity)
{
	struct iovec vectors[GRO_MAX_SEGMENTS];
	size_t total = 0;

	for (uint32_t i = 0; i < gro.n_items; i++) {
		int n = gro_finish(&gro, &gro.items[i], vectors);

		require(n >= 1 && n <= GRO_MAX_SEGMENTS, "as many vectors as there is room for");
		size_t frame = 0;
		for (int v = 0; v < n; v++) {
			frame += vectors[v].iov_len;
			if (total + vectors[v].iov_len <= capacity)
				memcpy(out + total, vectors[v].iov_base, vectors[v].iov_len);
			total += vectors[v].iov_len;
		}
		require(frame <= VNET_HEADER_BYTES + 65535, "no frame is longer than a packet can be");
	}
	return total;
}

static void start_gro(void)
{
	gro.merges_tcp = gro.merges_udp = true;
	gro_reset(&gro);
}

static void free_gro(void)
{
	for (uint32_t i = 0; i < gro.n_packets; i++)
		free(gro.packets[i].bytes - VNET_HEADER_BYTES);
}

static void sound_frames_come_back(void)
{
	static uint8_t out[VNET_HEADER_BYTES + 65535];
	struct frame frame = sound_frame();
	struct gso gso;
	size_t length, payload = 0;
	uint8_t *original = malloc(frame.length);
	uint8_t protocol = frame.is_udp ? PROTOCOL_UDP : PROTOCOL_TCP;
	uint32_t n = 0;

	memcpy(original, frame.bytes, frame.length);
	start_gro();
	require(gso_open(&gso, frame.bytes, frame.length), "a sound frame is taken");
	for (uint8_t *packet; (packet = gso_next(&gso, &length)) != NULL; n++) {
		struct ip_view view;

		require(ip_view(packet, length, &view) && view.total_length == length, "a segment is a packet");
		require(is_l4_checksum_valid(packet, length, frame.l3_length, protocol), "its checksum is right");
		payload += length - frame.header_length;
		gro_add(&gro, received(packet, length), (uint32_t)length);
	}
	require(payload == frame.length - VNET_HEADER_BYTES - frame.header_length, "all of the payload is there");
	require(n <= GRO_MAX_SEGMENTS, "not more segments than one frame may have");
	require(gro.n_items == 1, "the segments become one frame again");
	size_t total = emit_all(out, sizeof(out));
	require(total == frame.length, "which is as long as it was");
	size_t from = n == 1 ? VNET_HEADER_BYTES : 4; /* hdr_len is ours, and a single packet has its checksum */
	if (n > 1)
		require(memcmp(out + from, original + from, total - from) == 0, "and the same");
	free_gro();
	free(original);
	free(frame.bytes);
}

static void broken_frames_do_no_harm(void)
{
	struct frame frame = sound_frame();
	struct gso gso;
	size_t length, n = 0;

	mutate(frame.bytes, frame.length, below(2) == 0 ? VNET_HEADER_BYTES : VNET_HEADER_BYTES + 80);
	if (below(3) == 0)
		frame.length = below((uint32_t)frame.length + 1);
	uint8_t *exact = malloc(frame.length == 0 ? 1 : frame.length);
	memcpy(exact, frame.bytes, frame.length);
	if (gso_open(&gso, exact, frame.length))
		for (uint8_t *packet; (packet = gso_next(&gso, &length)) != NULL && n < 70000; n++)
			require(packet >= exact && packet + length <= exact + frame.length, "segments lie in the frame");
	free(exact);
	free(frame.bytes);
}

static void broken_packets_do_no_harm(void)
{
	static uint8_t out[1];
	uint32_t n_frames = 1 + below(4);

	start_gro();
	for (uint32_t i = 0; i < n_frames; i++) {
		struct frame frame = sound_frame();
		struct gso gso;
		size_t length;

		require(gso_open(&gso, frame.bytes, frame.length), "a sound frame is taken");
		for (uint8_t *packet; (packet = gso_next(&gso, &length)) != NULL && !gro_is_full(&gro);) {
			struct ip_view view;
			uint8_t *copy = received(packet, length);

			if (below(3) == 0)
				mutate(copy, length, 80);
			if (ip_view(copy, length, &view)) {
				bool is_sound = view.family == 6 ||
						checksum_fold(checksum_add(0, copy, 20)) == 0xffff;
				if (ip_ecn_decapsulate(copy, (uint8_t)below(4)) && is_sound && view.family == 4)
					require(checksum_fold(checksum_add(0, copy, 20)) == 0xffff,
						"marking congestion keeps the checksum right");
				gro_add(&gro, copy, view.total_length);
			} else {
				free(copy - VNET_HEADER_BYTES);
			}
		}
		free(frame.bytes);
	}
	emit_all(out, 0);
	free_gro();
}

static void random_bytes_do_no_harm(void)
{
	size_t length = below(200);
	uint8_t *bytes = malloc(length + 1);
	struct gso gso;
	struct ip_view view;

	fill(bytes, length);
	if (ip_view(bytes, length, &view))
		require(view.total_length <= length, "a packet is not longer than its buffer");
	if (gso_open(&gso, bytes, length))
		for (size_t n = 0; n < 70000 && gso_next(&gso, &length) != NULL; n++)
			;
	free(bytes);
}

/* A prefix and who has it, in the plainest table that can be. */
struct entry {
	uint8_t address[16];
	uint8_t length;
	void *owner;
};

static bool covers(const struct entry *entry, const uint8_t *address)
{
	for (unsigned bit = 0; bit < entry->length; bit++)
		if (((entry->address[bit / 8] ^ address[bit / 8]) >> (7 - bit % 8) & 1) != 0)
			return false;
	return true;
}

static void tries_find_the_longest_prefix(void)
{
	static int owners[8];
	struct trie trie;
	struct entry entries[64];
	uint32_t n = 0;
	uint8_t n_bits = below(2) == 0 ? 32 : 128;

	trie_init(&trie, n_bits);
	for (int step = 0; step < 100; step++) {
		struct entry entry = { .length = (uint8_t)below(n_bits + 1u), .owner = &owners[below(8)] };
		uint32_t i = 0;

		/* Few different bits, so that prefixes meet. */
		for (uint32_t byte = 0; byte < n_bits / 8u; byte++)
			entry.address[byte] = below(8) == 0 ? (uint8_t)next_random() : 0;
		if (n > 0 && below(3) == 0) {
			entry = entries[below(n)];
			entry.owner = &owners[below(8)];
		}
		while (i < n && !(entries[i].length == entry.length && covers(&entries[i], entry.address)))
			i++;
		if (below(3) == 0) {
			trie_remove(&trie, entry.address, entry.length);
			if (i < n)
				entries[i] = entries[--n];
		} else if (i < n || n < 64) {
			require(trie_insert(&trie, entry.address, entry.length, entry.owner), "there is memory");
			entries[i] = entry;
			n += i == n;
		}
		uint8_t sought[16] = { 0 };
		if (n > 0 && below(2) == 0)
			memcpy(sought, entries[below(n)].address, 16);
		else
			fill(sought, n_bits / 8u);
		const struct entry *best = NULL;
		for (i = 0; i < n; i++)
			if (covers(&entries[i], sought) && (best == NULL || entries[i].length >= best->length))
				best = &entries[i];
		require(trie_lookup(&trie, sought) == (best == NULL ? NULL : best->owner), "the longest prefix decides");
	}
	trie_free(&trie);
}

static void windows_accept_once(void)
{
	enum { SPAN = 20000 };
	static bool seen[SPAN];
	struct replay replay = { 0 };
	uint64_t greatest = 0, base = below(2) == 0 ? 0 : UINT64_MAX - SPAN - 9000;
	bool is_first = true;

	memset(seen, 0, sizeof(seen));
	for (int step = 0; step < 3000; step++) {
		uint32_t offset = below(4) == 0 ? below(SPAN) : (uint32_t)(greatest + below(40)) % SPAN;
		bool is_new = !seen[offset] && (is_first || offset >= greatest || greatest - offset <= REPLAY_WINDOW);

		/* Before anything was accepted the window stands at zero. */
		require(replay_accept(&replay, base + offset, UINT64_MAX - 8192) == is_new, "each counter is good once");
		if (!is_new)
			continue;
		seen[offset] = true;
		if (is_first || offset > greatest)
			greatest = offset;
		is_first = false;
	}
	require(!replay_accept(&replay, UINT64_MAX - 8192, UINT64_MAX - 8192), "and none past the limit");
}

int main(int n_arguments, char **arguments)
{
	uint64_t n_iterations = n_arguments > 2 ? strtoull(arguments[2], NULL, 10) : 10000;

	state = (n_arguments > 1 ? strtoull(arguments[1], NULL, 10) : 1) * 0x9e3779b97f4a7c15 + 1;
	for (iteration = 0; iteration < n_iterations; iteration++) {
		sound_frames_come_back();
		broken_frames_do_no_harm();
		broken_packets_do_no_harm();
		random_bytes_do_no_harm();
		if (iteration % 20 == 0) {
			tries_find_the_longest_prefix();
			windows_accept_once();
		}
	}
	printf("%llu iterations\n", (unsigned long long)n_iterations);
	return 0;
}
