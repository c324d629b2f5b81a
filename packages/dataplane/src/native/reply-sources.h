/* To which of our addresses handshake messages came: the answers leave from there. The core's thread only. */
#ifndef FLATLAND_REPLY_SOURCES_H
#define FLATLAND_REPLY_SOURCES_H

#include "peer.h"

enum { REPLY_SOURCES = 64 };

struct reply_sources {
	struct endpoint newest[REPLY_SOURCES]; /* family AF_UNSPEC: none */
	uint32_t next;
};

/* Keeps where a message came from, and to which address; the oldest one goes. */
void reply_sources_note(struct reply_sources *sources, const struct endpoint *from);

/* Completes the endpoint of an answer, once for each message; false where nothing is known. */
bool reply_sources_take(struct reply_sources *sources, struct endpoint *to);

#endif
