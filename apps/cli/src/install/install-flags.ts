import { zClusterName } from '@flatland/shared/model/names';
import { flatlandImage } from '@flatland/shared/manifest/install/flatland-image';
import type { InstallOptions } from '@flatland/shared/manifest/install/workloads';
import { CommandError, EXIT } from '../io/command-error.ts';
import own from '../../package.json' with { type: 'json' };

/** What a person says of the objects that are installed. */
export interface InstallFlags {
  readonly image?: string;
  readonly imageAgent?: string;
  readonly imageForwarder?: string;
  readonly imageController?: string;
  readonly criSocket?: string;
  readonly behindNat?: boolean;
}

/** An image by name, tag and digest, as containers name it; no upper case, no spaces. */
const IMAGE =
  /^[a-z0-9]+(?:[._:/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** The options of an installation on a cluster: this release’s image, where no other is named. */
export function installOptions(flags: InstallFlags, cluster: string): InstallOptions {
  const name = zClusterName.safeParse(cluster);
  if (!name.success)
    throw new CommandError(`${cluster} cannot be the name of a cluster: it must be a DNS label`, {
      next: 'Give it a name with --cluster-name',
      exitCode: EXIT.usage,
    });
  const all = image(flags.image ?? flatlandImage(own.version));
  return {
    cluster: name.data,
    images: {
      agent: image(flags.imageAgent ?? all),
      forwarder: image(flags.imageForwarder ?? all),
      controller: image(flags.imageController ?? all),
    },
    ...(flags.criSocket === undefined ? {} : { criSocket: flags.criSocket }),
    ...(flags.behindNat === undefined ? {} : { behindNat: flags.behindNat }),
  };
}

function image(text: string): string {
  if (!IMAGE.test(text))
    throw new CommandError(`${text} is no name of an image`, {
      next: 'Write REPOSITORY:TAG or REPOSITORY@sha256:DIGEST',
      exitCode: EXIT.usage,
    });
  return text;
}
