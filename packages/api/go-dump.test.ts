import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { goDump } from './go-dump.ts';

const core = 'io.k8s.api.core.v1';

describe('goDump()', () => {
  it('names types, and leaves out nothing', () => {
    assert.equal(
      goDump({ containerPort: 80 }, `${core}.ContainerPort`),
      '(v1.ContainerPort){Name:(string) HostPort:(int32)0 ContainerPort:(int32)80 Protocol:(v1.Protocol) HostIP:(string)}',
    );
  });

  it('follows pointers, and nests what Go embeds', () => {
    assert.equal(
      goDump({ name: 'a', optional: false }, `${core}.ConfigMapEnvSource`),
      '(v1.ConfigMapEnvSource){LocalObjectReference:(v1.LocalObjectReference){Name:(string)a} Optional:(*bool)false}',
    );
  });

  it('shows quantities as Go holds them', () => {
    const none = 'd:(resource.infDecAmount){Dec:(*inf.Dec)<nil>}';
    const cpu = `{i:(resource.int64Amount){value:(int64)500 scale:(resource.Scale)-3} ${none} s:(string)500m Format:(resource.Format)DecimalSI}`;
    const memory = `{i:(resource.int64Amount){value:(int64)67108864 scale:(resource.Scale)0} ${none} s:(string)64Mi Format:(resource.Format)BinarySI}`;
    assert.equal(
      goDump({ limits: { memory: '64Mi', cpu: '500m' } }, `${core}.ResourceRequirements`),
      `(v1.ResourceRequirements){Limits:(v1.ResourceList)map[cpu:${cpu} memory:${memory}] Requests:(v1.ResourceList)<nil> Claims:([]v1.ResourceClaim)<nil>}`,
    );
  });

  it('shows ports by number and by name', () => {
    const port = (value: string | number) => goDump({ port: value }, `${core}.TCPSocketAction`);
    assert.match(
      port(80),
      /Port:\(intstr\.IntOrString\)\{Type:\(intstr\.Type\)0 IntVal:\(int32\)80 StrVal:\(string\)\}/,
    );
    assert.match(port('web'), /\{Type:\(intstr\.Type\)1 IntVal:\(int32\)0 StrVal:\(string\)web\}/);
  });
});
