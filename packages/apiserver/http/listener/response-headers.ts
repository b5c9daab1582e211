import type { RequestHandler } from '../handler.ts';
import { type Request, type Response, writeHead } from '../reply.ts';

type Handler = Pick<RequestHandler, 'handle'>;

const methods = 'POST, GET, OPTIONS, PUT, DELETE, PATCH';
const taken =
  'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since';

/**
 * Lets pages of other origins ask (`--cors-allowed-origins`).
 * @param origins a page's origin must match one of them
 */
export function withCors(handler: Handler, origins: readonly RegExp[]): Handler {
  return {
    handle: (request: Request, response: Response) => {
      const { origin } = request.headers;
      if (typeof origin !== 'string' || !origins.some((allowed) => allowed.test(origin))) {
        return handler.handle(request, response);
      }
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Allow-Methods', methods);
      response.setHeader('Access-Control-Allow-Headers', taken);
      response.setHeader('Access-Control-Expose-Headers', 'Date');
      response.setHeader('Access-Control-Allow-Credentials', 'true');
      if (request.method !== 'OPTIONS') return handler.handle(request, response);
      writeHead(response, 204, {});
      response.end();
      return Promise.resolve();
    },
  };
}

/** Tells browsers to come over TLS alone (`--strict-transport-security-directives`). */
export function withStrictTransport(handler: Handler, directives: readonly string[]): Handler {
  const value = directives.join('; ');
  return {
    handle: (request: Request, response: Response) => {
      response.setHeader('Strict-Transport-Security', value);
      return handler.handle(request, response);
    },
  };
}
