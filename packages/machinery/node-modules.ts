// An `import` of a module of Node's reads every export. Some exports of these are made at their first reading:
// a second HTTP client, the parsed list of the world's authorities. That takes 25 and 12 ms of each process's start.

/** Node's HTTP/1.1 module. */
export const nodeHttp: typeof import('node:http') = process.getBuiltinModule('node:http');

/** Node's TLS module. */
export const nodeTls: typeof import('node:tls') = process.getBuiltinModule('node:tls');
