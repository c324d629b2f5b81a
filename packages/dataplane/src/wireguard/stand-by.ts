import { request } from 'node:http';

/**
 * Waits until no forwarder serves at a control socket any more: it follows the events of the one that does, which end
 * with it. `onFirst` is called once where there is one.
 */
export async function waitForPredecessor(socketPath: string, onFirst: () => void): Promise<void> {
  let isFirst = true;
  const onAnswer = () => {
    if (isFirst) onFirst();
    isFirst = false;
  };
  while (await wasServed(socketPath, onAnswer));
}

/** True where there was a server, which has ended the answer; false where there is none. */
function wasServed(socketPath: string, onAnswer: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    let isServed = false;
    const asking = request({ socketPath, path: '/events', agent: false }, (response) => {
      isServed = true;
      onAnswer();
      response.on('error', () => {});
      response.resume();
    });
    asking.on('error', () => {});
    asking.on('close', () => resolve(isServed));
    asking.end();
  });
}
