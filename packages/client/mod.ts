export type { DeleteOptions } from './client.ts';
export { Client, ResourceClient } from './client.ts';
export type { CredentialOptions, Credentials } from './credentials.ts';
export { CredentialSource } from './credentials.ts';
export type { ReadJson, ResourceMapping } from './discovery/discover.ts';
export { discoverResources } from './discovery/discover.ts';
export { findByName, NoMatchError, RestMapper } from './discovery/rest-mapper.ts';
export type { ExecPlugin } from './exec-plugin.ts';
export type { ConnectionOptions, HttpRequest } from './http-connection.ts';
export { proxyFromEnvironment } from './http-proxy.ts';
export type { HttpAnswer, HttpTransportOptions } from './http-transport.ts';
export { HttpTransport, httpTransport } from './http-transport.ts';
export { inClusterConfig } from './in-cluster.ts';
export type {
  Kubeconfig,
  KubeconfigCluster,
  KubeconfigContext,
  KubeconfigOverrides,
  KubeconfigUser,
  NewKubeconfig,
  ResolvedKubeconfig,
} from './kubeconfig.ts';
export {
  credentialsOf,
  defaultKubeconfigPaths,
  formatKubeconfig,
  KubeconfigError,
  loadKubeconfig,
  mergeKubeconfigs,
  newKubeconfig,
  parseKubeconfig,
  readKubeconfig,
  resolveKubeconfig,
  writeKubeconfig,
} from './kubeconfig.ts';
export { LineSplitter } from './line-splitter.ts';
export { defaultPageSize, listAll, pages } from './pages.ts';
export type { RateLimit } from './rate-limiter.ts';
export { optionsQuery, resourcePath, resourceUrl } from './resource-path.ts';
export { ConnectionError, errorOfResponse } from './response-error.ts';
export type { RetryOptions } from './retry-on-conflict.ts';
export { retryOnConflict } from './retry-on-conflict.ts';
export type { StreamHandlers } from './spdy/spdy-client.ts';
export { SpdyClient } from './spdy/spdy-client.ts';
export type {
  PatchType,
  RequestOptions,
  ResourceRequest,
  ResourceWatchRequest,
  Transport,
  Verb,
  WatchEvent,
} from './transport.ts';
