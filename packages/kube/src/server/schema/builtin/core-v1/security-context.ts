import type { StructuralSchema } from '../../structural-schema.ts';
import { bool, int64, list, object, text } from '../shape.ts';

const seLinuxOptions = object(
  'SELinux labels.',
  { level: text('Level.'), role: text('Role.'), type: text('Type.'), user: text('User.') },
  { component: 'io.k8s.api.core.v1.SELinuxOptions' },
);

const windowsOptions = object(
  'Settings for Windows.',
  {
    gmsaCredentialSpec: text('GMSA credential spec.'),
    gmsaCredentialSpecName: text('Name of the GMSA credential spec.'),
    hostProcess: bool('Whether it runs as a process of the host.'),
    runAsUserName: text('User to run as.'),
  },
  { component: 'io.k8s.api.core.v1.WindowsSecurityContextOptions' },
);

function profile(component: string, description: string): StructuralSchema {
  return object(
    description,
    {
      type: text('RuntimeDefault, Localhost or Unconfined.'),
      localhostProfile: text('Profile on the node, for Localhost.'),
    },
    { required: ['type'], component },
  );
}

const seccompProfile = profile('io.k8s.api.core.v1.SeccompProfile', 'Seccomp profile.');
const appArmorProfile = profile('io.k8s.api.core.v1.AppArmorProfile', 'AppArmor profile.');

/** `securityContext` of a container. */
export const securityContext: StructuralSchema = object(
  'Rights of a container; they come before those of the pod.',
  {
    allowPrivilegeEscalation: bool('Whether a process may gain more rights than its parent.'),
    appArmorProfile,
    capabilities: object(
      'Linux capabilities.',
      { add: list(text(''), 'Added capabilities.'), drop: list(text(''), 'Removed capabilities.') },
      { component: 'io.k8s.api.core.v1.Capabilities' },
    ),
    privileged: bool("Whether it has all of the node's rights."),
    procMount: text('Kind of /proc.'),
    readOnlyRootFilesystem: bool('Whether the root file system is read-only.'),
    runAsGroup: int64('Group to run as.'),
    runAsNonRoot: bool('Whether it must not run as root.'),
    runAsUser: int64('User to run as.'),
    seLinuxOptions,
    seccompProfile,
    windowsOptions,
  },
  { component: 'io.k8s.api.core.v1.SecurityContext' },
);

/** `securityContext` of a pod. */
export const podSecurityContext: StructuralSchema = object(
  'Rights of all containers of a pod.',
  {
    appArmorProfile,
    fsGroup: int64('Group that owns the volumes.'),
    fsGroupChangePolicy: text('When ownership of volumes is changed: OnRootMismatch or Always.'),
    runAsGroup: int64('Group to run as.'),
    runAsNonRoot: bool('Whether containers must not run as root.'),
    runAsUser: int64('User to run as.'),
    seLinuxChangePolicy: text('How SELinux labels reach volumes.'),
    seLinuxOptions,
    seccompProfile,
    supplementalGroups: list(int64(''), 'Further groups of the first process.'),
    supplementalGroupsPolicy: text('How groups are computed: Merge or Strict.'),
    sysctls: list(
      object(
        'A kernel parameter.',
        { name: text('Name of the parameter.'), value: text('Its value.') },
        { required: ['name', 'value'], component: 'io.k8s.api.core.v1.Sysctl' },
      ),
      'Kernel parameters of the pod.',
    ),
    windowsOptions,
  },
  { component: 'io.k8s.api.core.v1.PodSecurityContext' },
);
