import { after, describe } from 'node:test';
import { storeContractSuite } from '@coxswain/store/contract-suite';
import { openEtcdStore } from './etcd-store.ts';
import { etcdMissing, TestingEtcd } from './etcd-suite.ts';

describe('over a real etcd', { skip: etcdMissing ?? false }, () => {
  const started: TestingEtcd[] = [];
  after(async () => {
    for (const etcd of started) await etcd.stop();
  });
  storeContractSuite(
    'EtcdStore',
    async () => {
      const etcd = await TestingEtcd.start();
      started.push(etcd);
      return openEtcdStore({ servers: [etcd.url] });
    },
    { ownTime: true },
  );
});
