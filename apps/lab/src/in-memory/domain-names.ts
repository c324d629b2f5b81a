import type { KubeClient } from '@flatland/kube/client/kube-client';
import { MemberSlice, RemoteSlice } from '@flatland/kube/client/resources';
import type { IpAddress } from '@flatland/shared/address/ip';
import type * as model from '@flatland/shared/model/member-slice';
import { zMemberSliceSpec } from '@flatland/shared/model/member-slice';
import { zRemoteSlice } from '@flatland/shared/model/remote-slice';
import { Collection } from '../workloads/collection.ts';
import type { KubeObject } from '../workloads/kinds/meta.ts';

/** The names of domains' members as one cluster knows them: its own slices, and those mirrored from others. */
export class DomainNames {
  readonly #own: Collection<KubeObject>;
  readonly #remote: Collection<KubeObject>;

  constructor(client: KubeClient) {
    const nothing = { onChange: () => {} };
    this.#own = new Collection(client, MemberSlice, nothing);
    this.#remote = new Collection(client, RemoteSlice, nothing);
  }

  /** The addresses of a name within some domains: IPv4 before IPv6, sorted. */
  resolve(name: string, domains: readonly string[]): IpAddress[] {
    const members = this.#slices()
      .filter((slice) => domains.includes(slice.domain))
      .flatMap((slice) => slice.members)
      .filter(({ dnsNames }) => dnsNames.includes(name.toLowerCase().replace(/\.$/, '')));
    const addresses = new Set(members.flatMap((member) => member.addresses));
    return [...addresses].toSorted(
      (a, b) => Number(a.includes(':')) - Number(b.includes(':')) || (a < b ? -1 : 1),
    );
  }

  stop(): void {
    this.#own.stop();
    this.#remote.stop();
  }

  #slices(): model.MemberSliceSpec[] {
    const own = this.#own.list().flatMap((object) => {
      const spec = zMemberSliceSpec.safeParse(object['spec']);
      return spec.success ? [spec.data] : [];
    });
    const remote = this.#remote.list().flatMap((object) => {
      const slice = zRemoteSlice.safeParse(object);
      return slice.success ? slice.data.spec.members : [];
    });
    return [...own, ...remote];
  }
}
