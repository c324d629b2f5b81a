import type { Connection } from './connection.ts';
import type { Sensitive } from './sensitive.ts';

/** A token source that gave no token. Its message holds none. */
export class NoCredentialError extends Error {}

/** The header that proves who the client is; none where a certificate does, or nothing. Throws NoCredentialError. */
export async function authorization({ credential }: Connection): Promise<Record<string, string>> {
  switch (credential.kind) {
    case 'token':
      return { authorization: `Bearer ${credential.token.reveal()}` };
    case 'token-source':
      return { authorization: `Bearer ${(await readToken(credential)).reveal()}` };
    case 'client-certificate':
    case 'none':
      return {};
  }
}

async function readToken(credential: { read(): Promise<Sensitive> }): Promise<Sensitive> {
  try {
    return await credential.read();
  } catch (error) {
    throw new NoCredentialError(error instanceof Error ? error.message : 'no token');
  }
}
