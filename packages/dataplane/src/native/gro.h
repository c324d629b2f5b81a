/*
 * Coalescing of received packets into frames for a TUN device with IFF_VNET_HDR: packets of a flow that follow each
 * other become one frame, in place, as the kernel's own GRO would make it.
 */
#ifndef FLATLAND_GRO_H
#define FLATLAND_GRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum { GRO_MAX_PACKETS = 1024, GRO_MAX_SEGMENTS = 64, GRO_FLOWS = 256 };

struct gro_packet {
	uint8_t *bytes;
	uint32_t length;
	int32_t next; /* in the same frame; -1: none */
};

/* A frame that may still grow. */
struct gro_item {
	int32_t first;
	int32_t last;
	uint32_t payload_length; /* of all packets */
	uint32_t next_sequence;  /* TCP only */
	uint16_t segment_size;
	uint16_t header_length; /* L3 and L4; 0: a packet that is passed on as it is */
	uint8_t l3_length;
	uint8_t protocol;
	uint8_t n_segments;
	bool is_closed;
	bool is_verified; /* the first packet's checksum */
	bool has_push;
};

/* Packets gathered, in order. Each has VNET_HEADER_BYTES of room before it. */
struct gro {
	bool merges_tcp;
	bool merges_udp;
	uint32_t n_packets;
	uint32_t n_items;
	struct gro_packet packets[GRO_MAX_PACKETS];
	struct gro_item items[GRO_MAX_PACKETS];
	int32_t flows[GRO_FLOWS]; /* newest item of a flow; -1: none */
};

/* Forgets what was gathered. */
void gro_reset(struct gro *gro);

static inline bool gro_is_full(const struct gro *gro) { return gro->n_packets == GRO_MAX_PACKETS; }

/* Adds an IP packet whose length is what its header says. There is room for it. */
void gro_add(struct gro *gro, uint8_t *packet, uint32_t length);

/*
 * Makes the frame of one item: writes the virtio header before its first packet and completes headers. The number of
 * vectors, at most GRO_MAX_SEGMENTS.
 */
int gro_finish(struct gro *gro, struct gro_item *item, struct iovec *vectors);

#endif
