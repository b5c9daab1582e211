import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goDiff } from './go-diff.ts';
import { goStruct } from './go-print.ts';

const core = 'io.k8s.api.core.v1';

describe('goDiff()', () => {
  it('compares the internal structs line by line', () => {
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    assert.equal(
      goDiff(claim, { ...claim, volumeName: 'a&b' }, `${core}.PersistentVolumeClaimSpec`),
      [
        '@@ -9,7 +9,7 @@',
        '    "storage": "1Gi"',
        '   }',
        '  },',
        '- "VolumeName": "",',
        '+ "VolumeName": "a\\u0026b",',
        '  "StorageClassName": null,',
        '  "VolumeMode": null,',
        '  "DataSource": null,',
        '',
      ].join('\n'),
    );
  });

  it('compares an embedded struct alone', () => {
    const volume = (path: string) => ({
      capacity: { storage: '1' },
      hostPath: { path },
      accessModes: [path],
    });
    const diff = goDiff(volume('/a'), volume('/b'), `${core}.PersistentVolumeSpec`, 'PersistentVolumeSource');
    assert.deepEqual(diff.match(/^[-+].*/gm), ['-  "Path": "/a",', '+  "Path": "/b",']);
  });

  it('compares lists of structs', () => {
    const approved = { type: 'Approved', status: 'True', lastUpdateTime: '2026-01-02T03:04:05Z' };
    const diff = goDiff(
      [approved],
      [{ ...approved, message: 'm' }],
      'io.k8s.api.certificates.v1.CertificateSigningRequestCondition',
    );
    assert.equal(
      diff,
      [
        '@@ -3,7 +3,7 @@',
        '   "Type": "Approved",',
        '   "Status": "True",',
        '   "Reason": "",',
        '-  "Message": "",',
        '+  "Message": "m",',
        '   "LastUpdateTime": "2026-01-02T03:04:05Z",',
        '   "LastTransitionTime": null',
        '  }',
        '',
      ].join('\n'),
    );
  });

  it('shows in the security context what a pod shares with its host', () => {
    const diff = goDiff({ hostUsers: false }, { hostNetwork: true }, `${core}.PodSpec`);
    assert.deepEqual(diff.match(/^[-+].*/gm), [
      '-  "HostNetwork": false,',
      '+  "HostNetwork": true,',
      '-  "HostUsers": false,',
      '+  "HostUsers": null,',
    ]);
  });
});

describe('goStruct()', () => {
  const members = (definition: string): string =>
    Object.keys(goStruct({}, `${core}.${definition}`) as object).join(' ');

  it('gives members in the order of the internal struct', () => {
    assert.equal(
      members('PodSpec'),
      'Volumes InitContainers Containers EphemeralContainers RestartPolicy TerminationGracePeriodSeconds ' +
        'ActiveDeadlineSeconds DNSPolicy NodeSelector ServiceAccountName AutomountServiceAccountToken NodeName ' +
        'SecurityContext ImagePullSecrets Hostname Subdomain SetHostnameAsFQDN Affinity SchedulerName Tolerations ' +
        'HostAliases PriorityClassName Priority PreemptionPolicy DNSConfig ReadinessGates RuntimeClassName Overhead ' +
        'EnableServiceLinks TopologySpreadConstraints OS SchedulingGates ResourceClaims Resources HostnameOverride ' +
        'SchedulingGroup',
    );
    assert.equal(
      members('PodSecurityContext'),
      'HostNetwork HostPID HostIPC ShareProcessNamespace HostUsers SELinuxOptions WindowsOptions RunAsUser ' +
        'RunAsGroup RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls ' +
        'SeccompProfile AppArmorProfile SELinuxChangePolicy',
    );
    assert.equal(
      members('Volume'),
      'Name HostPath EmptyDir GCEPersistentDisk AWSElasticBlockStore GitRepo Secret NFS ISCSI Glusterfs ' +
        'PersistentVolumeClaim RBD Quobyte FlexVolume Cinder CephFS Flocker DownwardAPI FC AzureFile ConfigMap ' +
        'VsphereVolume AzureDisk PhotonPersistentDisk Projected PortworxVolume ScaleIO StorageOS CSI Ephemeral Image',
    );
    assert.equal(
      members('PersistentVolumeSpec'),
      'Capacity GCEPersistentDisk AWSElasticBlockStore HostPath Glusterfs NFS RBD Quobyte ISCSI FlexVolume Cinder ' +
        'CephFS FC Flocker AzureFile VsphereVolume AzureDisk PhotonPersistentDisk PortworxVolume ScaleIO Local ' +
        'StorageOS CSI AccessModes ClaimRef PersistentVolumeReclaimPolicy StorageClassName MountOptions VolumeMode ' +
        'NodeAffinity VolumeAttributesClassName',
    );
  });

  it('writes what both share as it is released', () => {
    const spec = {
      selector: { matchExpressions: [{ operator: 'Exists', key: 'a' }], matchLabels: { b: '1', a: '2' } },
    };
    const shown = goStruct(spec, `${core}.PersistentVolumeClaimSpec`) as Record<string, unknown>;
    assert.equal(
      JSON.stringify(shown['Selector']),
      '{"matchLabels":{"a":"2","b":"1"},"matchExpressions":[{"key":"a","operator":"Exists"}]}',
    );
    const template = { spec: {}, metadata: { annotations: { x: 'y' }, labels: { a: 'b' } } };
    assert.deepEqual(Object.keys(goStruct(template, `${core}.PersistentVolumeClaimTemplate`) as object), [
      'labels',
      'annotations',
      'Spec',
    ]);
  });
});
