import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { silentLogger, systemClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { etcdMissing, TestingEtcd } from '@coxswain/store-etcd/etcd-suite';
import { apiserverFlags } from './apiserver-flags.ts';
import { parseFlags } from './flags.ts';
import { type OpenedStore, openStore } from './open-store.ts';

describe('openStore()', { skip: etcdMissing ?? false }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-open-store-'));
  const file = (name: string): string => join(dir, name);
  let etcd: TestingEtcd;
  before(async () => {
    const pki = new PkiDir(join(dir, 'pki'), systemClock);
    const ca = pki.authority('etcd-ca', 'etcd-ca');
    const server = pki.leaf('etcd', ca, {
      subject: { commonName: 'etcd' },
      usages: ['server', 'client'],
      altNames: ['127.0.0.1', 'localhost'],
    });
    const client = pki.leaf('client', ca, { subject: { commonName: 'apiserver' }, usages: ['client'] });
    const other = pki.authority('other-ca', 'other');
    const texts = {
      'ca.crt': ca.certificate,
      'other.crt': other.certificate,
      'etcd.crt': server.certificate,
      'etcd.key': server.key,
      'client.crt': client.certificate,
      'client.key': client.key,
    };
    for (const [name, text] of Object.entries(texts)) writeFileSync(file(name), text);
    etcd = await TestingEtcd.start({ ca: file('ca.crt'), cert: file('etcd.crt'), key: file('etcd.key') });
  });
  after(async () => {
    await etcd?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const open = (...more: string[]): Promise<OpenedStore> =>
    openStore(parseFlags([`--etcd-servers=${etcd.url}`, ...more], apiserverFlags), {
      dataDir: dir,
      clock: systemClock,
      logger: silentLogger,
      signal: new AbortController().signal,
    });
  const client = ['--etcd-certfile', file('client.crt'), '--etcd-keyfile', file('client.key')];

  it('speaks TLS with certificates on both sides', async () => {
    const { store, storageMediaType } = await open('--etcd-cafile', file('ca.crt'), ...client);
    assert.equal(storageMediaType, 'application/vnd.kubernetes.protobuf');
    assert.ok((await store.create('/registry/a', Buffer.from('1'))).ok);
    assert.equal(String((await store.get('/registry/a'))?.value), '1');
    await store.close();
  });

  it('says in one sentence what is wrong with the certificates', async () => {
    await assert.rejects(
      open('--etcd-cafile', file('other.crt'), ...client),
      /^EtcdError: connect to etcd at "https:/,
    );
    await assert.rejects(open('--etcd-cafile', file('ca.crt')), /etcd at "https:/);
  });

  it('refuses a media type that is none', async () => {
    await assert.rejects(open('--storage-media-type=text/plain'), /is not one of application\/json/);
  });
});
