import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, HttpTransport, loadKubeconfig, newKubeconfig, writeKubeconfig } from '@coxswain/client';
import { type Logger, systemClock } from '@coxswain/machinery';
import { decodePem, type KeyAndCertificate, readCertificate } from '@coxswain/pki';
import { CliError, UsageError } from './cli-error.ts';
import { discoverCa } from './discover-cluster.ts';
import { fileOf } from './flag-files.ts';
import type { FlagSpecs, Flags } from './flags.ts';
import { requestNodeCertificate } from './node-certificate.ts';
import { tokenPattern } from './token.ts';

/** Flags of an agent that joins a cluster with a token. */
export const joinFlags = {
  server: { type: 'string', help: 'Address of the API server to join, in place of a kubeconfig' },
  token: { type: 'string', help: 'Bootstrap token to join with, from "cox token create"' },
  'ca-hash': { type: 'string', help: "Hash of the CA's public key, sha256:..., that the server must have" },
  'certificate-authority': { type: 'string', help: 'The CA itself, in place of its hash' },
} as const satisfies FlagSpecs;

/** A node's certificate is renewed when so much of its life is over; upstream draws from 0.7 to 0.9. */
const renewAtShare = 0.8;
const renewRetryMs = 60_000;
const userAgent = 'cox-kubelet';

/** Where a node that joined keeps the CA of its cluster. */
export function joinedCaPath(rootDir: string): string {
  return join(rootDir, 'cluster-ca.crt');
}

/**
 * A client that acts as the node, with the certificate that the node got when it joined: it joins first when it
 * has none, and renews the certificate as long as the signal does not abort.
 */
export async function joinCluster(
  flags: Flags,
  nodeName: string,
  logger: Logger,
  signal: AbortSignal,
): Promise<Client> {
  const path = join(flags.string('root-dir') as string, 'node.kubeconfig');
  if (!existsSync(path)) await joinFirst(flags, path, { nodeName, logger, signal });
  const { server, ca, cert, key } = loadKubeconfig(path);
  if (ca === undefined || cert === undefined || key === undefined) {
    throw new CliError(`error: "${path}" lacks a certificate; remove it to join again`);
  }
  const held = { cert: String(cert), key: String(key) };
  // The transport reads these for each connection, so that a renewed certificate takes effect.
  const connection = {
    server,
    ca,
    userAgent,
    get cert() {
      return held.cert;
    },
    get key() {
      return held.key;
    },
  };
  const client = new Client(new HttpTransport(connection));
  const save = async (pair: KeyAndCertificate): Promise<void> => {
    await writeNodeKubeconfig(path, server, String(ca), nodeName, pair);
    Object.assign(held, { cert: pair.certificate, key: pair.key });
  };
  void keepRenewed(client, () => held.cert, save, { nodeName, logger, signal });
  return client;
}

/** A node that joins, or has joined. */
interface JoiningNode {
  readonly nodeName: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

async function joinFirst(
  flags: Flags,
  path: string,
  { nodeName, logger, signal }: JoiningNode,
): Promise<void> {
  const server = flags.string('server') as string;
  const token = flags.string('token');
  if (token === undefined) throw new UsageError('error: --token is missing: it lets the node join');
  if (!tokenPattern.test(token)) throw new UsageError('error: --token is not of the form ID.SECRET');
  const ca = await caOf(flags, server, token, signal);
  const client = new Client(new HttpTransport({ server, ca, token, userAgent: 'cox-join' }));
  const pair = await requestNodeCertificate(client, nodeName, signal);
  await writeNodeKubeconfig(path, server, ca, nodeName, pair);
  await writeFile(joinedCaPath(flags.string('root-dir') as string), ca);
  logger.info('joined', { node: nodeName, server });
}

async function caOf(flags: Flags, server: string, token: string, signal: AbortSignal): Promise<string> {
  return (
    fileOf(flags, 'certificate-authority') ??
    (await discoverCa({ server, token, caHash: flags.string('ca-hash'), clock: systemClock, signal }))
  );
}

async function writeNodeKubeconfig(
  path: string,
  server: string,
  ca: string,
  nodeName: string,
  { certificate: cert, key }: KeyAndCertificate,
): Promise<void> {
  const userName = `system:node:${nodeName}`;
  await writeKubeconfig(path, newKubeconfig({ name: 'coxswain', userName, server, ca, cert, key }));
}

/** @param cert gives the certificate of the moment, PEM */
async function keepRenewed(
  client: Client,
  cert: () => string,
  save: (pair: KeyAndCertificate) => Promise<void>,
  { nodeName, logger, signal }: JoiningNode,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await systemClock.sleep(untilRenewal(cert()), signal);
      const pair = await requestNodeCertificate(client, nodeName, signal);
      await save(pair);
      logger.info('node certificate renewed', { node: nodeName });
    } catch (error) {
      if (signal.aborted) return;
      logger.warn('renewing the node certificate failed', { node: nodeName, error });
      // Only an abort ends the sleep early, and the loop's condition sees it.
      await systemClock.sleep(renewRetryMs, signal).catch(() => undefined);
    }
  }
}

function untilRenewal(cert: string): number {
  const der = decodePem(cert)[0]?.der;
  if (der === undefined) throw new CliError("error: the node's certificate cannot be read");
  const { notBefore, notAfter } = readCertificate(der);
  return Math.max(0, notBefore + (notAfter - notBefore) * renewAtShare - systemClock.now());
}
