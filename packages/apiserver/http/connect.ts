import type { TLSSocket } from 'node:tls';
import type { ApiRequest } from '../registry/context.ts';
import type { Request, Response } from './reply.ts';
import type { RequestInfo } from './request-info.ts';

/** Carries requests on to kubelets and pods. */
export interface Connector {
  /** Plain HTTP: logs, proxied requests, WebSocket-less exec is refused. */
  request(
    info: RequestInfo,
    apiRequest: ApiRequest,
    request: Request,
    response: Response,
  ): void | Promise<void>;
  /** An upgraded connection: exec, attach, portforward, proxied WebSockets. */
  upgrade(
    info: RequestInfo,
    apiRequest: ApiRequest,
    request: Request,
    socket: TLSSocket,
    head: Buffer,
  ): Promise<void>;
}
