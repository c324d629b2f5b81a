import { zClusterName } from '@flatland/shared/model/names';
import { z } from 'zod';
import { planProcedure, router, writeProcedure } from '../rpc/trpc.ts';

/** The kubeconfig reader’s own limit is in bytes, and tells more. */
const MAX_KUBECONFIG_CHARACTERS = 1024 * 1024;

const zContextChoice = {
  kubeconfig: z.string().min(1, 'is empty').max(MAX_KUBECONFIG_CHARACTERS, 'is larger than 1 MiB'),
  context: z.string().min(1).max(253).optional(),
};
const zConnectRequest = z.strictObject({
  ...zContextChoice,
  name: z.string().min(1).max(64).optional(),
  readOnly: z.boolean(),
});

/** Clusters that a person adds. Kubeconfigs are sent in a body, never in a URL: they hold secrets. */
export const clusterRouter = router({
  readKubeconfig: planProcedure
    .input(z.strictObject({ kubeconfig: zContextChoice.kubeconfig }))
    .mutation(({ ctx, input }) => ctx.console.clusters.readKubeconfig(ctx.principal, input.kubeconfig)),

  preflight: planProcedure
    .input(zConnectRequest)
    .mutation(({ ctx, input }) => ctx.console.clusters.preflight(ctx.principal, input)),

  connect: writeProcedure
    .input(zConnectRequest)
    .mutation(({ ctx, input }) => ctx.console.clusters.connect(ctx.principal, input)),

  replaceCredentials: writeProcedure
    .input(z.strictObject({ ...zContextChoice, cluster: zClusterName }))
    .mutation(({ ctx, input }) => ctx.console.clusters.replaceCredentials(ctx.principal, input)),

  disconnect: writeProcedure
    .input(z.strictObject({ cluster: z.string().min(1).max(64) }))
    .mutation(({ ctx, input }) => ctx.console.clusters.disconnect(ctx.principal, input.cluster)),
});
