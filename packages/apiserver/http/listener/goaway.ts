import type { Http2ServerRequest } from 'node:http2';
import type { RequestHandler } from '../handler.ts';

type Handler = Pick<RequestHandler, 'handle'>;

/** Tells a client of HTTP/2 now and then to connect anew, so that connections spread over all servers. */
export function withGoaway(handler: Handler, chance: number, random: () => number): Handler {
  return {
    handle: (request, response) => {
      if (request.httpVersionMajor === 2 && random() < chance) {
        (request as Http2ServerRequest).stream.session?.close();
      }
      return handler.handle(request, response);
    },
  };
}
