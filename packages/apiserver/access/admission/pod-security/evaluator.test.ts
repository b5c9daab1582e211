import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import type { PodLike } from './check.ts';
import { warnOfPods } from './existing-pods.ts';
import { type LevelVersion, violations } from './policy.ts';

type Context = Record<string, unknown>;

const pod = (spec: Context, annotations?: Record<string, string>): PodLike => ({
  metadata: annotations === undefined ? {} : { annotations },
  spec: { containers: [], ...spec },
});
const contexts = (...each: Context[]): Context[] =>
  each.map((securityContext, i) => ({ name: 'abcdefgh'[i], securityContext }));

/** What every container of level `restricted` has. */
const careful = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const good = { securityContext: { runAsNonRoot: true }, containers: contexts(careful) };

interface Case {
  readonly what: string;
  readonly level: LevelVersion['level'];
  readonly version?: string;
  readonly pod: PodLike;
  readonly text: string;
}

const appArmor = 'container.apparmor.security.beta.kubernetes.io/';
const seccomp = 'seccomp.security.alpha.kubernetes.io/pod';

const cases: readonly Case[] = [
  {
    what: 'AppArmor profiles in fields and annotations',
    level: 'baseline',
    pod: pod(
      {
        securityContext: { appArmorProfile: { type: 'Unconfined' } },
        containers: contexts(
          { appArmorProfile: { type: 'RuntimeDefault' } },
          { appArmorProfile: { type: 'x' } },
        ),
      },
      { [`${appArmor}a`]: 'unconfined', [`${appArmor}b`]: 'localhost/p' },
    ),
    text: `forbidden AppArmor profiles (pod and container "b" and annotation must not set AppArmor profile type to "Unconfined", "x", "${appArmor}a=\\"unconfined\\"")`,
  },
  {
    what: 'ports of the node',
    level: 'baseline',
    pod: pod({
      containers: [
        { name: 'b', ports: [{}, { hostPort: 10 }, { hostPort: 20 }] },
        { name: 'c', ports: [{ hostPort: 30 }] },
      ],
    }),
    text: 'hostPort (containers "b", "c" use hostPorts 10, 20, 30)',
  },
  {
    what: 'hosts of probes',
    level: 'baseline',
    pod: pod({
      containers: [
        { name: 'b', lifecycle: { preStop: { tcpSocket: { host: 'b.com' } } } },
        { name: 'a', livenessProbe: { httpGet: { host: 'a.com' } } },
      ],
    }),
    text: 'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "a.com", "b.com")',
  },
  {
    what: 'hosts of probes, before they were forbidden',
    level: 'baseline',
    version: 'v1.33',
    pod: pod({ containers: [{ name: 'a', livenessProbe: { httpGet: { host: 'a.com' } } }] }),
    text: '',
  },
  {
    what: 'SELinux',
    level: 'baseline',
    pod: pod({
      securityContext: { seLinuxOptions: { type: 'foo', user: 'bar', role: 'baz' } },
      containers: contexts(
        { seLinuxOptions: { type: 'container_engine_t' } },
        { seLinuxOptions: { type: 'bar' } },
        { seLinuxOptions: { user: 'bar' } },
      ),
    }),
    text: 'seLinuxOptions (pod and containers "b", "c" set forbidden securityContext.seLinuxOptions: types "bar", "foo"; user may not be set; role may not be set)',
  },
  {
    what: 'SELinux of older releases',
    level: 'baseline',
    version: 'v1.30',
    pod: pod({ containers: contexts({ seLinuxOptions: { type: 'container_engine_t' } }) }),
    text: 'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
  },
  {
    what: 'sysctls',
    level: 'baseline',
    pod: pod({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }, { name: 'a' }, { name: 'b' }] } }),
    text: 'forbidden sysctls (a, b)',
  },
  {
    what: 'sysctls of older releases',
    level: 'baseline',
    version: 'v1.28',
    pod: pod({
      securityContext: {
        sysctls: ['ip_local_reserved_ports', 'tcp_fin_timeout', 'tcp_rmem'].map((n) => ({
          name: `net.ipv4.${n}`,
        })),
      },
    }),
    text: 'forbidden sysctls (net.ipv4.tcp_fin_timeout, net.ipv4.tcp_rmem)',
  },
  {
    what: 'seccomp annotations of old',
    level: 'baseline',
    version: 'v1.18',
    pod: pod(
      { containers: contexts({ seccompProfile: { type: 'Unconfined' } }) },
      { [seccomp]: 'unconfined' },
    ),
    text: `seccompProfile (forbidden annotation ${seccomp}="unconfined")`,
  },
  {
    what: 'seccomp profiles',
    level: 'baseline',
    pod: pod(
      { containers: contexts({ seccompProfile: { type: 'Unconfined' } }) },
      { [seccomp]: 'unconfined' },
    ),
    text: 'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
  },
  {
    what: 'an unmasked /proc',
    level: 'baseline',
    pod: pod({ containers: contexts({ procMount: 'Unmasked' }) }),
    text: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  },
  {
    what: 'an unmasked /proc of users of its own',
    level: 'baseline',
    pod: pod({ hostUsers: false, containers: contexts({ procMount: 'Unmasked' }) }),
    text: '',
  },
  {
    what: 'an unmasked /proc of users of its own, of older releases',
    level: 'baseline',
    version: 'v1.34',
    pod: pod({ hostUsers: false, containers: contexts({ procMount: 'Unmasked' }) }),
    text: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  },
  {
    what: 'an unmasked /proc of users of its own, restricted',
    level: 'restricted',
    pod: pod({ ...good, hostUsers: false, containers: contexts({ ...careful, procMount: 'Unmasked' }) }),
    text: 'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  },
  {
    what: 'root of users of its own',
    level: 'restricted',
    pod: pod({ hostUsers: false, containers: contexts({ ...careful, runAsUser: 0 }) }),
    text: '',
  },
  {
    what: 'root of users of its own, of older releases',
    level: 'restricted',
    version: 'v1.34',
    pod: pod({ hostUsers: false, containers: contexts({ ...careful, runAsUser: 0 }) }),
    text: 'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), runAsUser=0 (container "a" must not set runAsUser=0)',
  },
  {
    what: 'root before it was forbidden by number',
    level: 'restricted',
    version: 'v1.22',
    pod: pod({ ...good, containers: contexts({ ...careful, runAsUser: 0 }) }),
    text: '',
  },
  {
    what: 'volumes',
    level: 'restricted',
    pod: pod({
      ...good,
      volumes: [{ name: 'v', nfs: {} }, { name: 'w', hostPath: {} }, { name: 'x', image: {} }, { name: 'y' }],
    }),
    text: 'restricted volume types (volumes "v", "w", "y" use restricted volume types "hostPath", "nfs", "unknown")',
  },
  {
    what: 'Windows',
    level: 'restricted',
    pod: pod({ os: { name: 'windows' }, securityContext: { runAsNonRoot: true }, containers: contexts({}) }),
    text: '',
  },
  {
    what: 'Windows before it was told apart',
    level: 'restricted',
    version: 'v1.24',
    pod: pod({ os: { name: 'windows' }, securityContext: { runAsNonRoot: true }, containers: contexts({}) }),
    text: 'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  },
  {
    what: 'what baseline forbids where nothing takes its place yet',
    level: 'restricted',
    version: 'v1.7',
    pod: pod({
      securityContext: { runAsNonRoot: true },
      containers: contexts({ capabilities: { add: ['SYS_ADMIN'] } }),
    }),
    text: 'non-default capabilities (container "a" must not include "SYS_ADMIN" in securityContext.capabilities.add)',
  },
  {
    what: 'releases to come as the newest known',
    level: 'baseline',
    version: 'v1.99',
    pod: pod({ containers: [{ name: 'a', livenessProbe: { httpGet: { host: 'a.com' } } }] }),
    text: 'probe or lifecycle host (container "a" uses probe or lifecycle host "a.com")',
  },
];

describe('violations()', () => {
  for (const { what, level, version = 'latest', pod: given, text } of cases) {
    test(`${level}:${version} looks at ${what}`, () => {
      assert.equal(violations({ level, version }, given), text);
    });
  }
});

describe('warnOfPods()', () => {
  const existing = (name: string, spec: Context, owner?: string): KubeObject =>
    ({
      metadata: {
        name,
        ...(owner === undefined ? {} : { ownerReferences: [{ uid: owner, controller: true }] }),
      },
      spec: { containers: [], ...spec },
    }) as unknown as KubeObject;
  const level: LevelVersion = { level: 'baseline', version: 'latest' };

  test('puts pods of the same faults together, by name', () => {
    const pods = [
      existing('c', { hostPID: true }),
      existing('b', { hostPID: true, hostIPC: true }),
      existing('a', { hostIPC: true }),
      existing('free', { hostIPC: true, runtimeClassName: 'vm' }),
    ];
    assert.deepEqual(warnOfPods('ns', level, pods, new Set(['vm'])), [
      'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 2 other pods): host namespaces',
    ]);
  });

  test('looks at one pod of each controller first, and at no more than 3000', () => {
    const pods = Array.from({ length: 3001 }, (_, i) => existing(`p${i}`, {}, 'one'));
    pods.push(existing('last', { hostPID: true }));
    assert.deepEqual(warnOfPods('ns', level, pods, new Set()), [
      'new PodSecurity enforce level only checked against the first 3000 of 3002 existing pods',
      'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
      'last: host namespaces',
    ]);
  });
});
