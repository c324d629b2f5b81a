import type { StructuralSchema } from '../../structural-schema.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { objectMeta } from '../meta-v1/object-meta.ts';
import { always, bool, foreign, int32, int64, list, mapOf, object, quantity, text } from '../shape.ts';
import { persistentVolumeClaimSpec } from './persistent-volume-claim.ts';
import { localObjectReference, objectFieldSelector, resourceFieldSelector } from './env.ts';

const fileMode = int32('Permission bits of the files.', { default: 0o644 });

const keysToPaths = list(
  object(
    'A key and the file that it becomes.',
    {
      key: text('The key.'),
      path: text('Path of the file, relative.'),
      mode: int32('Permission bits of the file.'),
    },
    { required: ['key', 'path'], component: 'io.k8s.api.core.v1.KeyToPath' },
  ),
  'Keys that become files; all of them when empty.',
);

const downwardFiles = list(
  object(
    'A file with a field of the pod.',
    {
      path: text('Path of the file, relative.'),
      fieldRef: objectFieldSelector,
      resourceFieldRef: resourceFieldSelector,
      mode: int32('Permission bits of the file.'),
    },
    { required: ['path'], component: 'io.k8s.api.core.v1.DownwardAPIVolumeFile' },
  ),
  'Files with fields of the pod.',
);

const optional = bool('Whether the object or its keys may be missing.');
const name = text('Name of the object.', { default: '' });

const projection = object(
  'One source of a projected volume.',
  {
    configMap: object(
      'A ConfigMap.',
      { name, items: keysToPaths, optional },
      {
        component: 'io.k8s.api.core.v1.ConfigMapProjection',
      },
    ),
    secret: object(
      'A Secret.',
      { name, items: keysToPaths, optional },
      {
        component: 'io.k8s.api.core.v1.SecretProjection',
      },
    ),
    downwardAPI: object(
      'Fields of the pod.',
      { items: downwardFiles },
      {
        component: 'io.k8s.api.core.v1.DownwardAPIProjection',
      },
    ),
    serviceAccountToken: object(
      "A token of the pod's service account.",
      {
        audience: text('Who may accept the token.'),
        expirationSeconds: int64('Seconds that the token is valid for.', { default: 3600 }),
        path: text('Path of the file, relative.'),
      },
      { required: ['path'], component: 'io.k8s.api.core.v1.ServiceAccountTokenProjection' },
    ),
    clusterTrustBundle: object(
      'Certificates that the cluster trusts.',
      {
        name: text('Name of the bundle.'),
        signerName: text('Signer of the bundles.'),
        labelSelector,
        optional,
        path: text('Path of the file, relative.'),
      },
      { required: ['path'], component: 'io.k8s.api.core.v1.ClusterTrustBundleProjection' },
    ),
  },
  { component: 'io.k8s.api.core.v1.VolumeProjection' },
);

const claimTemplate = object(
  'Claim that is made for the pod.',
  { metadata: always(objectMeta), spec: always(persistentVolumeClaimSpec) },
  { required: ['spec'], component: 'io.k8s.api.core.v1.PersistentVolumeClaimTemplate' },
);

const sources: Record<string, StructuralSchema> = {
  configMap: object(
    'A ConfigMap as files.',
    { name, items: keysToPaths, defaultMode: fileMode, optional },
    {
      component: 'io.k8s.api.core.v1.ConfigMapVolumeSource',
    },
  ),
  secret: object(
    'A Secret as files.',
    { secretName: text('Name of the Secret.'), items: keysToPaths, defaultMode: fileMode, optional },
    { component: 'io.k8s.api.core.v1.SecretVolumeSource' },
  ),
  downwardAPI: object(
    'Fields of the pod as files.',
    { items: downwardFiles, defaultMode: fileMode },
    {
      component: 'io.k8s.api.core.v1.DownwardAPIVolumeSource',
    },
  ),
  projected: object(
    'Several sources in one directory.',
    { sources: list(projection, 'The sources.'), defaultMode: fileMode },
    { component: 'io.k8s.api.core.v1.ProjectedVolumeSource' },
  ),
  emptyDir: object(
    'A directory that lives as long as the pod.',
    { medium: text('Memory, or empty for the disk.'), sizeLimit: quantity('Most that it may hold.') },
    { component: 'io.k8s.api.core.v1.EmptyDirVolumeSource' },
  ),
  hostPath: object(
    'A file or directory of the node.',
    { path: text('Path on the node.'), type: text('What must be there.', { default: '' }) },
    { required: ['path'], component: 'io.k8s.api.core.v1.HostPathVolumeSource' },
  ),
  persistentVolumeClaim: object(
    'A claim in the same namespace.',
    { claimName: text('Name of the claim.'), readOnly: bool('Whether it cannot be written.') },
    { required: ['claimName'], component: 'io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource' },
  ),
  nfs: object(
    'An NFS share.',
    {
      server: text('Host of the share.'),
      path: text('Path of the share.'),
      readOnly: bool('Whether it cannot be written.'),
    },
    { required: ['server', 'path'], component: 'io.k8s.api.core.v1.NFSVolumeSource' },
  ),
  csi: object(
    'A volume of a CSI driver, made for the pod.',
    {
      driver: text('Name of the driver.'),
      fsType: text('File system.'),
      readOnly: bool('Whether it cannot be written.'),
      volumeAttributes: mapOf(text(''), "The driver's own settings."),
      nodePublishSecretRef: localObjectReference,
    },
    { required: ['driver'], component: 'io.k8s.api.core.v1.CSIVolumeSource' },
  ),
  ephemeral: object(
    'Storage claimed for the pod.',
    { volumeClaimTemplate: claimTemplate },
    {
      component: 'io.k8s.api.core.v1.EphemeralVolumeSource',
    },
  ),
  image: object(
    'An OCI image or artifact.',
    { reference: text('Reference of the image.'), pullPolicy: text('Always, Never or IfNotPresent.') },
    { component: 'io.k8s.api.core.v1.ImageVolumeSource' },
  ),
};

/** Volume sources that are kept as they are, without a look at their fields. */
const foreignSources: Record<string, string> = {
  awsElasticBlockStore: 'AWSElasticBlockStoreVolumeSource',
  azureDisk: 'AzureDiskVolumeSource',
  azureFile: 'AzureFileVolumeSource',
  cephfs: 'CephFSVolumeSource',
  cinder: 'CinderVolumeSource',
  fc: 'FCVolumeSource',
  flexVolume: 'FlexVolumeSource',
  flocker: 'FlockerVolumeSource',
  gcePersistentDisk: 'GCEPersistentDiskVolumeSource',
  gitRepo: 'GitRepoVolumeSource',
  glusterfs: 'GlusterfsVolumeSource',
  iscsi: 'ISCSIVolumeSource',
  photonPersistentDisk: 'PhotonPersistentDiskVolumeSource',
  portworxVolume: 'PortworxVolumeSource',
  quobyte: 'QuobyteVolumeSource',
  rbd: 'RBDVolumeSource',
  scaleIO: 'ScaleIOVolumeSource',
  storageos: 'StorageOSVolumeSource',
  vsphereVolume: 'VsphereVirtualDiskVolumeSource',
};

/** The field names of a volume that say where it comes from. */
export const volumeSourceNames: readonly string[] = [...Object.keys(sources), ...Object.keys(foreignSources)];

export const volume: StructuralSchema = object(
  'A directory that containers of the pod may mount.',
  {
    name: text('Name, a DNS label, unique in the pod.'),
    ...sources,
    ...Object.fromEntries(
      Object.entries(foreignSources).map(([field, type]) => [
        field,
        foreign(`io.k8s.api.core.v1.${type}`, 'A volume of a kind that runs on no node of this server.'),
      ]),
    ),
  },
  { required: ['name'], component: 'io.k8s.api.core.v1.Volume' },
);
