import { readFile } from 'node:fs/promises';

/** A name server, as address and port. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
}

/** The name servers of a resolv.conf, in order. */
export function parseResolvConf(text: string): readonly Upstream[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address]) => ({
    address: address as string,
    port: 53,
  }));
}

/**
 * The servers that the machine asks. Where it asks a resolver of its own on a loopback address, which a pod or a
 * node in a network namespace cannot reach, the servers behind that one are taken from systemd-resolved.
 */
export async function machineUpstreams(): Promise<readonly Upstream[]> {
  for (const path of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    const text = await readFile(path, 'utf8').catch(() => '');
    const found = parseResolvConf(text).filter(({ address }) => !isLoopback(address));
    if (found.length > 0) return found;
  }
  return [];
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
