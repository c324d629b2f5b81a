/*
 * Segmentation of what a TUN device with IFF_VNET_HDR gives: one frame becomes one packet, or as many as its sender's
 * kernel has left to us (virtio 1.2, section 5.1.6; Linux `include/uapi/linux/virtio_net.h`).
 */
#ifndef FLATLAND_GSO_H
#define FLATLAND_GSO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VNET_HEADER_BYTES = 10,
	VNET_NEEDS_CSUM = 1,
	VNET_GSO_NONE = 0,
	VNET_GSO_TCPV4 = 1,
	VNET_GSO_TCPV6 = 4,
	VNET_GSO_UDP_L4 = 5,
	VNET_GSO_ECN = 0x80,
};

enum { GSO_MAX_HEADER_BYTES = 256 };

/* A frame that is being cut to pieces, in its own buffer. */
struct gso {
	uint8_t *packet;
	size_t length;
	uint8_t type; /* VNET_GSO_*, without ECN */
	uint16_t l3_length;
	uint16_t header_length; /* L3 and L4 */
	uint16_t segment_size;
	uint32_t offset; /* of the next payload in the packet */
	uint32_t index;
	bool is_done;
	uint8_t header[GSO_MAX_HEADER_BYTES];
};

/* Looks at a frame: virtio header and packet. False where its parts do not fit together. */
bool gso_open(struct gso *gso, uint8_t *frame, size_t length);

/*
 * The next packet, complete with lengths and checksums; NULL after the last. It lies in the frame's buffer, valid
 * until the next call, whose header overwrites its end.
 */
uint8_t *gso_next(struct gso *gso, size_t *length);

#endif
