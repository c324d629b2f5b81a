/** What was counted for one peer. Bytes are those of whole datagrams, handshakes included, as `wg show` has it. */
export interface PeerCounters {
  rxBytes: number;
  txBytes: number;
  rxPackets: number;
  txPackets: number;
  keepalivesReceived: number;
  keepalivesSent: number;
  initiationsSent: number;
  initiationsReceived: number;
  responsesSent: number;
  responsesReceived: number;
  cookieRepliesReceived: number;
}

export function newPeerCounters(): PeerCounters {
  return {
    rxBytes: 0,
    txBytes: 0,
    rxPackets: 0,
    txPackets: 0,
    keepalivesReceived: 0,
    keepalivesSent: 0,
    initiationsSent: 0,
    initiationsReceived: 0,
    responsesSent: 0,
    responsesReceived: 0,
    cookieRepliesReceived: 0,
  };
}
