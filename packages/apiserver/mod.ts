export { parseTokenFile } from './access/authentication/static-token.ts';
export type { UserInfo } from './access/contract.ts';
export { loopbackUser } from './access/loopback-user.ts';
export type { AccessOptions, AuthorizationMode, ServiceAccountOptions } from './access/options.ts';
export type { ApiServer, ApiServerOptions } from './apiserver.ts';
export { startApiServer } from './apiserver.ts';
export type { KubeletClientOptions } from './http/backend.ts';
export type { ListenOptions } from './http/server.ts';
export type { StorageMediaType } from './storage/media.ts';
