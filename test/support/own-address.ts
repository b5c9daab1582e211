import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** An address of this machine that others reach it under, as endpoints must have one; undefined without a network. */
export function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ address, internal }) => !internal && isIPv4(address))?.address;
}
