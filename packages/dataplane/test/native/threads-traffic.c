#define _GNU_SOURCE
#include "threads-traffic.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "checksum.h"
#include "gso.h"
#include "ip.h"

enum {
	L3_BYTES = 20,
	HEADER_BYTES = L3_BYTES + 8,
	PORT = 7000,
	FRAME_BYTES = VNET_HEADER_BYTES + 65535,
	MAX_SEGMENT_BYTES = 1392,
	MAX_BURST = 8,
	/* Longer than any datagram may be, once it is sealed. */
	HUGE_PAYLOAD_BYTES = 65535 - HEADER_BYTES - 20,
};

uint32_t random_below(uint64_t *state, uint32_t limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 16) % limit;
}

static void write_pattern(uint8_t *payload, size_t length, uint32_t seed)
{
	for (size_t i = 0; i < length; i++)
		payload[i] = i < 4 ? (uint8_t)(seed >> 8 * i) : (uint8_t)(seed + i * 7);
}

static bool is_pattern(const uint8_t *payload, size_t length)
{
	uint32_t seed = length < 4 ? 0 : load_le32(payload);

	for (size_t i = 4; i < length; i++)
		if (payload[i] != (uint8_t)(seed + i * 7))
			return false;
	return length >= 4;
}

/* A frame of one or several datagrams to the other host; its length. */
static size_t make_frame(struct host *host, uint8_t *frame)
{
	uint64_t *random = &host->random;
	bool is_huge = random_below(random, 200) == 0;
	uint32_t segment = is_huge ? HUGE_PAYLOAD_BYTES : 4 + random_below(random, MAX_SEGMENT_BYTES - 4);
	uint32_t n = is_huge || random_below(random, 2) == 0 ? 1 : 2 + random_below(random, 20);
	uint8_t *ip = frame + VNET_HEADER_BYTES, *udp = ip + L3_BYTES;
	uint32_t udp_length = 8 + n * segment;
	uint16_t fields[4] = { HEADER_BYTES, (uint16_t)(n == 1 ? 0 : segment), L3_BYTES, 6 };

	memset(frame, 0, VNET_HEADER_BYTES + HEADER_BYTES);
	frame[0] = VNET_NEEDS_CSUM;
	frame[1] = n == 1 ? VNET_GSO_NONE : VNET_GSO_UDP_L4;
	memcpy(frame + 2, fields, sizeof(fields));
	ip[0] = 0x45;
	store_be16(ip + 2, L3_BYTES + udp_length);
	ip[8] = 64;
	ip[9] = PROTOCOL_UDP;
	memcpy(ip + 12, (uint8_t[]){ 10, 0, 0, host->number, 10, 0, 0, (uint8_t)(3 - host->number) }, 8);
	ip_store_header_checksum(ip, L3_BYTES);
	store_be16(udp, PORT);
	store_be16(udp + 2, PORT);
	store_be16(udp + 4, udp_length);
	checksum_store(udp + 6, checksum_fold(checksum_pseudo(ip, PROTOCOL_UDP, udp_length)));
	for (uint32_t i = 0; i < n; i++)
		write_pattern(udp + 8 + i * segment, segment, random_below(random, UINT32_MAX));
	return VNET_HEADER_BYTES + L3_BYTES + udp_length;
}

static bool is_intact(const struct host *host, const uint8_t *packet, size_t length)
{
	const uint8_t ends[] = { 10, 0, 0, (uint8_t)(3 - host->number), 10, 0, 0, host->number };

	return length > HEADER_BYTES && load_be16(packet + 2) == length && memcmp(packet + 12, ends, 8) == 0 &&
	       is_pattern(packet + HEADER_BYTES, length - HEADER_BYTES);
}

static void take_frames(struct host *host, uint8_t *frame)
{
	struct gso gso;
	size_t length;

	for (ssize_t n; (n = read(host->fd, frame, FRAME_BYTES)) > 0;) {
		if (!gso_open(&gso, frame, (size_t)n)) {
			atomic_fetch_add(&host->n_broken, 1);
			continue;
		}
		for (uint8_t *packet; (packet = gso_next(&gso, &length)) != NULL;)
			atomic_fetch_add(is_intact(host, packet, length) ? &host->n_intact : &host->n_broken, 1);
	}
}

static void *host_main(void *argument)
{
	struct host *host = argument;
	struct pollfd fds = { .fd = host->fd, .events = POLLIN };
	uint8_t *frame = malloc(FRAME_BYTES);

	while (!atomic_load(&host->stops)) {
		for (uint32_t n = random_below(&host->random, MAX_BURST); n > 0; n--)
			if (write(host->fd, frame, make_frame(host, frame)) < 0 && errno == EAGAIN)
				break;
		poll(&fds, 1, 1);
		take_frames(host, frame);
	}
	free(frame);
	return NULL;
}

void host_start(struct host *host, int fd, uint8_t number, uint64_t seed)
{
	*host = (struct host){ .fd = fd, .number = number, .random = seed };
	if (pthread_create(&host->thread, NULL, host_main, host) != 0)
		abort();
}

void host_stop(struct host *host)
{
	atomic_store(&host->stops, true);
	pthread_join(host->thread, NULL);
}
