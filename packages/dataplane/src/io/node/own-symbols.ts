/** C functions that are in this process already: of the C library, and of Node's own program. */
import { createRequire } from 'node:module';

type Koffi = typeof import('koffi');

export interface OwnSymbols {
  readonly koffi: Koffi;
  readonly library: ReturnType<Koffi['load']>;
}

let opened: OwnSymbols | undefined;

/** Opens them, once. Throws where the native loader has no build for this machine. */
export function ownSymbols(): OwnSymbols {
  if (opened !== undefined) return opened;
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  opened = { koffi, library: koffi.load(null) };
  return opened;
}
