export type { EtcdEndpoints } from './etcd-channel.ts';
export type { EtcdErrorCode } from './etcd-error.ts';
export { EtcdError } from './etcd-error.ts';
export type { EtcdStoreOptions } from './etcd-store.ts';
export { EtcdStore, openEtcdStore } from './etcd-store.ts';
