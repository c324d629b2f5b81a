import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { dialOverTls } from '@flatland/controller/link/dial-link';
import { startController } from '@flatland/controller/start-controller';
import type { ClusterName } from '@flatland/shared/model/names';
import type { MemoryProgram } from './memory-program.ts';

/** The controller of a cluster, in the lab's own process. */
export const controllerProgram: MemoryProgram = async ({ cluster, openClient, log }) => {
  const client = await openClient();
  const controller = startController({
    cluster: cluster as ClusterName,
    client,
    dialLink: dialOverTls({ addressPolicy: localAddressPolicy }),
    log,
  });
  return {
    async stop() {
      await controller.stop();
      await client.close();
    },
  };
};
