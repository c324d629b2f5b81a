import type { EchoOutcome } from '../../ports/namespace-sockets.ts';

/** What an error of a socket means for an echo, by the kernel's name for it. */
export function failureOutcome(code: string): EchoOutcome {
  switch (code) {
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EACCES':
    case 'EPERM':
    case 'EMSGSIZE':
      return { kind: 'unreachable', detail: describe(code) };
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return { kind: 'refused', detail: describe(code) };
    case 'ETIMEDOUT':
      return { kind: 'timeout' };
    default:
      return { kind: 'impossible', detail: code };
  }
}

function describe(code: string): string {
  switch (code) {
    case 'EHOSTUNREACH':
      return 'no route to the host';
    case 'ENETUNREACH':
      return 'network unreachable';
    case 'EMSGSIZE':
      return 'too big for a link on the way';
    case 'ECONNREFUSED':
      return 'the port is closed';
    case 'ECONNRESET':
      return 'the connection was reset';
    default:
      return 'forbidden on the way';
  }
}
