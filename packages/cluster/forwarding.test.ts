import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { allowForwarding, disallowForwarding } from './forwarding.ts';

function missing(): string | false {
  if (process.platform !== 'linux') return 'not on Linux';
  if (process.getuid?.() !== 0) return 'not root';
  try {
    execFileSync('sh', ['-c', 'command -v iptables']);
    return false;
  } catch {
    return 'iptables is not installed';
  }
}

test('allowForwarding() lets the bridge through a machine that forwards nothing, and only there', {
  skip: missing(),
}, async (t) => {
  const netns = `/run/netns/forward${process.pid}`;
  mkdirSync('/run/netns', { recursive: true });
  writeFileSync(netns, '');
  execFileSync('unshare', [`--net=${netns}`, 'true']);
  t.after(() => {
    execFileSync('umount', [netns]);
    rmSync(netns);
  });
  const iptables = (...args: string[]): string[] =>
    execFileSync('nsenter', [`--net=${netns}`, 'iptables', ...args], { encoding: 'utf8' })
      .trim()
      .split('\n');

  await allowForwarding('cox0', { netns });
  assert.deepEqual(iptables('-S', 'FORWARD'), ['-P FORWARD ACCEPT']);

  iptables('-P', 'FORWARD', 'DROP');
  await allowForwarding('cox0', { netns });
  await allowForwarding('cox0', { netns });
  const rules = iptables('-S', 'FORWARD');
  assert.equal(rules.length, 3);
  assert.ok(rules.some((rule) => /^-A FORWARD -i cox0 .*-j ACCEPT$/.test(rule)));
  assert.ok(rules.some((rule) => /^-A FORWARD -o cox0 .*-j ACCEPT$/.test(rule)));

  await disallowForwarding('cox0', { netns });
  await disallowForwarding('cox0', { netns });
  assert.deepEqual(iptables('-S', 'FORWARD'), ['-P FORWARD DROP']);
});
