export type { DeleteOptions, ResourceRef } from './client.ts';
export { Client, ResourceClient } from './client.ts';
export type {
  PatchType,
  RequestOptions,
  ResourceRequest,
  ResourceWatchRequest,
  Transport,
  Verb,
  WatchEvent,
} from './transport.ts';
