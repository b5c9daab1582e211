/** What Go calls the members of API structs, where it is not just the JSON name with a capital. */
const special: Readonly<Record<string, string>> = {
  apiGroup: 'APIGroup',
  apiGroups: 'APIGroups',
  apiServerID: 'APIServerID',
  apiVersion: 'APIVersion',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  caBundle: 'CABundle',
  cel: 'CEL',
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  cidr: 'CIDR',
  cidrs: 'CIDRs',
  csi: 'CSI',
  diskURI: 'DataDiskURI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  externalID: 'DoNotUseExternalID',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsGroupPolicy: 'FSGroupPolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gid: 'GID',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  id: 'ID',
  ip: 'IP',
  ipBlock: 'IPBlock',
  ipFamilies: 'IPFamilies',
  ipFamilyPolicy: 'IPFamilyPolicy',
  ipMode: 'IPMode',
  ips: 'IPs',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  jsonPatch: 'JSONPatch',
  jsonPath: 'JSONPath',
  lastState: 'LastTerminationState',
  metadata: 'ObjectMeta',
  nfs: 'NFS',
  os: 'OS',
  osImage: 'OSImage',
  pdName: 'PDName',
  pkixPublicKey: 'PKIXPublicKey',
  qosClass: 'QOSClass',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxMount: 'SELinuxMount',
  seLinuxOptions: 'SELinuxOptions',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  tcpSocket: 'TCPSocket',
  tls: 'TLS',
  ttlSecondsAfterFinished: 'TTLSecondsAfterFinished',
  tty: 'TTY',
  uid: 'UID',
  url: 'URL',
  wwids: 'WWIDs',
};

const ceph = { monitors: 'CephMonitors', image: 'RBDImage', pool: 'RBDPool', user: 'RadosUser' };

/** The same for the members of one struct. */
const specialIn: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  APIResourceList: { resources: 'APIResources' },
  DeviceAttribute: {
    int: 'IntValue',
    ints: 'IntValues',
    bool: 'BoolValue',
    bools: 'BoolValues',
    string: 'StringValue',
    strings: 'StringValues',
    version: 'VersionValue',
    versions: 'VersionValues',
  },
  Event: { reportingComponent: 'ReportingController' },
  GlusterfsPersistentVolumeSource: { endpoints: 'EndpointsName' },
  GlusterfsVolumeSource: { endpoints: 'EndpointsName' },
  PodSpec: { serviceAccount: 'DeprecatedServiceAccount' },
  RBDPersistentVolumeSource: ceph,
  RBDVolumeSource: ceph,
  Status: { metadata: 'ListMeta' },
  StatusCause: { reason: 'Type' },
};

/** The name of the member of a Go struct whose JSON name is given; embedded metadata is `ObjectMeta` or `ListMeta`. */
export function goMemberName(struct: string, json: string): string {
  const known = specialIn[struct]?.[json];
  if (known !== undefined) return known;
  if (json === 'metadata' && struct.endsWith('List')) return 'ListMeta';
  return special[json] ?? capitalized(json);
}

/** `x-kubernetes-list-type` is `XListType`, and `$ref` is `Ref`. */
function capitalized(json: string): string {
  if (/^[a-z]\w*$/.test(json)) return json[0]!.toUpperCase() + json.slice(1);
  return json
    .replace('x-kubernetes-', 'x-')
    .replace(/(?:^\W?|-)(\w)/g, (_, first: string) => first.toUpperCase());
}
