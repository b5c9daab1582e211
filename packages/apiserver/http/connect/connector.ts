import type { TLSSocket } from 'node:tls';
import { newBadRequest, newMethodNotSupported } from '@coxswain/machinery';
import { admissionAttributes } from '../../registry/admission.ts';
import type { ApiRequest, RegistryContext } from '../../registry/context.ts';
import type { Request, Response } from '../reply.ts';
import { writeHead } from '../reply.ts';
import type { RequestInfo } from '../request-info.ts';
import type { BackendTls, KubeletClientOptions } from './backend.ts';
import { connectOptions } from './connect-options.ts';
import { forward, forwardLog, forwardUpgrade } from './forward.ts';
import { kubeletLocation } from './kubelet-location.ts';
import { logOverWebSocket } from './log-over-web-socket.ts';
import { proxyLocation } from './proxy-location.ts';

/** Where a connection goes on. */
export interface Location {
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** A kubelet: the server shows its client certificate and checks the kubelet's. */
  readonly kubelet: boolean;
  /** How the server is known; absent for kubelets, and for pods and services, which nobody checks. */
  readonly tls?: BackendTls;
}

/** Carries requests on to kubelets, pods and services: logs, exec, attach, port-forward, proxy. */
export class Connector {
  readonly #context: RegistryContext;
  readonly #kubelet: KubeletClientOptions;

  constructor(context: RegistryContext, kubelet: KubeletClientOptions) {
    this.#context = context;
    this.#kubelet = kubelet;
  }

  /** A request over plain HTTP. */
  async request(
    info: RequestInfo,
    apiRequest: ApiRequest,
    request: Request,
    response: Response,
  ): Promise<void> {
    const { subresource } = apiRequest;
    const location = await this.#locate(info, apiRequest, request);
    if (subresource === 'exec' || subresource === 'attach' || subresource === 'portforward') {
      throw newBadRequest('Upgrade request required');
    }
    if (
      subresource === 'proxy' &&
      info.rest === '' &&
      (request.method === 'GET' || request.method === 'HEAD')
    ) {
      redirectToDirectory(request, response);
      return;
    }
    if (location === undefined) {
      // A pod that is on no node has written nothing yet.
      writeHead(response, 200, { 'content-type': 'text/plain', 'content-length': 0 });
      response.end();
      return;
    }
    if (subresource === 'log') return forwardLog(location, this.#kubelet, apiRequest.name ?? '', response);
    const [path = ''] = (request.url ?? '').split('?');
    const proxyPath = subresource === 'proxy' ? path.slice(0, path.length - info.rest.length) : undefined;
    await forward(location, this.#kubelet, request, response, proxyPath);
  }

  /** A connection that was upgraded; its bytes go through as they are. */
  async upgrade(
    info: RequestInfo,
    apiRequest: ApiRequest,
    request: Request,
    socket: TLSSocket,
    head: Buffer,
  ): Promise<void> {
    const location = await this.#locate(info, apiRequest, request);
    if (location === undefined)
      throw newMethodNotSupported(apiRequest.resource.groupResource, apiRequest.verb);
    if (apiRequest.subresource === 'log') {
      return logOverWebSocket(location, this.#kubelet, apiRequest.name ?? '', request, socket, head);
    }
    await forwardUpgrade(location, this.#kubelet, request, socket, head);
  }

  async #locate(info: RequestInfo, apiRequest: ApiRequest, request: Request): Promise<Location | undefined> {
    const url = request.url ?? '';
    const mark = url.indexOf('?');
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    if (apiRequest.subresource !== 'log') {
      const options = connectOptions(apiRequest, query, info.rest);
      const attributes = admissionAttributes(apiRequest, 'CONNECT', options ?? {});
      await this.#context.admission.admit(attributes);
      await this.#context.admission.validate(attributes);
    }
    const preferred = this.#kubelet.preferredAddressTypes ?? defaultAddressTypes;
    if (apiRequest.subresource === 'proxy') {
      return proxyLocation(this.#context, apiRequest, info.rest, mark < 0 ? '' : url.slice(mark), preferred);
    }
    return kubeletLocation(this.#context, apiRequest, query, preferred);
  }
}

/** Relative links of what is behind the proxy only work below a path that ends with a slash. */
function redirectToDirectory(request: Request, response: Response): void {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const location = mark < 0 ? `${url}/` : `${url.slice(0, mark)}/${url.slice(mark)}`;
  writeHead(response, 301, { location, 'content-length': 0 });
  response.end();
}

/** Addresses before names: a cluster's node names are rarely in the server's DNS. */
const defaultAddressTypes = ['InternalIP', 'ExternalIP', 'Hostname', 'InternalDNS', 'ExternalDNS'];
