import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { TestCluster } from './cluster.ts';
import { writeToolImage } from './tool-image.ts';

/** Takes a cluster with the tool image in both versions up before the file's tests, and down after them. */
export function withCluster(name: string, nodes: number, ...serverArgs: readonly string[]): TestCluster {
  const cluster = new TestCluster(name);
  before(async () => {
    await cluster.up(nodes, ...serverArgs);
    const dir = mkdtempSync(join(tmpdir(), 'coxswain-e2e-'));
    try {
      for (const version of [1, 2]) await cluster.cox('image', 'load', await writeToolImage(dir, version));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
  after(() => cluster.down());
  return cluster;
}

/** A plain HTTP request; rejects when nobody answers in time. */
export async function httpGet(url: string): Promise<{ status: number; body: string }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000), headers: { connection: 'close' } });
  return { status: response.status, body: await response.text() };
}
