import type { TLSSocket } from 'node:tls';
import { newInternalError } from '@coxswain/machinery';
import type { ApiRequest, RegistryContext } from '../registry/context.ts';
import type { Connector } from './connect.ts';
import type { Request, Response } from './reply.ts';
import type { RequestInfo } from './request-info.ts';

/** How the server identifies itself to kubelets. */
export interface KubeletClientOptions {
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** PEM bundle; absent: kubelets' certificates are not checked, as upstream's default. */
  readonly ca?: string;
}

/** Carries requests on to kubelets. */
export class KubeletConnector implements Connector {
  constructor(_context: RegistryContext, _options: KubeletClientOptions) {}

  request(_info: RequestInfo, _apiRequest: ApiRequest, _request: Request, _response: Response): void {
    throw newInternalError('not connected');
  }

  async upgrade(
    _info: RequestInfo,
    _apiRequest: ApiRequest,
    _request: Request,
    _socket: TLSSocket,
    _head: Buffer,
  ): Promise<void> {
    throw newInternalError('not connected');
  }
}
